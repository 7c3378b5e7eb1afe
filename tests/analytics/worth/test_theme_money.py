"""Themes and the money behind them: page and API say the same, and say what they leave out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.periods import today
from feedback.models import Mention, Reading, Response, Theme
from surveys.models import Customer, Survey
from tests.feedback.making import a_survey, answer
from tests.surveys.calling import caller

pytestmark = pytest.mark.django_db
NOW = timezone.now


@pytest.fixture
def survey() -> Survey:
    return a_survey()


def account(
    name: str, amount: str, *, currency: str = "EUR", due_in: int | None = None
) -> Customer:
    api = caller("write")
    rows: dict[str, list[dict[str, Any]]] = {
        "customers": [{"external_id": name, "name": name.title()}],
        "subscriptions": [
            {
                "external_id": f"{name}-1", "customer": name, "amount": amount,
                "currency": currency, "at": "2025-01-01", "status": "active",
            }
        ],
    }  # fmt: skip
    if due_in is not None:
        due = today() + timedelta(days=due_in)
        term = {"external_id": f"{name}-t", "customer": name, "due_date": str(due)}
        rows["terms"] = [term | {"amount": amount, "currency": currency}]
    for kind, listed in rows.items():
        said = api.post(f"facts/{kind}?all_or_nothing=true", {"rows": listed})
        assert said.status_code == 200, said.json()
    return Customer.objects.get(external_id=name)


def says(
    survey: Survey, customer: Customer | None, theme: str, sentiment: str, *, score: int = 3
) -> Response:
    said = answer(survey, f"About {theme}", score=score)
    Response.objects.filter(pk=said.pk).update(customer=customer)
    Reading.objects.create(
        response=said, version="1", language="en", sentiment=sentiment, read_sentiment=sentiment,
        compound=0, read_at=NOW(),
    )  # fmt: skip
    Mention.objects.create(
        response=said, theme=Theme.objects.get(slug=theme), start=0, end=5, sentiment=sentiment
    )
    return said


def money(survey: Survey) -> dict[str, Any]:
    said = caller("read").get(f"surveys/{survey.slug}/money")
    assert said.status_code == 200, said.json()
    return dict(said.json())


@pytest.fixture
def told(survey: Survey, drain: Callable[[], int]) -> dict[str, Response]:
    """Two accounts complain about support, one of them dear; a third praises it."""
    acme, tern = account("acme", "1000", due_in=40), account("tern", "200", due_in=200)
    kite = account("kite", "300")
    said = {
        "acme": says(survey, acme, "support", "negative"),
        "tern": says(survey, tern, "support", "mixed"),
        "kite": says(survey, kite, "support", "positive", score=10),
        "nobody": says(survey, None, "support", "negative"),
        "delivery": says(survey, tern, "delivery", "negative"),
    }
    drain()
    # The drained readings read anew: what was said of the theme is set again.
    for name, response in said.items():
        sentiment = {"kite": "positive", "tern": "mixed"}.get(name, "negative")
        Mention.objects.filter(response=response).delete()
        Mention.objects.create(
            response=response,
            theme=Theme.objects.get(slug="delivery" if name == "delivery" else "support"),
            start=0,
            end=5,
            sentiment=sentiment,
        )
    return said


def test_what_complainers_pay_and_when_they_decide(
    survey: Survey, told: dict[str, Response]
) -> None:
    found = money(survey)
    themes = {theme["theme"]: theme for theme in found["themes"]}
    support = themes["support"]
    assert support["accounts"] == 2  # praise and people without an account do not count
    assert (support["mrr"], support["mrr_due_soon"]) == (1200.0, 1000.0)
    assert support["share"]["value"] == pytest.approx(0.8)
    assert support["share"]["interval"] is None  # three accounts are too few for a range
    assert support["at_stake"]["reason"] == "insufficient_data"
    assert [row["customer"] for row in support["complaints"]] == ["acme", "tern"]
    assert support["complaints"][0]["response"] == told["acme"].pk
    assert found["mrr"] == 1500.0
    assert [theme["theme"] for theme in found["themes"]] == ["support", "delivery"]


def test_held_answers_and_internal_accounts_are_left_out(
    survey: Survey, told: dict[str, Response]
) -> None:
    Response.objects.filter(pk=told["acme"].pk).update(standing="quarantined")
    Customer.objects.filter(external_id="tern").update(is_internal=True)
    assert money(survey)["themes"] == []


def test_an_account_without_a_rate_is_said_and_not_counted_as_nothing(
    survey: Survey, told: dict[str, Response]
) -> None:
    says(survey, account("yen", "90000", currency="JPY"), "support", "negative")
    found = money(survey)
    assert found["accounts_without_rate"] == 1
    (support,) = [theme for theme in found["themes"] if theme["theme"] == "support"]
    row = next(row for row in support["complaints"] if row["customer"] == "yen")
    assert row["mrr"] is None
    assert support["mrr"] == 1200.0


def test_the_page_says_what_the_api_says(
    staff_client: Any, survey: Survey, told: dict[str, Response]
) -> None:
    page = staff_client.get(reverse("staff:theme-money", args=[survey.slug])).content.decode()
    assert "pay €1,200 a month; €1,000 of it is up for renewal in 90 days" in page
    assert "Acme" in page
    assert "Kite" not in page
    chosen = staff_client.get(
        reverse("staff:theme-money", args=[survey.slug]), {"theme": "delivery"}
    ).content.decode()
    assert "Who complains about Delivery" in chosen


def test_without_themes_the_page_says_what_to_send(staff_client: Any, survey: Survey) -> None:
    page = staff_client.get(reverse("staff:theme-money", args=[survey.slug])).content.decode()
    assert "No account complains about a theme" in page


def test_who_may_not_see_money_sees_none(
    client: Any, django_user_model: Any, survey: Survey, told: dict[str, Response], settings: Any
) -> None:
    bob = django_user_model.objects.create_user("bob", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_response"))
    client.force_login(bob, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = client.get(reverse("staff:theme-money", args=[survey.slug])).content.decode()
    assert "not yours to see" in page
    assert "1,200" not in page
    limited = caller("read", survey=survey).get(f"surveys/{survey.slug}/money")
    assert limited.status_code == 403


def test_queries_do_not_grow_with_accounts(
    survey: Survey, told: dict[str, Response], django_assert_max_num_queries: Any
) -> None:
    from analytics.periods import period_named
    from analytics.worth.reports import money_report

    period = period_named("13w")
    with CaptureQueriesContext(connection) as before:
        money_report(survey, period)
    asked = len(before)  # now: the next request forgets the log
    for number in range(6):
        says(survey, account(f"more{number}", "50", due_in=5), "support", "negative")
    with django_assert_max_num_queries(asked):
        money_report(survey, period)
