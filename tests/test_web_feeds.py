"""What stands in the feeds of a newsletter, what never does, and what a feed reader is spared."""

import json
from datetime import timedelta
from threading import Thread
from typing import Any

import feedparser
import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter import clusters, database, feeds, queue
from newsletter.clusters.facts import Row
from newsletter.feeds import Feed, NoSuchFeed
from newsletter.history import Act
from newsletter.settings import Settings, load
from tests.archive_situations import MEMBERS, PUBLIC
from tests.dates_situations import CALENDAR, gone_out, revised, soon
from tests.desk_situations import BOTH, LICHTWERK, Desk, desk, news
from tests.feed_situations import wrong_in
from tests.web_situations import ADDRESS
from tests.web_situations import following as browser

__all__ = ["browser", "desk"]  # the fixtures

ATOM, JSON = (f"/archive/{PUBLIC}/feed.{kind}" for kind in ("atom", "json"))
STORY = {"kind": "success_story", "challenge": "Zu dunkel.", "result": "Hell & <klar>."}


def atom(browser: TestClient, where: str = ATOM) -> Any:
    answer = browser.get(where)
    assert answer.status_code == 200, answer.text
    found = feedparser.parse(answer.content, response_headers=dict(answer.headers))
    assert not found.bozo, found.bozo_exception
    return found


def titles(browser: TestClient, where: str = ATOM) -> list[str]:
    """Both feeds say the same."""
    made = json.loads(browser.get(where.replace(".atom", ".json")).content)
    assert wrong_in(made) == []
    found = atom(browser, where).entries
    assert [item["id"] for item in made["items"]] == [each.id for each in found]
    return [each.title for each in found]


def test_every_published_item_stands_in_both_feeds_and_nothing_else(
    desk: Desk, browser: TestClient
) -> None:
    assert titles(browser) == []
    dark = (desk.clock() + timedelta(days=3)).isoformat()
    desk.accepted(news(title="Für beide", targets=BOTH))
    desk.accepted(news(title="Erfolg", targets=[PUBLIC], link=None, body="", **STORY))
    date = desk.accepted(soon(desk, title="Termin"))
    lost, gone, down = (
        desk.accepted(news(title=title, link=None)) for title in ("Rechtlos", "Weg", "Entfernt")
    )
    inside = desk.accepted(news(title="Für Mitglieder", targets=[MEMBERS]))
    gone_out(desk, PUBLIC)
    gone_out(desk, MEMBERS)
    desk.do(queue.publish, desk.accepted(soon(desk, title="Für sich")))
    desk.accepted(news(title="Angenommen, mehr nicht"))
    desk.accepted(news(title="Noch dunkel", embargo_until=dark))
    desk.do(revised, lost, rights_confirmed=False)
    desk.do(queue.withdraw, gone, "Doppelt.")
    desk.do(queue.take_down, down, "Widerruf")
    assert sorted(titles(browser)) == ["Erfolg", "Für beide", "Für sich", "Termin"]
    for other in (MEMBERS, "gibt-es-nicht"):
        for kind in ("atom", "json"):
            assert browser.get(f"/archive/{other}/feed.{kind}").status_code == 404
    everything = browser.get(ATOM).text + browser.get(JSON).text
    assert inside not in everything
    assert desk.issue(f"{MEMBERS}-2026-12").read_key not in everything
    # as a reader sees it
    by_title = {each.title: each for each in atom(browser).entries}
    assert by_title["Für beide"].link == f"{ADDRESS}/archive/{PUBLIC}/items/q1"
    assert browser.get(by_title["Für beide"].link).status_code == 200
    its = by_title["Termin"].content[0].value
    assert "Alte Schleiferei, Musterhavel" in its
    assert f"{date}.ics" not in its
    tags = [(tag.term, tag.label) for tag in by_title["Termin"].tags]
    assert tags == [("date", "Termin"), ("DE-BB", "Brandenburg"), ("Optik", "Optik")]
    assert [author.name for author in by_title["Termin"].authors] == ["Lichtwerk Havelbogen e. V."]
    told = by_title["Erfolg"].content[0].value
    assert "<h3>Ergebnis</h3>" in told
    assert "<p>Hell &amp; &lt;klar&gt;.</p>" in told
    # an embargo that comes later darkens the whole issue, here as in the archive
    later = (desk.clock() + timedelta(days=3)).isoformat()
    desk.do(revised, "q1", embargo_until=later)
    assert titles(browser) == ["Für sich"]
    desk.clock.forward(days=3, minutes=1)
    assert len(titles(browser)) == 4


def test_a_change_comes_first_and_keeps_its_id(desk: Desk, browser: TestClient) -> None:
    first = desk.accepted(soon(desk, title="Erster"))
    second = desk.accepted(soon(desk, title="Zweiter"))
    for reference in (first, second):
        desk.clock.forward(hours=1)
        desk.do(queue.publish, reference)
    before = {each.title: each for each in atom(browser).entries}
    assert titles(browser) == ["Zweiter", "Erster"]
    answer = browser.get(ATOM)
    desk.clock.forward(hours=1)
    desk.do(queue.cancel_date, first)
    found = atom(browser)
    assert [each.title for each in found.entries] == ["Abgesagt: Erster", "Zweiter"]
    assert found.entries[0].id == before["Erster"].id
    assert found.entries[0].published == before["Erster"].published
    assert found.entries[0].updated > before["Erster"].updated
    assert found.feed.updated == found.entries[0].updated
    assert "abgesagt" in found.entries[0].content[0].value
    # what a reader has already is not sent again
    old = {"If-None-Match": answer.headers["ETag"]}
    fresh = browser.get(ATOM, headers=old)
    assert fresh.status_code == 200
    for where, kind in (
        (ATOM, "application/atom+xml; charset=utf-8"),
        (JSON, "application/feed+json"),
    ):
        answer = browser.get(where)
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        for known in (
            {"If-None-Match": answer.headers["ETag"]},
            {"If-Modified-Since": answer.headers["Last-Modified"]},
        ):
            assert browser.get(where, headers=known).status_code == 304


def test_what_was_written_once_is_written_anew_when_anything_happens(
    desk: Desk, browser: TestClient
) -> None:
    desk.do(queue.publish, desk.accepted(soon(desk)))
    for where, old, new in (
        (ATOM, "Lichtwerk Havelbogen e. V.", "Lichtwerk eG"),
        (CALENDAR, "Lichtwerk eG", "Lichtwerk AG"),
    ):
        assert old in browser.get(where).text
        desk.do(clusters.import_rows, [Row("", LICHTWERK | {"name": new})])
        assert new in browser.get(where).text


def test_older_items_stand_on_further_pages(
    desk: Desk, settings: Settings, browser: TestClient
) -> None:
    for title in ("Erster", "Zweiter", "Dritter"):
        desk.clock.forward(hours=1)
        desk.do(queue.publish, desk.accepted(soon(desk, title=title)))

    def page(number: int, **changes: Any) -> Feed:
        def look(act: Act) -> Feed:
            facts: dict[str, Any] = {"kind": "atom", "page": number, "most": 2} | changes
            return feeds.collected(act.session, settings, PUBLIC, act.now, **facts)

        found: Feed = desk.look(look)
        return found

    one, two = page(1), page(2)
    assert [[each.title for each in it.entries] for it in (one, two)] == [
        ["Dritter", "Zweiter"],
        ["Erster"],
    ]
    here = ADDRESS + ATOM
    assert (one.here, one.older, one.newer) == (here, f"{here}?page=2", "")
    assert (two.here, two.older, two.newer) == (f"{here}?page=2", "", here)
    assert one.last == two.last == f"{here}?page=2"
    assert one.id == two.id
    for number in (0, 3):
        with pytest.raises(NoSuchFeed):
            page(number)
    for wrong in ("0", "2", "abc", "-1", "9" * 40, "²"):
        answer = browser.get(ATOM, params={"page": wrong})
        assert answer.status_code == 404
        assert f"Er beginnt hier: {here}" in answer.text
    moved = load(settings.home, {"NEWSLETTER_BASE_URL": "https://anderswo.example"})

    def there(act: Act) -> Feed:
        return feeds.collected(act.session, moved, PUBLIC, act.now, kind="atom")

    away: Feed = desk.look(there)
    assert away.entries[0].url.startswith("https://anderswo.example/")
    assert (away.id, away.entries[0].id) == (one.id, one.entries[0].id)  # for ever


def test_a_land_has_its_own_feed_and_pages_tell_of_theirs(desk: Desk, browser: TestClient) -> None:
    desk.cluster(slug="boje", name="Boje e. V.", land="DE-HH")
    for slug, title in (("lichtwerk", "Aus Brandenburg"), ("boje", "Aus Hamburg")):
        reference = desk.hand_in(soon(desk, title=title), slug)
        desk.accept(reference)
        desk.do(queue.publish, reference)
    hamburg = f"/archive/{PUBLIC}/DE-HH/feed.atom"
    assert titles(browser, hamburg) == ["Aus Hamburg"]
    assert titles(browser, hamburg.replace("HH", "BB")) == ["Aus Brandenburg"]
    assert titles(browser, hamburg.replace("HH", "SL")) == []
    assert atom(browser, hamburg).feed.title == "Clusterplattform Deutschland: Hamburg"
    assert atom(browser, hamburg).feed.id != atom(browser).feed.id
    unknown = browser.get(f"/archive/{PUBLIC}/DE-XX/feed.json")
    assert unknown.status_code == 404
    assert "Ein Land „DE-XX“ kennen wir nicht." in unknown.text
    gone_out(desk, PUBLIC)
    for page in ("", "2026-12", "calendar"):
        text = browser.get(f"/archive/{PUBLIC}/{page}").text
        for where, kind in ((ATOM, "application/atom+xml"), (JSON, "application/feed+json")):
            assert f'<link rel="alternate" type="{kind}"' in text
            assert f'href="{ADDRESS}{where}"' in text


@pytest.mark.sqlite("who waits for whom is settled in our own process")
def test_what_many_ask_for_at_once_is_written_once(browser: TestClient, engine: Engine) -> None:
    request = Request({"type": "http", "app": browser.app})
    written: list[str] = []
    others: list[Thread] = []
    given: list[bytes] = []

    def make() -> bytes:
        written.append(ATOM)
        if not others:
            others.extend(Thread(target=ask) for _ in range(3))
            for each in others:
                each.start()
            others[0].join(0.05)  # long enough to begin, and to wait
        return b"<feed/>"

    def ask() -> None:
        contents, now = request.app.state.contents, request.app.state.clock()
        with database.reading(engine) as session:
            given.append(contents.of(request, session, now, ATOM, make))

    ask()
    for each in others:
        each.join()
    assert (len(written), given) == (1, [b"<feed/>"] * 4)
