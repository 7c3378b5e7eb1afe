"""The worked cases that come as rows, end to end: facts posted, metrics read, over REST."""

from __future__ import annotations

from analytics.golden import rest_money, rest_people, rest_support
from analytics.golden.adapters import Adapter
from analytics.success.kinds import KINDS

OFFERED: dict[str, Adapter] = {**rest_money.FNS, **rest_people.FNS, **rest_support.FNS}


def has_facts() -> bool:
    return any(kind.model._default_manager.exists() for kind in KINDS.values())
