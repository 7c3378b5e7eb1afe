"""The environment is read once and loudly: each bad value is named with its remedy."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.servers.processes import ROOT


def start(tmp_path, **environment):
    """Load the settings in a fresh process; return its exit code and the last thing it said."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", *environment.pop("arguments", [])],
        env={**kept, "VERBATIM_DATA": str(tmp_path), **environment},
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_nothing_needs_to_be_set(tmp_path):
    code, said = start(tmp_path)
    assert (code, "no issues" in said) == (0, True), said


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"BASE_URL": "ask.example.com"}, "BASE_URL: 'ask.example.com' is not an address"),
        ({"BASE_URL": "http://ask.example.com"}, "would send passwords and answers in the clear"),
        ({"BASE_URL": "https://ask.example.com", "DEBUG": "true"}, "DEBUG shows secrets"),
        ({"SECRET_KEY": "short", "LINK_KEYS": "a:" + "x" * 40}, "SECRET_KEY: needs at least 50"),
        ({"SECRET_KEY": "s3cr3t" * 12}, "LINK_KEYS: expected one-letter ids"),
        ({"SECRET_KEY": "s3cr3t" * 12, "LINK_KEYS": "a:short"}, "secrets of 32 characters"),
        ({"EMAIL_PROVIDER": "pigeon"}, "EMAIL_PROVIDER: 'pigeon' is not one of brevo, mailersend"),
        ({"WEB_PROCESSES": "2"}, "WEB_PROCESSES: SQLite takes one"),
        (
            {"EMAIL_PROVIDER": "postmark", "EMAIL_PROVIDER_KEY": "k"},
            "ANYMAIL_WEBHOOK_SECRET: without it",
        ),
    ],
)
def test_a_dangerous_value_stops_the_start_and_says_what_to_do(tmp_path, environment, complaint):
    code, said = start(tmp_path, **environment)
    assert code != 0
    assert complaint in said


def test_a_closed_network_may_go_without_tls(tmp_path):
    code, said = start(tmp_path, BASE_URL="http://ask.internal", ALLOW_HTTP="true")
    assert code == 0, said


def test_a_public_installation_has_nothing_to_complain_about(tmp_path):
    code, said = start(
        tmp_path,
        BASE_URL="https://ask.example.com",
        EMAIL_URL="smtp+tls://mail.example.com:587",
        arguments=["--deploy", "--fail-level", "WARNING"],
    )
    assert (code, "no issues" in said) == (0, True), said


def test_a_public_installation_whose_mail_reaches_nobody_is_warned(tmp_path):
    code, said = start(
        tmp_path,
        BASE_URL="https://ask.example.com",
        arguments=["--deploy", "--fail-level", "WARNING"],
    )
    assert code != 0
    assert "config.W001" in said


@pytest.mark.parametrize(
    "provider", ["brevo", "mailersend", "mailgun", "postmark", "resend", "sparkpost"]
)
def test_each_mail_provider_gets_its_key(tmp_path, provider):
    code = "import django; django.setup(); from django.core.mail import get_connection as c; c()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ, "VERBATIM_DATA": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "config.settings", "EMAIL_PROVIDER": provider,
            "EMAIL_PROVIDER_KEY": "key", "EMAIL_EVENTS_KEY": "signs",
            "ANYMAIL_WEBHOOK_SECRET": "hooks:a-secret-of-some-length",
        },
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_provider_without_a_secret_for_its_reports_is_refused(tmp_path):
    for secret in ("", "user:short"):
        more = {"EMAIL_PROVIDER": "postmark", "EMAIL_PROVIDER_KEY": "key"}
        code, said = start(tmp_path, ANYMAIL_WEBHOOK_SECRET=secret, **more)
        assert code != 0
        assert "ANYMAIL_WEBHOOK_SECRET" in said


def test_generated_secrets_are_accepted_as_they_are(tmp_path):
    printed = subprocess.run(
        [sys.executable, "manage.py", "generate_secrets"],
        env={**os.environ, "VERBATIM_DATA": str(tmp_path)},
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    environment = dict(line.split("=", 1) for line in printed.splitlines())
    code, said = start(tmp_path, **environment)
    assert code == 0, said
