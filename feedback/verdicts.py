"""Which verdicts are in force: those on the words a comment says now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from hashlib import blake2b

from feedback.models import Verdict

UNCLEAR = "unclear"
"""A verdict that says nothing: whoever was asked could not tell either."""

Said = Mapping[tuple[str, str], str]
"""What people said about one comment: (what, key) -> said."""
NOTHING: Said = {}


def digest_of(text: str) -> str:
    """Return what a verdict remembers of the words it judged: 16 hexadecimal digits."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


def verdicts_on(texts: Mapping[int, str]) -> dict[int, Said]:
    """Return the verdicts in force by response, given response id -> comment; one query."""
    if not texts:
        return {}
    rows = Verdict.objects.filter(response_id__any_of=texts).exclude(said=UNCLEAR)
    found: defaultdict[int, dict[tuple[str, str], str]] = defaultdict(dict)
    columns = ("response_id", "what", "key", "said", "comment_digest")
    for pk, about, key, said, digest in rows.values_list(*columns):
        if digest == digest_of(texts[pk]):
            found[pk][about, key] = said
    return dict(found)


def keys_said(said: Said, *, what: str, word: str) -> set[str]:
    """Return the themes or emotions a person said `word` ("yes", "no") about."""
    return {key for (about, key), spoken in said.items() if about == what and spoken == word}
