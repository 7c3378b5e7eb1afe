"""Playbooks to begin with: shown on the list, taken over into the form, and used by the demo."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class ExampleStep:
    title: str | Promise
    note: str | Promise
    after_days: int


@dataclass(frozen=True, slots=True)
class Example:
    slug: str
    name: str | Promise
    trigger: str
    steps: tuple[ExampleStep, ...]


EXAMPLES = (
    Example(
        "save-a-renewal",
        _("Save a renewal"),
        "renewal",
        (
            ExampleStep(
                _("Look at what pulls their health down"),
                _("The parts of health on the account's page, its last answers and tickets."),
                1,
            ),
            ExampleStep(
                _("Call whoever decides"),
                _("Ask what has to be better before they sign. Note the pulse afterwards."),
                3,
            ),
            ExampleStep(
                _("Agree on two things we fix, with days"),
                _("Write them down as tasks of this account."),
                7,
            ),
            ExampleStep(_("Offer the new term"), _("Only once the two things are under way."), 21),
        ),
    ),
    Example(
        "win-back-usage",
        _("Win back usage"),
        "health_fall",
        (
            ExampleStep(
                _("Find out who stopped coming, and since when"),
                _("The timeline tells who used the product each month."),
                1,
            ),
            ExampleStep(
                _("Write to the people who stopped"),
                _("One question: what got in the way? A person writes it, not the product."),
                3,
            ),
            ExampleStep(_("Show the feature they pay for and do not use"), "", 7),
            ExampleStep(_("Look whether they are back"), _("Compare with four weeks ago."), 28),
        ),
    ),
    Example(
        "hear-a-detractor",
        _("Hear a detractor out"),
        "detractor",
        (
            ExampleStep(
                _("Read the answer and what they said before"), _("Know it before you call."), 1
            ),
            ExampleStep(
                _("Call them: thank, listen, promise one thing"),
                _("Do not defend. Note what they said in their words."),
                2,
            ),
            ExampleStep(_("Tell them what came of it"), "", 14),
        ),
    ),
    Example(
        "first-weeks",
        _("First weeks"),
        "hand",
        (
            ExampleStep(_("Agree on what success means to them"), "", 2),
            ExampleStep(_("See the first three people come in"), "", 10),
            ExampleStep(_("First review: is it what they hoped for?"), "", 30),
        ),
    ),
)


def example_of(slug: str) -> Example | None:
    return next((one for one in EXAMPLES if one.slug == slug), None)
