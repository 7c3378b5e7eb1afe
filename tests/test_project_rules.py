"""Rules of the house that no other tool checks. Each says what to do instead."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("config", "integrations", "analytics", "feedback", "surveys", "outbox")
# Long where splitting would hide more than it shows; each with its reason.
LONG_FILES = {
    "config/settings.py": "all settings, one file, by decision",
    "analytics/success/demo.py": "one story of facts, told in order",
    "analytics/success/kinds.py": "a table of every kind of fact",
    "feedback/text/presets.py": "a table of the themes that ship",
    "surveys/scales.py": "a table of every survey kind",
}
LONGEST = 350
SPEAKS_ONLY = ("addresses", "roster", "scales", "sheets")  # surveys: pure but for translation
TRANSLATION = {"django.utils.translation", "django.core.validators", "django.core.exceptions"}


def sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from (p for p in (ROOT / room).rglob("*.py") if "migrations" not in p.parts)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines_with(pattern: str, files: Iterator[Path]) -> list[str]:
    wanted = re.compile(pattern)
    return [
        f"{named(path)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if wanted.search(line)
    ]


def templates() -> Iterator[Path]:
    yield from (ROOT / "templates").rglob("*.html")


def test_every_package_has_its_room():
    """A package beside the rooms has no place in the import rules."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages == set(ROOMS)


def test_there_is_no_module_for_everything_else():
    names = {"utils", "helpers", "common", "misc"}
    assert [named(path) for path in sources() if path.stem in names] == []


def test_files_stay_short():
    """Split by what it does; or give a reason in LONG_FILES."""
    long = {
        named(path): count
        for path in sources()
        if (count := len(path.read_text().splitlines())) > LONGEST
    }
    assert {name: n for name, n in long.items() if name not in LONG_FILES} == {}


@pytest.mark.parametrize("module", SPEAKS_ONLY)
def test_modules_that_speak_to_people_know_translation_only(module):
    tree = ast.parse((ROOT / "surveys" / f"{module}.py").read_text())
    imported = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("django")
    }
    assert imported <= TRANSLATION


def test_work_is_never_scheduled_in_the_broker():
    """`due_at` of a job is the schedule: twenty tasks with a countdown started a hundred times."""
    assert lines_with(r"\b(eta|countdown)\s*=|\b(self|task)\.retry\(|\bchord\(", sources()) == []


def test_messages_are_sent_by_the_outbox_only():
    """Enqueue a job in the transaction of its fact; the bell rings by itself."""
    found = lines_with(r"\.(delay|apply_async|send_task)\(", sources())
    assert [line for line in found if not line.startswith("outbox/tasks.py")] == []


def test_data_is_never_called_safe():
    """Let Django escape; build markup with format_html."""
    assert lines_with(r"\bmark_safe\(|\bSafeString\(", sources()) == []
    assert lines_with(r"\|\s*safe\b|autoescape off", templates()) == []


def test_templates_run_no_script_of_their_own():
    """The content policy would refuse it: use a module in static files."""
    assert lines_with(r"\son[a-z]+\s*=\s*[\"']", templates()) == []
    assert lines_with(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", templates()) == []


def test_nothing_happens_behind_a_save():
    """No signals and no save(): call a service."""
    assert lines_with(r"models\.signals|@receiver\(", sources()) == []
    models = (path for path in sources() if "models" in named(path))
    assert lines_with(r"def save\(self", models) == []


def test_every_setting_is_documented():
    source = (ROOT / "config" / "settings.py").read_text()
    read = set(re.findall(r"\benv\.\w+\(\s*\"([A-Z_]+)\"", source)) | {"VERBATIM_DATA"}
    documented = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "operate.md").read_text()))
    assert read - documented == set()


def test_every_example_variable_is_one_that_is_read():
    example = (ROOT / ".env.example").read_text()
    named_there = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) - {"POSTGRES_PASSWORD"}
    documented = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "operate.md").read_text()))
    assert named_there <= documented


def test_every_dependency_says_why_it_is_there():
    rows = (ROOT / "requirements.in").read_text().splitlines()
    silent = [row for row in rows if row and not row.startswith("#") and " # " not in row]
    assert silent == []


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_locks_have_hashes_and_name_no_index(lock):
    text = (ROOT / lock).read_text()
    pins = re.findall(r"^[a-z0-9][\w.\-\[\]]*==", text, re.MULTILINE)
    assert len(pins) > 30
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text


def test_every_make_target_is_explained():
    text = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^([a-z][a-z%-]+):(.*)$", text, re.MULTILINE)
    assert [name for name, rest in targets if "## " not in rest] == []
