"""Links: unguessable, stored as a hash only, alive through key rotation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.tokens import TOKEN_LENGTH, hash_of, new_link, rebuild

OLD, NEW = {"a": "x" * 40}, {"b": "y" * 40, "a": "x" * 40}


def test_a_token_has_the_key_id_and_132_bits():
    link = new_link(OLD)
    assert link.token[0] == "a"
    assert len(link.token) == TOKEN_LENGTH == 1 + 132 // 6


def test_no_two_links_are_alike():
    assert len({new_link(OLD).token for _ in range(2000)}) == 2000


def test_what_is_stored_does_not_contain_the_token():
    link = new_link(OLD)
    assert link.token.encode() not in link.nonce + link.token_hash


def test_a_link_can_be_repeated_from_what_is_stored():
    link = new_link(OLD)
    assert rebuild(OLD, key_id=link.key_id, nonce=link.nonce) == link.token


def test_old_links_live_on_after_the_key_was_changed():
    link = new_link(OLD)
    assert rebuild(NEW, key_id=link.key_id, nonce=link.nonce) == link.token
    assert new_link(NEW).key_id == "b"


def test_another_key_makes_another_token():
    link = new_link(OLD)
    assert rebuild({"a": "z" * 40}, key_id="a", nonce=link.nonce) != link.token


def test_a_key_that_was_thrown_away_is_said():
    with pytest.raises(KeyError):
        rebuild(OLD, key_id="q", nonce=b"0" * 16)


@given(st.text())
def test_any_text_can_be_looked_up(text):
    assert len(hash_of(text)) == 32
