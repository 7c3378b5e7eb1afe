"""Survey mail: an HTML part that survives Outlook and dark mode, a text part of its own, headers.

A letter is drawn once per wording and then only filled with a name and a
link: drawing and inlining styles costs milliseconds, filling microseconds.
"""

from __future__ import annotations

import secrets
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from outbox.days import local_date
from surveys import nudges
from surveys.brand import palette
from surveys.envelope import (
    AUTOMATIC,
    NAME_LIMIT,
    envelope_sender,
    headers_of,
    link_to,
    mail_id,
    sender_of,
)
from surveys.headers import one_line
from surveys.languages import direction_of, supported
from surveys.letter_facts import Facts
from surveys.models import Invitation, Reminder, Survey
from surveys.nudges import Nudge
from surveys.scales import scale_of
from surveys.wording import Content, content_of, draw_up

SUBJECT_LIMIT = 120
_LINE = 76

# Stand for the parts that differ from mail to mail; random, so that no text can contain them.
NAME_MARK, LINK_MARK, STOP_MARK = (
    f"vb{part}{secrets.token_hex(8)}" for part in ("name", "link", "stop")
)


@dataclass(frozen=True, slots=True)
class MailKey:
    """One answer in the mail: `sign` is what is seen, `name` what is read out."""

    score: int
    sign: str
    name: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A drawn mail with marks where name and links belong."""

    subject: str
    html: str
    text: str

    def filled(self, *, name: str, link: str, unsubscribe: str) -> Letter:
        def fill(text: str, *, name: str) -> str:
            text = text.replace(NAME_MARK, name).replace(LINK_MARK, link)
            return text.replace(STOP_MARK, unsubscribe)

        return Letter(
            one_line(fill(self.subject, name=name), SUBJECT_LIMIT),
            fill(self.html, name=escape(name)),
            fill(self.text, name=name),
        )


def render_invitation(invitation: Invitation, token: str) -> EmailMultiAlternatives:
    """Return the mail of one invitation, which comes with contact, survey, brand and wording.

    ValueError without a contact or for a survey that never went live.
    """
    survey, contact = invitation.survey, invitation.contact
    if contact is None or survey.wording is None:
        raise ValueError(f"invitation {invitation.pk} has nobody to go to or nothing to say")
    link = link_to(token)
    stop = f"{link}/unsubscribe"
    name = one_line(contact.first_name, NAME_LIMIT)
    content = content_of(survey.wording.content, supported(contact.language))
    letter = draw(facts_of(survey, content), has_name=bool(name))
    message = _message(survey, letter.filled(name=name, link=link, unsubscribe=stop), contact.email)
    message.extra_headers.update(headers_of(invitation, stop))
    _address_reports(message, mail_id(invitation))
    return message


def render_reminder(reminder: Reminder, token: str) -> EmailMultiAlternatives:
    """Return the mail of one reminder; it answers the invitation's, so that they stand together.

    ValueError as for an invitation.
    """
    invitation = reminder.invitation
    survey, contact = invitation.survey, invitation.contact
    if contact is None or survey.wording is None or invitation.sent_at is None:
        raise ValueError(f"reminder {reminder.pk} has nobody to go to or nothing to say")
    link = link_to(token)
    name = one_line(contact.first_name, NAME_LIMIT)
    content = content_of(survey.wording.content, supported(contact.language))
    nudge = Nudge(
        local_date(invitation.sent_at),
        local_date(invitation.expires_at),
        is_last=reminder.is_last,
        is_only=reminder.is_last and reminder.step == 1,
    )
    letter = draw(facts_of(survey, content), has_name=bool(name), nudge=nudge)
    letter = letter.filled(name=name, link=link, unsubscribe=f"{link}/unsubscribe")
    message = _message(survey, letter, contact.email)
    headers = headers_of(invitation, f"{link}/unsubscribe")
    first = headers["Message-ID"]
    headers["Message-ID"] = first.replace("@", f"-{reminder.step}@", 1)
    message.extra_headers.update({**headers, "In-Reply-To": first, "References": first})
    return message


def send_test(survey: Survey, to: str) -> None:
    """Send the invitation as it would look now; its links open the staff preview.

    Raises what the mail connection raises (OSError, smtplib.SMTPException).
    """
    preview = settings.BASE_URL + reverse("surveys:preview", args=[survey.slug])
    letter = draw(facts_of(survey, draw_up(survey)), has_name=False)
    letter = letter.filled(name="", link=preview, unsubscribe=preview)
    message = _message(survey, letter, to)
    message.subject = one_line(_("[Test] %(subject)s") % {"subject": letter.subject}, SUBJECT_LIMIT)
    get_connection().send_messages([message])


def sample_letter(survey: Survey, content: Content, *, link: str, name: str = "") -> Letter:
    """Return the letter as it would look with these words; every link leads to `link`."""
    letter = draw(facts_of(survey, content), has_name=bool(name))
    return letter.filled(name=name, link=link, unsubscribe=link)


def facts_of(survey: Survey, content: Content) -> Facts:
    brand = survey.brand
    scale = scale_of(content.kind)

    def say(text: str) -> str:
        return text.replace("{company}", survey.company)

    return Facts(
        language=content.language,
        kind=content.kind,
        question=content.question,
        low_label=f"{scale.low} – {content.low_label}",
        high_label=f"{scale.high} – {content.high_label}",
        score_labels=content.score_labels,
        reader_note=content.reader_note,
        subject=say(survey.mail_subject if content.mail_subject is None else content.mail_subject),
        intro=say(survey.mail_intro if content.mail_intro is None else content.mail_intro),
        rest_days=survey.rest_days,
        company=survey.company,
        brand_name=brand.name,
        color=brand.color,
        sender_name=brand.sender_name,
        sender_role=brand.sender_role,
        reply_to=brand.reply_to,
        postal_address=brand.postal_address,
        privacy_url=brand.privacy_url,
    )


# ---- Drawing, once per letter -------------------------------------------------------------


@lru_cache(maxsize=128)
def draw(facts: Facts, *, has_name: bool, nudge: Nudge | None = None) -> Letter:
    with override(facts.language):
        subject = _subject(facts, has_name=has_name, nudge=nudge)
        colors = palette(facts.color)
        keys = _keys(facts)
        context = {
            "language": facts.language,
            "direction": direction_of(facts.language),
            "light": colors.light,
            "dark": colors.dark,
            "subject": subject,
            "preheader": nudges.preheader(nudge),
            "nudge": nudge,
            "nudge_words": nudges.explanation(nudge) if nudge else "",
            "brand_name": facts.brand_name,
            "mark": facts.brand_name.strip()[:1].upper(),
            "facts": facts,
            "hello": _("Hello %(name)s,") % {"name": NAME_MARK} if has_name else "",
            "link": LINK_MARK,
            "unsubscribe": STOP_MARK,
            "keys": keys,
            "score_lines": _score_lines(facts, keys),
            "instruction": _instruction(facts),
            "why": _why(facts),
        }
        html = css_inline.inline(render_to_string("mail/invitation.html", context))
        text = _wrapped(render_to_string("mail/invitation.txt", context))
    return Letter(subject, html, text)


def _subject(facts: Facts, *, has_name: bool, nudge: Nudge | None = None) -> str:
    if nudge:
        if has_name:
            return _("Still time to tell us, %(name)s") % {"name": NAME_MARK}
        return _("Still time to tell %(company)s") % {"company": facts.company}
    if facts.subject:
        return facts.subject.replace("{name}", NAME_MARK if has_name else "").strip(" ,")
    if has_name:
        return _("%(name)s, one question about %(company)s") % {
            "name": NAME_MARK,
            "company": facts.company,
        }
    return _("One question about %(company)s") % {"company": facts.company}


def _keys(facts: Facts) -> list[MailKey]:
    scale = facts.scale
    labels = facts.score_labels or tuple(str(score) for score in scale.scores)
    out_of = _("%(score)s out of %(high)s")
    return [
        MailKey(
            score,
            f"{score} ★" if scale.shape == "stars" else label,
            label if facts.score_labels else out_of % {"score": score, "high": scale.high},
        )
        for score, label in zip(scale.scores, labels, strict=True)
    ]


def _instruction(facts: Facts) -> str:
    if facts.is_row:
        return _("Tap a number. You can change it on the next page before anything is sent.")
    return _("Tap an answer. You can change it on the next page before anything is sent.")


def _why(facts: Facts) -> str:
    why = _("You get this because %(company)s has you on its list of contacts.") % {
        "company": facts.company
    }
    if not facts.rest_days:
        return why
    rest = ngettext(
        "This survey asks you at most once a day.",
        "This survey asks you at most once in %(days)s days.",
        facts.rest_days,
    )
    return f"{why} {rest % {'days': facts.rest_days}}"


def _score_lines(facts: Facts, keys: list[MailKey]) -> list[str]:
    """Return one line an answer: what it is, then its link, in two columns."""
    scale = facts.scale
    ends = {scale.low: facts.low_label, scale.high: facts.high_label}
    words = [
        key.name if facts.score_labels else ends.get(key.score, str(key.score)) for key in keys
    ]
    width = max(len(word) for word in words)
    return [
        f"  {word:<{width}}   {LINK_MARK}?score={key.score}"
        for word, key in zip(words, keys, strict=True)
    ]


def _wrapped(text: str) -> str:
    """Break long lines of prose; lines with a link stay whole."""
    lines: list[str] = []
    for line in text.strip().split("\n"):
        keeps = len(line) <= _LINE or LINK_MARK in line or STOP_MARK in line
        lines += [line] if keeps else textwrap.wrap(line, _LINE, break_long_words=False)
    return "\n".join(lines) + "\n"


# ---- The message ------------------------------------------------------------------------------


def _message(survey: Survey, letter: Letter, to: str) -> EmailMultiAlternatives:
    reply_to = survey.brand.reply_to
    message = EmailMultiAlternatives(
        letter.subject,
        letter.text,
        sender_of(survey),
        [to],
        reply_to=[reply_to] if reply_to else None,
        headers=dict(AUTOMATIC),
    )
    message.attach_alternative(letter.html, "text/html")
    return message


def _address_reports(message: EmailMultiAlternatives, guid: UUID) -> None:
    """Let whatever is said about this mail find it: by its return path, or at the provider."""
    if settings.EMAIL_PROVIDER:
        # MailerSend keeps none; its reports are found by the recipient (surveys.returns).
        if settings.EMAIL_PROVIDER != "mailersend":
            message.metadata = {"mail_id": str(guid)}  # type: ignore[attr-defined]
    elif settings.BOUNCE_ADDRESS:
        # Django takes the envelope's sender from here; what people see stands in the header.
        message.extra_headers["From"] = message.from_email
        message.from_email = envelope_sender(guid)
