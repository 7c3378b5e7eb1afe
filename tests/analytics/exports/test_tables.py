"""Facts, metrics and accounts as files: what leaves is what came in, and what the pages say."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from analytics.api.exports import pieces_of
from analytics.exports import service
from analytics.exports.datasets import DATASETS
from analytics.exports.service import Refused, Wish
from analytics.periods import Period
from analytics.success import files
from analytics.success.catalogue import METRICS
from analytics.success.intake import take_in
from analytics.success.kept import value_of
from analytics.success.kinds import KINDS
from analytics.success.listing import judge_again
from analytics.success.models import AccountNote, HealthSnapshot, KeptAccount
from outbox.drain import drain
from surveys.models import Customer, Segment
from tests.surveys.calling import caller, error_of

pytestmark = pytest.mark.django_db
MARCH = "2026-03-0"

FACTS: dict[str, list[dict[str, Any]]] = {
    "customers": [
        {"external_id": "+acme", "name": "=Acme & Söhne", "properties": {"plan": "Pro", "n": 0.1}},
        {"external_id": "007", "name": "عميل ١", "is_internal": True},
        {"external_id": "beta", "name": "'=Beta', \"quoted\""},
    ],
    "subscriptions": [
        {
            "external_id": "s1",
            "customer": "+acme",
            "at": "2026-01-05T08:00:00.000001Z",
            "status": "active",
            "amount": "1234567.8901",
            "currency": "EUR",
            "quantity": 3,
            "tax": "0.0001",
            "discount": "0.123456",
            "cancel_requested_at": None,
        },
        {
            "external_id": "s1",
            "customer": "+acme",
            "at": "2026-03-05T08:00:00.25Z",
            "status": "cancelled",
            "amount": "5",
            "currency": "EUR",
            "cause": "-price",
            "cancel_requested_at": "2026-03-01T00:00:00Z",
        },
        {
            "external_id": "s2",
            "customer": "beta",
            "at": "2026-01-05T08:00:00Z",
            "status": "active",
            "amount": "10.50",
            "currency": "USD",
            "interval": "year",
        },
    ],
    "terms": [
        {
            "external_id": "t1",
            "customer": "beta",
            "first_date": "2026-01-01",
            "due_date": "2026-03-31",
            "amount": "0.1",
            "currency": "EUR",
            "renewed_date": "2026-03-20",
            "amount_renewed": "0",
        },
        {"external_id": "t2", "customer": "+acme", "due_date": "2026-03-31", "amount": "1",
         "currency": "EUR", "is_refunded": True},
    ],
    "orders": [
        {"external_id": "o1", "customer": "beta", "checkout": "c1", "currency": "EUR",
         "placed_at": "2026-03-02T23:59:59.999999Z", "amount": "9999999.9999", "refund": "0.3"},
    ],
    "trials": [
        {"external_id": "tr1", "customer": "beta", "started_at": "2026-03-01", "amount": "3"},
    ],
    "costs": [
        {"external_id": "k1", "category": "=team", "amount": "12", "currency": "EUR",
         "retention_share": "0.333333", "first_date": "2026-03-01", "last_date": "2026-03-31"},
    ],
    "tickets": [
        {"external_id": "q1", "customer": "beta", "opened_at": "2026-03-02T10:00:00Z",
         "first_reply_at": "2026-03-02T10:30:00Z", "solved_at": "2026-03-02T12:00:00Z",
         "rating": "good", "rated_at": "2026-03-03T00:00:00Z", "is_escalated": True},
        {"external_id": "q2", "opened_at": "2026-03-02T10:00:00Z", "flag": "spam"},
    ],
    "contact-legs": [
        {"external_id": "l1", "contact": "x", "ended_at": "2026-03-02T10:00:00Z",
         "talk_seconds": 0.1, "hold_seconds": 1234.000001, "is_bot": True},
    ],
    "messages": [
        {"external_id": "m1", "ticket": "q1", "customer": "beta", "who": "customer",
         "at": "2026-03-02T10:00:00Z", "text": "-1 for this\n\tsecond line; \"so\" 👍"},
        {"external_id": "m2", "ticket": "q1", "who": "agent", "at": "2026-03-02T12:00:00Z",
         "event": "solved"},
    ],
    "users": [
        {"external_id": "u1", "customer": "beta", "zone": "Europe/Paris"},
        {"external_id": "u2", "created_at": "2026-03-02T10:00:00Z", "is_internal": True},
    ],
    "usage-events": [
        {"external_id": f"e{n}", "user": "u1", "customer": "beta", "name": "open", "feature": "f",
         "at": f"{MARCH}{n}T10:00:00Z", "is_core": n != 3} for n in range(1, 8)
    ],
    "entitlements": [
        {"external_id": "g1", "customer": "beta", "feature": "f", "first_date": "2026-03-01",
         "seats": 0},
        {"external_id": "g2", "customer": "beta", "first_date": "2026-01-01",
         "last_date": "2026-12-31"},
    ],
    "referrals": [
        {"external_id": "r1", "customer": "beta", "referred": "+new@example.com",
         "at": "2026-03-01"},
    ],
    "exchange-rates": [
        {"day": "2026-01-01", "currency": "USD", "to_currency": "EUR", "rate": "0.9123456789"},
        {"day": "2026-01-01", "currency": "VND", "to_currency": "EUR", "rate": "0.0000000001"},
    ],
    "opening-hours": [
        {"weekday": 0, "opens": "09:30", "closes": "17:00:30"},
        {"weekday": 6, "opens": "00:00", "closes": "12:00"},
    ],
    "holidays": [{"day": "2026-01-01", "name": "New Year"}],
}  # fmt: skip


def bring_in(told: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    found = {slug: take_in(kind, told[slug]) for slug, kind in KINDS.items()}
    assert {slug: each.refusals for slug, each in found.items() if each.refusals} == {}
    return found


def file_of(name: str, form: str, **more: Any) -> bytes:
    export = service.wanted(Wish(name, form, more.pop("filters", {}), **more))
    return b"".join(pieces_of(DATASETS[name], form, export))


def lines_of(name: str, **filters: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file_of(name, "jsonl", filters=filters).splitlines()]


def everything() -> dict[str, list[dict[str, Any]]]:
    return {slug: lines_of(slug) for slug in KINDS}


def stored() -> dict[str, list[Any]]:
    """Return what the database holds of every fact, in the order it came in."""
    paths = {
        slug: ["customer__external_id" if name == "customer" else name for name in kind.columns]
        for slug, kind in KINDS.items()
    }
    rows = {slug: kind.model._default_manager.order_by("pk") for slug, kind in KINDS.items()}
    return {slug: list(rows[slug].values_list(*names)) for slug, names in paths.items()}


def forget() -> None:
    for kind in KINDS.values():
        kind.model._default_manager.all().delete()


def figures() -> dict[str, Any]:
    march = Period(date(2026, 3, 1), date(2026, 4, 1))
    return {slug: value_of(slug, march).as_dict() | {"computed_at": ""} for slug in METRICS}


def test_every_fact_brought_in_elsewhere_is_the_same_fact_and_gives_the_same_metrics() -> None:
    bring_in(FACTS)
    before, held, numbers = everything(), stored(), figures()
    assert {slug: len(rows) for slug, rows in before.items()} == {
        slug: len(rows) for slug, rows in FACTS.items()
    }
    assert [list(before[slug][0]) for slug in KINDS] == [kind.columns for kind in KINDS.values()]
    assert any(each["value"] for each in numbers.values())
    forget()
    again = bring_in(before)
    assert stored() == held
    assert everything() == before
    assert figures() == numbers
    assert all(each.unchanged == 0 for each in again.values())
    once_more = bring_in(before)
    assert all(each.created == each.updated == 0 for each in once_more.values())


HARD = ("customers", "subscriptions", "orders", "messages", "exchange-rates", "opening-hours")


@pytest.mark.parametrize(("form", "kinds"), [("csv", HARD), ("xlsx", HARD[:2])])
def test_files_go_through_the_upload_as_they_are(
    form: str, kinds: Sequence[str], settings: Any
) -> None:
    """Formula guards, times and free facts survive; only the lines of a message become one."""
    settings.TIME_ZONE = "America/New_York"
    bring_in(FACTS)
    before = everything()
    made = {slug: file_of(slug, form) for slug in kinds}
    forget()
    for kind in map(KINDS.__getitem__, kinds):
        slug = kind.slug
        given = files.receive(kind, f"{slug}.{form}", made[slug], by=None, language="en")
        files.start(given)
        drain(files.FACTS)
        given.refresh_from_db()
        assert given.created_count == len(FACTS[slug]), list(given.errors.values_list("message"))
    before["messages"][0]["text"] = '-1 for this  second line; "so" 👍'
    after = everything()
    for slug in kinds:
        assert after[slug] == before[slug], slug


def test_parquet_is_typed_and_exact() -> None:
    bring_in(FACTS)
    for slug in KINDS:
        table = pq.read_table(io.BytesIO(file_of(slug, "parquet")))
        assert table.column_names == KINDS[slug].columns
        assert table.num_rows == len(FACTS[slug])
        if slug == "subscriptions":
            first = table.to_pylist()[0]
            assert first["amount"] == Decimal("1234567.8901")
            assert first["at"].microsecond == 1
            assert first["is_forever"] is False


# ---- Filters and who may -------------------------------------------------------------------------


def test_days_and_customers_narrow_what_has_them() -> None:
    bring_in(FACTS)
    assert len(lines_of("usage-events", since="2026-03-03", until="2026-03-04")) == 2
    assert [row["external_id"] for row in lines_of("terms", customer="+acme")] == ["t2"]
    assert lines_of("orders", since="2026-03-02", until="2026-03-02", customer="beta")
    for name, filters in [("opening-hours", {"since": "2026-01-01"}), ("costs", {"customer": "b"})]:
        with pytest.raises(Refused, match="no filter of this name"):
            lines_of(name, **filters)


def test_a_killed_worker_goes_on_behind_the_last_fact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bring_in(FACTS)
    beta = Customer.objects.get(external_id="beta")
    for day in (3, 1, 2):
        HealthSnapshot.objects.create(customer=beta, day=date(2026, 3, day), coverage=0.5)
    monkeypatch.setattr("analytics.exports.work.ROWS", 2)
    for name in ("usage-events", "health-snapshots"):
        export = service.request(Wish(name, "jsonl", {}))
        drain(service.EXPORT)
        export.refresh_from_db()
        assert (export.is_exact, export.rows > 2) == (True, True), name
        assert b"".join(service.pieces(export)) == file_of(name, "jsonl")


def test_a_table_belongs_to_the_whole_workspace_and_to_who_may_see_its_rows(
    client: Any, django_user_model: Any, settings: Any
) -> None:
    from django.contrib.auth.models import Permission

    from tests.feedback.making import a_survey

    limited = caller("read", survey=a_survey())
    assert limited.get("facts/tickets/export.csv").status_code == 403
    assert caller("write").get("facts/tickets/export.csv").status_code == 403
    assert error_of(caller().get("facts/secrets/export.csv"))["code"] == "not_found"
    assert error_of(caller().get("facts/tickets/export.exe"))["message"].endswith("xlsx.")
    refused = caller().get("facts/tickets/export.csv?colour=red")
    assert refused.status_code == 400
    for table in ("facts/tickets", "metrics", "scores"):
        refused = caller().get(f"{table}/export.csv?columns=property.plan")
        assert (refused.status_code, set(error_of(refused)["fields"])) == (400, {"columns"})
    bob = django_user_model.objects.create_user("bob", is_staff=True)
    for codename in ("view_exportfile", "add_exportfile", "view_ticket"):
        bob.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(bob, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = client.get(reverse("staff:exports")).content.decode()
    assert 'value="tickets"' in page
    assert 'value="account-notes"' not in page
    refused = client.post(reverse("staff:exports"), {"dataset": "account-notes", "form": "csv"})
    assert refused.status_code == 403


def test_staff_are_told_which_filter_a_table_does_not_know(staff_client: Any) -> None:
    wish = {"dataset": "costs", "form": "csv", "customer": "beta", "since": "2026-01-01"}
    reply = staff_client.post(reverse("staff:exports"), wish)
    assert reply.status_code == 422
    assert "Costs cannot be narrowed by this" in reply.content.decode()
    assert staff_client.post(reverse("staff:exports"), wish | {"customer": ""}).status_code == 302


def test_notes_leave_with_their_author(django_user_model: Any) -> None:
    bring_in(FACTS)
    alice = django_user_model.objects.create_user("alice")
    beta = Customer.objects.get(external_id="beta")
    AccountNote.objects.create(customer=beta, author=alice, text="=SUM(1)", pulse="good")
    [row] = csv.DictReader(io.StringIO(file_of("account-notes", "csv").decode()))
    told = (row["customer"], row["author"], row["pulse"], row["text"])
    assert told == ("beta", "alice", "good", "'=SUM(1)")


# ---- Metrics and accounts ------------------------------------------------------------------------


def test_metrics_are_what_the_api_says_for_every_month_and_segment() -> None:
    bring_in(FACTS)
    Segment.objects.create(slug="pro", name="Pro")
    api = caller()
    reply = api.get("metrics/export.jsonl?since=2026-02-11&until=2026-04-02")
    rows = [json.loads(line) for line in b"".join(reply.streaming_content).splitlines()]
    assert len(rows) == len(METRICS) * 3 * 2
    checked = 0
    for row in rows:
        if row["first_date"] != "2026-03-01" or row["metric"] not in ("mrr", "nrr", "adoption"):
            continue
        wanted = {"period": "2026-03"} | ({"segment": row["segment"]} if row["segment"] else {})
        said = api.get(f"metrics/{row['metric']}?{urlencode(wanted)}").json()
        same = ("value", "unit", "status", "reason", "n", "numerator", "denominator",
                "convention", "currency", "parts", "definition_version")  # fmt: skip
        assert {name: row[name] for name in same} == {name: said[name] for name in same}
        assert (row["interval_low"] is None) == (said["interval"] is None)
        checked += 1
    assert checked == 6
    assert {row["last_date"] for row in rows} == {"2026-02-28", "2026-03-31", "2026-04-30"}


def test_metrics_are_rows_in_every_form_and_in_background() -> None:
    bring_in(FACTS)
    Segment.objects.create(slug="pro", name="Pro")
    for form in ("csv", "parquet", "xlsx"):
        export = service.request(Wish("metrics", form, {"metric": "mrr", "until": "2026-03-31"}))
        drain(service.EXPORT)
        export.refresh_from_db()
        assert (export.state, export.rows, export.is_exact) == ("done", 26, True)
        rows = rows_in(b"".join(service.pieces(export)), form)
        [february] = [
            row for row in rows if str(row["first_date"])[:7] == "2026-02" and not row["segment"]
        ]
        assert float(february["value"]) == pytest.approx(3_703_704.4683)
        assert february["currency"] == "EUR"


def rows_in(data: bytes, form: str) -> list[dict[str, Any]]:
    if form == "csv":
        return list(csv.DictReader(io.StringIO(data.decode())))
    if form == "parquet":
        return list(pq.read_table(io.BytesIO(data)).to_pylist())
    heads, *cells = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].values
    return [dict(zip(map(str, heads), row, strict=True)) for row in cells]


@pytest.mark.parametrize(
    ("filters", "column"),
    [
        ({"metric": "luck"}, "metric"),
        ({"segment": "nobody"}, "segment"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "until"),
        ({"since": "2000-01-01"}, "since"),
    ],
)
def test_what_no_metric_is_made_of_is_refused(filters: dict[str, str], column: str) -> None:
    with pytest.raises(Refused) as refused:
        file_of("metrics", "csv", filters=filters)
    assert set(refused.value.fields) == {column}


def test_accounts_are_those_of_the_list_judged_now_or_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bring_in(FACTS)
    bring_in_more = [
        {"external_id": f"s-{n}", "customer": f"c{n}", "at": "2026-01-05T08:00:00Z",
         "status": "active", "amount": n + 1, "currency": "EUR"} for n in range(5)
    ]  # fmt: skip
    take_in(KINDS["customers"], [{"external_id": f"c{n}", "name": f"C{n}"} for n in range(5)])
    take_in(KINDS["subscriptions"], bring_in_more)
    listed = {row["customer"]: row for row in caller().get("accounts").json()["results"]}
    reply = caller().get("accounts/export.jsonl")
    rows = [json.loads(line) for line in b"".join(reply.streaming_content).splitlines()]
    assert [row["customer"] for row in rows] == ["beta", "c0", "c1", "c2", "c3", "c4"]
    same = ("name", "currency", "due_date", "score", "band", "shown_band", "reason", "weights_of")
    for row in rows:
        assert {n: row[n] for n in same} == {n: listed[row["customer"]][n] for n in same}
        assert float(row["mrr"]) == pytest.approx(listed[row["customer"]]["mrr"], abs=1e-4)
    judge_again(Customer.objects.values_list("pk", flat=True))
    assert KeptAccount.objects.count() == 6
    monkeypatch.setattr("analytics.success.listing._MANY", 4)
    kept = [row | {"computed_at": ""} for row in lines_of("accounts")]
    assert kept == [row | {"computed_at": ""} for row in rows]
    for risk in ("true", "false"):
        wanted = [row["customer"] for row in rows if row["is_at_risk"] is (risk == "true")]
        assert [row["customer"] for row in lines_of("accounts", at_risk=risk)] == wanted
