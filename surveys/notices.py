"""Pages that say one thing: what happened and what a person can do, without blame."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys.languages import Speech
from surveys.models import Survey
from surveys.pages import Look


@dataclass(frozen=True, slots=True)
class Notice:
    status: int
    icon: str
    heading: str
    text: str
    action_url: str = ""
    action_text: str = ""

    @property
    def icon_template(self) -> str:
        return f"customer/icons/{self.icon}.html"


def unknown() -> Notice:
    """Wrong, mistyped and erased links get this one answer, so that guessing learns nothing."""
    return Notice(
        404,
        "lens",
        _("We can’t find this survey"),
        _(
            "Some mail programs cut long links in two. Go back to our email and press the "
            "button there, or copy the whole link."
        ),
    )


def closed(survey: Survey, look: Look) -> Notice:
    on = survey.closes_at and date_format(localtime(survey.closes_at), "DATE_FORMAT")
    end = _("We stopped collecting answers on %(date)s.") % {"date": on} if on else ""
    return Notice(
        410,
        "letter",
        _("This survey has closed"),
        _join(end or _("We collect no more answers here."), _write_to_us(look)),
        *_writing(look),
    )


def not_open_yet(look: Look) -> Notice:
    return Notice(
        410,
        "clock",
        _("This survey is not open"),
        _join(_("It takes no answers at the moment."), _write_to_us(look)),
        *_writing(look),
    )


def expired(survey: Survey, look: Look) -> Notice:
    return Notice(
        410,
        "clock",
        _("This link has run out"),
        _join(
            _("Links work for %(days)s days to keep your answers private.")
            % {"days": survey.link_days},
            _write_to_us(look),
        ),
        *_writing(look),
    )


def too_large() -> Notice:
    return Notice(
        413,
        "stop",
        _("Your answer is too long to send"),
        _(
            "Nothing is lost: go back in your browser and your words are still there. A comment "
            "may have %(most)s characters. Shorten it and send it again."
        )
        % {"most": number_format(settings.COMMENT_LIMIT, use_l10n=True, force_grouping=True)},
    )


def unreadable() -> Notice:
    return Notice(
        400,
        "stop",
        _("We could not read your answer"),
        _("Nothing is lost: go back in your browser and send it once more."),
    )


def from_elsewhere() -> Notice:
    return Notice(
        403,
        "stop",
        _("This answer came from another site"),
        _(
            "We only take answers sent from our own page. Open the link in our email and send "
            "it there."
        ),
    )


def out_of_order() -> Notice:
    return Notice(
        503,
        "stop",
        _("We could not save your answer just now"),
        _(
            "The fault is ours. Go back in your browser, your words are still there, and send "
            "them again in a minute."
        ),
    )


def wrong_method() -> Notice:
    return Notice(
        405, "stop", _("This page cannot do that"), _("Open the link in our email again.")
    )


def enough(look: Look) -> Notice:
    return Notice(
        410,
        "letter",
        _("Thank you, enough people have answered"),
        _join(_("We collect no more answers here."), _write_to_us(look)),
        *_writing(look),
    )


def too_many(seconds: int) -> Notice:
    minutes = max(1, round(seconds / 60))
    return Notice(
        429,
        "clock",
        _("Many answers came from your network just now"),
        ngettext(
            "Nothing is lost: go back in your browser and send yours again in %(minutes)s minute.",
            "Nothing is lost: go back in your browser and send yours again in %(minutes)s minutes.",
            minutes,
        )
        % {"minutes": minutes},
    )


def draw(
    notice: Notice,
    *,
    look: Look,
    speech: Speech,
    unsubscribe_url: str = "",
    share: object | None = None,
) -> str:
    facts = {"notice": notice, "look": look, "speech": speech, "share": share}
    return render_to_string("customer/notice.html", {**facts, "unsubscribe_url": unsubscribe_url})


def _join(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _write_to_us(look: Look) -> str:
    if not look.write_to:
        return ""
    return _("If something is still on your mind, write to us and a person will read it.")


def _writing(look: Look) -> tuple[str, str]:
    if look.write_to:
        return f"mailto:{look.write_to}", _("Write to %(whom)s") % {"whom": look.write_to_whom}
    return (look.help_url, _("Help")) if look.help_url else ("", "")
