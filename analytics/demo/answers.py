"""What the demo company's care team answers often: saved answers, with gaps and sources."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from feedback.models import SavedAnswer, Theme


class _Answer(NamedTuple):
    """`used`: how often; `days`: since it was changed."""

    title: str
    text: str
    themes: tuple[str, ...] = ()
    sentiment: str = ""
    tone: str = ""
    language: str = "en"
    by: str = "Maya Okafor"
    used: int = 0
    days: int = 90


_ANSWERS = (
    _Answer(
        "Sorry, support was slow",
        "Dear {name},\n\nthank you for being so frank. You waited longer than you should have, and "
        "I am sorry. I have asked our support lead to look at what happened with {customer}, and I "
        "will write to you again within two working days.\n\nKind regards\n{agent}, {company}",
        ("support",), "negative", used=23, days=41,
    ),
    _Answer(
        "Bank feed drops out",
        "Dear {name},\n\nI am sorry that the bank connection costs you time. Please open Settings, "
        "Bank connections, and press “Renew”; most banks ask for this every 90 days. If it still "
        "drops out after that, answer this mail and a person who knows your bank will call.\n\n"
        "Kind regards\n{agent}, {company}",
        ("bank-feeds",), "negative", by="Karim Haddad", used=31, days=12,
    ),
    _Answer(
        "About our prices",
        "Dear {name},\n\nthank you for saying openly what you think of the price. I would like to "
        "look at your plan together: perhaps {customer} pays for seats nobody uses. When would "
        "a call of ten minutes suit you?\n\nKind regards\n{agent}, {company}",
        ("price",), "negative", by="Lotte de Vries", used=9, days=63,
    ),
    _Answer(
        "A bad score",
        "Dear {name},\n\nyou gave us {score}, and we want to understand why. What went wrong last, "
        "and what should we put right first? A person reads your reply.\n\n"
        "Kind regards\n{agent}, {company}",
        tone="negative", used=17, days=120,
    ),
    _Answer(
        "Somebody looks after it",
        "Dear {name},\n\nyou are right to be annoyed, and I am sorry. I have taken this over "
        "myself and will tell you by this evening what we found, also if it is nothing yet.\n\n"
        "Kind regards\n{agent}, {company}",
        sentiment="negative", by="Karim Haddad", used=12, days=33,
    ),
    _Answer(
        "Thanks for the praise",
        "Dear {name},\n\nyour words made our day, and I have passed them on to the team. If you "
        "know somebody who fights with their books, we would be glad if you told them about us.\n\n"
        "Kind regards\n{agent}, {company}",
        sentiment="positive", tone="positive", used=44, days=75,
    ),
    _Answer(
        "Leider nicht zufrieden",
        "Guten Tag {name},\n\ndanke für Ihre offenen Worte. Das tut uns leid, und wir möchten es "
        "in Ordnung bringen: Was sollen wir zuerst verbessern?\n\n"
        "Freundliche Grüße\n{agent}, {company}",
        tone="negative", language="de", by="Lotte de Vries", used=4, days=58,
    ),
)  # fmt: skip


def write_answers() -> None:
    """Write the saved answers whose titles are not taken by somebody's own."""
    now = timezone.now()
    taken = set(SavedAnswer.objects.values_list("title", flat=True))
    told = [one for one in _ANSWERS if one.title not in taken]
    rows = SavedAnswer.objects.bulk_create(
        SavedAnswer(
            title=one.title, text=one.text, language=one.language, sentiment=one.sentiment,
            tone=one.tone, used=one.used, used_at=now - timedelta(days=one.used % 7 + 1),
            created_by=one.by, created_at=now - timedelta(days=one.days + 200),
            changed_by=one.by, changed_at=now - timedelta(days=one.days),
            is_demo=True,
        )
        for one in told
    )  # fmt: skip
    themes = dict(Theme.objects.values_list("slug", "pk"))
    link = SavedAnswer.themes.through
    link.objects.bulk_create(
        link(savedanswer_id=row.pk, theme_id=themes[slug])
        for row, one in zip(rows, told, strict=True)
        for slug in one.themes
        if slug in themes
    )


def remove_answers() -> None:
    SavedAnswer.objects.filter(is_demo=True).delete()
