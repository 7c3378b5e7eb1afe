"""`manage.py create_api_key` in a process of its own, as a script calls it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from surveys.models import ApiKey
from tests.conftest import database_url
from tests.surveys.calling import Caller
from tests.surveys.worlds import survey

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url()}
    command = [sys.executable, "manage.py", "create_api_key", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True)


@pytest.mark.django_db(transaction=True)
def test_prints_only_a_key_that_works() -> None:
    survey("product-nps")
    done = run("--name", "shop")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("vb_")
    assert done.stdout.count("\n") == 1
    assert Caller(done.stdout.strip()).get("surveys").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_an_unknown_survey_is_told_on_stderr_with_exit_1() -> None:
    survey("product-nps")
    done = run("--name", "shop", "--survey", "nope")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no survey 'nope'" in done.stderr
    assert "product-nps" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_scope_is_read_unless_said_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_api_key", name="plain")
    call_command("create_api_key", name="both", scope=["invite", "read", "read"])
    assert [key.scopes for key in ApiKey.objects.order_by("pk")] == [["read"], ["invite", "read"]]
    capsys.readouterr()


def test_a_key_can_be_limited_to_a_survey(capsys: pytest.CaptureFixture[str]) -> None:
    limited = survey("product-nps")
    call_command("create_api_key", name="shop", survey="product-nps")
    assert ApiKey.objects.get().survey == limited
    capsys.readouterr()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_that_says_nothing_or_too_much_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match="--name"):
        call_command("create_api_key", name=name)
    assert not ApiKey.objects.exists()


def test_only_prefix_and_hash_are_stored(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_api_key", name="shop")
    text = capsys.readouterr().out.strip()
    stored = " ".join(str(value) for value in ApiKey.objects.values_list().get())
    assert text not in stored
    assert text.split("_", 2)[2] not in stored
