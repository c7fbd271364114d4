"""In an English home the mails, the checks and the road of an issue are English."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from newsletter import rhythm
from newsletter.content import EventState
from newsletter.history import SYSTEM, acting
from newsletter.language import speaking
from newsletter.settings import Settings
from newsletter.translations import catalogue
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, fair
from tests.dispatch_situations import hush, readers
from tests.rendering_situations import event, news, picture, rendered, story, words
from tests.smtp_server import Recording

__all__ = ["desk", "newsletter"]
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(name="home")
def english_home(home: Path) -> Path:
    """A fresh home that speaks English, whose editors want no letters."""
    file = home / "newsletter.toml"
    file.write_text(file.read_text().replace('language = "de"', 'language = "en"'))
    hush(home)
    return home


def fixed_words() -> set[str]:
    """Every fixed word of a mail, in German."""
    return {
        text
        for place, text in catalogue._messages()
        if place.startswith("templates/blocks/") and isinstance(text, str) and "%" not in text
    }


def test_no_fixed_word_of_an_english_mail_is_german() -> None:
    english = {"language": "en"}
    items = [
        news(picture=picture(), **english),
        event(event_state=EventState.CANCELLED, **english),
        event(404, event_state=EventState.POSTPONED, **english),
        story(**english),
        *(news(number, **english) for number in (405, 406)),
    ]
    mail = rendered(*items, language="en", read_url="https://newsletter.cluster.example/read/x")
    shown, plain = words(mail.html), " ".join(mail.text.split())
    assert mail.language == "en"
    assert [word for word in fixed_words() if word in shown + plain and word != "Impressum"] == []
    for said in (
        "In this issue",
        "Cancelled: Fachtagung",
        "This event has been postponed.",
        "When: Tuesday, 16 March 2027, 9:30 to 17:00",
        "Register by: Monday, 1 March 2027",
        "Alte Schleiferei, Musterhavel and online",
        "Challenge",
        "Brandenburg, Berlin · Silver Label",
        "More: Lichtwerk 401",
        "because your address is registered for “Clusterplattform Deutschland”",
        "Represented by: Kim Beispiel",
        "December 2026 issue",
    ):
        assert said in shown or said in plain, said
    assert "Picture: " in plain
    german = rendered(*items)
    assert german.language == "de"
    assert "In dieser Ausgabe" in words(german.html)


def test_an_issue_goes_its_road_in_english_and_greets_each_reader_so(
    desk: Desk,
    newsletter: Newsletter,
    engine: Engine,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with acting(engine, settings, SYSTEM) as act:
        readers(act.session, "ada")
    desk.accepted()
    desk.accepted(fair((datetime.now(UTC) + timedelta(days=90)).replace(microsecond=0)))
    key = newsletter("issue", "new", "clusterplattform", "--json").json["id"]
    assert "There is no item in the issue yet." in newsletter("issue", "check", key).out
    newsletter("issue", "fill", key)
    early = newsletter("issue", "approve", key)
    assert early.err == (
        f"Error: {key} is “draft”. Request it first: newsletter issue request {key}\n"
    )
    newsletter("issue", "request", key, "--accept-warnings", "none")
    newsletter("issue", "approve", key, as_="freigabe")
    newsletter("issue", "schedule", key, "now")
    with Recording() as relay:
        monkeypatch.setenv("NEWSLETTER_RELAY", relay.url)
        sent = newsletter("dispatch", "--until-empty", as_="")
    assert f"{key}: its time has come\n" in sent.out
    assert f"{key}: finished; 1 handed over" in sent.out
    (received,) = [mail for mail in relay.messages if mail.rcpt == "ada@leser.example"]
    mail = message_from_bytes(received.data, policy=policy.default)
    html, text = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
    assert '<html lang="en"' in html
    assert "Dear Ada," in html
    lines = text.splitlines()
    assert "Dear Ada," in lines
    assert lines[lines.index("Unsubscribe from the newsletter:") + 1].startswith("http")


def test_a_mistake_in_the_configuration_is_named_in_english(
    home: Path, newsletter: Newsletter
) -> None:
    file = home / "newsletter.toml"
    file.write_text(file.read_text().replace("connections = 8", "connections = 0"))
    said = newsletter("issue", "list").err
    assert said.startswith("Error: ")
    assert said.endswith(": sending.connections: at least 1, found “0”.\n")


def test_a_moment_is_said_as_the_english_say_it() -> None:
    with speaking("en"):
        said = rhythm.in_words(datetime(2026, 12, 15, 9, tzinfo=UTC), BERLIN)
        twice = rhythm.in_words(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), BERLIN)
    assert said == "Tuesday, 15 December 2026, 10:00"
    assert twice == "Sunday, 25 October 2026, 02:30 (winter time)"
