"""The bell never raises, never waits, and rings again after a fork."""

from __future__ import annotations

import os
import time

import pytest

from outbox import bell
from outbox.bell import Bell
from tests.servers import wait_until


class Belfry(Bell):
    """A bell that only notes what it would publish, or breaks."""

    def __init__(self) -> None:
        super().__init__()
        self.rounds: list[set[str]] = []
        self.is_broken = False

    def _send(self, kinds: set[str]) -> None:
        self.rounds.append(set(kinds))
        if self.is_broken:
            raise ConnectionError("refused")


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(bell, "QUIET_SECONDS", 0.05)


def test_many_rings_become_few_rounds(quick):
    belfry = Belfry()
    for _ in range(1000):
        belfry.ring("read")
    wait_until(lambda: belfry.rounds, seconds=5)
    time.sleep(0.2)
    assert 1 <= len(belfry.rounds) <= 4


def test_a_broken_bell_is_silent_for_a_while_and_raises_nothing(quick, caplog):
    belfry = Belfry()
    belfry.is_broken = True
    belfry.ring("read")
    wait_until(lambda: belfry.rounds, seconds=5)
    for _ in range(5):
        belfry.ring("read")
        time.sleep(0.06)
    assert len(belfry.rounds) == 1
    assert "bell silent" in caplog.text


def test_after_its_silence_the_bell_rings_again(quick, monkeypatch):
    monkeypatch.setattr(bell, "BREAKER_SECONDS", 0.1)
    belfry = Belfry()
    belfry.is_broken = True
    belfry.ring("read")
    wait_until(lambda: belfry.rounds, seconds=5)
    belfry.is_broken = False
    time.sleep(0.2)
    belfry.ring("tally")
    wait_until(lambda: {"tally"} in belfry.rounds, seconds=5)


def test_a_fork_rings_with_a_thread_of_its_own(quick):
    belfry = Belfry()
    belfry.ring("read")
    wait_until(lambda: belfry.rounds, seconds=5)
    pid = os.fork()
    if pid == 0:
        belfry.rounds.clear()
        belfry.ring("tally")
        try:
            wait_until(lambda: belfry.rounds == [{"tally"}], seconds=5)
        except TimeoutError:
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_fork_rings_though_the_lock_was_held_when_it_happened(quick):
    belfry = Belfry()
    with belfry._condition:
        pid = os.fork()
        if pid == 0:
            belfry.ring("tally")
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_switched_off_it_is_silent(settings, monkeypatch):
    rung = []
    monkeypatch.setattr(bell._bell, "ring", rung.append)
    settings.OUTBOX_BELL = False
    bell.ring("read")
    assert rung == []
    settings.OUTBOX_BELL = True
    bell.ring("read")
    assert rung == ["read"]
