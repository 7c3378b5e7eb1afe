"""Campaigns that recur: waves open in time and once, and everybody keeps their place."""

from datetime import UTC, datetime, timedelta
from unittest import mock
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from outbox.models import Job
from surveys import campaigns
from surveys.audience import Audience, Source
from surveys.campaigns import CLOCK, State
from surveys.models import AskingRules, Campaign, SendingStop
from surveys.services import DELIVER, close
from surveys.standing import standing
from surveys.timing import Timing, flaws
from surveys.waves import number_at, open_wave, opening
from tests.surveys import worlds

pytestmark = pytest.mark.django_db
EVERYONE = Audience(Source.EVERYONE)


def launch(survey, **timing) -> Campaign:
    options = {"name": "Pulse", "token": uuid4(), "by": None, "size": 3}
    return campaigns.launch(survey, EVERYONE, timing=Timing(**timing), **options)


@pytest.fixture
def people():
    return [worlds.contact(name) for name in ("ada", "bob", "cara")]


@pytest.fixture
def survey():
    return worlds.survey(rest_days=30)


def assert_adds_up(campaign: Campaign) -> None:
    campaign.refresh_from_db()
    found = standing(campaign)
    assert sum(found.places.values()) + found.unprepared == found.audience
    assert sum(found.states.values()) + found.unprepared == found.audience


def test_a_wave_asks_everybody_once_spread_over_its_days(survey, people):
    series = launch(survey, every_days=30, is_morning=True)
    now = timezone.now()
    for _again in range(3):
        next_at = open_wave(series.pk, now=now)
    (wave,) = series.waves.all()
    assert next_at == opening(series, 2)
    assert wave.name == "Pulse, wave 1"
    rows = list(wave.invitations.all())
    assert len(rows) == 3 and {row.state for row in rows} == {State.WAITING}
    assert len({row.send_at.date() for row in rows}) > 1
    due = Job.objects.filter(kind=DELIVER).values_list("due_at", flat=True)
    assert sorted(due) == sorted(row.send_at for row in rows)
    assert_adds_up(wave)


def test_the_next_wave_asks_at_the_same_place_and_never_sooner(survey, people):
    start = timezone.now()
    series = launch(survey, every_days=28, starts_at=start)
    open_wave(series.pk, now=start)
    first = {row.contact_id: row for row in series.waves.get().invitations.all()}
    later = start + timedelta(days=28, minutes=1)
    for row in first.values():
        row.state, row.sent_at = State.SENT, row.send_at
        row.save()
    with mock.patch.object(timezone, "now", lambda: later):
        open_wave(series.pk)
        second = series.waves.get(wave=2).invitations.all()
        assert {row.state for row in second} == {State.WAITING}
        for row in second:
            gap = row.send_at - first[row.contact_id].sent_at
            assert timedelta(days=30) <= gap < timedelta(days=31)  # the survey's rest, not 28


def test_who_still_waits_in_a_wave_is_asked_in_the_next_after_it(survey, people):
    start = timezone.now()
    series = launch(survey, every_days=30, starts_at=start)
    open_wave(series.pk, now=start)
    first = {row.contact_id: row for row in series.waves.get().invitations.all()}
    with mock.patch.object(timezone, "now", lambda: start + timedelta(days=30, minutes=1)):
        open_wave(series.pk)
    for row in series.waves.get(wave=2).invitations.all():
        assert row.send_at - first[row.contact_id].send_at >= timedelta(days=30)


def test_waves_missed_are_not_made_up_for(survey, people):
    start = timezone.now()
    series = launch(survey, every_days=30, starts_at=start)
    with mock.patch.object(timezone, "now", lambda: start + timedelta(days=95)):
        open_wave(series.pk)
    assert [wave.wave for wave in series.waves.all()] == [4]


def test_a_wave_opens_at_the_same_hour_when_the_clocks_change(survey):
    berlin = ZoneInfo("Europe/Berlin")
    series = Campaign(survey=survey, every_days=30, starts_at=datetime(2026, 10, 10, 7, tzinfo=UTC))
    with mock.patch("surveys.waves.zone", lambda: berlin):
        assert opening(series, 1).astimezone(berlin).hour == 9
        assert opening(series, 2).astimezone(berlin).hour == 9
        assert opening(series, 2).utcoffset() != opening(series, 1).utcoffset()
        for number in range(1, 40):
            at = opening(series, number)
            assert number_at(series, at) == number
            assert number_at(series, at - timedelta(seconds=1)) == number - 1


def test_no_wave_opens_of_a_paused_cancelled_or_closed_campaign(survey, people):
    paused = launch(survey, every_days=30)
    campaigns.pause(paused, by="alice")
    assert open_wave(paused.pk) is not None and not paused.waves.exists()
    campaigns.resume(paused, by="alice")
    stop = SendingStop.objects.get()
    assert (stop.stopped_by, stop.resumed_by) == ("alice", "alice")
    cancelled = launch(survey, every_days=30)
    campaigns.cancel(cancelled)
    assert open_wave(cancelled.pk) is None and not cancelled.waves.exists()
    close(survey)
    assert open_wave(paused.pk) is None and not paused.waves.exists()


def test_cancelling_the_series_spares_who_waits_in_its_waves(survey, people):
    series = launch(survey, every_days=30)
    open_wave(series.pk)
    assert campaigns.cancel(series) == 3
    wave = series.waves.get()
    assert wave.cancelled_at and {row.state for row in wave.invitations.all()} == {"cancelled"}
    assert_adds_up(wave)


def test_pausing_a_campaign_holds_its_mail_and_resuming_makes_it_due(survey, people):
    campaign = launch(survey)
    campaigns.pause(campaign, by="alice")
    campaigns.pause(campaign, by="alice")
    assert campaigns.is_paused(campaign)
    Job.objects.filter(kind=DELIVER).update(due_at=timezone.now() + timedelta(days=1))
    campaigns.resume(campaign, by="alice")
    assert not campaigns.is_paused(campaign)
    due = Job.objects.filter(kind=DELIVER, due_at__lte=timezone.now() + timedelta(minutes=1))
    assert due.count() == 3


def test_a_scheduled_campaign_is_written_down_when_it_starts(survey, people):
    start = timezone.now() + timedelta(days=2)
    campaign = launch(survey, starts_at=start)
    assert campaign.is_preparing and standing(campaign).unprepared == 3
    assert_adds_up(campaign)
    (job,) = Job.objects.all()
    assert (job.kind, job.due_at) == ("campaign", start)


def test_who_rests_for_a_few_days_waits_and_says_why(survey, people):
    AskingRules.objects.create(pk=1, rest_days=10, patience_days=14)
    other = worlds.survey("other")
    worlds.invitation(other, people[0], days_ago=4)
    campaign = launch(survey)
    row = campaign.invitations.get(contact=people[0])
    assert (row.state, row.reason.partition(":")[0]) == (State.WAITING, "rest_any")
    assert timedelta(days=5) < row.send_at - timezone.now() < timedelta(days=6, minutes=1)
    assert row.give_up_at > row.send_at
    assert standing(campaign).later == 1
    assert_adds_up(campaign)


def test_who_rests_longer_than_the_patience_is_skipped(survey, people):
    AskingRules.objects.create(pk=1, rest_days=20, patience_days=14)
    worlds.invitation(worlds.survey("other"), people[0], days_ago=4)
    row = launch(survey).invitations.get(contact=people[0])
    assert (row.state, row.reason.partition(":")[0]) == (State.SKIPPED, "rest_any")


@pytest.mark.parametrize(
    ("timing", "source", "part"),
    [
        ({"every_days": 20}, Source.EVERYONE, "every_days"),
        ({"every_days": 30}, Source.ADDRESSES, "every_days"),
        ({"every_days": 30, "spread_days": 31}, Source.EVERYONE, "spread_days"),
        ({"reminder_days": (3, 3)}, Source.EVERYONE, "reminder_days"),
        ({"reminder_days": (7, 3)}, Source.EVERYONE, "reminder_days"),
        ({"reminder_days": (1, 2, 3, 4)}, Source.EVERYONE, "reminder_days"),
        ({"reminder_days": (60,)}, Source.EVERYONE, "reminder_days"),
        ({"starts_at": datetime(2020, 1, 1, tzinfo=UTC)}, Source.EVERYONE, "starts_at"),
        ({"starts_at": datetime(2999, 1, 1, tzinfo=UTC)}, Source.EVERYONE, "starts_at"),
    ],
)
def test_a_timing_that_cannot_be_kept_is_refused(survey, timing, source, part):
    assert list(flaws(Timing(**timing), survey, source)) == [part]


def test_a_clock_runs_only_where_something_can_come(survey, people):
    launch(survey)
    assert not Job.objects.filter(kind=CLOCK).exists()
    launch(survey, every_days=30)
    launch(survey, reminder_days=(3,))
    assert Job.objects.filter(kind=CLOCK).count() == 2
