"""The editor as its forms and links use it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from surveys.models import (
    Brand,
    Question,
    Survey,
)

pytestmark = pytest.mark.django_db


def form_of(response) -> dict[str, str]:
    """Return what a browser would post back from the editor's form."""
    form = response.context["form"]
    data = {name: form[name].value() for name in form.fields}
    for band in form.bands:
        data |= {band.add_prefix(name): band[name].value() for name in band.fields}
    return {name: "" if value is None else value for name, value in data.items()}


def test_a_new_survey_is_a_draft_with_a_free_short_name(staff_client):
    data = {"kind": "ces", "name": "First week", "brand_name": "Kestrel"}
    response = staff_client.post(reverse("staff:survey-new"), data)
    assert response.url == reverse("staff:survey-edit", args=["first-week"])
    staff_client.post(reverse("staff:survey-new"), {**data, "brand": Brand.objects.get().pk})
    slugs = Survey.objects.order_by("pk").values_list("slug", "status")
    assert list(slugs) == [("first-week", "draft"), ("first-week-2", "draft")]
    assert Brand.objects.count() == 1


def test_a_new_survey_needs_a_name_and_a_brand(staff_client):
    response = staff_client.post(reverse("staff:survey-new"), {"kind": "nps"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name", "brand_name"}


def test_the_editor_stores_words_and_words_of_bands(staff_client, world):
    address = reverse("staff:survey-edit", args=["relationship"])
    data = form_of(staff_client.get(address))
    data |= {"question": "Do you like {company}?", "band-promoter-thanks": "Hooray!"}
    assert staff_client.post(address, data).status_code == 302
    survey = Survey.objects.get(slug="relationship")
    assert survey.question == "Do you like {company}?"
    assert survey.wording.content["bands"]["promoter"]["thanks"] == "Hooray!"
    assert survey.wordings.count() == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "no good"}, "slug"),
        ({"slug": "draft"}, "slug"),
        ({"rest_days": "-1"}, "rest_days"),
        ({"rest_days": "9999"}, "rest_days"),
        ({"link_days": "0"}, "link_days"),
        ({"closes_at": "tomorrow"}, "closes_at"),
        ({"name": ""}, "name"),
        ({"question": "x" * 301}, "question"),
    ],
)
def test_the_editor_says_what_cannot_be_and_stores_nothing(staff_client, world, change, field):
    address = reverse("staff:survey-edit", args=["relationship"])
    response = staff_client.post(address, {**form_of(staff_client.get(address)), **change})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert Survey.objects.get(slug="relationship").wordings.count() == 1


def test_a_link_needs_text_and_address(staff_client, world):
    address = reverse("staff:survey-edit", args=["relationship"])
    data = form_of(staff_client.get(address)) | {"band-promoter-link_text": "Review us"}
    assert staff_client.post(address, data).status_code == 422
    for bad in ("javascript:alert(1)", "not an address"):
        wrong = data | {"band-promoter-link_url": bad}
        assert staff_client.post(address, wrong).status_code == 422
    good = data | {"band-promoter-link_url": "https://review.example"}
    assert staff_client.post(address, good).status_code == 302


def test_another_kind_is_not_taken_once_people_were_asked(staff_client, world):
    address = reverse("staff:survey-edit", args=["relationship"])
    data = form_of(staff_client.get(address)) | {"kind": "csat"}
    staff_client.post(address, data)
    assert Survey.objects.get(slug="relationship").kind == "nps"


def test_saving_over_a_colleague_is_refused(staff_client, world):
    address = reverse("staff:survey-edit", args=["relationship"])
    mine, theirs = form_of(staff_client.get(address)), form_of(staff_client.get(address))
    staff_client.post(address, theirs | {"question": "Theirs?"})
    response = staff_client.post(address, mine | {"question": "Mine?"})
    assert response.status_code == 422
    assert Survey.objects.get(slug="relationship").question == "Theirs?"


def test_the_preview_shows_typed_words_and_keeps_nothing(staff_client, world):
    edit = reverse("staff:survey-edit", args=["relationship"])
    preview = reverse("staff:survey-preview", args=["relationship"])
    data = form_of(staff_client.get(edit))
    data |= {
        "question": "Typed <b>now</b>?",
        "band-promoter-thanks": "Typed thanks",
        "part": "page",
    }
    page = staff_client.post(preview, data)
    assert "Typed &lt;b&gt;now&lt;/b&gt;?" in page.content.decode()
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert (
        "Typed thanks" in staff_client.post(preview, data | {"part": "thanks-10"}).content.decode()
    )
    mail = staff_client.post(preview, data | {"part": "mail"})
    assert "Typed &lt;b&gt;now&lt;/b&gt;?" in mail.content.decode()
    assert "script-src" not in mail.headers["Content-Security-Policy"]
    assert Survey.objects.get(slug="relationship").question == ""


@pytest.mark.parametrize("part", ["page", "mail", "thanks-0", "thanks-99", "thanks-", "nonsense"])
def test_the_preview_survives_any_part_and_broken_fields(staff_client, world, part):
    preview = reverse("staff:survey-preview", args=["relationship"])
    assert staff_client.get(preview, {"part": part}).status_code == 200
    broken = {"part": part, "kind": "vibes", "brand": "x", "rest_days": "x", "language": "xx"}
    assert staff_client.post(preview, broken).status_code == 200


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"kind": "one_choice", "text": "Q?", "choices": "one"}, {"choices"}),
        ({"kind": "one_choice", "text": "", "choices": "a\nb"}, {"text"}),
        ({"kind": "scale", "text": "Q?", "scale_low": "1", "scale_high": "99"}, {"scale_high"}),
        ({"kind": "scale", "text": "Q?", "scale_low": "5", "scale_high": "3"}, {"scale_low"}),
        ({"kind": "many_choices", "text": "Q?", "choices": "\n".join(map(str, range(31)))},
         {"choices"}),
        ({"kind": "one_choice", "text": "Q?", "choices": "a\nb", "bands": ["nobody"]}, {"bands"}),
    ],
)  # fmt: skip
def test_a_question_says_what_it_lacks(staff_client, world, data, errors):
    defaults = {"scale_low": "1", "scale_high": "5"}
    address = reverse("staff:question-new", args=["relationship"])
    response = staff_client.post(address, defaults | data)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == errors


def test_questions_are_added_moved_removed_and_brought_back(staff_client, world):
    def post(name, *args, **data):
        return staff_client.post(reverse(f"staff:{name}", args=["relationship", *args]), data)

    post("question-new", kind="one_choice", text="Which?", choices="a\nb\na", scale_low=1,
         scale_high=5, bands=["promoter"])  # fmt: skip
    which = Question.objects.get(text="Which?")
    assert [choice.text for choice in which.choices.all()] == ["a", "b"]
    assert which.bands == ["promoter"]
    post("question-move", which.pk, to="up")
    assert Survey.objects.get(slug="relationship").questions.first() == which
    post("question-remove", which.pk)
    which.refresh_from_db()
    assert which.is_retired  # it stood in a wording of a live survey
    post("question-back", which.pk)
    which.refresh_from_db()
    assert not which.is_retired


def test_going_live_closing_and_reopening_ask_first(staff_client, world):
    live = reverse("staff:survey-live", args=["draft"])
    assert "Nobody gets a mail" in staff_client.get(live).content.decode()
    staff_client.post(live)
    survey = Survey.objects.get(slug="draft")
    assert survey.status == Survey.Status.LIVE
    shut = reverse("staff:survey-close", args=["draft"])
    staff_client.get(shut)
    assert Survey.objects.get(slug="draft").status == Survey.Status.LIVE
    staff_client.post(shut)
    assert Survey.objects.get(slug="draft").status == Survey.Status.CLOSED
    staff_client.post(live)
    assert Survey.objects.get(slug="draft").status == Survey.Status.LIVE


def test_what_is_missing_keeps_a_survey_from_going_live(staff_client, world):
    Survey.objects.filter(slug="draft").update(closes_at=timezone.now() - timedelta(days=1))
    address = reverse("staff:survey-live", args=["draft"])
    assert "disabled" in staff_client.get(address).content.decode()
    staff_client.post(address)
    assert Survey.objects.get(slug="draft").status == Survey.Status.DRAFT


def test_only_a_draft_nobody_knows_can_be_deleted(staff_client, world):
    staff_client.post(reverse("staff:survey-delete", args=["relationship"]))
    staff_client.post(reverse("staff:survey-delete", args=["draft"]))
    assert list(Survey.objects.values_list("slug", flat=True)) == ["relationship"]
