"""Tokens in links: signed, bound to one purpose, with old keys still good."""

import secrets
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import BadToken
from subscribers.tokens import LONGEST, Purpose, sign, verify

OLD, NEW = "o" * 43, "n" * 43
PARTS = ["q3v9Zk1xYb7LmN0p", "clusterplattform"]


def test_a_token_gives_back_what_was_signed() -> None:
    token = sign(Purpose.UNSUBSCRIBE, PARTS, [NEW])
    assert verify(Purpose.UNSUBSCRIBE, token, [NEW]) == PARTS
    assert verify(Purpose.CONFIRM, sign(Purpose.CONFIRM, [17, "x"], [NEW]), [NEW]) == ["17", "x"]


def test_a_token_survives_in_a_path_unquoted() -> None:
    token = sign(Purpose.UNSUBSCRIBE, PARTS, [NEW])
    assert set(token) <= set(string.ascii_letters + string.digits + "-_.")


def test_even_the_longest_slug_fits_into_a_short_line() -> None:
    token = sign(Purpose.UNSUBSCRIBE, [secrets.token_urlsafe(12), "x" * 38 + "q7"], [NEW])
    assert len(token) <= LONGEST
    with pytest.raises(ValueError, match="longer than 120"):
        sign(Purpose.UNSUBSCRIBE, [secrets.token_urlsafe(60)], [NEW])


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_token_is_good_for_its_own_purpose_only(purpose: Purpose) -> None:
    token = sign(purpose, PARTS, [NEW])
    for other in set(Purpose) - {purpose}:
        with pytest.raises(BadToken):
            verify(other, token, [NEW])


def test_an_old_key_keeps_verifying_and_the_newest_signs() -> None:
    old = sign(Purpose.UNSUBSCRIBE, PARTS, [OLD])
    assert verify(Purpose.UNSUBSCRIBE, old, [OLD, NEW]) == PARTS
    assert sign(Purpose.UNSUBSCRIBE, PARTS, [OLD, NEW]) == sign(Purpose.UNSUBSCRIBE, PARTS, [NEW])


def test_a_key_that_was_taken_away_verifies_nothing() -> None:
    with pytest.raises(BadToken):
        verify(Purpose.UNSUBSCRIBE, sign(Purpose.UNSUBSCRIBE, PARTS, [OLD]), [NEW])


def test_no_character_of_a_token_can_be_changed() -> None:
    token = sign(Purpose.UNSUBSCRIBE, PARTS, [NEW])
    alphabet = string.ascii_letters + string.digits + "-_.=~ä"
    for place in range(len(token)):
        for letter in set(alphabet) - {token[place]}:
            with pytest.raises(BadToken):
                verify(Purpose.UNSUBSCRIBE, token[:place] + letter + token[place + 1 :], [NEW])


def test_a_shortened_or_lengthened_token_is_no_token() -> None:
    token = sign(Purpose.UNSUBSCRIBE, PARTS, [NEW])
    for wrong in (token[:-1], token + "A", token + "=", "." + token, token.upper(), ""):
        with pytest.raises(BadToken):
            verify(Purpose.UNSUBSCRIBE, wrong, [NEW])


@given(st.text(max_size=200))
def test_nothing_that_is_made_up_is_a_token(text: str) -> None:
    with pytest.raises(BadToken):
        verify(Purpose.CONFIRM, text, [OLD, NEW])


def test_a_part_cannot_pose_as_two() -> None:
    with pytest.raises(ValueError, match="separator"):
        sign(Purpose.UNSUBSCRIBE, ["a\x1fb"], [NEW])
