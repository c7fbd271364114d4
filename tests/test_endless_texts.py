"""The same without end, as a cat on the keyboard or an attacker types it, holds up nobody."""

from collections.abc import Callable
from time import process_time

import pytest

from newsletter.checks import wording, words
from newsletter.rendering.squeezed import squeezed
from newsletter.texts.typography import hyphenated, in_markup, typeset

LONG = 30_000  # twice what a text may have
AT_MOST = 0.3  # seconds of a processor; what grows with the square takes longer
READERS: list[tuple[Callable[[str], object], tuple[str, ...]]] = [
    (wording._slips, ("a", "A-", "a.", "](", "9")),
    (wording._signs, ("A-", "a-")),
    (words.placeholder, ("${", "{{")),
    (typeset, ("\ue000",)),
    (hyphenated, ("a", "\u05d0")),
    (squeezed, (" ", "\t")),
]


@pytest.mark.parametrize(
    ("read", "piece"), [(read, piece) for read, pieces in READERS for piece in pieces]
)
def test_the_same_without_end_is_read_at_once(read: Callable[[str], object], piece: str) -> None:
    text = piece * (LONG // len(piece))
    before = process_time()
    read(text)
    assert process_time() - before < AT_MOST


def test_the_sign_that_stands_for_tags_inside_is_left_out_of_a_text() -> None:
    assert in_markup('<p>Er sagte "ja\ue003" &#xE003;<b>und</b></p>') == (
        "<p>Er sagte „ja“ <b>und</b></p>"
    )
