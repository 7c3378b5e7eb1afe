"""The rows behind a metric: who or what was counted, largest effect first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from analytics import figures
from analytics.periods import Period
from analytics.success import behind_people, words
from analytics.success.metrics.facts import CustomerMrr
from analytics.success.metrics.movements import movement
from analytics.success.metrics.renewals import decide
from analytics.success.models import Entitlement, Term, Trial
from analytics.success.panels import movement_name
from analytics.success.queries import Facts, MissingRates
from analytics.success.service_reports import seat_weeks, tried_so_far
from analytics.success.sums import leavers, moved
from analytics.success.tables import (
    Cell,
    Table,
    customer_cell,
    first_rows,
    number_cell,
    table_of,
)


def rows_behind(slug: str, facts: Facts, period: Period) -> Table | None:
    """Return the table of a metric, None where there is none to show; `named` names customers."""
    make = _TABLES.get(slug)
    if make is None:
        return None
    try:
        return make(facts, period)
    except MissingRates:
        return None


def _movers(facts: Facts, period: Period) -> Table:
    found = moved(facts, period)
    return table_of(
        _("Whose revenue moved"),
        (_("Customer"), _("Change"), _("Movement"), _("A month")),
        [_mover(facts, row) for row in found.movers],
        found.moving,
    )


def _mover(facts: Facts, row: CustomerMrr) -> tuple[Cell, ...]:
    step = movement(row.start, row.end, has_paid_before=row.has_paid_before)
    change = row.end - row.start
    tone = "positive" if change > 0 else "negative"
    return (
        customer_cell(row.customer),
        number_cell(words.money(change, facts.base, is_signed=True), tone),
        Cell(movement_name(step.kind) if step else ""),
        number_cell(f"{figures.number(row.start)} → {figures.number(row.end)}"),
    )


def _leavers(facts: Facts, period: Period) -> Table:
    found, count = leavers(facts, period)
    said = {"payment": _("payment failed"), "paused": _("paused")}
    return table_of(
        _("Subscriptions that ended"),
        (_("Customer"), _("On"), _("Why"), _("A month")),
        [
            (
                customer_cell(state.customer),
                Cell(figures.day_text(state.until.date(), has_year=True) if state.until else ""),
                Cell(said.get(state.ending, _("cancelled"))),
                number_cell(words.money(state.monthly, state.currency)),
            )
            for state in found
        ],
        count,
    )


def _payers(facts: Facts, period: Period) -> Table:
    found = moved(facts, period)
    return table_of(
        _("Who pays most"),
        (_("Customer"), _("A month")),
        [
            (customer_cell(row.customer), number_cell(words.money(row.end, facts.base)))
            for row in found.payers
        ],
        found.paying,
    )


def _terms(facts: Facts, period: Period) -> Table:
    said = {"renewed": _("renewed"), "lost": _("lost"), "pending": _("pending")}
    tones = {"renewed": "positive", "lost": "negative", "pending": ""}
    rows, count = facts.once(
        ("terms", period),
        lambda: first_rows(
            (term for part in facts.parts(Term) for term in part.terms(period)),
            key=lambda term: -term.due.toordinal(),
        ),
    )
    due = [
        decide(term, as_of=facts.today, grace_days=facts.conventions.grace_days) for term in rows
    ]
    listed = Term.objects.filter(pk__in=[term.id for term in rows])
    owners = dict(listed.values_list("pk", "customer_id"))
    return table_of(
        _("Terms due"),
        (_("Customer"), _("Due"), _("Outcome"), _("Amount")),
        [
            (
                customer_cell(owners.get(int(found.term.id))),
                Cell(figures.day_text(found.term.due, has_year=True)),
                Cell(said[found.outcome], tone=tones[found.outcome]),
                number_cell(words.money(found.term.amount_due, facts.base)),
            )
            for found in due
        ],
        count,
    )


def _costs(facts: Facts, period: Period) -> Table:
    inside = [
        cost
        for cost in facts.costs
        if cost.first and cost.after and cost.first < period.stop and cost.after > period.start
    ]
    return table_of(
        _("Costs of this time"),
        (
            _("Category"),
            _("Days"),
            _("Amount"),
            _("Share for keeping customers"),
            _("Share for winning customers"),
        ),
        [
            (
                Cell(cost.category),
                Cell(figures.days_text(cost.first or period.start, cost.after or period.stop)),
                number_cell(words.money(cost.amount, cost.currency)),
                number_cell(figures.share_text(cost.retention_share)),
                number_cell(figures.share_text(cost.acquisition_share)),
            )
            for cost in sorted(inside, key=lambda cost: -cost.amount)
        ],
    )


def _trials(facts: Facts, period: Period) -> Table:
    rows, count = facts.once(
        ("trials", period),
        lambda: first_rows(
            (
                trial
                for part in facts.parts(Trial)
                for trial in part.trials
                if period.start <= trial.started < period.stop
            ),
            key=lambda trial: -trial.started.toordinal(),
        ),
    )
    return table_of(
        _("Trials started"),
        (_("Customer"), _("Started"), _("First paid"), _("Amount")),
        [
            (
                customer_cell(trial.customer),
                Cell(figures.day_text(trial.started, has_year=True)),
                Cell(
                    figures.day_text(trial.first_paid, has_year=True) if trial.first_paid else "–"
                ),
                number_cell(figures.number(trial.amount) if trial.first_paid else ""),
            )
            for trial in rows
        ],
        count,
    )


def _tickets(facts: Facts, period: Period) -> Table:
    newest, count = facts.once(
        ("tickets", period),
        lambda: first_rows(facts.opened(period), key=lambda served: served.ticket.opened),
    )
    rows = []
    for served in newest:
        ticket = served.ticket
        who = ticket.customer if isinstance(ticket.customer, int) else None
        ends = (served.replied, ticket.solved)
        waits = [
            words.duration((end - ticket.opened).total_seconds()) if end else "–" for end in ends
        ]
        rows.append(
            (
                Cell(str(ticket.id)),
                customer_cell(who),
                Cell(ticket.channel),
                Cell(figures.day_text(ticket.opened.date(), has_year=True)),
                number_cell(waits[0]),
                number_cell(waits[1]),
            )
        )
    heads = (_("Ticket"), _("Customer"), _("Channel"), _("Opened"), _("Reply"), _("Solved"))
    return table_of(_("Tickets opened"), heads, rows, count)


def _seats(facts: Facts, period: Period) -> Table:
    rows, count = facts.once(
        ("seats", period),
        lambda: first_rows(_each_share(facts, period), key=lambda row: -row[2]),
    )
    return table_of(
        _("Seats used, least first"),
        (_("Customer"), _("Weeks"), _("Seats active")),
        [
            (
                customer_cell(who),
                number_cell(str(weeks)),
                number_cell(figures.share_text(share)),
            )
            for who, weeks, share in rows
        ],
        count,
    )


def _each_share(facts: Facts, period: Period) -> Iterator[tuple[Any, int, float]]:
    """Yield (customer, weeks with seats, share of seats active in them)."""
    for part in facts.parts(Entitlement):
        by_customer: dict[Any, list[tuple[int, int]]] = {}
        for week in seat_weeks(part, period):
            if week.seats and week.active is not None:
                by_customer.setdefault(week.customer, []).append((week.active, week.seats))
        for who, weeks in by_customer.items():
            active, seats = map(sum, zip(*weeks, strict=True))
            yield who, len(weeks), active / seats


def _features(facts: Facts, period: Period) -> Table:
    rows = [
        (
            Cell(feature),
            number_cell(figures.count_text(may)),
            number_cell(figures.count_text(tried)),
            number_cell(figures.share_text(tried / may) if may else ""),
        )
        for feature, (may, tried) in sorted(tried_so_far(facts).items())
    ]
    heads = (_("Feature"), _("May use it"), _("Tried it"), _("Share"))
    return table_of(_("Features, all users with access so far"), heads, rows)


def add(slug: str, make: Callable[[Facts, Period], Table]) -> None:
    """Take in the rows behind a metric that a room above has added."""
    _TABLES[slug] = make


_TABLES: dict[str, Callable[[Facts, Period], Table]] = {
    "customer-churn": _leavers,
    "customer-retention": _leavers,
    "lifetime-value": _leavers,
    "lifetime-discounted": _leavers,
    "renewal": _terms,
    "trial-conversion": _trials,
    "mrr": _payers,
    "arr": _payers,
    "arpa": _payers,
    "mrr-movements": _movers,
    "expansion": _movers,
    "nrr": _movers,
    "grr": _movers,
    "retention-cost": _costs,
    "acquisition-cost": _costs,
    "usage-rate": _seats,
    "adoption": _features,
    "first-contact-resolution": _tickets,
    "first-reply-time": _tickets,
    "resolution-time": _tickets,
    **behind_people.TABLES,
}
