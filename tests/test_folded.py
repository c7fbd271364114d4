"""Words as the search compares them, and what it marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.portal import Asked, marked
from newsletter.portal.folded import excerpt, fold


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("muenchen", "Tagung in München"),
        ("MÜNCHEN", "Tagung in Muenchen"),
        ("mu\u0308nchen", "Tagung in München"),
        ("strasse", "Die Straße"),
        ("STRAẞE", "Die strasse"),
        ("wasserstoff", "Grüner Wasser\u00adstoff"),
        ("z. b.", "wie z.\u00a0B. hier"),
        ("„Licht 2030“", "Strategie »Licht 2030« steht"),
        ('"licht 2030"', "die Strategie Licht\n2030"),
        ("cafe 🌱", "Café 🌱"),
        ("2030 licht", "Licht 2030"),
        ('"nicht zu Ende', "das ist nicht zu ende"),
    ],
)
def test_words_are_found_however_they_are_written(typed: str, text: str) -> None:
    assert Asked.of(typed).within(fold(text))


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("licht dunkel", "Licht 2030"),
        ('"2030 licht"', "Licht 2030"),
        ("100%", "1000"),
        ("a_b", "axb"),
        (".*", "alles"),
    ],
)
def test_every_word_must_be_there_and_no_sign_stands_for_others(typed: str, text: str) -> None:
    assert not Asked.of(typed).within(fold(text))


def test_what_was_asked_for_is_marked_as_it_is_written() -> None:
    pieces = marked("Große Straßenschau in München", Asked.of("strasse MUENCHEN gross"))
    assert [text for text, hit in pieces if hit] == ["Groß", "Straße", "München"]
    assert "".join(text for text, _hit in pieces) == "Große Straßenschau in München"


def test_an_excerpt_begins_and_ends_between_words() -> None:
    words = " ".join(f"wort{n}" for n in range(200))
    found = excerpt(words, Asked.of("wort100"))
    assert found.startswith("… wort")
    assert found.endswith(" …")
    assert " wort100 " in found
    assert set(found.strip("… ").split()) <= set(words.split())
    assert excerpt(words, Asked.of("fehlt")) == ""


@given(st.text(), st.text())
def test_whatever_is_asked_the_text_stays_and_is_marked_where_it_is_found(
    text: str, typed: str
) -> None:
    asked = Asked.of(typed)
    pieces = marked(text, asked)
    again = marked("".join(piece for piece, _hit in pieces), asked)
    assert again == pieces
    assert fold("".join(piece for piece, _ in pieces)) == fold(text)
    assert all(asked.terms for _piece, hit in pieces if hit)
    excerpt(text, asked)
