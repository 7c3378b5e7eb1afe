"""kill -9 of a real worker in the middle of a file: every row done once, none lost."""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from outbox.models import Job
from surveys import uploads
from surveys.models import Contact, Upload, UploadedContact, UploadError
from tests.conftest import database_url
from tests.servers import Program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROWS, KILLS = 20_000, 3


def worker(log: Path) -> Program:
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_url(),
        "LOG_LEVEL": "ERROR",
    }
    return Program([sys.executable, "manage.py", "drain"], log=log, env=env)


def end_leases() -> None:
    """As if the minutes had passed after which a dead worker's jobs are freed."""
    Job.objects.filter(state="claimed").update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_worker_killed_again_and_again_does_every_row_once(tmp_path):
    chance = random.Random(4)
    lines = [f"p{n}@example.com,Person {n},{n % 50}" for n in range(ROWS)]
    for n in range(0, ROWS, 100):
        lines[n] = f"bad{n}@,Person {n},1"
    text = "email,name,seats\n" + "\n".join(lines) + "\n"
    upload = uploads.receive("big.csv", text.encode(), by=None, language="en")
    uploads.start(upload)
    seen = []
    for number in range(KILLS):
        program = worker(tmp_path / f"{number}.log")
        before = upload.rows_done
        while upload.rows_done == before and program.returncode is None:
            time.sleep(0.02)
            upload.refresh_from_db(fields=["rows_done"])
        time.sleep(chance.random() * 0.4)
        program.kill()
        upload.refresh_from_db(fields=["rows_done", "state"])
        seen.append((upload.rows_done, Contact.objects.count(), UploadError.objects.count()))
        end_leases()
    assert any(0 < done < ROWS for done, *_ in seen), "no kill fell into the work"
    for done, contacts, errors in seen:
        assert contacts + errors == done  # never half a batch
    for number in range(20):
        last = worker(tmp_path / f"last{number}.log")
        while last.returncode is None:
            time.sleep(0.05)
        end_leases()
        upload.refresh_from_db()
        if upload.state == Upload.State.DONE:
            break
    refused = ROWS // 100
    assert (upload.state, upload.created_count, upload.error_count) == (
        "done", ROWS - refused, refused,
    )  # fmt: skip
    assert (upload.updated_count, upload.unchanged_count) == (0, 0)  # no row was done twice
    assert Contact.objects.count() == UploadedContact.objects.count() == ROWS - refused
    assert sorted(UploadError.objects.values_list("line", flat=True)) == [
        n + 2 for n in range(0, ROWS, 100)
    ]
