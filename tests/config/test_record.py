"""Only a process that is certainly ours is ever ended."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from config.runner import record
from config.runner.record import Known


@pytest.fixture
def sleeper():
    """Yield a process that leads a session of its own and has a child."""
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    process = subprocess.Popen(
        [sys.executable, "-c", code], start_new_session=True, stdin=subprocess.PIPE
    )
    yield process
    process.kill()
    process.communicate()


def test_a_process_is_known_again(tmp_path, sleeper):
    record.write(tmp_path, [record.know("web", sleeper.pid)])
    assert [known.pid for known in record.read(tmp_path)] == [sleeper.pid]


def test_another_process_with_the_same_id_is_not_ours(tmp_path, sleeper):
    known = record.know("web", sleeper.pid)
    record.write(tmp_path, [Known("web", known.pid, known.started - 1)])
    assert record.read(tmp_path) == []


def test_ended_processes_are_forgotten(tmp_path):
    done = subprocess.Popen([sys.executable, "-c", ""])
    known = record.know("web", done.pid)
    done.wait()
    record.write(tmp_path, [known])
    assert record.read(tmp_path) == []


@pytest.mark.parametrize("text", ["", "[", "{}", '[{"name": "web"}]', "[1]", "null"])
def test_a_damaged_record_names_nobody(tmp_path, text):
    (tmp_path / "processes.json").write_text(text)
    assert record.read(tmp_path) == []


def test_a_process_is_ended_with_what_it_forked(sleeper):
    known = record.know("web", sleeper.pid)
    record.end([known])
    sleeper.wait(timeout=5)
    assert record._session(known) == []


def test_nobody_else_is_ended():
    me = record.know("web", os.getpid())
    record.end([Known("web", me.pid, me.started - 1)])
    assert me.is_alive
