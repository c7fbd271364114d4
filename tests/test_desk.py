"""The editor's desk: what the keys do to a real home, and what the panes show of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from newsletter import issues, pictures, queue
from newsletter.desk import drawn, queue_lines
from newsletter.desk.queue_lines import Facts
from newsletter.language import speaking
from newsletter.settings import Settings
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN, Clock
from tests.desk_screen import Screen, Terminal, at_desk, kept_in, run
from tests.desk_situations import Desk, desk, fair, news
from tests.intake_situations import jpeg

__all__ = ["desk", "newsletter"]

KEY = "go-cluster-2026-12"


def titled(desk: Desk, *titles: str) -> list[str]:
    return [desk.hand_in(news(title=title, link=None)) for title in titles]


def order(desk: Desk) -> list[str]:
    """The items of the issue, as they stand in the database."""
    shown = desk.look(
        lambda act: issues.content_of(
            act.session, act.settings, issues.find(act.session, KEY), act.now
        )
    )
    return [item.reference for item in shown.items]


def states(desk: Desk) -> dict[str, str]:
    entries = desk.look(lambda act: queue.list_(act.session, state="all"))
    return {e.submission.reference: e.clearances["go-cluster"].value for e in entries}


@pytest.mark.sqlite("the verbs are tried on both; here their keys")
def test_an_evening_at_the_desk(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock, home: Path
) -> None:
    titled(desk, "Erste [rot]", "Zweite", "Dritte", "Vierte")
    desk.do(queue.add, news(title="Ohne Adresse", link=None), source="BMWE")

    async def walk() -> None:
        async with at_desk(engine, settings, clock) as screen:
            await _decides(screen, desk)
            await _writes(screen, desk, home)
            await _places(screen, desk)
            await _hears_of_others(screen, desk)
            await _crops(screen, desk)
            await screen.press("q")
            assert screen.app.return_code == 0

    run(walk)
    with engine.connect() as connection:
        posted = connection.exec_driver_sql("SELECT name FROM letter").scalars().all()
    assert {"declined", "question"} <= set(posted)


async def _decides(screen: Screen, desk: Desk) -> None:
    """Taken back, said something about, made one's own."""
    assert screen.sees("5 zu entscheiden", "q1   M Erste [rot]", "Silber-Label")
    assert "gespeichert: q1 angenommen für clusterplattform, go-cluster" in await screen.press("a")
    assert screen.app.chosen == "q2", "on to the next one that waits"
    assert states(desk)["q1"] == "accepted"
    assert "q1 wieder offen für clusterplattform" in await screen.press("u")
    await screen.press("t", "c")
    await screen.type("Mit B. klären")
    await screen.press("ctrl+s", "home", "v", "7")
    assert screen.sees("meine (1)", "redaktion: Mit B. klären")
    await screen.press("v", "1", "home", "a", "a")
    assert states(desk) == dict.fromkeys(("q1", "q2"), "accepted") | dict.fromkeys(
        ("q3", "q4", "q5"), "asked"
    )


async def _writes(screen: Screen, desk: Desk, home: Path) -> None:
    """A decline by module; a question that is left, found again, and sent."""
    assert screen.app.chosen == "q3"
    assert "q3 hat kein Bild" in await screen.press("C")
    await screen.press("x")
    assert screen.sees("q3 ablehnen", "1 Werblich")
    await screen.press("ctrl+s")
    assert screen.sees("q3 ablehnen", "Hier fehlt noch der Text.")
    await screen.press("1")
    await screen.type(" Danke!")
    assert "q3 abgelehnt" in await screen.press("ctrl+s")
    assert kept_in(home) == []
    await screen.press("f")
    await screen.type("Wer 2")
    await screen.press("escape")
    assert kept_in(home) == ["desk-redaktion-ask-q4.txt"]
    screen.app.kept.write("comment", "q4", "Auch noch")
    await screen.press("q")
    assert screen.sees("Nicht abgeschickt, aber aufgehoben: Texte zu q4. Trotzdem")
    screen.app.kept.forget("comment", "q4")
    await screen.press("n", "f")
    assert screen.sees("Wer 2"), "what was typed is there again"
    await screen.type("?")
    assert "Die Frage geht an" in await screen.press("ctrl+s")
    assert kept_in(home) == []
    assert screen.app.chosen == "q5"
    await screen.press("f")
    await screen.type("Hallo?")
    assert "keine Ansprechperson" in await screen.press("ctrl+s")
    assert kept_in(home) == ["desk-redaktion-ask-q5.txt"], "not sent, not lost"
    Path(home / "drafts" / kept_in(home)[0]).unlink()


async def _places(screen: Screen, desk: Desk) -> None:
    assert "keine Ausgabe begonnen" in await screen.press("p")
    assert f"{KEY} ist angelegt" in await screen.press("b")
    await screen.press("a")
    screen.app.queue.go("q1")
    assert "q1 steht in Fassung 1 unter cluster" in await screen.press("p")
    await screen.press("F")
    assert order(desk) == ["q5", "q1", "q2"]
    await screen.press("tab")
    assert screen.sees("Aus den Clustern", "Prüfung:", "1 q1", "2 q2", "Zweite")
    assert screen.sees("Versand Di 15.12. 10:00", "R Freigabe anfragen", "J tiefer")
    screen.app.board.go("q1")
    await screen.press("J")
    assert order(desk) == ["q5", "q2", "q1"]
    await screen.pilot.press("K", "J")  # quicker than anything is drawn
    await screen.settled()
    assert order(desk) == ["q5", "q2", "q1"]
    await screen.press("s", "home", "s")
    assert order(desk) == ["q1", "q2", "q5"]
    screen.app.board.go("q1")
    await screen.press("m", "4")
    assert order(desk) == ["q2", "q5", "q1"]
    await screen.press("r")
    assert len(order(desk)) == 2
    await screen.press("tab")


async def _hears_of_others(screen: Screen, desk: Desk) -> None:
    titled(desk, "Nachzügler")
    await screen.app._watch()
    await screen.settled()
    assert screen.sees("Nachzügler")


async def _crops(screen: Screen, desk: Desk) -> None:
    """Two keys for what nearly every photograph needs; each says what comes out."""
    words = queue.Words(decorative=True, credit="Kim Beispiel", rights=True)
    desk.do(queue.set_picture, "q1", pictures.prepare(jpeg(900, 1200)), words)
    screen.app.queue.go("q1")
    await screen.press("C")
    assert screen.sees("900 × 1200 Pixel", "16:9  wird 600 × 337", "1:1   wird 600 × 600")
    await screen.press("1")
    assert screen.sees("Was muss im Bild bleiben?", "2  was oben ist", "3  was unten ist")
    assert "gespeichert: q1 hat das Bild, als Fassung 3." in await screen.press("2")
    desk.clock.forward(minutes=5)
    await screen.press("C", "4")
    assert screen.sees("q1: von jedem Rand so viel Prozent", "top=0,right=0")
    await screen.type("right=50")
    assert screen.sees("wird 450 × 506")
    assert "q1 hat das Bild, als Fassung 4" in await screen.press("enter")
    assert "Fassung 3, als Fassung 5" in await screen.press("u")


@pytest.mark.sqlite("the database has no part in it")
def test_an_issue_leaves_the_desk_with_two_people(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    for n in range(2):
        desk.accepted(news(title=f"Titel {n}", link=f"https://lichtwerk.example/{n}"))
    desk.accepted(fair(clock() + timedelta(days=60)))
    desk.filled("go-cluster")
    desk.do(issues.schedule_when_approved, KEY)

    async def edits() -> None:
        async with at_desk(engine, settings, clock, size=(160, 50)) as screen:
            assert screen.sees("Warteschlange", "Aus den Clustern", "Prüfung")
            assert screen.sees("Sobald freigegeben, geplant: Versand Di 15.12. 10:00")
            assert "ohne Platz ist nichts" in await screen.press("F")
            assert "ist ein Entwurf; R fragt" in await screen.press("G")
            await screen.press("R")
            assert screen.sees("Freigabe von go-cluster-2026-12 anfragen bei", "1  freigabe")
            assert "Die Freigabe ist angefragt" in await screen.press("1")
            await screen.press("G", "j")
            assert "muss eine zweite Person" in screen.said

    async def approves() -> None:
        async with at_desk(engine, settings, clock, who=BEN, size=(160, 50)) as screen:
            await screen.press("l")
            assert screen.sees("https://lichtwerk.example/0", "Sehr geehrte Damen und Herren")
            await screen.press("escape", "G", "j")
            assert "ist freigegeben" in screen.said
            await screen.press("S")
            assert screen.sees("leer: Dienstag, 15.12.2026")
            assert "ist geplant" in await screen.press("enter")
            await screen.press("tab", "J")
            assert screen.sees("wieder ein Entwurf", "Trotzdem ändern?")
            await screen.press("n")
            assert desk.issue(KEY).state == "scheduled"

    run(edits)
    with speaking("en"):
        run(english, engine, settings, clock)
    desk.do(issues.unschedule, KEY)
    run(approves)


async def english(engine: Engine, settings: Settings, clock: Clock) -> None:
    """On a screen for which hardly anything fits."""
    async with at_desk(engine, settings, clock, size=(40, 15)) as screen:
        assert screen.sees("Queue: 0 to decide")
        await screen.press("question_mark")
        assert screen.sees("The keys of the desk", "Esc back")
        await screen.press("escape", "slash")
        await screen.type("fach")
        await screen.press("enter", "enter")
        assert screen.sees("Fachtagung")


@pytest.mark.sqlite("the database has no part in it")
def test_an_editor_opens_at_the_desk_and_gives_it_back(
    desk: Desk, home: Path, tmp_path: Path
) -> None:
    desk.hand_in()
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import sys, pathlib, re\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "path.write_text(re.sub('(?m)^title: .*', 'title: Anders', path.read_text()))\n"
    )
    terminal = Terminal(home, editor)
    with terminal.program as running:
        terminal.until("bereit")
        terminal.press("e")
        terminal.until("q1 hat jetzt Fassung 2.")
        terminal.press("\r")
        terminal.until("zurück am Tisch")
        terminal.press("q")
        assert running.end().code == 0
    assert desk.look(lambda act: queue.list_(act.session))[0].title == "Anders"


@pytest.mark.sqlite("the database has no part in it")
def test_without_a_terminal_the_desk_names_the_commands(newsletter: Newsletter) -> None:
    refused = newsletter("desk")
    assert refused.code == 1
    assert "newsletter queue list" in refused.err


@pytest.mark.sqlite("the database has no part in it")
def test_a_line_of_the_queue_says_what_must_not_be_overlooked(desk: Desk, clock: Clock) -> None:
    reference = desk.hand_in(news(embargo_until="2026-12-24T10:00:00+01:00"))
    twin = desk.hand_in(news(wish_issue="2027-01"))
    entries = desk.look(lambda act: queue.list_(act.session))
    facts = Facts(
        now=clock() + timedelta(days=3),
        newsletter="go-cluster",
        places={},
        late=frozenset({twin}),
        twins={twin: reference},
        shares={"Lichtwerk Havelbogen e. V.": 4},
    )
    first, second = (drawn.plain(queue_lines.line(each, facts, 60)) for each in entries)
    assert first.startswith("• q1   M Lichtwerk Havelbogen: Silber-Label erneut")
    assert first.endswith("… S  3 T")
    assert second.endswith(" > ≈  3 T")
    below = drawn.plain(queue_lines.second_line(entries[1], facts, 100))
    assert "4× dieses Jahr · Wunsch: 2027-01 · wie q1" in below
    narrowed = queue_lines.narrowed(entries, facts, "late")
    assert [each.submission.reference for each in narrowed] == [twin]
    assert queue_lines.narrowed(entries, facts, words="SILBER q2") == entries[1:]
    assert not queue_lines.narrowed(entries, facts, words="wasserstoff")
    assert queue_lines.following(entries, twin) == reference, "what was passed over comes again"
    assert queue_lines.age(datetime(2026, 11, 23, 2, 0, tzinfo=UTC), clock()) == "6 h"
