"""The pages by which people teach the reader."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from feedback import suggestions, words
from feedback.models import OwnWord, Reading, Rereading, Theme, ThemeSuggestion, Verdict
from feedback.reading import read_responses
from outbox.models import Job
from tests.feedback.making import a_survey, answer, answers

pytestmark = pytest.mark.django_db

SPANISH = "El nuevo enlace bancario me salva cada viernes por la tarde."
LAMP = "The greenhouse lamp was flumpy"
PAGES = (
    "reading", "reading-unscored", "reading-words", "reading-check", "reading-accuracy",
    "reading-contradictions", "reading-history", "themes", "theme-new", "theme-suggestions",
    "theme-explorer", "theme-presets",
)  # fmt: skip


def url(name: str, *args: object) -> str:
    return reverse(f"staff:{name}", args=args)


@pytest.fixture
def survey():
    return a_survey()


@pytest.fixture
def history(survey):
    rows = answers(survey, [LAMP] * 9 + ["Great app", SPANISH, "n/a"])
    read_responses([row.pk for row in rows])
    Job.objects.all().delete()
    return rows


@pytest.fixture
def fillers(survey):
    """Comments about nothing, so that nine about lamps are not the business itself."""
    rows = answers(survey, [f"I have nothing more to say, number {n}" for n in range(40)])
    read_responses([row.pk for row in rows])
    Job.objects.all().delete()


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def bob_client(db, client):
    """Return a client for Bob, who is on the team and may look at reading, but change nothing."""
    bob = get_user_model().objects.create_user("bob", is_staff=True)
    seen = ("view_reading", "view_theme", "view_ownword", "view_rereading", "view_themesuggestion")
    bob.user_permissions.set(Permission.objects.filter(codename__in=seen))
    client.force_login(bob)
    return client


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_on_an_empty_installation(staff_client, name):
    assert "<h1>" in text(staff_client.get(url(name)))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_with_comments(staff_client, history, name):
    suggestions.refresh()
    assert "<h1>" in text(staff_client.get(url(name)))


@pytest.mark.parametrize("name", PAGES)
def test_strangers_are_sent_to_the_login_and_staff_without_permission_are_refused(client, name):
    assert client.get(url(name)).status_code == 302
    client.force_login(get_user_model().objects.create_user("charlie", is_staff=True))
    assert client.get(url(name)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_pages_carry_the_strict_policy_and_no_inline_code(staff_client, history, name):
    response = staff_client.get(url(name))
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    page = response.content.decode()
    assert " style=" not in page and "onclick" not in page


def test_queries_do_not_grow_with_comments(staff_client, survey):
    counts = []
    for _ in range(3):
        rows = answers(survey, [LAMP, SPANISH, "Great app"] * 12)
        read_responses([row.pk for row in rows])
        suggestions.refresh()
        for name in PAGES:
            staff_client.get(url(name))  # what a process looks up once is looked up now
        with CaptureQueriesContext(connection) as queries:
            for name in PAGES:
                staff_client.get(url(name))
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2] <= 20 * len(PAGES)


# ---- Coverage and language ---------------------------------------------------------------


def test_coverage_is_told_in_words(staff_client, history):
    page = text(staff_client.get(url("reading")))
    assert "10 of 12 comments scored" in page
    assert "1 Spanish; 1 non-answers" in page


@pytest.mark.parametrize("days", ["", "0", "nonsense", "-1", "99999999999", "²"])
def test_an_odd_period_is_everything(staff_client, history, days):
    assert "of 12 comments" in text(staff_client.get(url("reading"), {"days": days}))


def test_a_person_sets_the_language_of_a_comment(staff_client, history):
    row = history[-2]
    there = url("reading-unscored")
    assert SPANISH in text(staff_client.get(there, {"reason": "language_unsupported"}))
    said = {"what": "language", "said": "en", "version": "1", "next": there}
    answer_ = staff_client.post(url("reading-judge", row.pk), said)
    assert answer_["Location"] == there
    assert Reading.objects.get(response=row).language == "en"
    staff_client.post(
        url("reading-judge", row.pk), {"what": "language", "undo": "1", "next": there}
    )
    assert Reading.objects.get(response=row).language == "es"


def test_a_comment_rewritten_meanwhile_is_not_judged(staff_client, history):
    said = {"what": "sentiment", "said": "negative", "version": "7"}
    page = text(staff_client.post(url("reading-judge", history[0].pk), said, follow=True))
    assert "just been rewritten" in page
    assert not Verdict.objects.exists()


def test_a_word_that_does_not_fit_is_refused_with_a_sentence(staff_client, history):
    said = {"what": "sentiment", "said": "meh"}
    page = text(staff_client.post(url("reading-judge", history[0].pk), said, follow=True))
    assert "“meh” is none of" in page


def test_one_is_never_sent_to_another_site(staff_client, history):
    said = {"what": "sentiment", "said": "negative", "next": "https://evil.example/"}
    answer_ = staff_client.post(url("reading-judge", history[0].pk), said)
    assert answer_["Location"] == url("reading")


# ---- Own words -----------------------------------------------------------------------------


def test_a_word_is_added_seen_and_applied(staff_client, history):
    page = text(
        staff_client.post(url("reading-words"), {"text": "Flumpy", "weight": "3.5"}, follow=True)
    )
    assert "9 past comments use this wording" in page
    assert "<mark>flumpy</mark>" in page
    assert OwnWord.objects.get().applied_weight is None
    staff_client.post(url("reading-words-apply"))
    assert OwnWord.objects.get().applied_weight == 3.5
    assert Rereading.objects.get().created_by == "alice"


@pytest.mark.parametrize(
    "said", [("", "1"), ("!!", "1"), ("word", "5"), ("word", ""), ("x" * 61, "1")]
)
def test_an_impossible_word_is_refused_beside_its_field(staff_client, said):
    page = text(staff_client.post(url("reading-words"), {"text": said[0], "weight": said[1]}))
    assert "errors" in page
    assert not OwnWord.objects.exists()


def test_taking_a_word_back_says_first_what_that_changes(staff_client, history):
    word = words.put("flumpy", -3, by="alice")
    words.apply(by="alice")
    page = text(staff_client.get(url("reading-words"), {"remove": word.pk}))
    assert "Take “flumpy” back?" in page
    assert OwnWord.objects.exists()
    staff_client.post(url("reading-word-remove", word.pk))
    assert not OwnWord.objects.exists()
    assert Rereading.objects.count() == 2


def test_applying_with_nothing_waiting_does_nothing(staff_client):
    assert "No word was waiting" in text(staff_client.post(url("reading-words-apply"), follow=True))
    assert not Rereading.objects.exists()


# ---- Random check --------------------------------------------------------------------------


def check(staff_client, said: str):
    page = staff_client.get(url("reading-check"))
    shown = page.context["response"].pk
    return shown, staff_client.post(
        url("reading-check"), {"response": shown, "said": said}, follow=True
    )


def test_a_drawn_comment_is_judged_without_seeing_what_was_read(staff_client, history):
    page = text(staff_client.get(url("reading-check")))
    assert "aria-pressed" not in page and "How we read it" not in page
    shown, after = check(staff_client, "negative")
    verdict = Verdict.objects.get()
    assert (verdict.response_id, verdict.said, verdict.is_sampled) == (shown, "negative", True)
    assert "It was read" in text(after)


def test_a_reload_does_not_pass_over_a_hard_one(staff_client, history):
    first = staff_client.get(url("reading-check")).context["response"].pk
    assert {staff_client.get(url("reading-check")).context["response"].pk for _ in range(9)} == {
        first
    }


def test_a_comment_nobody_can_tell_is_noted_and_left_as_it_is(staff_client, history):
    shown, after = check(staff_client, "unclear")
    found = Reading.objects.get(response=shown)
    assert found.sentiment == found.read_sentiment
    assert "Noted as unclear" in text(after)


def test_a_comment_judged_twice_counts_once(staff_client, history):
    shown, _ = check(staff_client, "negative")
    again = {"response": shown, "said": "positive"}
    page = text(staff_client.post(url("reading-check"), again, follow=True))
    assert "judged already" in page
    assert Verdict.objects.get().said == "negative"


def test_only_the_comment_that_was_drawn_is_judged(staff_client, history):
    shown = staff_client.get(url("reading-check")).context["response"].pk
    another = next(row.pk for row in history if row.pk != shown)
    for said in (another, "0", "", "x", "²", "99999999"):
        staff_client.post(url("reading-check"), {"response": said, "said": "negative"})
    assert not Verdict.objects.exists()


# ---- History ---------------------------------------------------------------------------------


def test_progress_and_what_changed_are_shown(staff_client, history, drain):
    words.put("flumpy", 3.5, by="alice")
    words.apply(by="alice")
    assert "Waiting for a worker" in text(staff_client.get(url("reading-history")))
    drain()
    page = text(staff_client.get(url("reading-history")))
    assert "own words: flumpy" in page.lower()
    assert "12 comments, 9 read otherwise" in page


def test_what_stopped_is_said_and_goes_on_at_a_press(staff_client, history):
    words.put("flumpy", -3, by="alice")
    words.apply(by="alice")
    Job.objects.filter(kind="reread").update(state=Job.State.DEAD, last_error="DiskFull: no room")
    assert "DiskFull: no room" in text(staff_client.get(url("reading-history")))
    staff_client.post(url("reading-history"), {"retry": "1"})
    assert Job.objects.get(kind="reread").state == Job.State.PENDING


def test_comments_read_with_older_rules_are_counted_and_read_again(staff_client, history):
    Reading.objects.filter(response=history[0]).update(version="older")
    assert "1 comment was read with older" in text(staff_client.get(url("reading-history")))
    staff_client.post(url("reading-history"))
    assert Rereading.objects.exists()


# ---- Themes ----------------------------------------------------------------------------------

LAMPS = {
    "name": "Lamps",
    "words": "greenhouse\nlamp",
    "stems": "",
    "phrases": "",
    "exclusions": "",
}


def test_trying_a_theme_shows_comments_and_saves_nothing(staff_client, history):
    page = text(staff_client.post(url("theme-new"), {**LAMPS, "try": "1"}))
    assert "9 of the newest 12 comments would match" in page
    assert "<mark>greenhouse</mark> <mark>lamp</mark>" in page
    assert not Theme.objects.filter(name="Lamps").exists()


def test_a_rule_is_tried_also_without_a_name(staff_client, history):
    page = text(staff_client.post(url("theme-new"), {**LAMPS, "name": "", "try": "1"}))
    assert "9 of the newest 12" in page


def test_saving_a_theme_reads_history_again(staff_client, history, drain):
    staff_client.post(url("theme-new"), {**LAMPS, "save": "1"})
    drain()
    assert Theme.objects.get(name="Lamps").mentions.values("response").distinct().count() == 9


def test_problems_stand_beside_their_field(staff_client, history):
    page = text(staff_client.post(url("theme-new"), {**LAMPS, "stems": "pa", "save": "1"}))
    assert "a beginning needs 3 letters" in page
    assert not Theme.objects.filter(name="Lamps").exists()


def test_editing_shows_what_would_come_and_go(staff_client, history, drain):
    staff_client.post(url("theme-new"), {**LAMPS, "save": "1"})
    said = {**LAMPS, "words": "app", "try": "1"}
    page = text(staff_client.post(url("theme", "lamps"), said))
    assert "1 would come, 9 would go" in page
    assert "Would no longer match" in page


def test_a_theme_is_switched_off_and_on(staff_client, history):
    for active, state in (("0", False), ("1", True)):
        staff_client.post(url("theme-switch", "price"), {"active": active})
        assert Theme.objects.get(slug="price").is_active is state


def test_an_own_theme_is_deleted_after_saying_what_goes(staff_client, history, drain):
    staff_client.post(url("theme-new"), {**LAMPS, "save": "1"})
    drain()
    assert "9 comments name it" in text(staff_client.get(url("theme-delete", "lamps")))
    staff_client.post(url("theme-delete", "lamps"))
    assert not Theme.objects.filter(slug="lamps").exists()
    assert staff_client.get(url("theme-delete", "price")).status_code == 404


def test_a_preset_is_used(staff_client):
    staff_client.post(url("theme-presets"), {"preset": "restaurant", "only": "1"})
    assert not Theme.objects.get(slug="billing").is_active
    page = text(staff_client.post(url("theme-presets"), {"preset": "circus"}, follow=True))
    assert "Choose one of the lists" in page


# ---- Suggestions and explorer --------------------------------------------------------------


@pytest.fixture
def suggestion(history, fillers) -> ThemeSuggestion:
    suggestions.refresh()
    return ThemeSuggestion.objects.get()


def test_a_suggestion_is_made_a_theme(staff_client, suggestion):
    page = text(staff_client.get(url("theme-suggestions")))
    assert "9 comments in 30 days" in page and "<mark>greenhouse lamp</mark>" in page
    staff_client.post(url("theme-suggestion", suggestion.pk), {"do": "accept", "name": "Lamps"})
    assert Theme.objects.get(name="Lamps").phrases == ["greenhouse lamp"]


def test_a_suggestion_needs_a_free_name(staff_client, suggestion):
    said = {"do": "accept", "name": "Price and value"}
    page = text(staff_client.post(url("theme-suggestion", suggestion.pk), said, follow=True))
    assert "There is a theme of this name" in page
    assert suggestions.open_suggestions().exists()


def test_a_suggestion_is_merged_dismissed_and_taken_back(staff_client, suggestion):
    there = url("theme-suggestion", suggestion.pk)
    assert "Choose the theme" in text(staff_client.post(there, {"do": "merge"}, follow=True))
    staff_client.post(there, {"do": "dismiss"})
    assert "already" in text(staff_client.post(there, {"do": "dismiss"}, follow=True))
    staff_client.post(there, {"do": "reopen"})
    staff_client.post(there, {"do": "merge", "theme": "delivery"})
    assert "greenhouse lamp" in Theme.objects.get(slug="delivery").phrases


def test_the_button_looks_through_comments_in_the_background(staff_client, history, fillers, drain):
    staff_client.post(url("theme-suggestions-refresh"))
    assert "Looking through comments" in text(staff_client.get(url("theme-suggestions")))
    drain()
    assert suggestions.open_suggestions().exists()


def test_the_explorer_groups_and_leads_to_the_editor_prefilled(staff_client, survey):
    texts = ["The greenhouse lamp is dim", "My bank statement is late", "The pizza crust is cold"]
    texts += ["Gate and boarding took hours", "The red sofa cushion is torn"]
    read_responses([row.pk for row in answers(survey, texts * 12)])
    page = text(
        staff_client.get(url("theme-explorer"), {"days": "30", "survey": "", "groups": "5"})
    )
    assert "Make this a theme" in page
    assert not ThemeSuggestion.objects.exists()
    prefilled = text(staff_client.get(f"{url('theme-new')}?name=Lamps&words=greenhouse,lamp"))
    assert "greenhouse\nlamp" in prefilled


def test_the_explorer_says_when_there_is_too_little(staff_client, history):
    page = text(staff_client.get(url("theme-explorer"), {"days": "", "survey": "", "groups": "8"}))
    assert "Too few comments to group" in page


# ---- Permissions ---------------------------------------------------------------------------


def test_who_may_only_look_changes_nothing(bob_client, history, fillers):
    suggestions.refresh()
    one = ThemeSuggestion.objects.get().pk
    posts = [
        (url("reading-judge", history[0].pk), {"what": "sentiment", "said": "negative"}),
        (url("reading-words-apply"), {}),
        (url("reading-history"), {}),
        (url("theme-new"), {**LAMPS, "save": "1"}),
        (url("theme-switch", "price"), {"active": "0"}),
        (url("theme-presets"), {"preset": "restaurant"}),
        (url("theme-suggestion", one), {"do": "dismiss"}),
        (url("theme-suggestions-refresh"), {}),
    ]
    for there, said in posts:
        assert bob_client.post(there, said).status_code == 403, there
    bob_client.post(url("reading-words"), {"text": "narrow", "weight": "-2"})
    assert not OwnWord.objects.exists()


def test_who_may_only_look_sees_no_buttons(bob_client, history):
    suggestions.refresh()
    for name in ("reading-unscored", "reading-words", "reading-history", "theme-suggestions"):
        page = text(bob_client.get(url(name)))
        assert page.count('method="post"') <= 2, name  # the shell's language and log-out


def test_markup_in_comments_stays_text(staff_client, survey):
    hostile = "The <script>alert(1)</script> greenhouse lamp was flumpy"
    rows = answers(survey, [hostile] * 9, at=timezone.now() - timedelta(hours=1))
    read_responses([row.pk for row in rows])
    answer(survey, "x")
    suggestions.refresh()
    words.put("lamp", -3, by="alice")
    for name in PAGES:
        assert "<script>alert" not in text(staff_client.get(url(name)))
