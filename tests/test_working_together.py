"""Editors share the work: whose item it is, and what they say to each other."""

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import database, issues, queue, schedule, submissions
from newsletter.models.delivery import Letter
from newsletter.settings import Settings
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN, Clock
from tests.desk_situations import Desk, desk, fair

__all__ = ["desk", "newsletter"]  # the fixtures

SAID = "Das Bild ist zu dunkel.\nIch frage nach."


def digest(engine: Engine, settings: Settings, clock: Clock) -> dict[str, Letter]:
    """What the clock's job posts now, by the editor it goes to."""
    with database.reading(engine) as session:
        before = list(session.scalars(select(col(Letter.id))))
    schedule.announce(engine, settings, clock)
    with database.reading(engine) as session:
        new = select(Letter).where(col(Letter.name) == "new_items", col(Letter.id).not_in(before))
        return {each.to_email.partition("@")[0]: each for each in session.scalars(new)}


def test_an_item_is_given_to_a_colleague_and_found_as_theirs(
    desk: Desk, newsletter: Newsletter
) -> None:
    first, second = desk.hand_in(), desk.hand_in(fair(datetime(2027, 3, 1, 9, tzinfo=UTC)))
    done = newsletter("queue", "assign", first, second, "Freigabe")
    assert f"{first}  liegt jetzt bei freigabe: Lichtwerk" in done.out
    assert "lag schon bei freigabe" in newsletter("queue", "assign", second, "freigabe").out
    assert newsletter("queue", "assign", second).code == 0  # Ada takes it
    assert "; bei freigabe" in newsletter("queue", "list").out
    mine = newsletter("queue", "list", "--mine", "--json", as_="freigabe").json
    assert [(it["id"], it["assigned"]) for it in mine] == [(first, "freigabe")]
    assert "Liegt bei: freigabe, seit" in newsletter("queue", "show", first).out
    agenda = newsletter("agenda").out
    assert f"freigabe: {first} ist zugewiesen und noch zu entscheiden." in agenda
    assert "newsletter --as freigabe queue list --mine" in agenda
    log = newsletter("log", first).out
    assert "zugewiesen an freigabe" in log
    assert newsletter("queue", "assign", first, "--nobody").code == 0
    assert "niemandem mehr zugewiesen (bisher freigabe)" in newsletter("log", first).out
    assert newsletter("queue", "list", "--mine", as_="freigabe").out.startswith(
        "Hier wartet nichts"
    )

    wrong = newsletter("queue", "assign", first, "Niemand")
    assert (wrong.code, "Bekannt: redaktion, freigabe." in wrong.err) == (1, True)
    assert newsletter("queue", "assign", "redaktion").code == 2
    assert newsletter("queue", "assign", first, "redaktion", "--nobody").code == 2
    newsletter("queue", "withdraw", first, "--reason", "abgesagt")
    assert "zuzuweisen ist da nichts mehr" in newsletter("queue", "assign", first, second).err
    assert newsletter("queue", "list", "--mine", "--json").json[0]["id"] == second  # all or none


def test_a_comment_is_read_by_editors_and_by_nobody_else(
    desk: Desk, newsletter: Newsletter, engine: Engine, settings: Settings, clock: Clock
) -> None:
    key = desk.accepted() and desk.filled()
    before = desk.issue(key)
    assert newsletter("queue", "comment", "q1", "-", typed=SAID + "\n").code == 0
    assert newsletter("issue", "comment", key, "Grußwort kommt morgen").code == 0
    shown = newsletter("queue", "show", "q1")
    assert "redaktion: Das Bild ist zu dunkel.\n    Ich frage nach.\n" in shown.out
    assert newsletter("queue", "show", "q1", "--json").json["comments"][0]["text"] == SAID
    assert ", 1 Kommentar" in newsletter("queue", "list").out.replace(";", ",")
    assert "Grußwort kommt morgen" in newsletter("issue", "show", key).out
    assert "Das Bild ist zu dunkel. Ich frage nach." in newsletter("log", "q1").out
    assert "kommentiert" in newsletter("log", "issue", key).out
    assert desk.issue(key).version == before.version  # nothing in the issue has changed

    with database.reading(engine) as session:
        token = session.scalars(
            select(col(Letter.text)).where(col(Letter.name) == "received")
        ).one()
        page = submissions.status_of(session, settings, re.findall(r"/s/(\S+)", token)[0], clock())
        told = session.scalars(select(col(Letter.text)))
        assert page.reference == "q1"
        assert "dunkel" not in repr(page) + "".join(told)

    for words, why in (
        (
            ("queue", "comment", "q1", "  "),
            "newsletter queue comment q1",
        ),
        (("issue", "comment", key, ""), f"newsletter issue comment {key}"),
        (("queue", "comment", "q1", "x" * 5_001), "5001 Zeichen; höchstens 5000"),
        (("queue", "comment", "q99", "ja"), "gibt es nicht"),
    ):
        refused = newsletter(*words)
        assert (refused.code, why in refused.err) == (1, True), refused


def test_the_next_letter_tells_each_editor_what_concerns_them(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    mine, other = desk.hand_in(), desk.hand_in(fair(clock() + timedelta(days=90)))
    desk.do(queue.comment, mine, "vorab gesagt")
    desk.do(queue.assign, [mine, other], "freigabe")
    desk.do(queue.assign, [other], "redaktion")  # her own: she knows
    desk.do(queue.comment, other, "für mich selbst")
    clock.forward(minutes=20)
    told = digest(engine, settings, clock)
    assert told["redaktion"].subject.startswith("2 neue Beiträge")
    assert "Für Sie" not in told["redaktion"].text
    theirs = told["freigabe"].text
    assert theirs.index(f"{other}: Fachtagung") < theirs.index("Für Sie:")
    assert "redaktion hat Ihnen den Beitrag zugewiesen." in theirs
    assert "redaktion: „vorab gesagt“" in theirs
    assert "für mich selbst" not in theirs

    clock.forward(hours=3)
    assert digest(engine, settings, clock) == {}
    desk.do(queue.comment, other, "<b>Schon</b> gesehen?", who=BEN)
    desk.do(issues.comment, desk.new(), "Wer schreibt das Grußwort?", who=BEN)
    clock.forward(minutes=20)
    told = digest(engine, settings, clock)
    assert list(told) == ["redaktion"]  # whoever said it knows
    letter = told["redaktion"]
    assert letter.subject == f"Für Sie: clusterplattform-2026-12, {other}"
    assert "freigabe: „Wer schreibt das Grußwort?“" in letter.text
    assert "    newsletter issue show clusterplattform-2026-12\n" in letter.text
    assert "&lt;b&gt;Schon&lt;/b&gt; gesehen?" in letter.html
    clock.forward(hours=3)
    assert digest(engine, settings, clock) == {}
