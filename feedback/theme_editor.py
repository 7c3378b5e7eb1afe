"""Themes as people write them: checked, tried out on real comments, saved, switched.

Whatever changes the rules in force has history read again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback import rereading
from feedback.marking import Piece, pieces
from feedback.models import Response, Theme
from feedback.readers import rule_of
from feedback.reading import tally_wanted
from feedback.text.forms import words_of
from feedback.text.presets import INDUSTRY_PRESETS
from feedback.text.rules import ThemeRule
from outbox.jobs import enqueue
from outbox.transactions import write

LOOKED_AT = 5_000
SHOWN = 12
MOST_ENTRIES = 300
LONGEST_ENTRY = 60
SHORTEST_STEM = 3
TOO_GENERAL = 0.35
LISTS = ("words", "stems", "phrases", "exclusions")


@dataclass(frozen=True, slots=True)
class ThemeDraft:
    """A theme as written into the editor, entries in lower case, each once."""

    name: str
    words: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()

    def rule(self, slug: str = "draft") -> ThemeRule:
        return ThemeRule(slug, self.words, self.stems, self.phrases, self.exclusions)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a draft cannot be saved: `field` is the list (or name) to put right."""

    field: str
    message: str


def entries_of(text: str) -> tuple[str, ...]:
    """Return the entries of a field with one a line: trimmed, in lower case, each once."""
    lines = (" ".join(line.split()).lower() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def draft_of(theme: Theme) -> ThemeDraft:
    rule = rule_of(theme)
    return ThemeDraft(theme.name, rule.words, rule.stems, rule.phrases, rule.exclusions)


# ---- Checking -----------------------------------------------------------------------------------


def problems_of(draft: ThemeDraft, *, theme: Theme | None = None) -> list[Problem]:
    """Return everything that keeps a draft from being saved over `theme` (None: as a new one)."""
    found = [Problem("name", message) for message in _name_problems(draft.name, theme)]
    if not (draft.words or draft.stems or draft.phrases):
        found.append(
            Problem("words", _("Write at least one word, beginning or phrase to find it by."))
        )
    for field in LISTS:
        entries: tuple[str, ...] = getattr(draft, field)
        found += [Problem(field, message) for message in _list_problems(field, entries)]
    found += [
        Problem("exclusions", _("“%s” is looked for and excluded at once.") % entry)
        for entry in draft.exclusions
        if entry in (*draft.words, *draft.phrases)
    ]
    return found


def _name_problems(name: str, theme: Theme | None) -> list[str]:
    if not name.strip():
        return [_("Give it a name.")]
    taken = Theme.objects.filter(name__iexact=name.strip())
    if theme:
        taken = taken.exclude(pk=theme.pk)
    return [_("There is a theme of this name already.")] if taken.exists() else []


def _list_problems(field: str, entries: Sequence[str]) -> list[str]:
    if len(entries) > MOST_ENTRIES:
        return [_("At most %s lines; split it into two themes.") % MOST_ENTRIES]
    return [message for entry in entries if (message := _entry_problem(field, entry))]


def _entry_problem(field: str, entry: str) -> str:
    words = words_of(entry)
    bare = "".join(words)
    shown = {"entry": entry, "bare": " ".join(words), "n": SHORTEST_STEM}
    if len(entry) > LONGEST_ENTRY:
        return _("“%(entry)s” is too long for one line; was it meant as several?") % shown
    if not words:
        return _("“%(entry)s” has no letter or digit, so it can match nothing.") % shown
    if field == "stems" and len(words) > 1:
        return _("“%(entry)s”: a beginning is one word; put several under phrases.") % shown
    if field == "stems" and len(bare) < SHORTEST_STEM:
        return _("“%(entry)s”: a beginning needs %(n)s letters, or it matches too much.") % shown
    if len(bare) < 2:
        return _("“%(entry)s”: signs are not compared, and “%(bare)s” is too short.") % shown
    return ""


# ---- Trying out ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Match:
    response: Response
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would find among the newest comments, beside what is found now.

    `found` and `found_now` count comments; `gained` and `lost` those that
    would begin and stop to match, with the first of them as examples, and
    `kept_examples` some of the rest.
    """

    looked_at: int
    found: int
    found_now: int
    gained: int
    lost: int
    gained_examples: Sequence[Match]
    lost_examples: Sequence[Match]
    kept_examples: Sequence[Match]

    @property
    def share(self) -> float:
        return self.found / self.looked_at if self.looked_at else 0.0

    @property
    def warning(self) -> str:
        """Say what looks wrong with a rule that may still be saved; "" for nothing."""
        if self.looked_at and not self.found:
            return _("It matches none of these comments.")
        if self.share > TOO_GENERAL and self.looked_at >= 50:
            return _("It matches more than a third of all comments: probably too general.")
        return ""


_Spans = Mapping[int, Sequence[tuple[int, int]]]


def try_out(draft: ThemeDraft, *, theme: Theme | None = None) -> Trial:
    """Read the newest comments with the draft and with the theme as it is; nothing is saved."""
    newest = Response.objects.exclude(comment="").order_by("-submitted_at", "-id")
    comments = dict(newest.values_list("pk", "comment")[:LOOKED_AT])
    now, then = _found(comments, draft, theme)
    gained, lost = _in_order(comments, then, now), _in_order(comments, now, then)
    kept = [pk for pk in comments if pk in then and pk in now]
    chosen = {pk for pks in (gained, lost, kept) for pk in pks[:SHOWN]}
    responses = Response.objects.select_related("survey").in_bulk(chosen)

    def examples(pks: Sequence[int], spans: _Spans) -> list[Match]:
        shown = [responses[pk] for pk in pks[:SHOWN] if pk in responses]
        return [Match(r, pieces(r.comment, spans[r.pk])) for r in shown]

    return Trial(
        looked_at=len(comments),
        found=len(then),
        found_now=len(now),
        gained=len(gained),
        lost=len(lost),
        gained_examples=examples(gained, then),
        lost_examples=examples(lost, now),
        kept_examples=examples(kept, then),
    )


def _in_order(order: Collection[int], these: _Spans, without: _Spans) -> list[int]:
    return [pk for pk in order if pk in these and pk not in without]


def _found(
    comments: Mapping[int, str], draft: ThemeDraft, theme: Theme | None
) -> tuple[_Spans, _Spans]:
    """Return where the theme as it is and the draft match, by response id."""
    from feedback.text.reading import CommentReader  # numpy comes with it

    rules = [draft.rule("then")]
    if theme and theme.is_active:
        rules.append(replace(rule_of(theme), slug="now"))
    reader = CommentReader(themes=rules)
    spans: dict[str, dict[int, list[tuple[int, int]]]] = {"now": {}, "then": {}}
    texts = [(text, None) for text in comments.values()]
    for pk, reading in zip(comments, reader.read_many(texts), strict=True):
        for mention in reading.mentions:
            spans[mention.theme].setdefault(pk, []).append((mention.start, mention.end))
    return spans["now"], spans["then"]


# ---- Saving -------------------------------------------------------------------------------------


def save(draft: ThemeDraft, *, theme: Theme | None = None, by: str) -> Theme:
    """Store a draft without problems; history is read again if what it finds has changed."""
    with write():
        old_rule = rule_of(theme) if theme else None
        saved = theme or Theme(slug=free_slug(draft.name))
        saved.name = draft.name.strip()
        for field in LISTS:
            setattr(saved, field, list(getattr(draft, field)))
        saved.save()
        if saved.is_active and rule_of(saved) != old_rule:
            rereading.start(reason=_("theme %s") % saved.name, by=by)
    return saved


def switch(themes: Collection[Theme], *, is_active: bool, by: str) -> int:
    """Take themes into use or out of it; return how many were not so already."""
    changing = [theme for theme in themes if theme.is_active != is_active]
    if not changing:
        return 0
    with write():
        Theme.objects.filter(pk__any_of=[theme.pk for theme in changing]).update(
            is_active=is_active
        )
        rereading.start(reason=_switched(changing, is_active=is_active), by=by)
    return len(changing)


def _switched(themes: Sequence[Theme], *, is_active: bool) -> str:
    if len(themes) == 1:
        name = themes[0].name
        return _("theme %s switched on") % name if is_active else _("theme %s switched off") % name
    n = len(themes)
    if is_active:
        return ngettext("%s theme switched on", "%s themes switched on", n) % n
    return ngettext("%s theme switched off", "%s themes switched off", n) % n


def delete(theme: Theme, *, by: str) -> None:
    """Delete a theme with its mentions, so that the days it was named on are counted anew.

    ValueError for a theme that came with Verbatim: those are switched off.
    """
    if theme.is_seeded:
        raise ValueError(f"theme {theme.slug} came with Verbatim: switch it off instead")
    with write():
        switch([theme], is_active=False, by=by)
        days = theme.mentions.values_list("response__survey_id", "response__submitted_date")
        # The mentions go with the theme, so the re-reading finds nothing changed on these days.
        enqueue(tally_wanted(days.distinct()))
        theme.delete()


def use_preset(name: str, *, only: bool, by: str) -> tuple[int, int]:
    """Take the seeded themes of an industry into use; return how many were switched on and off.

    With `only`, the other seeded themes are switched off; own themes stay as
    they are. KeyError for an unknown preset.
    """
    chosen = INDUSTRY_PRESETS[name]
    with write():
        on = switch(list(Theme.objects.filter(slug__in=chosen)), is_active=True, by=by)
        others = Theme.objects.filter(Q(is_seeded=True) & ~Q(slug__in=chosen))
        off = switch(list(others), is_active=False, by=by) if only else 0
    return on, off


def free_slug(name: str) -> str:
    """Return a short name that no theme has yet."""
    base = slugify(name)[:50] or "theme"
    taken = set(Theme.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    candidates = (base, *(f"{base}-{number}" for number in range(2, 1000)))
    return next(slug for slug in candidates if slug not in taken)
