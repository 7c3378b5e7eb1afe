"""Many rows a call: each is checked alone, the good ones are kept, the others are told why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from surveys.api.errors import flat_reasons

MOST = 1000
Outcome = dict[str, Any]  # {"index", "outcome", "id", "errors"}


class OutcomeOut(serializers.Serializer):  # type: ignore[type-arg]
    index = serializers.IntegerField(help_text="Place in the list sent, from 0.")
    outcome = serializers.CharField(help_text="What became of the row; `refused` says why.")
    id = serializers.IntegerField(allow_null=True)
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField())
    )


class BulkOut(serializers.Serializer):  # type: ignore[type-arg]
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Outcome to number of rows."
    )
    results = OutcomeOut(many=True)


def rows_of(body: Any, name: str, *, beside: Sequence[str] = ()) -> list[Any]:
    """Return the list a bulk body holds under `name`; ValidationError when it is not one.

    `beside` names what else the body must hold.
    """
    if not isinstance(body, dict) or set(body) != {name, *beside}:
        message = _("Send an object with exactly these: %(names)s.")
        names = ", ".join([*beside, name])
        raise serializers.ValidationError({name: [message % {"names": names}]})
    rows = body[name]
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST:
        message = _("Send a list of 1 to %(most)s rows.")
        raise serializers.ValidationError({name: [message % {"most": MOST}]})
    return rows


def checked(
    rows: Sequence[Any], serializer: Callable[..., serializers.Serializer[Any]]
) -> tuple[dict[int, dict[str, Any]], dict[int, Outcome]]:
    """Return index -> checked row, and index -> refusal of the others."""
    form = serializer()
    good: dict[int, dict[str, Any]] = {}
    refused: dict[int, Outcome] = {}
    for index, row in enumerate(rows):
        try:
            good[index] = form.run_validation(row)
        except serializers.ValidationError as error:
            refused[index] = outcome(index, "refused", errors=flat_reasons(error.detail))
    return good, refused


def outcome(
    index: int, word: str, row_id: int | None = None, *, errors: dict[str, list[str]] | None = None
) -> Outcome:
    return {"index": index, "outcome": word, "id": row_id, "errors": errors or {}}


def summary(outcomes: dict[int, Outcome]) -> dict[str, Any]:
    """Return the answer of a bulk call: counts by outcome and the rows in the order sent."""
    results = [outcomes[index] for index in sorted(outcomes)]
    counts: dict[str, int] = {}
    for row in results:
        counts[row["outcome"]] = counts.get(row["outcome"], 0) + 1
    return {"counts": counts, "results": results}
