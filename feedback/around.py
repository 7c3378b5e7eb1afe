"""What the records say happened around posts, and whose the answers of links are by that.

Everything is taken from what is kept anyway (mails, opened links, posts), so
history is judged by the same rules as the post of this moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from feedback.evidence import HUMAN, TOGETHER, Around, Judgement, Trace, judge
from feedback.models import Submit
from surveys.models import Invitation, Reminder

CLOCKS = timedelta(seconds=2)
"""Two machines' clocks may differ by so much when a page and its answer met different ones."""


@dataclass(frozen=True)
class Post:
    score: int
    trace: Trace
    at: datetime
    is_in_force: bool = True

    @cached_property
    def is_a_persons_alone(self) -> bool:
        """Tell what the post by itself looks like."""
        return judge(self.trace).verdict == HUMAN


@dataclass(frozen=True, slots=True)
class Link:
    """Of one invitation: when its page was first fetched and when mails with it left."""

    opened_at: datetime | None = None
    mails: tuple[datetime, ...] = ()

    def is_opened_by(self, at: datetime) -> bool:
        return self.opened_at is not None and self.opened_at <= at + CLOCKS


class Found(NamedTuple):
    """Whether the answer of a link is to be held, and the codes that say why."""

    is_held: bool
    reasons: str


def judge_new(invitation: Invitation, post: Post) -> Judgement:
    """Judge a post that is not on record yet."""
    if post.trace.is_vouched_for:
        return judge(post.trace, Around(is_opened=invitation.opened_at is not None))
    ids = [invitation.pk]
    link, posts = _links(ids)[invitation.pk], _posts(ids).get(invitation.pk, ())
    return _judge_each([post], link, [*posts, post])[0]


def judge_links(invitation_ids: Collection[int]) -> dict[int, Found]:
    """Judge the answers of links again, in three queries; links without posts are left out.

    An answer is a person's when any post in force to its link is.
    """
    links, posts = _links(invitation_ids), _posts(invitation_ids)
    return {pk: _found(links[pk], mine) for pk, mine in posts.items() if pk in links}


def _found(link: Link, posts: Sequence[Post]) -> Found:
    in_force = [post for post in posts if post.is_in_force]
    judgements = _judge_each(in_force, link, posts)
    found = [Found(each.is_held, ",".join(each.reasons)) for each in judgements]
    return min(found, default=Found(is_held=False, reasons=""))


def _judge_each(posts: Sequence[Post], link: Link, among: Sequence[Post]) -> list[Judgement]:
    likely = [post for post in among if post.is_a_persons_alone]
    unsure = [post for post in likely if not post.trace.is_vouched_for]
    persons = [p for p in likely if p.trace.is_vouched_for and link.is_opened_by(p.at)]
    return [judge(post.trace, _around(post, link, unsure, persons)) for post in posts]


def _around(post: Post, link: Link, unsure: Sequence[Post], persons: Sequence[Post]) -> Around:
    near = timedelta(seconds=TOGETHER)
    scores = {other.score for other in unsure if abs(other.at - post.at) <= near}
    waited = [(post.at - mail).total_seconds() for mail in link.mails if mail <= post.at]
    before = [other.score for other in persons if other.at < post.at]
    return Around(
        since_mail=min(waited, default=None),
        scores=len(scores | {post.score}),
        is_opened=link.is_opened_by(post.at),
        is_against_person=bool(before) and before[-1] != post.score,
    )


# ---- The records -------------------------------------------------------------------------------


def _links(invitation_ids: Collection[int]) -> Mapping[int, Link]:
    mails: dict[int, list[datetime]] = defaultdict(list)
    reminders = Reminder.objects.filter(invitation__any_of=invitation_ids).order_by()
    for pk, sent, handed in reminders.values_list("invitation_id", "sent_at", "handed_at"):
        mails[pk] += [moment for moment in (sent or handed,) if moment]
    opened = {}
    rows = Invitation.objects.filter(pk__any_of=invitation_ids).order_by()
    for pk, at, sent, handed in rows.values_list("pk", "opened_at", "sent_at", "handed_at"):
        opened[pk] = at
        mails[pk] += [moment for moment in (sent or handed,) if moment]
    return {pk: Link(at, tuple(mails[pk])) for pk, at in opened.items()}


def _posts(invitation_ids: Collection[int]) -> Mapping[int, list[Post]]:
    """Return what was posted to each link, oldest first."""
    rows = Submit.objects.filter(invitation__any_of=invitation_ids).order_by("at", "pk")
    found: dict[int, list[Post]] = defaultdict(list)
    for pk, score, trace, at, is_in_force in rows.values_list(
        "invitation_id", "score", "trace", "at", "is_in_force"
    ):
        found[pk].append(Post(score, Trace(**trace), at, is_in_force))
    return found
