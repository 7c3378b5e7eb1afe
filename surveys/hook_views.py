"""The address other systems call. Signed, so it knows no session, cookie or key."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import ParseError

from surveys import connectors, rates, signatures
from surveys.api.errors import body_of
from surveys.api.parsing import decode
from surveys.models import Connector, ConnectorCall
from surveys.signatures import Flaw

CALLS_A_MINUTE = 300  # of one connector, believed or not
_STATUS = {
    ConnectorCall.Outcome.ASKED: 202,
    ConnectorCall.Outcome.SKIPPED: 200,
    ConnectorCall.Outcome.IGNORED: 200,
    ConnectorCall.Outcome.REFUSED: 422,
}


@csrf_exempt
def hook(request: HttpRequest, public_id: str) -> JsonResponse:
    """Answer 202 asked, 200 understood but nobody asked, 4xx with what to put right."""
    if request.method != "POST":
        answer = _refusal(405, "method_not_allowed", _("Send a POST."))
        answer.headers["Allow"] = "POST"
        return answer
    connector = Connector.objects.select_related("survey__brand").filter(public_id=public_id)
    found = connector.first()
    if found is None:
        return _refusal(404, "not_found", _("There is no connector at this address."))
    if wait := rates.take(f"hook:{found.pk}", most=CALLS_A_MINUTE, seconds=60):
        message = _("Too many calls. Try again in %(seconds)s seconds.") % {"seconds": wait}
        answer = _refusal(429, "too_many", message)
        answer.headers["Retry-After"] = str(wait)
        return answer
    return _receive(request, found)


def _receive(request: HttpRequest, connector: Connector) -> JsonResponse:
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > settings.API_BODY_LIMIT:
        message = _("The body is larger than %(most)s bytes.")
        return _refusal(413, "too_large", message % {"most": settings.API_BODY_LIMIT})
    body = request.body
    event_id, flaw = _believed(request, connector, body)
    if flaw:
        connectors.note_refusal(connector, flaw)
        return _refusal(401, flaw.value, words_of(flaw))
    try:
        document = decode(body)
    except ParseError as error:
        connectors.note_refusal(connector, "not_json")
        return _refusal(400, "not_json", str(error.detail))
    return _told(connectors.receive(connector, event_id, document))


def _believed(request: HttpRequest, connector: Connector, body: bytes) -> tuple[str, Flaw | None]:
    """Return the id of the event and why the call is not believed, None when it is."""
    secrets = connectors.secrets_of(connector, now=timezone.now())
    if connector.scheme == Connector.Scheme.BODY:
        flaw = signatures.check_body(request.headers, body, secrets=secrets)
        return signatures.event_of_body(body), flaw
    flaw = signatures.check(request.headers, body, secrets=secrets, now=time.time())
    return request.headers.get("webhook-id", ""), flaw


def _told(result: connectors.Result) -> JsonResponse:
    call = result.call
    if call.outcome == ConnectorCall.Outcome.REFUSED:
        return _refusal(422, "unusable", call.reason)
    body: dict[str, Any] = {
        "result": call.outcome,
        "reason": call.reason,
        "invitation": call.invitation_id,
        "repeated": result.is_repeat,
    }
    return JsonResponse(body, status=_STATUS[ConnectorCall.Outcome(call.outcome)])


def words_of(flaw: str) -> str:
    """Return why a call was not believed, in words."""
    return {
        Flaw.NO_ID: _("The header webhook-id is missing or is no plain text of up to 120 signs."),
        Flaw.NO_TIME: _("The header webhook-timestamp is missing or no number of seconds."),
        Flaw.NO_SIGNATURE: _("The header with the signature is missing or not of its form."),
        Flaw.OLD: _("The call is older than five minutes: sign it when it is sent."),
        Flaw.EARLY: _("The call is signed for the future: the sender's clock is wrong."),
        Flaw.WRONG: _("The signature does not fit: look at the secret and sign the raw body."),
        "not_json": _("The body was not JSON."),
    }.get(flaw, flaw)


def _refusal(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse(body_of(code, message), status=status)
