"""The file of the mails that had begun to leave is believed only if nothing can be missing."""

from __future__ import annotations

import os
import time

import pytest

from surveys import logbook
from surveys.logbook import Logbook, begun


@pytest.fixture(autouse=True)
def _own_directory(tmp_path, settings):
    settings.DATA_DIR = tmp_path


def written(*ids: int, claimant: str = "host:1:a") -> None:
    """As a process that died leaves it."""
    with pytest.raises(KeyError), Logbook(claimant) as book:
        for id_ in ids:
            book.begin(id_)
        raise KeyError


def test_what_a_dead_process_began_is_known_in_order():
    written(7, 9)
    assert begun("host:1:a") == [7, 9]


def test_a_batch_that_ended_well_leaves_no_file(tmp_path):
    with Logbook("host:1:a") as book:
        book.begin(7)
    assert list((tmp_path / "sending").iterdir()) == []
    assert begun("host:1:a") is None


def test_a_process_that_still_lives_is_not_believed():
    with Logbook("host:1:a") as book:
        book.begin(7)
        assert begun("host:1:a") is None


def test_after_a_restart_of_the_machine_nothing_is_believed(tmp_path, monkeypatch):
    written(7)
    (tmp_path / "boot").write_text("another-boot\n")
    monkeypatch.setattr(logbook, "_BOOT", tmp_path / "boot")
    assert begun("host:1:a") is None


def test_a_torn_last_line_began_nothing(tmp_path):
    written(7)
    with open(tmp_path / "sending" / "host:1:a", "ab") as file:
        file.write(b"12")  # the rest, and the mail, never came
    assert begun("host:1:a") == [7]


def test_without_a_place_to_write_none_is_kept(tmp_path):
    (tmp_path / "sending").write_text("in the way")
    with Logbook("host:1:a") as book:
        book.begin(7)
        assert not book.is_kept
    assert begun("host:1:a") is None


def test_files_nobody_asked_for_are_swept_away(tmp_path):
    written(7, claimant="old")
    written(8, claimant="young")
    long_ago = time.time() - 2 * 86_400
    os.utime(tmp_path / "sending" / "old", (long_ago, long_ago))
    with Logbook("host:1:a"):
        pass
    assert [path.name for path in (tmp_path / "sending").iterdir()] == ["young"]
