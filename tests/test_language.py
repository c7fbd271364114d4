"""What people read is German or English, by the home's ``language``."""

import gettext
import io
import re
import string
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from newsletter.commands import context
from newsletter.language import N_, _, choose, n_, speaking, spoken
from newsletter.translations import catalogue
from tests.command_situations import Newsletter, newsletter

__all__ = ["newsletter"]  # the fixture


def test_a_sentence_is_german_unless_another_language_is_spoken() -> None:
    assert _("Montag") == "Montag"
    with speaking("en"):
        assert (_("Montag"), spoken()) == ("Monday", "en")
    assert _("Montag") == "Montag"


def test_somebody_with_a_language_we_do_not_speak_reads_german() -> None:
    with speaking("fr"):
        assert spoken() == "de"


def test_the_compiled_catalogues_are_the_written_ones() -> None:
    for file in (catalogue.OURS, catalogue.CLICKS):
        written = io.BytesIO(catalogue.compiled(catalogue.read(file)))
        with file.with_suffix(".mo").open("rb") as compiled:
            assert sentences(compiled) == sentences(written), "make catalogues"


def sentences(compiled: BinaryIO) -> dict[Any, str]:
    """What a compiled catalogue says; its head tells when it was made, and by what."""
    known = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in known.items() if key}


def test_the_catalogue_holds_what_the_program_says_and_nothing_else() -> None:
    said = {message.id for message in catalogue.collected() if message.id}
    known = {message.id for message in catalogue.read(catalogue.OURS) if message.id}
    assert said == known, "make catalogues"


def test_every_sentence_has_its_english() -> None:
    assert catalogue.missing(catalogue.read(catalogue.OURS)) == []


def test_a_translation_names_the_same_facts() -> None:
    for message in catalogue.read(catalogue.OURS):
        forms = (message.id, message.string)
        here, there = (x if isinstance(x, tuple) else (x,) for x in forms)
        wanted = set.union(*map(facts_in, here))
        for each in there:
            assert facts_in(each) <= wanted, message.id
        assert set.union(*map(facts_in, there)) == wanted, message.id


def facts_in(text: str) -> set[str]:
    """``{name}`` of Python's sentences, ``%(name)s`` of the templates'."""
    percent = set(re.findall(r"%\((\w+)\)s", text))
    if percent:
        return percent
    try:
        return {name for _text, name, _spec, _how in string.Formatter().parse(text) if name}
    except ValueError:  # a lone brace is text
        return set()


def test_help_is_english_where_the_home_is(
    newsletter: Newsletter, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Aufruf: newsletter queue decline" in newsletter("queue", "decline", "--help").out
    file = home / "newsletter.toml"
    file.write_text(file.read_text().replace('language = "de"', 'language = "en"'))
    shown = newsletter("queue", "decline", "--help").out
    assert "Usage: newsletter queue decline" in shown
    assert "Decline submissions, with a reason." in shown
    assert "Example:" in shown
    monkeypatch.setenv("NEWSLETTER_LANGUAGE", "de")
    assert "Aufruf:" in newsletter("queue", "decline", "--help").out


def test_a_mistyped_command_is_answered_in_the_language_of_the_home(
    newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Gemeint vielleicht: decline" in newsletter("queue", "declin", as_="").err
    assert "Es fehlt: 'ID…'" in newsletter("queue", "decline", as_="").err
    assert "Zu viele Werte: b c" in newsletter("issue", "show", "a", "b", "c", as_="").err
    monkeypatch.setenv("NEWSLETTER_LANGUAGE", "en")
    done = newsletter("queue", "declin", as_="")
    assert done.code == 2
    assert done.err.startswith("Error: ")
    assert "decline" in done.err


def test_a_home_whose_configuration_is_broken_is_answered_in_german(tmp_path: Path) -> None:
    (tmp_path / "newsletter.toml").write_text("language = ")
    assert context.language_of(tmp_path, {}) == "de"
    assert context.language_of(tmp_path / "nowhere", {}) == "de"
    assert context.language_of(tmp_path, {"NEWSLETTER_LANGUAGE": "en"}) == "en"


def test_one_thing_and_many_things_are_said_differently() -> None:
    assert n_("{n} Tag", "{n} Tage", 1) == "{n} Tag"
    assert n_("{n} Tag", "{n} Tage", 2) == "{n} Tage"
    assert N_("Tag") == "Tag"
    choose("de")
