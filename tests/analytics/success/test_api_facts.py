from __future__ import annotations

from rest_framework.test import APIClient

from analytics.success.models import Term
from surveys.access import create_key

TERM = {
    "external_id": "t1",
    "customer": "acme",
    "due_date": "2026-04-30",
    "amount": "100.00",
    "currency": "EUR",
}


def test_good_rows_are_kept_and_refused_ones_named(api, customers):
    customers("acme")
    said = api.post(
        "/api/v1/facts/terms", {"rows": [TERM, TERM | {"external_id": "t2", "amount": "-1"}]}
    )
    assert said.status_code == 200, said.json()
    assert said.json()["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "refused": 1}
    [error] = said.json()["errors"]
    assert error == {"index": 1, "field": "amount", "message": "-1 is below zero"}
    assert Term.objects.count() == 1


def test_all_or_nothing_answers_422_by_place(api, customers):
    customers("acme")
    rows = [TERM, TERM | {"external_id": "t2", "currency": "XXX"}]
    said = api.post("/api/v1/facts/terms?all_or_nothing=true", {"rows": rows})
    assert said.status_code == 422
    assert list(said.json()["error"]["fields"]) == ["rows.1.currency"]
    assert not Term.objects.exists()


def test_an_unknown_kind_lists_the_known_ones(api):
    said = api.post("/api/v1/facts/fruit", {"rows": [{}]})
    assert said.status_code == 404
    assert "usage-events" in said.json()["error"]["message"]


def test_a_body_that_is_no_list_of_rows_is_refused(api):
    for body in ({"rows": []}, {"terms": [TERM]}, [TERM], {"rows": [TERM] * 5001}):
        assert api.post("/api/v1/facts/terms", body).status_code == 422


def test_the_kinds_say_their_columns(api):
    kinds = {kind["kind"]: kind for kind in api.get("/api/v1/facts").json()}
    assert kinds["subscriptions"]["key"] == ["external_id", "at"]
    assert "customer" in kinds["terms"]["required"]


def test_a_key_that_may_only_read_sends_nothing(api, customers):
    customers("acme")
    _key, text = create_key(name="reader", scopes=["read"])
    reader = APIClient()
    reader.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    assert reader.post("/api/v1/facts/terms", {"rows": [TERM]}).status_code == 403
    assert APIClient().post("/api/v1/facts/terms", {"rows": [TERM]}).status_code == 401
