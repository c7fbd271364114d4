"""Published items by themselves: their pages, the search, the dates ahead."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient

from newsletter import issues, queue, submissions
from newsletter.content import EventState
from newsletter.history import Act
from tests.archive_situations import MEMBERS, PUBLIC, sending
from tests.conftest import BEN
from tests.desk_situations import Desk, desk, fair, news
from tests.web_situations import browser

__all__ = ["browser", "desk"]  # the fixtures

SEARCH = f"/archive/{PUBLIC}/search"
DATES = f"/archive/{PUBLIC}/dates"
MARCH = datetime(2027, 3, 16, 9, 30, tzinfo=UTC)


def page_of(reference: str, slug: str = PUBLIC) -> str:
    return f"/archive/{slug}/items/{reference}"


def out(desk: Desk, *items: dict[str, Any], number: str = "2026-12", slug: str = PUBLIC) -> None:
    """These items go out in one issue."""
    desk.accept(*(desk.hand_in(item | {"targets": [slug]}) for item in items))
    key = desk.new(slug, number)
    desk.do(issues.fill, key)
    desk.do(issues.request, key, "geprüft")
    desk.do(issues.approve, key, who=BEN)
    desk.do(issues.schedule, key, desk.clock())
    sending(desk, key)


def read(browser: TestClient, path: str, **query: str) -> str:
    """A page with plain spaces: its typography is another matter (test_typography)."""
    return browser.get(path, params=query).text.replace("\u00a0", " ").replace("\u00ad", "")


def found(browser: TestClient, **query: str) -> list[str]:
    """The references that a search finds, in their order."""
    answer = browser.get(SEARCH, params=query)
    assert answer.status_code == 200, answer.text
    links = BeautifulSoup(answer.text, "html.parser").select(".results h2 a")
    return [str(link["href"]).rpartition("/")[2] for link in links]


def test_items_are_found_by_their_words_newest_first(browser: TestClient, desk: Desk) -> None:
    desk.cluster(slug="isar", name="Isar Übermorgen e. V.", land="DE-BY")
    out(desk, news(title="Große Straßenschau", body="Dazu die Strategie „Licht *2030*“ im Mai."))
    desk.clock.forward(days=31)
    isar = desk.hand_in(news(title="100 % Ökostrom_neu", targets=[PUBLIC]), "isar")
    desk.accept(isar)
    out(desk, fair(MARCH, location="Alte Gießerei, München"), number="2027-01")
    assert found(browser) == ["q3", "q2", "q1"]
    assert found(browser, q="STRASSENSCHAU") == ["q1"]
    assert found(browser, q="„licht 2030“ mai") == ["q1"]
    assert found(browser, q="muenchen giesserei") == ["q3"]
    assert found(browser, q="lichtwerk uebermorgen") == []
    assert found(browser, q="ÜBERMORGEN") == ["q2"]
    assert found(browser, q="100 %") == found(browser, q="m_neu") == ["q2"]
    assert found(browser, q="%") == ["q2"]
    assert found(browser, q=".*") == found(browser, q="🌱") == []
    assert found(browser, kind="date") == ["q3"]
    assert found(browser, land="DE-BY") == ["q2"]
    assert found(browser, q="e", kind="news", land="DE-BB") == ["q1"]


@pytest.mark.sqlite("what a page says is the same on both")
def test_a_hit_says_where_it_stands_and_marks_the_words(browser: TestClient, desk: Desk) -> None:
    out(desk, news(title="Licht & <b>Messen</b>", body="Hier steht *Grünwasserstoff* und mehr."))
    answer = browser.get(SEARCH, params={"q": "wasserstoff licht"})
    page = BeautifulSoup(answer.text, "html.parser")
    assert [mark.get_text() for mark in page.select(".results mark")] == ["Licht", "wasserstoff"]
    assert page.select_one(".results h2 a").get_text() == "Licht & <b>Messen</b>"
    issue = page.select_one(f'.results a[href="/archive/{PUBLIC}/2026-12#q1"]')
    assert issue.get_text() == "In: Ausgabe Dezember 2026"
    assert page.select_one("input#q")["value"] == "wasserstoff licht"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "X-Robots-Tag" not in browser.get(SEARCH).headers
    nothing = browser.get(SEARCH, params={"q": "fehlt", "kind": "news"}).text
    assert "Dazu ist nichts erschienen." in nothing
    assert f'href="{SEARCH}?q=fehlt"' in nothing


@pytest.mark.sqlite("what is typed wrong is refused before the database is asked")
def test_what_cannot_be_looked_for_is_said_at_its_field_and_stays_typed(
    browser: TestClient,
) -> None:
    for query, field, words in (
        ({"q": "x" * 5_000}, "q", "höchstens 200"),
        ({"q": "Licht", "land": "Atlantis"}, "land", "Das Land „Atlantis“ gibt es nicht"),
        ({"q": "Licht", "kind": "<b>"}, "kind", "Die Art „<b>“ gibt es nicht"),
    ):
        answer = browser.get(SEARCH, params=query)
        page = BeautifulSoup(answer.text, "html.parser")
        assert answer.status_code == 422
        assert words in page.select_one(f"#{field}-message").get_text()
        assert page.select_one(f".alert a[href='#{field}']")
        assert page.select_one("input#q")["value"] == query["q"]
        assert page.title.get_text().startswith("Fehler: ")
    assert browser.get(SEARCH, params={"page": "99999999"}).status_code == 200
    assert browser.post(SEARCH).status_code == 405


@pytest.mark.sqlite("turning pages is no matter of the database")
def test_many_items_are_turned_over_page_by_page(browser: TestClient, desk: Desk) -> None:
    desk.accept(*(desk.hand_in(news(title=f"Nummer {n}", targets=[PUBLIC])) for n in range(22)))
    out(desk, news(title="Nummer 22"))
    first = read(browser, SEARCH, q="nummer")
    assert "23 Beiträge" in first
    assert "Seite 1 von 2" in first
    (more,) = BeautifulSoup(first, "html.parser").select("a[rel=next]")
    assert more["href"] == "?q=nummer&page=2"
    assert found(browser, q="nummer", page="2") == ["q3", "q2", "q1"]
    assert found(browser, q="nummer", page="3") == ["q3", "q2", "q1"]


@pytest.mark.sqlite("what a page says is the same on both")
def test_an_item_has_a_page_with_everything_that_it_says(browser: TestClient, desk: Desk) -> None:
    story = news(
        kind="success_story",
        title="Glas </script> & Licht",
        challenge="Zu dunkel.",
        solution="Mehr Licht.",
        quote="„Endlich hell“, sagt die Leitung.",
        body="## So ging es\n\nMit [Geduld](https://www.lichtwerk.example/geduld).",
    )
    out(desk, news(title="Die Ältere"), story)
    answer = browser.get(page_of("q2"))
    page = BeautifulSoup(read(browser, page_of("q2")), "html.parser")
    assert page.h1.get_text() == "Glas </script> & Licht"
    assert "erschienen am Montag, 23. November 2026" in page.select_one(".kicker").get_text()
    assert [h.get_text() for h in page.select(".text h2, .box h2")] == [
        *("So ging es", "Herausforderung", "Lösung", "Zitat"),
    ]
    assert "Lichtwerk Havelbogen e. V. · Brandenburg · Silber-Label" in page.get_text()
    assert page.select_one(f'.from a[href="/archive/{PUBLIC}/2026-12#q2"]')
    assert page.select_one("a[rel=prev]")["href"] == page_of("q1")
    url = "http://127.0.0.1:8000" + page_of("q2")
    assert page.select_one("link[rel=canonical]")["href"] == url
    assert page.select_one("meta[property='og:url']")["content"] == url
    about = json.loads(page.select_one("script[type='application/ld+json']").string)
    assert (about["@type"], about["headline"]) == ("Article", "Glas </script> & Licht")
    assert about["datePublished"] == "2026-11-23T09:00:00+01:00"
    assert "Endlich hell" in about["articleBody"]
    assert about["author"] == [
        {
            "@type": "Organization",
            "name": "Lichtwerk Havelbogen e. V.",
            "url": "https://www.lichtwerk.example",
        }
    ]
    assert answer.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.sqlite("what a page says is the same on both")
def test_a_date_says_when_it_is_and_that_it_is_off(browser: TestClient, desk: Desk) -> None:
    day = fair(MARCH, title="Ganzer Tag", starts_at="2027-02-02", ends_at="2027-02-03", online=True)
    out(desk, fair(MARCH), day)
    listed = BeautifulSoup(browser.get(DATES).text, "html.parser")
    assert [h.get_text() for h in listed.select("main h2, main h3")] == [
        *("Februar 2027", "Ganzer Tag", "März 2027", "Fachtagung „Licht & Messen“"),
    ]
    assert listed.select_one("a[href*='/dates/']")["href"].endswith(".ics")
    desk.do(queue.cancel_date, "q1")
    page = BeautifulSoup(browser.get(page_of("q1")).text, "html.parser")
    assert page.h1.get_text() == "Abgesagt: Fachtagung „Licht & Messen“"
    assert "Dieser Termin ist abgesagt." in page.get_text()
    about = json.loads(page.select_one("script").string)
    assert about["eventStatus"] == "https://schema.org/EventCancelled"
    assert about["eventAttendanceMode"] == "https://schema.org/OfflineEventAttendanceMode"
    assert (about["@type"], about["startDate"]) == ("Event", "2027-03-16T10:30:00+01:00")
    assert about["location"][0]["name"] == "Alte Schleiferei, Musterhavel"
    whole = json.loads(
        BeautifulSoup(browser.get(page_of("q2")).text, "html.parser").select_one("script").string
    )
    assert (whole["startDate"], whole["endDate"]) == ("2027-02-02", "2027-02-03")
    assert whole["eventAttendanceMode"].endswith("/MixedEventAttendanceMode")
    desk.do(queue.cancel_date, "q1", EventState.ON)
    desk.clock.forward(days=90)
    assert "Ganzer Tag" not in browser.get(DATES).text
    assert "Fachtagung" in browser.get(DATES).text


def revised(desk: Desk, reference: str, **changes: Any) -> None:
    """A new revision of an item that is out."""

    def revise(act: Act) -> None:
        row = submissions.by_reference(act.session, reference)
        facts = submissions.facts_of(act.session, row)
        submissions.revise(act, row, facts | changes, by="redaktion")

    desk.do(revise)


@pytest.mark.sqlite("what a page says is the same on both")
def test_a_page_shows_what_came_out_and_what_was_noted_since(
    browser: TestClient, desk: Desk
) -> None:
    out(desk, news(title="Wie es herauskam"))
    revised(desk, "q1", title="Danach bearbeitet")
    desk.clock.forward(days=1)
    desk.do(issues.annotate, "q1", "Die Zahl ist 15, nicht 16.")
    text = read(browser, page_of("q1"))
    assert "Wie es herauskam" in text
    assert "Danach bearbeitet" not in text
    assert "Korrigiert am Dienstag, 24. November 2026:" in text
    assert "Die Zahl ist 15, nicht 16." in text
    assert found(browser, q="herauskam") == ["q1"]
    assert found(browser, q="bearbeitet") == []


def test_what_the_public_may_not_see_is_found_nowhere(browser: TestClient, desk: Desk) -> None:
    """Members' items, drafts, embargoes, withdrawn ones, lost rights: all look alike."""

    def dark(reference: str) -> bool:
        seen = browser.get(page_of(reference))
        again = browser.get(page_of("q999"))
        assert (seen.status_code, seen.text) == (404, again.text)
        return reference not in found(browser) and reference not in browser.get(DATES).text

    out(desk, news(title="Nur für Mitglieder"), slug=MEMBERS)
    waits = desk.accepted(news(title="Wartet noch"))
    assert dark("q1")
    assert dark(waits)
    assert browser.get(page_of("q1", MEMBERS)).status_code == 404
    assert browser.get(f"/archive/{MEMBERS}/search").status_code == 404
    assert browser.get(f"/archive/{MEMBERS}/dates").status_code == 404
    out(desk, fair(MARCH), news(title="Bleibt"), number="2027-01")
    assert found(browser) == ["q4", "q3", "q2"]
    desk.do(queue.withdraw, "q3", "Doppelt.")
    assert dark("q3")
    revised(desk, "q4", rights_confirmed=False)
    assert dark("q4")
    revised(desk, "q4", rights_confirmed=True)
    assert found(browser) == ["q4", "q2"]
    revised(desk, "q4", embargo_until="2027-01-31T00:00:00+01:00")
    assert found(browser) == []  # the archive shows no issue with an item under an embargo
    assert dark("q4")
    desk.clock.moment = datetime(2027, 2, 1, tzinfo=UTC)
    assert found(browser) == ["q4", "q2"]
    desk.do(queue.take_down, "q4", "Persönlichkeitsrecht")
    assert dark("q4")


@pytest.mark.sqlite("what a page says is the same on both")
def test_a_date_that_was_published_by_itself_has_a_page(browser: TestClient, desk: Desk) -> None:
    reference = desk.accepted(fair(MARCH))
    assert browser.get(page_of(reference)).status_code == 404
    desk.do(queue.publish, reference)
    assert "Erschienen in:" not in browser.get(page_of(reference)).text
    assert found(browser, kind="date") == [reference]
    revised(desk, reference, embargo_until="2027-01-31T00:00:00+01:00")
    assert browser.get(page_of(reference)).status_code == 404
    assert found(browser) == []
    its = f"/api/v1/public/{PUBLIC}/items"  # nor is it among what other sites shall delete
    answer = browser.get(its, params={"modified_since": "2026-01-01"}).json()
    assert (answer["items"], answer["gone"]) == ([], [])
