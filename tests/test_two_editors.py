"""Two editors change one item at once: both texts go in, or stand side by side; none is lost."""

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import database, queue, submissions
from newsletter.history import Act, Actor
from newsletter.models.submission import Revision
from newsletter.submissions.joining import join
from newsletter.texts.joined import as_mine, joined
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN
from tests.desk_situations import Desk, desk, fair, news
from tests.test_commands_queue import run_at_a_terminal

__all__ = ["desk", "newsletter"]  # the fixtures

BODY = "Erster Absatz.\n\nZweiter Absatz.\n\nDritter Absatz."
EARLY = "2027-02-01T10:00:00+01:00"
_LINES = st.lists(st.sampled_from(["a", "b", "c", "", "d e"]), max_size=7).map("\n".join)


# -- line by line -----------------------------------------------------------------------------


@hypothesis_settings(max_examples=150, deadline=None)
@given(base=_LINES, mine=_LINES, theirs=_LINES)
def test_whoever_alone_changed_something_is_right_and_nobodys_line_is_lost(
    base: str, mine: str, theirs: str
) -> None:
    def lines(text: str) -> str:
        return "\n".join(text.splitlines())

    assert as_mine(joined(base, mine, base)) == lines(mine)
    assert as_mine(joined(base, base, theirs)) == lines(theirs)
    assert as_mine(joined(base, mine, mine)) == lines(mine)
    found = joined(base, mine, theirs)
    back = joined(base, theirs, mine)
    assert [(it.mine, it.theirs) for it in found] == [(it.theirs, it.mine) for it in back]
    was = base.splitlines()
    told = [line for it in found for line in (*it.mine, *it.theirs)]
    for line in {*mine.splitlines(), *theirs.splitlines()} - {*was}:
        assert line in told


# -- as editors type it -----------------------------------------------------------------------


def opened(newsletter: Newsletter, home: Path, name: str) -> Path:
    """The document that an editor has open."""
    path = home / name
    path.write_text(newsletter("queue", "show", "q1", "--document").out, "utf-8")
    return path


def typed(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    path.write_text(text, "utf-8")


def test_what_two_change_in_different_places_goes_in_together(
    desk: Desk, newsletter: Newsletter, home: Path
) -> None:
    desk.hand_in(fair(desk.clock().replace(year=2027), body=BODY))
    mine, theirs = opened(newsletter, home, "a.md"), opened(newsletter, home, "b.md")
    typed(theirs, ("Erster Absatz.", "Erster Absatz, besser."), ("Musterhavel", "Beispielau"))
    typed(
        mine, ("Dritter Absatz.", "Dritter Absatz.\n\nVierter."), ("language: de", "language: en")
    )
    assert newsletter("queue", "edit", "q1", str(theirs), as_="freigabe").code == 0
    done = newsletter("queue", "edit", "q1", str(mine))
    assert "q1 hat jetzt Fassung 3." in done.out
    assert "freigabe Fassung 2 gespeichert; in Fassung 3 steht beides." in done.out
    assert "Von dort übernommen: Text, Ort" in done.out
    shown = newsletter("queue", "show", "q1", "--json").json
    assert (
        shown["body"] == "Erster Absatz, besser.\n\nZweiter Absatz.\n\nDritter Absatz.\n\nVierter."
    )
    assert (shown["language"], shown["location"]) == ("en", "Alte Schleiferei, Beispielau")
    assert "zusammengeführt mit dem, was inzwischen" in newsletter("log", "q1").out


def test_what_two_change_in_one_place_is_for_a_person_to_choose(
    desk: Desk, newsletter: Newsletter, home: Path
) -> None:
    desk.hand_in(news(body=BODY))
    mine, theirs = opened(newsletter, home, "a.md"), opened(newsletter, home, "b.md")
    title = "title: Lichtwerk Havelbogen: Silber-Label erneut bestätigt"
    typed(
        theirs,
        (title, "title: Von ihr"),
        ("Zweiter Absatz.", "Zweiter, von ihr."),
        ("Dritter ", ""),
    )
    typed(
        mine, (title, "title: Von mir"), ("Zweiter Absatz.", "Zweiter, von mir."), ("Erster ", "")
    )
    newsletter("queue", "edit", "q1", str(theirs), as_="freigabe")
    refused = newsletter("queue", "edit", "q1", str(mine))
    assert refused.code == 1
    said = "q1 hat inzwischen Fassung 2 von freigabe. Dort und bei Ihnen anders: "
    assert refused.err.startswith(f"Fehler: {said}")
    assert "Titel" in refused.err
    kept = Path(re.findall(r"in (/\S+\.md)", refused.err)[0])
    assert refused.err.endswith(f"Danach: newsletter queue edit q1 {kept}\n")
    text = kept.read_text("utf-8")
    assert "#! Hier schreibt freigabe:\n#!   Von ihr\ntitle: Von mir\n" in text
    assert (
        "#! Hier schreibt freigabe:\n#!   Zweiter, von ihr.\n#! Und Sie:\nZweiter, von mir.\n"
        in text
    )
    assert "revision: 2" in text
    assert text.count("\nAbsatz.") == 2  # what only one of them changed is in it already

    done = newsletter("queue", "edit", "q1", str(kept))
    assert "Inzwischen" not in done.out
    assert not kept.exists()  # it is taken
    assert mine.exists()  # the editor's own file
    shown = newsletter("queue", "show", "q1", "--json").json
    assert (shown["revision"], shown["title"]) == (3, "Von mir")
    assert shown["body"] == "Absatz.\n\nZweiter, von mir.\n\nAbsatz."
    (home / "a.json").write_text('{"revision": 9, "title": "x"}')
    wrong = newsletter("queue", "edit", "q1", str(home / "a.json"))
    assert "Ihr Dokument nennt Fassung 9; q1 hat die Fassungen 1 bis 3." in wrong.err
    through = newsletter(
        "queue", "edit", "q1", "-", typed=text.replace("revision: 2", "revision: 7")
    )
    assert text.replace("revision: 2", "revision: 7") in [
        each.read_text("utf-8") for each in (home / "drafts").iterdir()
    ]
    assert "Ihr Text liegt in" in through.err


def test_a_picture_and_a_span_of_time_are_changed_as_one() -> None:
    base = {"starts_at": "2027-03-01", "ends_at": "2027-03-01", "online": True}
    base |= {"image": "one", "image_alt": "eins", "image_credit": "© Muster"}
    mine = base | {"starts_at": "2027-03-02", "ends_at": "2027-03-03", "image_credit": "© Beispiel"}
    moved = join(base, mine, base | {"ends_at": "2027-03-02", "image_credit": "© Muster GmbH"})
    assert [it.name for it in moved.clashes] == ["starts_at", "ends_at", "image_credit"]
    assert moved.facts == mine
    other = base | {"image": "two", "image_alt": "zwei"}
    pictured = join(base, mine, other)  # whose picture, whose words?
    assert [it.name for it in pictured.clashes] == ["image", "image_alt", "image_credit"]
    assert join(base, base | {"online": False}, other).facts == other | {"online": False}


def test_while_one_has_it_open_the_other_is_told_and_both_texts_arrive(
    desk: Desk, newsletter: Newsletter, home: Path, tmp_path: Path
) -> None:
    """A real program with a real editor, and a colleague who saves while it is open."""
    desk.hand_in(news(body=BODY))
    opened_, go = tmp_path / "opened", tmp_path / "go"
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import pathlib, sys, time\n"
        f"opened, go = pathlib.Path({str(opened_)!r}), pathlib.Path({str(go)!r})\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "text = path.read_text()\n"
        "opened.write_text(text)\n"
        "end = time.monotonic() + 20\n"
        "while not go.exists() and time.monotonic() < end: time.sleep(0.01)\n"
        "text = text.replace('Zweiter Absatz.', 'Zweiter, von mir.').replace('Erster ', '')\n"
        "path.write_text(text)\n"
    )
    with ThreadPoolExecutor(1) as terminal:
        running = terminal.submit(
            run_at_a_terminal, home, editor, "queue", "edit", "q1", answers="j\n"
        )
        until(opened_.exists)
        at = f"{datetime.now(ZoneInfo('Europe/Berlin')):%H:}"
        shown = newsletter("queue", "show", "q1", as_="freigabe").out
        assert f"Wird gerade von redaktion bearbeitet (seit {at}" in shown
        theirs = opened(newsletter, home, "b.md")
        typed(theirs, ("Zweiter Absatz.", "Zweiter, von ihr."), ("Dritter ", ""))
        assert newsletter("queue", "edit", "q1", str(theirs), as_="freigabe").code == 0
        go.touch()
        code, said = running.result(30)
    assert code == 0, said
    assert "Im Dokument steht jetzt beides" in said
    assert "#!   Zweiter, von ihr.\n" in opened_.read_text("utf-8")
    now = newsletter("queue", "show", "q1", "--json").json
    assert now["body"] == "Absatz.\n\nZweiter, von mir.\n\nAbsatz."
    assert (now["revision"], now["typing"]) == (3, [])
    assert list((home / "drafts").iterdir()) == []


def until(come: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not come() and time.monotonic() < end:
        threading.Event().wait(0.01)


def test_nobody_is_believed_to_type_for_ever(desk: Desk, newsletter: Newsletter) -> None:
    desk.hand_in()
    desk.clock.moment = datetime.now(UTC) - timedelta(hours=1)
    key = desk.new()
    for noun, what in (("submission", 1), ("issue", key)):
        assert desk.do(queue.begin_typing, noun, what, who=BEN) == []
        (other,) = desk.do(queue.begin_typing, noun, what)
        assert other.editor == "freigabe"
    assert newsletter("queue", "show", "q1").out.count("Wird gerade von") == 2
    assert newsletter("issue", "show", key).out.count("Wird gerade von") == 2
    desk.clock.forward(hours=-1, minutes=-1)
    desk.do(queue.begin_typing, "submission", 1, who=BEN)
    assert newsletter("queue", "show", "q1").out.count("Wird gerade von") == 1


# -- at the very same time --------------------------------------------------------------------


def facts_of(act: Act) -> dict[str, Any]:
    return submissions.facts_of(act.session, submissions.by_reference(act.session, "q1"))


def test_editors_who_save_at_the_same_moment_lose_no_text(desk: Desk, engine: Engine) -> None:
    desk.hand_in(news(body=BODY))
    facts = desk.look(
        lambda act: submissions.facts_of(act.session, submissions.by_reference(act.session, "q1"))
    )
    names = ("Anna", "Berta", "Cem", "Dora")
    at_once = Barrier(len(names))

    def save(name: str) -> str:
        """One of them rewrites the second paragraph, and settles whatever she is shown."""
        mine, seen = f"Zweiter, von {name}.", 1
        wanted = facts | {"body": BODY.replace("Zweiter Absatz.", mine)}
        at_once.wait()
        while True:
            try:
                desk.do(queue.edit, "q1", wanted, seen, who=Actor(name))
            except queue.BothEdited as both:
                (clash,) = both.joined.clashes
                wanted = both.joined.facts | {
                    "body": "\n".join(
                        line
                        for it in clash.stretches
                        for line in ([*it.theirs, "", *it.mine] if it.clash else it.mine)
                    )
                }
                seen = both.met.upto
            else:
                return mine

    with ThreadPoolExecutor(len(names)) as people:
        lines = list(people.map(save, names))
    with database.reading(engine) as session:
        made = session.scalars(select(Revision).order_by(col(Revision.number))).all()
    assert [each.number for each in made] == [1, 2, 3, 4, 5]
    assert {each.made_by for each in made[1:]} == set(names)
    for line in ["Erster Absatz.", *lines, "Dritter Absatz."]:
        assert made[-1].body.count(line) == 1


# -- revisions --------------------------------------------------------------------------------


def test_an_earlier_revision_comes_back_as_a_new_one_and_issues_keep_theirs(
    desk: Desk, newsletter: Newsletter, home: Path
) -> None:
    desk.accepted(fair(desk.clock().replace(year=2027), body=BODY))
    key = desk.filled()
    facts = desk.look(facts_of)
    later = {"title": "Neuer Titel", "body": BODY.replace("Zweiter", "2ter"), "register_by": EARLY}
    desk.do(queue.edit, "q1", facts | later | {"embargo_until": EARLY}, 1)
    listed = newsletter("queue", "revisions", "q1", "--json").json
    assert [it["issues"] for it in listed] == [[key], []]
    assert set(listed[1]["changed"]) == {"title", "body", "register_by", "embargo_until"}
    assert "Titel, Text" in newsletter("queue", "revisions", "q1").out
    shown = newsletter("queue", "diff", "q1").out
    assert "q1  Fassung 1 (lichtwerk) → 2 (redaktion, 23.11.2026" in shown
    assert "\nText:\n    Erster Absatz.\n\n  - Zweiter Absatz.\n  + 2ter Absatz." in shown
    assert "Anmeldung bis:\n  + Montag, 01.02.2027, 10:00 Uhr" in shown
    assert "Zurück zu Fassung 1: newsletter queue restore q1 1" in shown
    assert newsletter("queue", "diff", "q1", "2", "2").out.count("Kein Unterschied.") == 1
    assert newsletter("queue", "diff", "q1", "7").code == 1

    done = newsletter("queue", "restore", "q1", "1")
    assert done.out.startswith("q1 liest sich wieder wie Fassung 1.\nq1 hat jetzt Fassung 3.")
    assert f"newsletter issue add {key} q1" in done.out
    now = newsletter("queue", "show", "q1", "--json").json
    assert (now["title"], now["body"], now["register_by"]) == (facts["title"], BODY, None)
    assert now["embargo_until"] is not None  # who may see it when is no part of a text
    assert "newer-revision" in newsletter("issue", "check", key).out
    assert "eine frühere Fassung wiederhergestellt" in newsletter("log", "q1").out
    again = newsletter("queue", "restore", "q1", "1")
    assert (again.code, "liest sich schon wie Fassung 1" in again.err) == (1, True)
    assert newsletter("queue", "restore", "q1", "9").code == 1


def test_rights_that_were_taken_back_do_not_come_back_with_a_text(desk: Desk) -> None:
    desk.hand_in()
    facts = desk.look(facts_of)
    desk.do(queue.edit, "q1", facts | {"title": "Anders", "rights_confirmed": False}, 1)
    done = desk.do(queue.restore, "q1", 1)
    assert (done.revision, done.without_rights) == (3, True)
    assert desk.look(facts_of) == {k: v for k, v in facts.items() if k != "rights_confirmed"}


# -- an issue ---------------------------------------------------------------------------------


def test_two_who_edit_one_issue_are_joined_or_choose(
    desk: Desk, newsletter: Newsletter, home: Path
) -> None:
    for title in ("Eins", "Zwei", "Drei", "Vier"):
        desk.accepted(news(title=f"{title} vom See", link=f"https://l.example/{title}"))
    key = desk.filled()

    def open_as(name: str) -> Path:
        path = home / name
        path.write_text(newsletter("issue", "show", key, "--document").out, "utf-8")
        return path

    def order() -> list[str]:
        shown = newsletter("issue", "show", key, "--json").json
        return [item["id"] for section in shown["sections"] for item in section["items"]]

    mine, theirs = open_as("a.md"), open_as("b.md")
    typed(theirs, ("subject: ", "subject: Neu: "), ("- q1 Eins vom See\n", ""))
    typed(mine, ("preheader: ", "preheader: Neu: "), ("- q4 Vier vom See", "# q4"))
    assert newsletter("issue", "edit", key, str(theirs), as_="freigabe").code == 0
    done = newsletter("issue", "edit", key, str(mine))
    assert done.code == 0, done.err
    issue = desk.issue(key)
    assert issue.subject.startswith("Neu: ")
    assert issue.preheader.startswith("Neu: ")
    assert order() == ["q2", "q3"]

    mine, theirs = open_as("a.md"), open_as("b.md")
    typed(theirs, ("subject: Neu:", "subject: Von ihr:"), ("- q2 Zwei", "- q1\n- q2 Zwei"))
    typed(mine, ("subject: Neu:", "subject: Von mir:"), ("- q2 Zwei", "- q4\n- q2 Zwei"))
    newsletter("issue", "edit", key, str(theirs), as_="freigabe")
    refused = newsletter("issue", "edit", key, str(mine))
    assert refused.code == 1
    assert f"{key} wurde inzwischen von freigabe geändert" in refused.err
    assert "anders: Betreff, Auswahl oder Reihenfolge der Beiträge." in refused.err
    kept = Path(re.findall(r"in (/\S+\.md)", refused.err)[0])
    text = kept.read_text("utf-8")
    assert "#! Hier schreibt freigabe:\n#!   Von ihr: " in text
    assert "#!   q1 Eins vom See\n#!   q2 Zwei vom See\n" in text
    assert newsletter("issue", "edit", key, str(kept)).code == 0
    assert desk.issue(key).subject.startswith("Von mir: ")
    assert order() == ["q4", "q2", "q3"]


def test_an_issue_stands_again_as_it_once_did(
    desk: Desk, newsletter: Newsletter, home: Path
) -> None:
    for title in ("Eins", "Zwei"):
        desk.accepted(news(title=f"{title} vom See", link=f"https://l.example/{title}"))
    key = desk.new()
    assert "wurde noch nicht geändert (Stand 1)" in newsletter("issue", "revisions", key).out
    newsletter("issue", "fill", key)
    first = newsletter("issue", "show", key, "--json").json
    document = newsletter("issue", "show", key, "--document").out
    newsletter("issue", "edit", key, "-", typed=document.replace("subject: ", "subject: Neu: "))
    newsletter("issue", "remove", key, "q2")
    newsletter("issue", "request", key, "--accept-warnings", "ja")
    listed = newsletter("issue", "revisions", key).out
    assert "bearbeitet" in listed
    assert "Betreff" in listed
    assert f"Zurück zu Stand 3: newsletter issue restore {key} 3" in listed
    facts = newsletter("issue", "revisions", key, "--json").json["before"]
    assert [it["version"] for it in facts] == [1, 2, 3]
    assert [it["changed"] for it in facts] == [["order"], ["subject"], ["order"]]

    done = newsletter("issue", "restore", key, "2")
    assert "hebt die Freigabe" in done.out or "wieder ein Entwurf" in done.out
    assert f"{key} steht wieder da wie bei Stand 2." in done.out
    again = newsletter("issue", "show", key, "--json").json
    assert (again["subject"], again["sections"]) == (first["subject"], first["sections"])
    assert again["state"] == "draft"
    refused = newsletter("issue", "restore", key, "2")
    assert (refused.code, "steht schon so da" in refused.err) == (1, True)
    assert "steht nicht im Protokoll" in newsletter("issue", "restore", key, "99").err
    assert newsletter("undo", key).code == 0
    assert newsletter("issue", "show", key, "--json").json["subject"].startswith("Neu: ")
