"""Ten thousand random schedules: nobody asked in a rest, early, twice or after unsubscribing.

`make soak-cadence` (SCHEDULES=500: fewer; FROM=400: other ones). Ends with 1 at the first fault.
"""

from __future__ import annotations

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")  # what goes wrong here goes wrong on purpose


def main() -> int:
    django.setup()
    from django.db import connection, transaction

    from tests.surveys import worlds
    from tests.surveys.schedules import PEOPLE, play

    schedules = int(os.environ.get("SCHEDULES", "10000"))
    first = int(os.environ.get("FROM", "0"))
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    started = time.monotonic()
    with transaction.atomic():
        surveys = [worlds.survey("one"), worlds.survey("two")]
        tally = play(range(first, first + -(-schedules // PEOPLE)), surveys)
    print(f"{tally.schedules} schedules, {tally.mails} mails, {tally.reminders} reminders, "
          f"{tally.waited} asks had to wait, {time.monotonic() - started:.0f} s")  # fmt: skip
    for fault, count in tally.faults.items():
        print(f"  {fault}: {count}")
    return 1 if any(tally.faults.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
