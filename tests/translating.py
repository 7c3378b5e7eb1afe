"""`make messages`: bring the catalogues up to date and compile them, without GNU gettext.

    python -m tests.translating            what customers read, in every language
    python -m tests.translating --staff pt  begins or updates a catalogue of the staff pages, too

Django's own `templatize` turns a template into gettext calls and Babel reads
those and the Python sources. The compiled .mo files are kept in the repository,
so that nothing has to be compiled where the product runs.
"""

from __future__ import annotations

import argparse
import io
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CUSTOMERS = ROOT / "config" / "locale"
STAFF = ROOT / "config" / "locale_staff"
LANGUAGES = ("ar", "de", "es", "fr")
# Everything a customer may ever read: pages, mails, errors. Complete in every language.
CUSTOMER_SOURCES = (
    "templates/customer/**/*.html",
    "templates/mail/*",
    "templates/*.html",
    "templates/digests/stop.html",
    "templates/surveys/staff/poster.html",
    "surveys/languages.py",
    "surveys/mail.py",
    "surveys/nudges.py",
    "surveys/notices.py",
    "surveys/pages.py",
    "surveys/scales.py",
    "surveys/views.py",
    "surveys/visits.py",
    "surveys/wording.py",
    "feedback/forms.py",
    "feedback/pages.py",
    "feedback/services.py",
    "feedback/share_views.py",
    "feedback/views.py",
)
_ALL_SOURCES = ("templates/**/*.html", "templates/**/*.txt", "*/**/*.py")
_ROOMS = ("config", "integrations", "analytics", "feedback", "surveys", "outbox", "templates")
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def sources(patterns: Iterable[str]) -> list[Path]:
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(path for path in found if path.relative_to(ROOT).parts[0] in _ROOMS)


def extracted(paths: Iterable[Path]) -> Catalog:
    """Return a catalogue of all messages in these files."""
    catalog = Catalog(project="Verbatim", fuzzy=False)
    for path in paths:
        name = str(path.relative_to(ROOT))
        for _line, message, comments, context in _messages(path):
            text = message if isinstance(message, str) else tuple(message)
            if not text or not all(text):
                continue
            catalog.add(
                text, locations=[(name, None)], auto_comments=comments, context=context,
                flags=["python-format"] if "%(" in str(text) else (),
            )  # fmt: skip
    return catalog


def _messages(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    code = path.read_text()
    if path.suffix != ".py":
        code = _calls_of(code, path.name)
    yield from extract(
        "python", io.BytesIO(code.encode()), keywords=_KEYWORDS, comment_tags=["Translators:"]
    )


def _calls_of(template: str, name: str) -> str:
    """Return a template's messages as Python calls, one statement a line."""
    from django.utils.translation.template import templatize

    lines = (line.strip() for line in templatize(template, origin=name).splitlines())
    # What is no message is a run of X to Django; here it would be no Python.
    return "\n".join(re.sub(r"(^|(?<=\s))X\S*", "", line).strip() for line in lines)


def update(directory: Path, language: str, wanted: Catalog) -> Catalog:
    """Bring one .po and its .mo up to date; what is translated stays. Return the catalogue."""
    folder = directory / language / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "django.po"
    if path.exists():
        catalog = read_po(path.open("rb"), locale=language)
    else:
        catalog = Catalog(locale=language, project="Verbatim", fuzzy=False)
    before = {(m.id if isinstance(m.id, str) else m.id[0], m.context): m.string for m in catalog}
    fresh = Catalog(locale=language, project="Verbatim", fuzzy=False, header_comment=_HEADER)
    for message in wanted:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            string = before.get((key, message.context), "")
            if not isinstance(message.id, str) and isinstance(string, str):
                string = ("",) * fresh.num_plurals
            fresh.add(
                message.id, string, locations=message.locations, flags=message.flags,
                auto_comments=message.auto_comments, context=message.context,
            )  # fmt: skip
    buffer = io.BytesIO()
    write_po(buffer, fresh, width=96, sort_output=True, include_lineno=False)
    path.write_bytes(_without_dates(buffer.getvalue()))
    compiled = read_po(io.BytesIO(path.read_bytes()), locale=language)
    compiled.creation_date = compiled.revision_date = _NO_DATE
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, compiled)
    return fresh


_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # so that nothing changes when nothing changed
_HEADER = "# Verbatim. `make messages` keeps this file up to date and compiles it."


def _without_dates(text: bytes) -> bytes:
    """Drop the lines that would differ at every run."""
    kept = (
        line for line in text.split(b"\n")
        if not re.match(rb'"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Report-Msgid'
                        rb'|Language-Team)', line)
    )  # fmt: skip
    return b"\n".join(kept)


def untranslated(catalog: Catalog) -> list[str]:
    """Return the messages that lack a translation (or one of their plural forms)."""
    return [
        str(m.id) for m in catalog
        if m.id and not (m.string if isinstance(m.string, str) else m.string and all(m.string))
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--staff", metavar="LANGUAGE", help="also the staff pages, in this one")
    args = parser.parse_args()
    wanted = extracted(sources(CUSTOMER_SOURCES))
    jobs = [(CUSTOMERS, code, wanted) for code in LANGUAGES]
    begun = {path.name for path in STAFF.glob("*")} | ({args.staff} if args.staff else set())
    if begun:
        known = {(m.id if isinstance(m.id, str) else m.id[0], m.context) for m in wanted}
        rest = Catalog(project="Verbatim", fuzzy=False)
        for message in extracted(sources(_ALL_SOURCES)):
            key = message.id if isinstance(message.id, str) else message.id[0]
            if (key, message.context) not in known:
                rest.add(message.id, locations=message.locations, flags=message.flags,
                         context=message.context)  # fmt: skip
        jobs += [(STAFF, code, rest) for code in sorted(begun)]
    for directory, code, messages in jobs:
        catalog = update(directory, code, messages)
        missing = untranslated(catalog)
        print(f"  {directory.name}/{code}: {len(catalog)} messages, {len(missing)} to translate")
        for text in missing[:10]:
            print(f"      {text}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    main()
