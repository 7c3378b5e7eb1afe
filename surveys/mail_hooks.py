"""What a mail provider calls to report bounces and complaints; django-anymail reads its format.

Only the configured provider's address answers, and only with the secret that
settings insist on.
"""

from __future__ import annotations

import hashlib
from importlib import import_module
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from anymail.signals import EventType, RejectReason
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from surveys import returns
from surveys.models import MailEvent

_CLASSES = {
    "brevo": "BrevoTrackingWebhookView",
    "mailersend": "MailerSendTrackingWebhookView",
    "mailgun": "MailgunTrackingWebhookView",
    "postmark": "PostmarkTrackingWebhookView",
    "resend": "ResendTrackingWebhookView",
    "sparkpost": "SparkPostTrackingWebhookView",
}
_Kind = MailEvent.Kind
_KINDS = {
    EventType.COMPLAINED: _Kind.COMPLAINED,
    EventType.UNSUBSCRIBED: _Kind.UNSUBSCRIBED,
    EventType.DELIVERED: _Kind.DELIVERED,
    EventType.DEFERRED: _Kind.DELAYED,
}
_NOT_READ = (ValueError, KeyError, TypeError, AttributeError, IndexError)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def mail_events(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a provider's reports; 400 for a wrong secret or an unreadable body, else 200."""
    if not settings.EMAIL_EVENTS or provider != settings.EMAIL_EVENTS:
        raise Http404
    if request.method != "POST":  # providers look whether somebody is there
        return HttpResponse("Post events here.\n", content_type="text/plain")
    reader = _reader(provider)
    try:
        reader.run_validators(request)
        events = list(reader.parse_events(request))
    except AnymailWebhookValidationFailure:
        return _refused("The secret or signature is wrong.")
    except AnymailConfigurationError as error:
        return _refused(str(error))
    except _NOT_READ:
        return _refused(f"The body is no event of {provider}.")
    for event in events:
        if report := _report(event, provider):
            returns.record(report)
    return HttpResponse("ok\n", content_type="text/plain")


def _refused(words: str) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=400, content_type="text/plain")


def _reader(provider: str) -> Any:
    return getattr(import_module(f"anymail.webhooks.{provider}"), _CLASSES[provider])()


def _report(event: Any, provider: str) -> returns.Report | None:
    kind = _kind(event)
    if not kind:
        return None
    guid = str((event.metadata or {}).get("mail_id", ""))
    return returns.Report(
        event_id=_event_id(event, provider, kind),
        kind=kind,
        source=provider,
        said=" ".join(str(event.mta_response or event.description or "").split()),
        mail_id=returns.parse_mail_id(guid),
        email=str(event.recipient or ""),
    )


def _kind(event: Any) -> str:
    """Return our word for what happened, "" for what changes nothing (opens, clicks, queueing)."""
    if event.event_type in (EventType.BOUNCED, EventType.REJECTED, EventType.FAILED):
        if event.reject_reason == RejectReason.SPAM:
            return _Kind.COMPLAINED
        is_dead = event.reject_reason in (RejectReason.INVALID, RejectReason.BOUNCED)
        return _Kind.BOUNCED if is_dead else _Kind.RETURNED
    return _KINDS.get(event.event_type, "")


def _event_id(event: Any, provider: str, kind: str) -> str:
    """Return the provider's id of the event; one of our own making where it gives none."""
    facts = [event.event_id, event.message_id, event.recipient, kind, event.timestamp]
    told = event.event_id or ""
    if told:
        return f"{provider}:{told}"[:200]
    digest = hashlib.sha256("|".join(map(str, facts)).encode()).hexdigest()
    return f"{provider}:{digest[:40]}"
