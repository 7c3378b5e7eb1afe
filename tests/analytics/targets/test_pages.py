"""The pages of targets say what the numbers say, and refuse what makes no sense."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.periods import today
from analytics.success.models import Ticket
from analytics.targets.models import Alarm, Target, TargetClose, TargetDay
from surveys.models import Customer, Segment, Survey
from tests.analytics.scores.making import tallied
from tests.analytics.targets.making import judge_now, nps
from tests.feedback.making import a_survey

pytestmark = pytest.mark.django_db
BAD = {10: 20, 8: 20, 2: 60}


@pytest.fixture
def survey() -> Survey:
    return a_survey()


def words(page: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", page.content.decode())
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


def missed(survey: Survey, **more: Any) -> Target:
    """Return a target that was missed this morning, with its alarm."""
    target = nps(survey, **more)
    tallied(survey, BAD, day=today() - timedelta(days=3))
    judge_now(target)
    Alarm.objects.create(
        target=target, kind="level", started_date=today(), goal=45, value=-40, low=-54, high=-24
    )
    return target


def test_an_empty_list_says_what_a_target_is(staff_client: Client) -> None:
    page = words(staff_client.get(reverse("staff:targets")))
    assert "What do you want to reach?" in page and "Set the first target" in page


def test_the_list_names_what_is_missed_first(staff_client: Client, survey: Survey) -> None:
    missed(survey)
    fine = nps(survey, goal="-60")
    judge_now(fine)
    page = words(staff_client.get(reverse("staff:targets")))
    assert "Relation, NPS misses its goal. 1 of 2 is met." in page
    assert page.index("at least +45") < page.index("at least −60")
    assert "−40" in page and "one alarm" in page


def test_a_target_says_how_it_stands_and_where_it_comes_from(
    staff_client: Client, survey: Survey
) -> None:
    target = missed(survey)
    reply = staff_client.get(reverse("staff:target", args=[target.pk]))
    page = words(reply)
    assert "Relation, NPS is −40: at least +45 is missed" in page
    assert "by 85" in page and "goal at least +45" in page
    assert "Goal missed since" in page and "I look after it" in page
    assert "/admin/surveys/relation/?from=" in reply.content.decode()


def test_alarms_stand_on_the_home_page_until_somebody_looks_after_them(
    staff_client: Client, survey: Survey
) -> None:
    target = missed(survey)
    assert "Relation, NPS: goal missed" in words(staff_client.get("/admin/"))
    address = reverse("staff:target-alarms", args=[target.pk])
    assert staff_client.get(address).status_code == 405
    page = words(staff_client.post(address, follow=True))
    assert "Alice Winter looks after it since" in page
    assert "Relation, NPS: goal missed" not in words(staff_client.get("/admin/"))
    again = words(staff_client.post(address, follow=True))
    assert "Nothing waits here" in again


def test_the_survey_shows_its_targets_and_marks_their_alarms(
    staff_client: Client, survey: Survey
) -> None:
    missed(survey)
    page = words(staff_client.get(reverse("staff:survey", args=[survey.slug])))
    assert "Targets, as judged this morning" in page
    assert "NPS at least +45" in page and "Missed" in page
    assert "Alarm: goal missed" in page


def form(survey: Survey | None = None, **changed: str) -> dict[str, str]:
    return {
        "metric": "score", "survey": survey.slug if survey else "", "direction": "at_least",
        "goal": "45", "period": "90d", "owner": "", "quiet_days": "14", **changed,
    }  # fmt: skip


def test_a_goal_is_typed_as_people_say_it(staff_client: Client) -> None:
    csat = a_survey("case", kind="csat")
    reply = staff_client.post(reverse("staff:target-new"), form(csat, goal="87.5"), follow=True)
    assert "at least 87.5 %" in words(reply)
    target = Target.objects.get()
    assert target.goal == Decimal("0.875")
    page = staff_client.get(reverse("staff:target-edit", args=[target.pk])).content.decode()
    assert 'value="87.5"' in page
    staff_client.post(
        reverse("staff:target-new"),
        form(metric="first-reply-time", direction="at_most", goal="8"),
    )
    assert Target.objects.get(metric="first-reply-time").goal == 8 * 3600


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"goal": "145"}, "This score lies between -100 and 100."),
        ({"goal": "many"}, "Enter a number."),
        ({"goal": ""}, "This field is required."),
        ({"metric": "handle-time"}, "is not one of the available choices"),
        ({"metric": "customer-churn"}, "belongs to no survey"),
        ({"survey": ""}, "Choose the survey it is about."),
        ({"metric": "response-rate", "goal": "130"}, "A share lies between 0 and 100 %."),
        ({"metric": "response-rate", "goal": "30", "sentiment": "negative"}, "cannot be limited"),
        ({"period": "fortnight"}, "is not one of the available choices"),
        ({"owner": "999999"}, "Select a valid choice"),
        ({"quiet_days": "0"}, "greater than or equal to 1"),
        ({"segment": "nobody"}, "is not one of the available choices"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(
    staff_client: Client, survey: Survey, changed: dict[str, str], said: str
) -> None:
    Segment.objects.create(slug="growth", name="Growth")
    reply = staff_client.post(reverse("staff:target-new"), form(survey) | changed)
    assert reply.status_code == 422
    assert said in words(reply).replace("&#x27;", "'")
    assert not Target.objects.exists()


def test_another_goal_ends_the_alarms_and_starts_afresh(
    staff_client: Client, survey: Survey
) -> None:
    target = missed(survey)
    address = reverse("staff:target-edit", args=[target.pk])
    staff_client.post(address, form(survey, period="30d", quiet_days="30"))
    assert target.alarms.get().ended_date is None  # nothing else is judged than before
    staff_client.post(address, form(survey, period="30d", goal="-60"))
    alarm = target.alarms.get()
    assert (alarm.ended_date, alarm.end) == (today(), "changed")


def test_deleting_says_what_goes_and_asks_first(staff_client: Client, survey: Survey) -> None:
    target = missed(survey)
    address = reverse("staff:target-delete", args=[target.pk])
    assert "1 alarm of it is gone, too." in words(staff_client.get(address))
    assert Target.objects.exists()
    staff_client.post(address)
    assert not Target.objects.exists() and not Alarm.objects.exists()


def test_a_closed_period_that_is_restated_says_so(staff_client: Client, survey: Survey) -> None:
    target = nps(survey, period="month")
    start = (today().replace(day=1) - timedelta(days=1)).replace(day=1)
    tallied(survey, BAD, day=start)
    TargetClose.objects.create(
        target=target, start=start, stop=today().replace(day=1), value=50, low=40, high=60,
        n=80, state="met", goal=45, direction="at_least",
    )  # fmt: skip
    page = words(staff_client.get(reverse("staff:target", args=[target.pk])))
    assert "closed at +50, met; restated since" in page


def test_who_may_not_see_targets_sees_none(client: Client, survey: Survey) -> None:
    target = missed(survey)
    bob = get_user_model().objects.create_user("bob", password="x", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_survey"))
    client.force_login(bob)
    assert client.get(reverse("staff:targets")).status_code == 403
    assert client.get(reverse("staff:target", args=[target.pk])).status_code == 403
    assert client.post(reverse("staff:target-alarms", args=[target.pk])).status_code == 403
    assert "goal missed" not in words(client.get("/admin/"))
    assert "at least +45" not in words(client.get(reverse("staff:survey", args=[survey.slug])))


def test_hostile_names_are_shown_as_text(staff_client: Client, survey: Survey) -> None:
    Survey.objects.filter(pk=survey.pk).update(name="<script>x</script>")
    target = missed(survey)
    for name, args in (("staff:targets", []), ("staff:target", [target.pk])):
        body = staff_client.get(reverse(name, args=args)).content.decode()
        assert "<script>x" not in body and "&lt;script&gt;x" in body


def test_the_list_asks_as_few_queries_of_many_targets_as_of_few(
    staff_client: Client, survey: Survey
) -> None:
    Segment.objects.create(slug="growth", name="Growth")
    missed(survey, filters={"segment": "growth"})
    address = reverse("staff:targets")
    staff_client.get(address)
    with CaptureQueriesContext(connection) as few:
        staff_client.get(address)
    for goal in range(6):
        judge_now(nps(survey, goal=str(goal), filters={"segment": "growth"}))
    with CaptureQueriesContext(connection) as many:
        staff_client.get(address)
    assert len(many) == len(few)


@pytest.mark.parametrize("kind", ["nps", "csat", "ces", "stars_five", "thumbs"])
@pytest.mark.parametrize("period", ["month", "quarter", "year", "30d", "90d"])
def test_every_kind_and_period_has_a_page_with_much_and_with_nothing(
    staff_client: Client, kind: str, period: str
) -> None:
    survey = a_survey(f"of-{kind}", kind=kind)
    target = nps(survey, goal="1", period=period)
    address = reverse("staff:target", args=[target.pk])
    assert "too few to say" in words(staff_client.get(address))
    for months in range(14):
        counts = dict.fromkeys(survey.scale.scores, 9)
        tallied(survey, counts, day=today() - timedelta(days=30 * months))
    assert staff_client.get(address).status_code == 200


def test_a_metric_of_customers_without_facts_says_what_is_missing(staff_client: Client) -> None:
    target = nps(None, metric="mrr", goal="100000", period="month")
    judge_now(target)
    assert staff_client.get(reverse("staff:target", args=[target.pk])).status_code == 200
    churn = nps(None, metric="customer-churn", goal="0.03", direction="at_most", period="month")
    judge_now(churn)
    page = words(staff_client.get(reverse("staff:target", args=[churn.pk])))
    assert "Customer churn: too few to say whether it is at most 3 %" in page


def test_a_metric_with_a_target_shows_it_on_the_overview_and_its_page(staff_client: Client) -> None:
    churn = {"metric": "customer-churn", "direction": "at_most", "goal": Decimal("0.05")}
    target = nps(None, **churn)
    Segment.objects.create(slug="growth", name="Growth")
    nps(None, **{**churn, "goal": Decimal("0.02")}, filters={"segment": "growth"})
    span = {"start": today() - timedelta(days=30), "stop": today()}
    TargetDay.objects.create(
        target=target, day=today(), value=0.08, low=0.06, high=0.1, n=400, state="missed", **span
    )
    Alarm.objects.create(target=target, kind="level", started_date=today(), goal=target.goal)
    page = staff_client.get(reverse("staff:metric", args=["customer-churn"]))
    assert "Target at most 5 % alarm Missed" in words(page) and "8.0 %" in words(page)
    assert reverse("staff:target", args=[target.pk]) in page.content.decode()
    assert "at most 2 %" not in words(page)
    growth = staff_client.get(
        reverse("staff:metric", args=["customer-churn"]), {"segment": "growth"}
    )
    assert "Target at most 2 %" in words(growth) and "at most 5 %" not in words(growth)
    Ticket.objects.create(
        external_id="t1", customer=Customer.objects.create(external_id="c1", name="Acme"),
        opened_at=timezone.now(),
    )  # fmt: skip
    assert "Target at most 5 %" in words(staff_client.get(reverse("staff:metrics")))


def test_who_may_not_see_targets_sees_none_on_metrics(client: Client) -> None:
    nps(None, metric="customer-churn", direction="at_most", goal=Decimal("0.05"))
    bob = get_user_model().objects.create_user("bob", password="x", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_subscriptionstate"))
    client.force_login(bob)
    assert "Target at most" not in words(
        client.get(reverse("staff:metric", args=["customer-churn"]))
    )
