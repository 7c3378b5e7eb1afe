"""The demo's facts come and go whole."""

from __future__ import annotations

from analytics.demo.seed import remove, seed
from analytics.success.kinds import KINDS
from analytics.success.models import Conventions
from surveys.models import Customer


def test_the_demo_leaves_no_fact_behind(db):
    seed()
    assert all(
        kind.model._default_manager.exists() for kind in KINDS.values() if kind.slug != "holidays"
    )
    remove()
    left = {slug: kind.model._default_manager.count() for slug, kind in KINDS.items()}
    assert not any(left.values()), left


def test_the_demo_leaves_what_is_not_its_own(db):
    Customer.objects.create(external_id="real", name="Real")
    Conventions.objects.create(grace_days=10)
    seed()
    remove()
    assert Customer.objects.filter(external_id="real").exists()
    assert Conventions.objects.get().grace_days == 10
