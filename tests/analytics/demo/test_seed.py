"""The demo is written once, read by the real pipeline, and goes without a trace."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from analytics.demo.seed import is_seeded, remove, seed
from analytics.digests.demo import make_first_file, write_digest
from analytics.digests.models import Digest, Report, ReportFile
from analytics.scores.models import Tally
from analytics.success.kinds import KINDS
from analytics.success.models import Conventions
from feedback.models import Reading, Response
from outbox.models import Job
from surveys.models import Campaign, Contact, Customer, Invitation, Segment, Survey

pytestmark = pytest.mark.django_db


def facts() -> dict[str, int]:
    return {slug: kind.model._default_manager.count() for slug, kind in KINDS.items()}


def counts() -> dict[str, int]:
    models = (Survey, Contact, Customer, Invitation, Response, Campaign, Segment, Reading, Tally)
    return {model.__name__: model.objects.count() for model in models}


def test_the_demo_is_read_counted_not_written_twice_and_goes_without_a_trace(drain):
    # One demo for all of it: to write and to read one takes ten seconds each.
    User.objects.create_superuser("alice", "alice@example.com", "a long walk by the river")
    Contact.objects.create(email="ada@example.com")
    Customer.objects.create(external_id="real", name="Real")
    Conventions.objects.create(grace_days=10)
    Segment.objects.create(slug="mine", name="Mine")
    empty, no_facts = counts(), facts()
    written = seed()
    assert is_seeded()
    assert Digest.objects.get().user.username == "alice" and Report.objects.count() == 1
    assert [slug for slug, count in facts().items() if not count] in ([], ["holidays"])
    drain()
    assert Reading.objects.count() == Response.objects.count() == written
    assert Survey.objects.filter(is_demo=True, status="live").count() == 3
    assert not Job.objects.filter(kind__in=["read", "tally"]).exclude(state="done").exists()
    counted = Response.objects.filter(standing="counted").count()
    assert sum(Tally.objects.filter(facet="all").values_list("count", flat=True)) == counted
    assert Reading.objects.filter(sentiment="negative").count() > 100
    assert Reading.objects.filter(sentiment="positive").count() > 100
    make_first_file()
    drain()
    assert ReportFile.objects.get().state == "done" and ReportFile.objects.get().pdf
    write_digest()
    assert Digest.objects.get().is_demo

    before, again = counts(), StringIO()
    call_command("seed_demo", stdout=again)
    assert "there already" in again.getvalue()
    assert counts() == before

    remove()
    assert counts() == empty and facts() == no_facts
    assert Customer.objects.filter(external_id="real").exists()
    assert Conventions.objects.get().grace_days == 10
    assert not Digest.objects.exists() and not Report.objects.exists()
    assert not is_seeded()


def test_without_anybody_there_is_no_digest_until_somebody_is():
    write_digest()
    assert not Digest.objects.exists()  # nobody was there to read one
    User.objects.create_superuser("alice", "alice@example.com", "a long walk by the river")
    write_digest()
    write_digest()
    assert Digest.objects.get().is_demo
