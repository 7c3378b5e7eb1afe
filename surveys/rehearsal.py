"""Look a mail over before it goes to everybody: languages, words filters dislike, the sender.

Nothing is asked of other hosts. What stands in DNS cannot be read here, so
the page says what has to stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys.audience import Audience, judged_now
from surveys.languages import name_of, supported
from surveys.mail import Letter, sample_letter
from surveys.mailbox import is_embedded
from surveys.models import Survey
from surveys.wording import content_of, draw_up

_CLIPPED = 102_000  # bytes of HTML from which Gmail shows a part only
_LONG_SUBJECT = 70
# Free mailboxes publish a policy that lets nobody else send for them.
_FREE = frozenset(
    "gmail.com googlemail.com yahoo.com outlook.com hotmail.com live.com icloud.com aol.com "
    "gmx.de gmx.net web.de t-online.de orange.fr free.fr".split()
)
_SHORTENERS = re.compile(r"\b(bit\.ly|tinyurl\.com|goo\.gl|t\.co|ow\.ly|is\.gd|buff\.ly)/", re.I)
_SHOUTED = re.compile(
    r"\b(free|winner|cash|urgent|act now|prize|guaranteed|100 ?%|click here|limited time)\b", re.I
)
_PLACEHOLDER = re.compile(r"\{(?!name\}|company\})[^{}\s]{0,40}\}|\[\[.*?\]\]|%[A-Z_]{3,}%")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `is_fine` ones are said too, so that silence is not a guess."""

    text: str
    advice: str = ""
    is_fine: bool = False


def rehearse(survey: Survey, audience: Audience) -> list[Finding]:
    """Return what was found in the mails this audience would get, troubles first."""
    letter = sample_letter(survey, draw_up(survey), link=settings.BASE_URL, name="Ada")
    found = [*_languages(survey, audience), *_words(survey, letter), *_frame(survey, letter)]
    found += _sender()
    return sorted(found, key=lambda finding: finding.is_fine)


def _languages(survey: Survey, audience: Audience) -> Iterator[Finding]:
    rows = judged_now(survey, audience).filter(skip="").order_by()
    counts: dict[str, int] = {}
    for code, n in (
        rows.values_list("language").annotate(n=Count("pk")).values_list("language", "n")
    ):
        if code and (spoken := supported(code)) != survey.language:
            counts[spoken or code] = counts.get(spoken or code, 0) + n
    wording = survey.wording.content if survey.wording else {}
    missing = {code: n for code, n in counts.items() if content_of(wording, code).language != code}
    for code, n in sorted(missing.items(), key=lambda pair: -pair[1]):
        text = ngettext(
            "%(n)s person reads %(language)s, but the survey does not speak it.",
            "%(n)s people read %(language)s, but the survey does not speak it.",
            n,
        )
        advice = _("They get it in %(language)s. Translate it on the page Languages.")
        yield Finding(
            text % {"n": n, "language": name_of(code)},
            advice % {"language": name_of(survey.language)},
        )
    if not missing:
        yield Finding(_("Everyone gets the survey in a language they read."), is_fine=True)


def _words(survey: Survey, letter: Letter) -> Iterator[Finding]:
    own = " ".join([letter.subject, survey.mail_intro, survey.question])
    troubles = list(_troubles(letter.subject, own))
    yield from troubles
    if not troubles:
        yield Finding(_("Nothing in subject and text that filters are known to dislike."),
                      is_fine=True)  # fmt: skip


def _troubles(subject: str, own: str) -> Iterator[Finding]:
    letters = [c for c in subject if c.isalpha()]
    if len(letters) > 8 and sum(c.isupper() for c in letters) > 0.6 * len(letters):
        yield Finding(_("The subject is written in capitals."), _("Filters read that as shouting."))
    if re.search(r"[!?]{2,}|[$€£]{2,}", own):
        yield Finding(_("Several exclamation or question marks in a row."), _("One is enough."))
    if words := sorted({match.lower() for match in _SHOUTED.findall(own)}):
        yield Finding(
            _("Words filters know from advertising: %(words)s.") % {"words": ", ".join(words)},
            _("Say it in other words if you can."),
        )
    if _SHORTENERS.search(own):
        yield Finding(
            _("A shortened link."), _("Many filters block them: write the whole address.")
        )
    if found := _PLACEHOLDER.search(own):
        yield Finding(
            _("%(text)s is not filled in.") % {"text": found.group(0)[:40]},
            _("Only {name} in the subject and {company} are."),
        )
    if len(subject) > _LONG_SUBJECT:
        yield Finding(
            _("The subject has %(n)s characters.") % {"n": len(subject)},
            _("A phone shows about 40 of them."),
        )


def _frame(survey: Survey, letter: Letter) -> Iterator[Finding]:
    brand, host = survey.brand, urlsplit(settings.BASE_URL)
    if not brand.postal_address:
        yield Finding(
            _("The mail names no postal address."),
            _("Many countries require one: add it to the brand."),
        )
    if not brand.reply_to:
        yield Finding(
            _("A reply goes nowhere."),
            _("Give the brand a reply address: some people rather reply, and it helps delivery."),
        )
    if host.scheme != "https" and not is_embedded():
        yield Finding(
            _("The links do not start with https."), _("Set BASE_URL to an https address.")
        )
    size = len(letter.html.encode())
    if size > _CLIPPED:
        yield Finding(
            _("The mail has %(kb)s kB; Gmail hides what comes after 102.") % {"kb": size // 1000},
            _("Shorten the texts."),
        )
    else:
        words = _("It has a text part, %(kb)s kB of HTML, no picture it depends on.")
        yield Finding(words % {"kb": max(size // 1000, 1)}, is_fine=True)


def _sender() -> Iterator[Finding]:
    if is_embedded():
        yield Finding(_("Mail stays on this machine, so nobody checks its sender."), is_fine=True)
        return
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    domain = address.rpartition("@")[2].lower()
    if domain in _FREE:
        yield Finding(
            _("Mails come from %(address)s, a free mailbox.") % {"address": address},
            _("Its provider forbids others to send for it. Use an address of your own domain."),
        )
        return
    yield Finding(
        _("We cannot read the DNS of %(domain)s from here. Three entries must stand there.")
        % {"domain": domain},
        _(
            "SPF: a TXT entry at %(domain)s that names your mail server, such as "
            "“v=spf1 include:mail.example -all”. "
            "DKIM: the key your mail server signs with, a TXT entry at "
            "selector._domainkey.%(domain)s. "
            "DMARC: a TXT entry at _dmarc.%(domain)s, to begin with "
            "“v=DMARC1; p=none; rua=mailto:dmarc@%(domain)s”. "
            "Send a test to a Gmail address and open “Show original”: "
            "all three must say PASS."
        )
        % {"domain": domain},
    )
    link_host = urlsplit(settings.BASE_URL).hostname or ""
    if _owner(link_host) != _owner(domain):
        yield Finding(
            _("The sender is at %(domain)s, but the links lead to %(host)s.")
            % {"domain": domain, "host": link_host},
            _("Filters trust a mail more whose links lead to the sender’s own domain."),
        )


def _owner(host: str) -> str:
    """Return roughly who owns a host: its last two parts."""
    return ".".join(host.split(".")[-2:])
