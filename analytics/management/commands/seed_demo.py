from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from analytics.demo.closed import answer_late, close_months
from analytics.demo.goals import judge_mornings, remove_goals, set_goals
from analytics.demo.seed import is_seeded, remove, seed
from analytics.digests.demo import make_first_file
from outbox.drain import due_kinds, sweep


class Command(BaseCommand):
    help = "Write a year of an invented company: three surveys, contacts, responses with comments."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help="delete exactly the demo")
        parser.add_argument(
            "--no-drain", action="store_true", help="leave reading and counting to the workers"
        )

    def handle(self, *args: Any, **options: Any) -> str:
        if options["remove"]:
            remove_goals()
            return f"removed, with {remove():,} responses"
        if is_seeded():
            return "there already; seed_demo --remove takes it away"
        count = seed()
        set_goals()
        if not options["no_drain"]:
            _drain()
            close_months()
            answer_late()
            _drain()
            make_first_file()
            _drain()
            judge_mornings()
        return f"three surveys and a year of {count:,} responses"


def _drain() -> None:
    while due_kinds():
        sweep()
