"""``newsletter queue``, as an editor types it."""

import json
import os
import pty
import select
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from newsletter.commands import document
from newsletter.commands.document import annotated, read
from newsletter.commands.item_document import facts_in, written
from newsletter.errors import Invalid, Problem
from newsletter.language import LANGUAGES, speaking
from newsletter.settings import Settings
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, fair, news
from tests.program import Program, clean

__all__ = ["desk", "newsletter"]

CALL = """---
kind: news
title: BMWE: Zweite Förderrunde gestartet
teaser: Bis zum 31. März können sich Cluster bewerben,
  auch gemeinsam.
link: https://www.bmwe.example/aufruf
targets: go-cluster, clusterplattform
---
Die **Unterlagen** stehen bereit.
"""


@pytest.fixture
def soon(desk: Desk) -> datetime:
    """A date far enough ahead of the real clock, which commands look at."""
    return (datetime.now(UTC) + timedelta(days=60)).replace(hour=9, minute=0, second=0)


def test_an_own_item_is_added_from_a_file(newsletter: Newsletter, tmp_path: Path) -> None:
    file = tmp_path / "aufruf.md"
    file.write_text(CALL, encoding="utf-8")
    done = newsletter("queue", "add", str(file), "--source", "BMWE")
    assert done.code == 0, done.err
    assert "Als Nächstes: newsletter queue accept q1" in done.out
    shown = newsletter("queue", "show", "q1", "--json", as_="").json
    assert shown["origin"] == "BMWE"
    assert shown["teaser"].endswith("bewerben, auch gemeinsam.")
    assert shown["clearances"]["go-cluster"]["state"] == "asked"


def test_an_own_item_is_added_from_standard_input_as_json(
    newsletter: Newsletter, desk: Desk
) -> None:
    done = newsletter(
        "queue", "add", "-", "--cluster", "lichtwerk", "--json", typed=json.dumps(news())
    )
    assert done.json == {"id": "q1", "state": "received", "similar": []}


def test_the_origin_may_stand_in_the_document(newsletter: Newsletter) -> None:
    done = newsletter("queue", "add", "-", typed=CALL.replace("kind:", "source: ECCP\nkind:"))
    assert done.code == 0, done.err
    assert newsletter("queue", "show", "1", "--json").json["origin"] == "ECCP"


def test_without_an_origin_it_is_wrong_usage(newsletter: Newsletter) -> None:
    done = newsletter("queue", "add", "-", typed=CALL)
    assert done.code == 2
    assert "--source" in done.err


def test_problems_come_back_at_their_line_in_a_kept_file(
    newsletter: Newsletter, home: Path
) -> None:
    broken = CALL.replace("title: BMWE: Zweite Förderrunde gestartet", "title:").replace(
        "targets: go-cluster, clusterplattform", "targets: rundbrief\nfarbe: rot"
    )
    done = newsletter("queue", "add", "-", "--source", "BMWE", typed=broken)
    assert done.code == 1
    assert "Zeile 3, title: Bitte geben Sie einen Titel an." in done.err
    assert "Zeile 7, targets: Den Newsletter „rundbrief“ gibt es nicht." in done.err
    assert "Zeile 8, farbe: Dieses Feld kennen wir nicht." in done.err
    (kept,) = (home / "drafts").iterdir()
    assert str(kept) in done.err
    lines = kept.read_text(encoding="utf-8").splitlines()
    assert lines[lines.index("title:") - 1] == "#! Bitte geben Sie einen Titel an."
    again = kept.read_text().replace("title:", "title: Aufruf").replace("farbe: rot\n", "")
    again = again.replace("rundbrief", "go-cluster")
    assert newsletter("queue", "add", "-", "--source", "BMWE", typed=again).code == 0


def test_a_picture_is_taken_in_from_beside_the_document(
    newsletter: Newsletter, tmp_path: Path
) -> None:
    Image.new("RGB", (900, 600), "teal").save(tmp_path / "foto.jpg")
    file = tmp_path / "aufruf.md"
    more = "image: foto.jpg\nimage_alt: Eine blaue Fläche\nrights_confirmed: ja\n---\nDie"
    file.write_text(CALL.replace("---\nDie", more), encoding="utf-8")
    done = newsletter("queue", "add", str(file), "--source", "BMWE")
    assert done.code == 0, done.err
    assert "media" in newsletter("queue", "show", "q1").out
    assert "Bildnachweis" in newsletter("queue", "accept", "q1").out
    file.write_text(CALL.replace("---\nDie", "image: weg.jpg\n---\nDie"), encoding="utf-8")
    done = newsletter("queue", "add", str(file), "--source", "BMWE")
    assert "Die Datei „weg.jpg“ gibt es nicht." in done.err


def test_without_terminal_and_file_the_option_is_named(newsletter: Newsletter) -> None:
    done = newsletter("queue", "add", "--source", "BMWE")
    assert done.code == 1
    assert "newsletter queue add DATEI" in done.err


def test_a_file_that_is_not_there_is_named(newsletter: Newsletter, tmp_path: Path) -> None:
    done = newsletter("queue", "add", str(tmp_path / "weg.md"), "--source", "BMWE")
    assert done.code == 1
    assert "weg.md ist nicht lesbar" in done.err


def test_the_queue_is_listed_and_shown_without_asking_who(
    newsletter: Newsletter, desk: Desk, soon: datetime
) -> None:
    desk.hand_in()
    desk.hand_in(fair(soon, targets=["go-cluster"]))
    done = newsletter("queue", "list", as_="")
    assert done.code == 0
    assert "Lichtwerk Havelbogen e. V." in done.out
    assert "Als Nächstes: newsletter queue show q1" in done.out
    listed = newsletter("queue", "list", "--kind", "date", "--json", as_="").json
    assert [entry["id"] for entry in listed] == ["q2"]
    assert listed[0]["clearances"] == {"go-cluster": "asked"}
    shown = newsletter("queue", "show", "Q2", as_="").out
    assert "Alte Schleiferei" in shown
    assert "Verlauf:" in shown


def test_accepting_says_what_was_decided_and_what_to_mend(
    newsletter: Newsletter, desk: Desk
) -> None:
    desk.hand_in(news(title="TODO Titel"))
    done = newsletter("queue", "accept", "q1")
    assert done.code == 0
    assert "q1  angenommen für clusterplattform: TODO Titel" in done.out
    assert "q1  Fehler: Titel: Hier steht noch der Platzhalter „TODO“." in done.out
    assert "Als Nächstes: newsletter issue new clusterplattform" in done.out
    again = newsletter("queue", "accept", "q1", "--json").json
    assert {decision["changed"] for decision in again} == {False}


def test_declining_needs_a_reason(newsletter: Newsletter, desk: Desk) -> None:
    desk.hand_in()
    done = newsletter("queue", "decline", "q1")
    assert done.code == 1
    assert "--reason" in done.err
    done = newsletter("queue", "decline", "q1", "--for", "go-cluster", "--reason", "Zu alt.")
    assert "q1  abgelehnt für go-cluster" in done.out


def test_deciding_asks_who(newsletter: Newsletter, desk: Desk) -> None:
    desk.hand_in()
    for words in (("accept", "q1"), ("decline", "q1", "--reason", "x"), ("edit", "q1", "-")):
        done = newsletter("queue", *words, as_="niemand")
        assert done.code == 1
        assert "[[editors]]" in done.err


def test_an_unknown_reference_is_named(newsletter: Newsletter) -> None:
    for verb in ("show", "accept"):
        done = newsletter("queue", verb, "q99")
        assert (done.code, "q99" in done.err) == (1, True)


# -- editing ------------------------------------------------------------------------------


def test_a_document_comes_and_goes_unharmed(
    newsletter: Newsletter, desk: Desk, soon: datetime
) -> None:
    desk.hand_in(fair(soon, register_by=soon.date().isoformat(), body="Erstens.\n\n- a\n- b"))
    before = newsletter("queue", "show", "q1", "--json").json
    typed = newsletter("queue", "show", "q1", "--document").out
    done = newsletter("queue", "edit", "q1", "-", "--json", typed=typed)
    assert done.json == {"id": "q1", "revision": 2, "older_in": [], "stopped": {}}
    after = newsletter("queue", "show", "q1", "--json").json
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"revision", "made_at", "made_by"}


def test_an_edit_names_the_issues_it_touches(
    newsletter: Newsletter, desk: Desk, soon: datetime
) -> None:
    desk.accepted()
    key = desk.approved()
    typed = newsletter("queue", "show", "q1", "--document").out
    done = newsletter("queue", "edit", "q1", "-", typed=typed.replace("Silber-Label", "Gold"))
    assert f"newsletter issue add {key} q1" in done.out
    typed = newsletter("queue", "show", "q1", "--document").out
    dark = typed.replace("embargo_until:", f"embargo_until: {soon:%d.%m.%Y} 11:00")
    done = newsletter("queue", "edit", "q1", "-", typed=dark)
    assert f"Achtung: {key} ist deshalb wieder ein Entwurf" in done.out


def test_rights_are_taken_back_in_the_document(
    newsletter: Newsletter, desk: Desk, tmp_path: Path
) -> None:
    desk.accepted()
    Image.new("RGB", (90, 60), "teal").save(tmp_path / "foto.jpg")
    file = tmp_path / "q1.md"
    typed = newsletter("queue", "show", "q1", "--document").out
    typed = typed.replace("image:", "image: foto.jpg")
    file.write_text(typed.replace("image_alt:", "image_alt: Blau"), encoding="utf-8")
    assert newsletter("queue", "edit", "q1", str(file)).code == 0
    key = desk.approved()
    typed = newsletter("queue", "show", "q1", "--document").out
    typed = typed.replace("rights_confirmed: ja", "rights_confirmed: nein")
    done = newsletter("queue", "edit", "q1", "-", typed=typed)
    assert done.code == 0, done.err
    assert "Das Bild ist nicht mehr dabei" in done.out
    assert f"Achtung: {key} ist deshalb wieder ein Entwurf" in done.out
    assert f"newsletter issue remove {key} q1" in done.out
    checked = newsletter("issue", "check", key)
    assert checked.code == 1
    assert "Die Rechte an Text und Bild sind nicht bestätigt" in checked.out + checked.err


def test_a_document_must_say_which_revision_it_was_made_from(
    newsletter: Newsletter, desk: Desk
) -> None:
    desk.hand_in()
    typed = newsletter("queue", "show", "q1", "--document").out
    done = newsletter("queue", "edit", "q1", "-", typed=typed.replace("revision: 1", ""))
    assert "revision" in done.err


def run_at_a_terminal(home: Path, editor: Path, *words: str, answers: str = "") -> tuple[int, str]:
    """The real program at a real (pseudo) terminal."""
    ours, theirs = pty.openpty()
    environment = clean(EDITOR=f"{sys.executable} {editor}", VISUAL="")
    words = ("--home", str(home), "--as", "redaktion", *words)
    os.write(ours, answers.encode())
    said = b""
    with Program(*words, environment=environment, terminal=os.ttyname(theirs)) as running:
        while select.select([ours], [], [], 0.02)[0] or running.alive:
            if select.select([ours], [], [], 0)[0]:
                said += os.read(ours, 4096)
        code = running.end().code
    os.close(ours)
    os.close(theirs)
    return code, said.decode()


def test_an_editor_opens_and_opens_again_after_a_mistake(
    home: Path, tmp_path: Path, newsletter: Newsletter
) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import sys, pathlib\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "text = path.read_text()\n"
        "if '#!' in text:\n"
        "    text = text.replace('title:', 'title: Aufruf', 1)\n"
        "else:\n"
        "    text = text.replace('teaser:', 'teaser: Ein Satz.', 1)\n"
        "path.write_text(text)\n"
    )
    code, said = run_at_a_terminal(home, editor, "queue", "add", "--source", "BMWE", answers="j\n")
    assert code == 0, said
    assert "Bitte geben Sie einen Titel an." in said
    assert newsletter("queue", "show", "q1", "--json").json["title"] == "Aufruf"
    assert list((home / "drafts").iterdir()) == []


def test_an_editor_that_changes_nothing_adds_nothing(home: Path, tmp_path: Path) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text("")
    code, said = run_at_a_terminal(home, editor, "queue", "add", "--source", "BMWE")
    assert code == 0, said
    assert "Nichts eingetragen." in said


# -- the document -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("title: x", 1),
        ("---\ntitle: x\n", 1),
        ("\n\n---\ntitle: x\nirgendwas\n---\n", 5),
        ("---\n  eingerückt\n---\n", 2),
        ("---\ntitle: x\ntitle: y\n---\n", 3),
        ('{"kind": \n oops}', 2),
        ("[1]", 1),
    ],
)
def test_a_document_that_is_none_is_told_where(text: str, line: int) -> None:
    with pytest.raises(Invalid) as refused:
        read(text)
    assert refused.value.problems[0].field == f"line {line}"


def test_texts_of_several_lines_are_indented(settings: Settings) -> None:
    facts = {"kind": "success_story", "title": "T", "result": "Eins.\n\nZwei."}
    again = facts_in(read(written(facts, settings.zone)), settings.zone)
    assert again["result"] == "Eins.\n\nZwei."


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("16.03.2027 9:30", "2027-03-16T09:30:00+01:00"),
        ("16.03.2027, 9.30 Uhr", "2027-03-16T09:30:00+01:00"),
        ("16.7.2027 09:30", "2027-07-16T09:30:00+02:00"),
        ("2027-03-16T09:30", "2027-03-16T09:30:00+01:00"),
        ("2027-03-16 9:30", "2027-03-16T09:30:00+01:00"),
        ("2027-03-16T09:30:00+00:00", "2027-03-16T09:30:00+00:00"),
        ("16.03.2027", "2027-03-16"),
        ("2027-03-16", "2027-03-16"),
    ],
)
def test_dates_are_typed_as_people_write_them(typed: str, meant: str, settings: Settings) -> None:
    facts = facts_in(read(f"---\nstarts_at: {typed}\n---\n"), settings.zone)
    assert facts["starts_at"] == meant


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "moment",
    [
        "2027-03-16T09:30:00+01:00",
        "2027-03-16T09:30:15+01:00",
        "2027-10-31T00:30:00+00:00",  # 2:30 in Berlin, for the first time
        "2027-10-31T01:30:00+00:00",  # and again
    ],
)
def test_no_moment_is_moved_by_writing_it_down(
    moment: str, language: str, settings: Settings
) -> None:
    with speaking(language):
        facts = facts_in(read(written({"starts_at": moment}, settings.zone)), settings.zone)
    assert datetime.fromisoformat(str(facts["starts_at"])) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("starts_at: 31.02.2027", "Den 31.02.2027 gibt es nicht."),
        ("starts_at: 16.03.2027 25:00", "keine Uhrzeit"),
        ("starts_at: 28.03.2027 2:30", "gibt es 02:30 Uhr nicht"),
        ("online: vielleicht", "ja oder nein"),
    ],
)
def test_values_that_are_none_are_told(line: str, why: str, settings: Settings) -> None:
    with pytest.raises(Invalid, match=why):
        facts_in(read(f"---\n{line}\n---\n"), settings.zone)


@given(st.text(max_size=300))
def test_whatever_is_typed_is_read_or_refused_with_lines(text: str) -> None:
    try:
        read(text)
    except Invalid as refused:
        told = annotated(text, refused.problems, {})
        assert document.COMPLAINT in told
        kept = document.without_complaints(told)
        assert kept == document.without_complaints(text)


@given(
    st.text(st.characters(blacklist_categories=["C", "Z"]), max_size=40),
    st.text(st.characters(blacklist_categories=["C"]), max_size=200),
)
def test_every_title_and_text_survives_the_document(title: str, body: str) -> None:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Berlin")
    facts = facts_in(read(written({"title": title, "body": body}, zone)), zone)
    assert (facts.get("title") or "") == title
    assert str(facts["body"]).rstrip("\n") == body


def test_a_problem_without_a_line_stands_on_top() -> None:
    told = annotated("---\n---\n", [Problem("kind", "Fehlt.")], {})
    assert told.startswith("#! kind: Fehlt.\n---")
