"""What holds for every page of asking: who may open it, its policy, its ids, its cost."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from surveys.models import (
    Campaign,
    Contact,
    Question,
    Segment,
    Survey,
    Upload,
)
from tests.surveys import worlds

pytestmark = pytest.mark.django_db


def addresses() -> list[str]:
    upload, waiting = Upload.objects.order_by("pk")
    ids = {
        "survey": "relationship",
        "contact": Contact.objects.first().pk,
        "question": Question.objects.first().pk,
    }
    return [
        reverse("staff:surveys"),
        reverse("staff:survey-new"),
        *(
            reverse(f"staff:{name}", args=[ids["survey"]])
            for name in (
                "survey-edit", "survey-questions", "question-new", "survey-live", "survey-close",
                "survey-copy", "send",
            )
        ),
        reverse("staff:survey-live", args=["draft"]),
        reverse("staff:survey-delete", args=["draft"]),
        reverse("staff:question-edit", args=[ids["survey"], ids["question"]]),
        reverse("staff:send", args=[ids["survey"]]) + "?source=everyone",
        reverse("staff:send-people", args=[ids["survey"]]) + "?source=everyone&skip=",
        reverse("staff:campaigns"),
        reverse("staff:campaign", args=[Campaign.objects.get().pk]),
        reverse("staff:campaign", args=[Campaign.objects.get().pk]) + "?state=doubtful&q=p",
        reverse("staff:campaign-cancel", args=[Campaign.objects.get().pk]),
        reverse("staff:uploads"),
        reverse("staff:upload", args=[upload.pk]) + "?reason=not_email",
        reverse("staff:upload", args=[waiting.pk]),
        reverse("staff:segments"),
        reverse("staff:segment-new"),
        reverse("staff:segment-edit", args=[Segment.objects.get().pk]),
        reverse("staff:segment-delete", args=[Segment.objects.get().pk]),
        reverse("staff:contact", args=[ids["contact"]]),
        reverse("staff:contacts") + "?q=p&segment=growth&sort=-asked",
        reverse("staff:keys"),
    ]  # fmt: skip


def test_every_page_opens_under_the_strict_policy_with_unique_ids(staff_client, world):
    for address in addresses():
        response = staff_client.get(address)
        assert response.status_code == 200, address
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, address
        html = response.content.decode()
        assert not re.search(r"\sstyle=|\son[a-z]+=", html), address
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), (address, [i for i in ids if ids.count(i) > 1])
        assert html.count("<h1") == 1, address


@pytest.mark.parametrize("name", ["surveys", "campaigns", "uploads", "segments", "keys"])
def test_every_list_says_what_to_do_when_there_is_nothing(staff_client, name):
    assert staff_client.get(reverse(f"staff:{name}")).status_code == 200


def test_strangers_and_staff_without_permission_see_nothing(client, django_user_model, world):
    charlie = django_user_model.objects.create_user("charlie", is_staff=True, password="x" * 12)
    pages = addresses()
    for address in pages:
        assert client.get(address).status_code == 302, address
    client.force_login(charlie)
    for address in pages:
        assert client.get(address).status_code == 403, address
    charlie.user_permissions.add(Permission.objects.get(codename="view_campaign"))
    assert client.get(reverse("staff:campaigns")).status_code == 200
    campaign = Campaign.objects.get()
    assert client.post(reverse("staff:campaign-cancel", args=[campaign.pk])).status_code == 403


def test_nothing_changes_by_a_get(staff_client, world):
    question, campaign = Question.objects.first(), Campaign.objects.get()
    upload = Upload.objects.last()
    for address in (
        reverse("staff:question-move", args=["relationship", question.pk]),
        reverse("staff:question-remove", args=["relationship", question.pk]),
        reverse("staff:send-test", args=["relationship"]),
        reverse("staff:campaign-decide", args=[campaign.pk]),
        reverse("staff:upload-stop", args=[upload.pk]),
        reverse("staff:contact-stop", args=[Contact.objects.first().pk]),
    ):
        assert staff_client.get(address).status_code == 405, address


def test_lists_ask_no_more_questions_for_more_rows(
    staff_client, world, django_assert_max_num_queries
):
    survey = Survey.objects.get(slug="relationship")
    for number in range(15):
        Campaign.objects.create(name=f"c{number}", survey=survey)
        worlds.survey(f"s{number}", live=False)
        Segment.objects.create(slug=f"s{number}", name=f"s{number}")
    for name, most in (("surveys", 14), ("campaigns", 14), ("segments", 14), ("uploads", 14)):
        with django_assert_max_num_queries(most):
            staff_client.get(reverse(f"staff:{name}"))
