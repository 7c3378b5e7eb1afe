"""One writer at a time, and nobody waits for somebody who waits for them."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from outbox.transactions import write


@pytest.mark.django_db(transaction=True)
def test_a_write_inside_another_transaction_cannot_deadlock_with_a_thread_that_writes():
    """A staff form writes in Django's own transaction; a customer answers at the same moment."""
    form_is_open = threading.Event()
    errors = []

    def answer():
        form_is_open.wait(5)
        try:
            with write():  # takes the lock, then waits for the form's transaction
                enqueue([Wanted("read", 1, "read:1")])
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=answer)
    thread.start()
    with transaction.atomic():
        enqueue([Wanted("read", 2, "read:2")])
        form_is_open.set()
        thread.join(0.3)
        with write():
            enqueue([Wanted("read", 3, "read:3")])
    thread.join(10)
    assert (errors, thread.is_alive()) == ([], False)
    assert Job.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_eight_threads_that_read_and_write_lose_nothing():
    errors = []

    def work(number):
        try:
            for turn in range(25):
                with write():
                    Job.objects.count()
                    enqueue([Wanted("read", turn, f"{number}:{turn}")])
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert Job.objects.count() == 200


@pytest.mark.django_db(transaction=True)
def test_an_exception_in_the_block_takes_everything_back():
    with pytest.raises(RuntimeError), write():
        enqueue([Wanted("read", 1, "read:1")])
        raise RuntimeError
    assert not Job.objects.exists()
