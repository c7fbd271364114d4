"""What the law wants gone is gone from everything that readers see, and the record says so."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, text

from newsletter import issues, pictures, queue
from newsletter.content import content_hash
from newsletter.history import Act
from newsletter.models.issue import EditionRow, IssueState
from newsletter.settings import Settings
from newsletter.texts import blanked
from tests.archive_situations import PUBLIC, sending, stored
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN
from tests.desk_situations import Desk, desk, fair, news
from tests.intake_situations import jpeg
from tests.web_situations import browser

__all__ = ["browser", "desk", "newsletter"]  # the fixtures

KEY, PAGE = f"{PUBLIC}-2026-12", f"/archive/{PUBLIC}/2026-12"
GONE = "Dieser Beitrag wurde am 23. November 2026 entfernt."
TITLE = "Zwei Lehrlinge beginnen in der „Linsenschleiferei“ am Havelufer ihre Ausbildung"
WORDS = ("Lehrlinge", "Meisterin begrüßte", "Foto: Werkstatt", "/media/", "lehrlinge.example")
OTHERS = ("Erste Meldung", "Zweite Meldung", "Dritte Meldung", "Vierte Meldung")


def people(desk: Desk) -> tuple[str, str]:
    """An item with a picture of people, accepted; its reference, and its picture's key."""

    def taken_in(act: Act) -> str:
        return pictures.take_in(act, jpeg(800, 400), cluster_id=1, by="presse").key

    picture = desk.do(taken_in)
    facts = news(
        title=TITLE,
        teaser="Die Meisterin begrüßte beide am ersten Tag.",
        link="https://lehrlinge.example/start",
        image=picture,
        image_alt="Zwei Lehrlinge an der Drehbank",
        image_credit="Foto: Werkstatt",
    )
    return desk.accepted(facts), picture


def six_items(desk: Desk) -> tuple[str, str, str]:
    """A public issue that has gone out: the people, a date, others; and the picture's key."""
    person, picture = people(desk)
    date = desk.accepted(fair(desk.clock() + timedelta(days=40)))
    for title in OTHERS:
        desk.accepted(news(title=title, link="https://www.lichtwerk.example/" + title[:5]))
    sending(desk, desk.scheduled())
    return person, date, picture


def test_an_item_is_gone_from_page_picture_and_stored_bytes_and_the_others_stay(
    browser: TestClient, desk: Desk, newsletter: Newsletter, settings: Settings
) -> None:
    person, date, picture = six_items(desk)
    approved, image = stored(desk, KEY), f"/media/{picture}/mail.jpg"
    uid = desk.look(lambda act: queue.show(act.session, settings, date, act.now).submission.uid)
    assert [word for word in WORDS if word not in approved.html] == []
    assert browser.get(image).status_code == 200
    assert browser.get(f"/dates/{uid}.ics").status_code == 200

    said = newsletter("queue", "take-down", person, "--reason", "Widerruf nach § 22 KUG")
    assert said.code == 0
    assert f"{person} ist entfernt: {TITLE}" in said.words
    assert f"Aus den gespeicherten Fassungen gelöscht: {KEY}" in said.words
    page, left = browser.get(PAGE).text, stored(desk, KEY)
    for shown in (page, left.html, left.text):
        assert not [word for word in WORDS if word in shown]
        assert GONE in shown
        assert all(other in shown for other in OTHERS)
        assert "Widerruf" not in shown
    assert page.count(GONE) == 1
    assert page.count("Entfernter Beitrag") == left.text.count("Entfernter Beitrag") == 1
    assert browser.get(image).status_code == 410
    assert "entfernt" in browser.get(image).text

    assert newsletter("queue", "take-down", date, "--reason", "Art. 17 DSGVO").code == 0
    assert "Fachtagung" not in browser.get(PAGE).text
    assert browser.get(PAGE).text.count(GONE) == 2
    editions = desk.look(lambda act: list(act.session.scalars(select(EditionRow))))
    assert len(editions) == 3
    assert not [it for it in editions if "Fachtagung" in f"{it.subject}{it.html}{it.text}"]
    assert browser.get(f"/dates/{uid}.ics").status_code == 404
    assert b"Fachtagung" not in browser.get(f"/archive/{PUBLIC}/calendar.ics").content
    numbers = {int(person[1:]), int(date[1:])}
    assert desk.look(lambda act: queue.taken_down(act.session)) == numbers
    assert stored(desk, KEY).content_hash == approved.content_hash
    assert "§ 22 KUG" in newsletter("log", person, as_="").words
    assert "neu auf: newsletter queue add" in newsletter("undo", person).err
    assert newsletter("queue", "accept", person).code == 1
    assert newsletter("queue", "take-down", person, "--reason", "noch einmal").code == 0


def test_an_issue_that_has_not_left_loses_its_approval_and_its_earlier_builds_the_words(
    desk: Desk, newsletter: Newsletter
) -> None:
    person, __ = people(desk)
    key = desk.scheduled()
    desk.do(issues.unschedule, key)
    without = newsletter("queue", "take-down", person)
    assert without.code == 1
    assert f'newsletter queue take-down {person} --reason "…"' in without.err
    done = desk.do(queue.take_down, person, "Widerruf")
    assert done.stopped == ((key, IssueState.DRAFT),)
    assert done.drafts == done.blanked == (key,)
    assert done.elsewhere == ()

    def rows(act: Act) -> list[EditionRow]:
        return list(act.session.scalars(select(EditionRow)))

    kept = desk.look(rows)
    assert "Lehrlinge" not in "".join(row.html + row.text + row.subject for row in kept)
    left = content_hash(row.frozen() for row in kept)
    assert {row.blanked_hash for row in kept} == {left} != {kept[0].content_hash}
    assert [f.check for f in desk.look(lambda act: _errors(act, key))] == ["unusable"]


def _errors(act: Act, key: str) -> list[issues.Built]:
    return issues.check(act.session, act.settings, key, act.now).errors  # type: ignore[return-value]


@pytest.mark.sqlite("which items a stored page shows is asked in our own code")
def test_an_issue_with_q10_is_no_issue_with_q1(desk: Desk, newsletter: Newsletter) -> None:
    first, *_others, tenth = [desk.hand_in(news(title=f"Meldung {n}")) for n in range(10)]
    desk.accept(tenth)
    sending(desk, desk.scheduled())
    assert (first, tenth) == ("q1", "q10")
    assert desk.do(queue.take_down, first, "Widerruf").blanked == ()
    assert newsletter("issue", "verify", KEY, as_="").code == 0


def test_bytes_that_were_changed_by_hand_stay_refused_after_a_take_down(
    browser: TestClient, desk: Desk, engine: Engine
) -> None:
    person, __ = people(desk)
    sending(desk, desk.scheduled())
    with engine.begin() as connection:
        connection.execute(text("UPDATE edition SET html = replace(html, 'ersten', 'zweiten')"))
    assert browser.get(PAGE).status_code == 500
    desk.do(queue.take_down, person, "Widerruf", who=BEN)
    assert "Lehrlinge" not in stored(desk, KEY).html
    assert browser.get(PAGE).status_code == 500


# -- how it is found in the bytes (pure) ----------------------------------------------------

OUTLOOK = "<!--[if mso]><table><tr><td><![endif]-->"


@pytest.mark.parametrize(
    ("html", "left"),
    [
        (
            f'<div><td class="a item-q4 b">{OUTLOOK}<h3 id="q4">X</h3></td><p>z</p></div>',
            '<div><td class="a item-q4 b"><p id="q4">S</p></td><p>z</p></div>',
        ),
        (
            '<table class="item-q4"><tr><td>x</td></tr></table><div class="item-q41">z</div>',
            '<table class="item-q4"><tr><td style="padding:8px 24px"><p id="q4">S</p></td></tr>'
            "</table>"
            '<div class="item-q41">z</div>',
        ),
        (
            '<div><h3 id="q4">X</h3><p>x<br>x</p><hr class="rule"><h3 id="q5">Z</h3></div>',
            '<div><p id="q4">S</p><hr class="rule"><h3 id="q5">Z</h3></div>',
        ),
        ('<div><h3 id="q4">X</h3><p>x</p></div><p>z</p>', '<div><p id="q4">S</p></div><p>z</p>'),
        (
            '<ul><li>3. <a href="#q4"><b>X</b></a> (x)</li></ul><td><a href="#q4">X</a></td>',
            '<ul><li><a href="#q4">L</a></li></ul><td><a href="#q4">L</a></td>',
        ),
        ('<script type="application/ld+json">{"name": "X"}</script><p>z</p>', "<p>z</p>"),
    ],
)
def test_in_the_html_an_item_is_the_element_of_its_class_or_what_follows_its_heading(
    html: str, left: str
) -> None:
    assert blanked.from_html(html, "q4", "S", "L") == left


def test_an_item_is_found_however_deep_it_stands() -> None:
    html = f'{"<div>" * 2_000}<div class="item-q1">weg</div>{"</div>" * 2_000}'
    assert ">weg<" not in blanked.from_html(html, "q1", "entfernt", "Entfernter Beitrag")


def test_in_the_text_an_item_ends_at_the_next_heading_and_unfound_takes_all_along() -> None:
    known = ["„Ein langer Titel“", "Zweiter", "Impressum"]
    mail = (
        "Inhalt\n======\n- Ein\n- „Ein langer\n  Titel“\n- Zweiter\n\n"
        '"Ein langer\nTitel"\n----------\nx\n\nZwischentitel\n------\nx\n\n'
        "Zweiter\n-------\nz\n\nImpressum\n=========\nWir\n"
    )
    left = blanked.from_text(mail, known[0], known, "S", "L")
    assert left == (
        "Inhalt\n======\n- Ein\n- L\n- Zweiter\n\nS\n\n\n"
        "Zweiter\n-------\nz\n\nImpressum\n=========\nWir\n"
    )
    assert blanked.from_text("Ganz anders gesetzt: x\n", known[0], known, "S", "L") == "S\n"


def test_a_title_that_means_one_item_is_named_nowhere_else() -> None:
    title = "Messe &amp; Markt am Hafen\u00adufer"
    first = "<p>2 Termine, zuerst: Messe\xa0&amp; Markt am\nHafenufer.</p>"
    assert blanked.unnamed(first, title, "L") == "<p>2 Termine, zuerst: L.</p>"
    assert blanked.unnamed("Messe & Markt am Hafenufer", title, "L") == "L"
    assert blanked.unnamed("Die Messe am Hafen", "Messe am Hafen", "L") == "Die Messe am Hafen"
    # but not in the first line of the dates, which is ours
    dates = "<p>Ein\xa0Termin: Tagung „Licht &amp; Messen“</p><p>die Tagung Licht &amp; Messen</p>"
    left = "<p>Ein\xa0Termin: L</p><p>die Tagung Licht &amp; Messen</p>"
    title = "Tagung „Licht &amp; Messen“"
    assert blanked.unnamed(dates, title, "L", ("Ein Termin:",)) == left
    assert blanked.unnamed("Ein Termin: Messer", "Messe", "L", ("Ein Termin:",)) == (
        "Ein Termin: Messer"
    )


def test_a_calendar_keeps_its_other_events() -> None:
    event = "BEGIN:VEVENT\r\nUID:{}\r\nSUMMARY:x\r\nEND:VEVENT\r\n"
    both = event.format("a-long-\r\n uid") + event.format("b")
    assert blanked.from_calendar(both, "a-long-uid") == event.format("b")
    assert blanked.from_calendar(both, "") == both
