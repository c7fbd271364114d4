"""Two answers about an issue: its stored bytes are the approved ones; built anew it is the same."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from newsletter import issues, queue
from newsletter.templating import shipped
from tests.archive_situations import sending
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, fair, news

__all__ = ["desk", "newsletter"]  # the fixtures

KEY = "clusterplattform-2026-12"


def sent(desk: Desk) -> str:
    """An issue with a news item and a date that has gone out; the reference of the news."""
    reference = desk.accepted(news())
    desk.accepted(fair(desk.clock().replace(year=2027)))
    sending(desk, desk.scheduled())
    return reference


@pytest.mark.sqlite("only reads")
def test_what_was_approved_and_sent_is_confirmed_and_so_is_how_it_came_about(
    desk: Desk, newsletter: Newsletter
) -> None:
    draft = desk.new("go-cluster")
    said = newsletter("issue", "verify", draft, as_="")
    assert (said.code, "Gespeichert ist noch nichts" in said.words) == (0, True)
    sent(desk)
    desk.clock.forward(days=400)  # the date is over, the labels have run out
    said = newsletter("issue", "verify", KEY, as_="")
    assert said.code == 0
    assert "Gespeichert: unverändert" in said.words
    assert "Freigegeben von freigabe, Montag, 23.11.2026" in said.words
    assert "Neu gebaut: Byte für Byte gleich" in said.words
    found = newsletter("issue", "verify", KEY, "--json", as_="").json
    assert found["unchanged"] is found["same_when_built"] is True
    assert found["content_hash"] == found["built_hash"]
    assert found["approved"][0]["how"] == "command"


@pytest.mark.sqlite("only reads")
def test_a_byte_that_changed_is_told_and_ends_with_one(
    desk: Desk, newsletter: Newsletter, engine: Engine
) -> None:
    sent(desk)
    with engine.begin() as connection:
        connection.execute(text("UPDATE edition SET text = replace(text, 'Licht', 'Nacht')"))
    said = newsletter("issue", "verify", KEY, "--diff", as_="")
    assert said.code == 1
    assert "Gespeichert: nicht in Ordnung Die gespeicherten Bytes sind verändert" in said.words
    assert "Neu gebaut: Byte für Byte gleich" in said.words
    assert "Textteil, zuerst hier:" in said.words
    with engine.begin() as connection:
        connection.execute(text("UPDATE edition SET text = replace(text, 'Nacht', 'Licht')"))
        connection.execute(text("DELETE FROM approval"))
    assert "gibt es keine Freigabe" in newsletter("issue", "verify", KEY, as_="").words


def test_what_comes_out_differently_has_its_reasons_named(
    home: Path, desk: Desk, newsletter: Newsletter, engine: Engine
) -> None:
    reference = sent(desk)
    with engine.begin() as connection:
        whole = text("SELECT made_with FROM edition WHERE variant = 'full'")
        made = connection.execute(whole).scalar_one()
        made = made if isinstance(made, dict) else json.loads(made)
        now = made["packages"]["css-inline"]
        made["packages"]["css-inline"] = "0.1"
        connection.execute(text("UPDATE edition SET made_with = :made"), {"made": json.dumps(made)})
    said = newsletter("issue", "verify", KEY, as_="").words
    assert f"gleich ohne Folgen: css-inline ging von 0.1 auf {now}." in said

    config = home / "newsletter.toml"
    config.write_text(config.read_text("utf-8").replace("Musterstraße 1", "Am Hafen 2"), "utf-8")
    own = home / "templates" / "blocks" / "item.mjml"
    own.parent.mkdir(parents=True)
    shutil.copy(shipped("templates") / "blocks" / "item.mjml", own)
    own.write_text(own.read_text("utf-8") + "{# ours #}", "utf-8")
    with engine.begin() as connection:
        connection.execute(text("UPDATE cluster SET name = 'Lichtwerk Spreebogen'"))
    said = newsletter("issue", "verify", KEY, "--diff", as_="")
    assert said.code == 0
    assert "Gespeichert: unverändert" in said.words
    assert "Die Vorlage blocks/item.mjml (eine eigene) wurde geändert." in said.words
    assert f"{reference}: anders ist Absender (Cluster, Label, Land)." in said.words
    assert "+ Lichtwerk Spreebogen" in said.words
    assert "newsletter.toml: imprint wurde geändert." in said.words

    own.write_text("{% if %}", "utf-8")
    said = newsletter("issue", "verify", KEY, as_="").words
    assert "Neu gebaut: geht nicht mehr." in said
    assert "item.mjml, Zeile 1" in said


@pytest.mark.sqlite("only reads")
def test_after_a_take_down_the_hash_is_still_on_record(
    desk: Desk, newsletter: Newsletter, engine: Engine
) -> None:
    reference = sent(desk)
    desk.do(queue.take_down, reference, "Widerruf")
    said = newsletter("issue", "verify", KEY, as_="")
    assert said.code == 0
    assert f"{reference} wurde von Rechts wegen entfernt, Montag, 23.11.2026" in said.words
    assert "Neu gebaut: Byte für Byte gleich" in said.words
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM take_down"))
    assert "den niemand von Rechts wegen" in newsletter("issue", "verify", KEY, as_="").words


@pytest.mark.sqlite("about a picture's file")
def test_a_picture_that_was_exchanged_is_told(
    home: Path, desk: Desk, newsletter: Newsletter
) -> None:
    from tests.preview_situations import with_picture

    key = with_picture(desk)
    desk.do(issues.request, key, "geprüft")
    assert "Freigegeben hat sie noch niemand." in newsletter("issue", "verify", key, as_="").words
    (picture,) = (home / "media").glob("*/mail.jpg")
    picture.write_bytes(picture.read_bytes() + b"x")
    said = newsletter("issue", "verify", key, as_="")
    assert said.code == 1
    assert "ist nicht mehr die aufgenommene" in said.words
