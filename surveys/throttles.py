"""A rate per API key, kept in the database: exact across processes and restarts."""

from __future__ import annotations

import math
import time

from django.conf import settings
from django.db.models import F, FloatField, Value
from django.db.models.functions import Greatest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from outbox.transactions import write
from surveys.models import ApiKey

WINDOW = 60.0  # seconds


class KeyPace(BaseThrottle):
    """API_CALLS_PER_MINUTE calls at once, refilled evenly (GCRA, one conditional UPDATE a call).

    `paced_until` moves on by one call's share of the minute; a call is refused
    when that would put it more than a minute ahead of the clock. Staff in a
    browser are not limited.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        key = request.auth
        if not isinstance(key, ApiKey):
            return True
        now, share = time.time(), WINDOW / settings.API_CALLS_PER_MINUTE
        latest = now + WINDOW - share
        with write():
            passed = ApiKey.objects.filter(pk=key.pk, paced_until__lte=latest).update(
                paced_until=Greatest(F("paced_until"), Value(now, FloatField())) + share
            )
        if not passed:
            self._wait = self._seconds(key, latest)
        return bool(passed)

    def _seconds(self, key: ApiKey, latest: float) -> int:
        paced = ApiKey.objects.values_list("paced_until", flat=True).get(pk=key.pk)
        return max(1, math.ceil(paced - latest))

    def wait(self) -> float:
        return self._wait
