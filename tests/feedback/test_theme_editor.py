"""Writing themes: checked in words, tried out on real comments, saved with history read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import theme_editor
from feedback.models import Mention, Rereading, Theme
from feedback.reading import read_responses
from feedback.theme_editor import ThemeDraft, entries_of, problems_of, save, try_out
from outbox.models import Job
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def comments():
    rows = answers(
        a_survey(),
        [
            "The parking garage is narrow",
            "Free parking, very nice",
            "We parked on the street",
            "Breakfast was great",
        ],
    )
    read_responses([row.pk for row in rows])
    Job.objects.all().delete()
    return rows


def messages(draft: ThemeDraft) -> dict[str, str]:
    return {problem.field: problem.message for problem in problems_of(draft)}


def test_lines_become_entries_once_and_in_lower_case():
    assert entries_of("  Car  Park \n\nparking\nPARKING\n") == ("car park", "parking")


@given(st.text())
def test_any_text_becomes_clean_entries(text):
    entries = entries_of(text)
    assert len(set(entries)) == len(entries)
    assert all(entry == " ".join(entry.split()) for entry in entries)
    assert entries_of("\n".join(entries)) == entries


def test_a_good_draft_has_no_problems():
    assert messages(ThemeDraft("Parking", words=("parking",), stems=("park",))) == {}


@pytest.mark.parametrize(
    ("draft", "field", "said"),
    [
        (ThemeDraft("Parking"), "words", "at least one word"),
        (ThemeDraft("Parking", exclusions=("park",)), "words", "at least one word"),
        (ThemeDraft(" ", words=("parking",)), "name", "Give it a name"),
        (ThemeDraft("PRICE AND VALUE", words=("x1",)), "name", "already"),
        (ThemeDraft("P", stems=("pa",)), "stems", "needs 3 letters"),
        (ThemeDraft("P", stems=("pa*",)), "stems", "needs 3 letters"),
        (ThemeDraft("P", stems=("car par",)), "stems", "one word"),
        (ThemeDraft("P", words=("***",)), "words", "no letter"),
        (ThemeDraft("P", words=("c++",)), "words", "“c” is too short"),
        (ThemeDraft("P", words=("x" * 61,)), "words", "too long"),
        (ThemeDraft("P", words=("park",), exclusions=("park",)), "exclusions", "at once"),
        (ThemeDraft("P", words=tuple(map(str, range(10, 400)))), "words", "At most 300"),
    ],
)
def test_problems_say_what_to_put_right(draft, field, said):
    assert said in messages(draft)[field]


def test_a_theme_may_keep_its_own_name():
    theme = Theme.objects.get(slug="price")
    draft = theme_editor.draft_of(theme)
    assert not [p for p in problems_of(draft, theme=theme) if p.field == "name"]


def test_a_trial_shows_what_would_match_with_the_words_marked(comments):
    trial = try_out(ThemeDraft("Parking", words=("parking",)))
    assert (trial.looked_at, trial.found, trial.found_now) == (4, 3, 0)
    assert (trial.gained, trial.lost) == (3, 0)
    marked = {p.text for match in trial.gained_examples for p in match.pieces if p.is_marked}
    assert marked == {"parking", "parked"}
    assert not Theme.objects.filter(name="Parking").exists()


def test_a_trial_shows_what_would_stop_matching(comments):
    theme = save(ThemeDraft("Parking", words=("parking",)), by="alice")
    trial = try_out(
        ThemeDraft("Parking", words=("parking", "breakfast"), exclusions=("free parking",)),
        theme=theme,
    )
    assert (trial.found_now, trial.gained, trial.lost) == (3, 1, 1)
    assert trial.lost_examples[0].response.comment == "Free parking, very nice"
    assert len(trial.kept_examples) == 2


def test_signs_of_regular_expressions_are_plain_text(comments):
    assert try_out(ThemeDraft("P", words=("park.*",))).found == 3
    assert try_out(ThemeDraft("P", words=("p[a]rking",))).found == 0
    assert try_out(ThemeDraft("P", stems=("(brea",))).found in (0, 1)


def test_a_trial_warns_of_rules_that_find_nothing_or_too_much(comments, monkeypatch):
    assert "none" in try_out(ThemeDraft("P", words=("zeppelin",))).warning
    assert try_out(ThemeDraft("P", words=("breakfast",))).warning == ""
    answers(comments[0].survey, ["It was great"] * 60)
    assert "too general" in try_out(ThemeDraft("P", words=("was",))).warning


def test_saving_reads_history_again_with_the_new_rule(comments, drain):
    save(ThemeDraft("Parking", words=("parking",)), by="alice")
    drain()
    assert Mention.objects.filter(theme__slug="parking").count() == 3
    assert Rereading.objects.get().reason == "theme Parking"


def test_saving_another_name_reads_nothing_again(comments):
    theme = Theme.objects.get(slug="price")
    save(ThemeDraft("Money", *list_of(theme)), theme=theme, by="alice")
    theme.refresh_from_db()
    assert (theme.name, theme.slug) == ("Money", "price")
    assert not Rereading.objects.exists()


def list_of(theme: Theme) -> list[tuple[str, ...]]:
    return [tuple(getattr(theme, field)) for field in theme_editor.LISTS]


def test_short_names_stay_apart():
    first = save(ThemeDraft("Parking!", words=("parking",)), by="alice")
    second = save(ThemeDraft("Parking?", words=("parking",)), by="alice")
    third = save(ThemeDraft("停车", words=("parking",)), by="alice")
    assert (first.slug, second.slug, third.slug) == ("parking", "parking-2", "theme")


def test_switching_off_takes_mentions_away_and_on_brings_them_back(comments, drain):
    theme = save(ThemeDraft("Parking", words=("parking",)), by="alice")
    drain()
    assert theme_editor.switch([theme], is_active=False, by="alice") == 1
    drain()
    assert not theme.mentions.exists()
    theme.refresh_from_db()
    theme_editor.switch([theme], is_active=True, by="alice")
    drain()
    assert theme.mentions.count() == 3


def test_switching_what_is_so_already_reads_nothing_again():
    themes = list(Theme.objects.filter(is_active=True))
    assert theme_editor.switch(themes, is_active=True, by="alice") == 0
    assert not Rereading.objects.exists()


def test_an_own_theme_is_deleted_and_its_days_are_recounted(comments, drain):
    theme = save(ThemeDraft("Parking", words=("parking",)), by="alice")
    drain()
    Job.objects.all().delete()
    theme_editor.delete(theme, by="alice")
    assert not Theme.objects.filter(slug="parking").exists()
    assert Job.objects.filter(kind="tally", detail=str(comments[0].submitted_date)).exists()


def test_a_seeded_theme_is_not_deleted():
    with pytest.raises(ValueError, match="switch it off"):
        theme_editor.delete(Theme.objects.get(slug="price"), by="alice")


def test_a_preset_switches_its_themes_on_and_on_request_the_others_off():
    own = save(ThemeDraft("Parking", words=("parking",)), by="alice")
    chosen = set(theme_editor.INDUSTRY_PRESETS["restaurant"])
    Theme.objects.filter(slug=min(chosen)).update(is_active=False)
    assert theme_editor.use_preset("restaurant", only=False, by="alice") == (1, 0)
    on, off = theme_editor.use_preset("restaurant", only=True, by="alice")
    assert on == 0 < off
    own.refresh_from_db()
    assert own.is_active
    active = set(
        Theme.objects.filter(is_active=True, is_seeded=True).values_list("slug", flat=True)
    )
    assert active == chosen
