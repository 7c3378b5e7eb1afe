"""How mail leaves and how reports about it come back, from the environment."""

from __future__ import annotations

import re
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

PROVIDER_KEYS = {  # what django-anymail calls each provider's key
    "brevo": "BREVO_API_KEY",
    "mailersend": "MAILERSEND_API_TOKEN",
    "mailgun": "MAILGUN_API_KEY",
    "postmark": "POSTMARK_SERVER_TOKEN",
    "resend": "RESEND_API_KEY",
    "sparkpost": "SPARKPOST_API_KEY",
}
# What it calls the key with which a provider signs its reports, where it does.
SIGNING_KEYS = {
    "mailersend": "MAILERSEND_SIGNING_SECRET",
    "mailgun": "MAILGUN_WEBHOOK_SIGNING_KEY",
    "resend": "RESEND_SIGNING_SECRET",
}


def mail_settings(env: environ.Env) -> dict[str, Any]:
    """Return Django's and our settings of mail. ImproperlyConfigured says what to put right."""
    sender = env.str("DEFAULT_FROM_EMAIL", default="Verbatim <surveys@localhost>")
    provider = env.str("EMAIL_PROVIDER", default="")
    # Whose bounce reports we take; on its own with that provider's SMTP server in EMAIL_URL.
    events = env.str("EMAIL_EVENTS", default=provider)
    return {
        **_way_out(env, provider),
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": sender,
        "SERVER_EMAIL": sender,
        "BOUNCE_ADDRESS": _bounce_address(env),
        "BOUNCE_MAILBOX": env.str("BOUNCE_MAILBOX", default=""),  # imaps://…, maildir:/… or mbox:/…
        "MAILS_PER_SECOND_TO_A_DOMAIN": env.float("MAILS_PER_SECOND_TO_A_DOMAIN", default=10.0),
        "EMAIL_PROVIDER": provider,
        "EMAIL_EVENTS": events,
        "ANYMAIL": _anymail(env, provider=provider, events=events),
    }


def _way_out(env: environ.Env, provider: str) -> dict[str, Any]:
    """Return which server or provider takes mail; without one it stays readable in files."""
    if provider:
        if provider not in PROVIDER_KEYS:
            raise ImproperlyConfigured(
                f"EMAIL_PROVIDER: {provider!r} is not one of {', '.join(PROVIDER_KEYS)}; "
                "every other one can be reached by SMTP: EMAIL_URL."
            )
        return {"EMAIL_BACKEND": f"anymail.backends.{provider}.EmailBackend"}
    if env.str("EMAIL_URL", default=""):
        return dict(env.email("EMAIL_URL"))
    return {"EMAIL_BACKEND": "surveys.mailbox.MailboxBackend"}


def _bounce_address(env: environ.Env) -> str:
    """Return where reports go: as <name>+<id of the mail>@…, so that each finds its mail."""
    address: str = env.str("BOUNCE_ADDRESS", default="")
    if address and not re.fullmatch(r"[^@+\s<>]+@[^@\s<>]+", address):
        raise ImproperlyConfigured(
            f"BOUNCE_ADDRESS: {address!r} is not a plain address like bounces@ask.example.com"
        )
    return address


def _anymail(env: environ.Env, *, provider: str, events: str) -> dict[str, str]:
    secret: str = env.str("ANYMAIL_WEBHOOK_SECRET", default="")
    anymail = {"WEBHOOK_SECRET": secret}
    if provider:
        anymail[PROVIDER_KEYS[provider]] = env.str("EMAIL_PROVIDER_KEY")
    if events:
        if events not in PROVIDER_KEYS:
            raise ImproperlyConfigured(
                f"EMAIL_EVENTS: {events!r} is not one of {', '.join(PROVIDER_KEYS)}."
            )
        if not re.fullmatch(r"[^:\s]+:\S{16,}", secret):
            raise ImproperlyConfigured(
                "ANYMAIL_WEBHOOK_SECRET: without it anybody could report bounces and silence "
                "customers. Choose user:password, the password of 16 characters or more, and use "
                "it in the provider's webhook address."
            )
        if events in SIGNING_KEYS:
            anymail[SIGNING_KEYS[events]] = env.str("EMAIL_EVENTS_KEY")
    return anymail
