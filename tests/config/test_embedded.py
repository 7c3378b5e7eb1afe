from __future__ import annotations

import os
import stat

from config.embedded import broker_socket, data_dir, ensure_secrets, new_secrets


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path):
    path = ensure_secrets(tmp_path / "var")
    first = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert ensure_secrets(tmp_path / "var").read_text() == first


def test_secrets_are_never_the_same_and_long_enough():
    assert new_secrets() != new_secrets()
    secret_key, link_keys = new_secrets().splitlines()
    assert len(secret_key.removeprefix("SECRET_KEY=")) >= 50
    assert len(link_keys.removeprefix("LINK_KEYS=a:")) >= 32


def test_the_brokers_socket_lies_beside_the_data(tmp_path):
    assert broker_socket(tmp_path) == tmp_path / "broker" / "s"


def test_a_path_too_long_for_a_socket_is_replaced_by_a_short_one(tmp_path):
    deep = tmp_path / ("d" * 90)
    path = broker_socket(deep)
    assert len(os.fsencode(path)) <= 100
    assert path == broker_socket(deep) != broker_socket(tmp_path / ("e" * 90))


def test_the_data_directory_is_what_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("VERBATIM_DATA", str(tmp_path))
    assert data_dir() == tmp_path
    monkeypatch.delenv("VERBATIM_DATA")
    assert data_dir().name == "var"
