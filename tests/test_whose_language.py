"""Pages speak the language of the home, letters that of their reader where we know it."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from newsletter import queue, readers
from newsletter.history import PUBLIC as WEB
from newsletter.history import acting
from newsletter.language import speaking
from newsletter.models.delivery import Letter
from newsletter.settings import Settings, load
from newsletter.web.app import create_app
from tests.command_situations import Newsletter, newsletter
from tests.conftest import ADA, Clock
from tests.desk_situations import Desk, desk

__all__ = ["desk", "newsletter"]  # the fixtures

PUBLIC = "clusterplattform"
LIST = (
    "email;language;evidence\n"
    "ada@leser.example;de;Liste\nbob@leser.example;en;Liste\neve@leser.example;fr;Liste\n"
)


def speaks(home: Path, language: str) -> Settings:
    """The home, once its newsletter.toml says this language."""
    file = home / "newsletter.toml"
    file.write_text(file.read_text().replace('language = "de"', f'language = "{language}"', 1))
    return load(home, {})


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_names_the_language_of_the_home_and_so_does_every_error(
    home: Path, engine: Engine, clock: Clock, language: str
) -> None:
    app = create_app(speaks(home, language), engine, clock)

    @app.get("/kaputt")
    def broken() -> None:
        raise RuntimeError

    browser = TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    seen = [browser.get(f"/{page}") for page in ("", "submit", "subscribe", "nirgends", "kaputt")]
    assert [answer.status_code for answer in seen] == [200, 200, 200, 404, 500]
    assert all(f'<html lang="{language}">' in answer.text for answer in seen)


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_letter_speaks_its_readers_language_and_else_that_of_the_home(
    home: Path, engine: Engine, clock: Clock, language: str
) -> None:
    settings = speaks(home, language)
    with acting(engine, settings, ADA, clock=clock) as act:
        readers.import_csv(act, LIST.encode(), PUBLIC)
    for who in ("ada", "bob", "eve", "new"):
        with acting(engine, settings, WEB, clock=clock) as act:
            readers.sign_up(act, PUBLIC, f"{who}@leser.example", consented=True)
    with acting(engine, settings, WEB, clock=clock) as act:
        letters = act.session.scalars(select(Letter).order_by(Letter.id)).all()
        spoken = [letter.html.partition('lang="')[2][:2] for letter in letters]
    assert [letter.name for letter in letters] == ["already"] * 3 + ["confirm"]
    assert spoken == ["de", "en", language, language]


def test_a_letter_to_a_contributor_is_german_whatever_the_editors_terminal_speaks(
    desk: Desk,
) -> None:
    reference = desk.hand_in()
    with speaking("en"), desk.act() as act:
        queue.decline(act, [reference], [PUBLIC], "Zu früh.")
    with desk.act() as act:
        letter = act.session.scalars(select(Letter).where(Letter.name == "declined")).one()
        assert "nicht für „Clusterplattform Deutschland“" in letter.subject
        assert "Noch nicht entschieden ist über „go-cluster“." in letter.text


def test_a_language_that_nobody_speaks_here_is_refused(
    home: Path, newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLETTER_LANGUAGE", "fr")
    refused = newsletter("agenda", as_="")
    wrong = "Fehler: NEWSLETTER_LANGUAGE: „fr“ geht nicht; möglich: de oder en.\n"
    assert (refused.code, refused.out, refused.err) == (2, "", wrong)
    monkeypatch.setenv("NEWSLETTER_LANGUAGE", "en")
    assert newsletter("agenda", as_="").code == 0


@pytest.mark.sqlite("no matter of the database")
def test_a_confirmation_speaks_one_language_whoever_takes_the_item_in(
    desk: Desk, engine: Engine
) -> None:
    with speaking("en"):  # an editor's terminal
        desk.hand_in()
    with acting(engine, desk.do(lambda act: act.settings), ADA) as act:
        letter = act.session.scalars(select(Letter).where(Letter.name == "received")).one()
    assert "Kurztext: " in letter.text
    assert "Short text" not in letter.text
