"""Published items as other sites fetch them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from newsletter import issues, queue
from tests.archive_situations import MEMBERS, PUBLIC
from tests.desk_situations import Desk, desk, fair, news
from tests.test_portal import out, revised
from tests.web_situations import browser

__all__ = ["browser", "desk"]  # the fixtures

ITEMS = f"/api/v1/public/{PUBLIC}/items"
MARCH = datetime(2027, 3, 16, 9, 30, tzinfo=UTC)


def fetched(browser: TestClient, **query: str | int) -> dict[str, Any]:
    answer = browser.get(ITEMS, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["id"] for item in answer["items"]]


def test_another_site_gets_all_that_it_needs_to_show_an_item(
    browser: TestClient, desk: Desk
) -> None:
    out(desk, news(body="Ein *Absatz*."), fair(MARCH))
    desk.do(issues.annotate, "q1", "Es sind 15.")
    news_, date_ = sorted(fetched(browser)["items"], key=lambda it: it["id"])
    assert news_["url"] == f"http://127.0.0.1:8000/archive/{PUBLIC}/items/q1"
    assert news_["schema_org"]["@id"] == news_["url"]
    assert news_["schema_org"]["@type"] == "NewsArticle"
    assert news_["body_html"].strip() == "<p>Ein <em>Absatz</em>.</p>"
    assert news_["origins"][0]["laender"] == ["DE-BB"]
    assert news_["rights"] == {"holder": "Lichtwerk Havelbogen e. V.", "licence": None}
    assert news_["issues"][0]["name"] == "Ausgabe Dezember 2026"
    assert [note["text"] for note in news_["notes"]] == ["Es sind 15."]
    assert date_["date"]["starts"] == "2027-03-16T10:30:00+01:00"
    assert (date_["date"]["state"], date_["schema_org"]["@type"]) == ("on", "Event")
    assert browser.get(date_["date"]["calendar_url"]).status_code == 200
    assert ids(fetched(browser, kind="date")) == ["q2"]


def test_a_copy_is_kept_up_by_what_changed_and_what_is_gone(
    browser: TestClient, desk: Desk
) -> None:
    out(desk, news(title="Eins"), news(title="Zwei"), news(title="Drei"))
    out(desk, news(title="Mitglieder"), slug=MEMBERS)
    assert ids(fetched(browser)) == ["q3", "q2", "q1"]
    desk.clock.forward(days=2)
    since = desk.clock().isoformat()
    assert ids(fetched(browser, modified_since=since)) == []
    out(desk, news(title="Vier"), number="2027-01")
    desk.do(issues.annotate, "q2", "Falsch.")
    desk.do(queue.withdraw, "q1", "Doppelt.")
    answer = fetched(browser, modified_since=since)
    assert (ids(answer), answer["gone"]) == (["q5", "q2"], ["q1"])
    assert ids(fetched(browser, modified_since="2026-11-25")) == ["q5", "q2"]
    assert ids(fetched(browser, modified_since="2026-11-26")) == []
    revised(desk, "q3", embargo_until="2027-05-01T00:00:00+02:00")
    answer = fetched(browser, modified_since="2026-01-01")
    assert (ids(answer), answer["gone"]) == (["q5"], [])  # the archive is silent about it, too


@pytest.mark.sqlite("turning pages is no matter of the database")
def test_every_item_is_on_one_page_also_while_others_come(browser: TestClient, desk: Desk) -> None:
    out(desk, *(news(title=f"Nummer {n}") for n in range(5)))
    first = fetched(browser, limit=2)
    out(desk, news(title="Neu"), number="2027-01")
    second = browser.get(first["next"]).json()
    third = browser.get(second["next"]).json()
    assert [ids(each) for each in (first, second, third)] == [["q5", "q4"], ["q3", "q2"], ["q1"]]
    assert third["next"] is None


@pytest.mark.sqlite("what a program may keep is no matter of the database")
def test_a_program_asks_from_anywhere_and_hears_that_nothing_is_new(
    browser: TestClient, desk: Desk
) -> None:
    out(desk, news())
    answer = browser.get(ITEMS)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = browser.get(ITEMS, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    desk.do(issues.annotate, "q1", "Es sind 15.")
    assert browser.get(ITEMS, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200
    assert browser.post(ITEMS).status_code == 405


@pytest.mark.sqlite("what is asked wrong is refused before the database is asked")
def test_what_cannot_be_read_is_said_at_its_field(browser: TestClient) -> None:
    for query, field in (
        ({"modified_since": "gestern"}, "modified_since"),
        ({"modified_since": "2026-11-23T08:00:00"}, "modified_since"),
        ({"modified_since": "٢٠٢٦-11-23"}, "modified_since"),
        ({"before": "q12"}, "before"),
        ({"before": "2026-11-23T08:00:00Z~qx"}, "before"),
        ({"kind": "gossip"}, "kind"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
    ):
        answer = browser.get(ITEMS, params=query)
        assert answer.status_code == 422, query
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert [each["field"] for each in answer.json()["errors"]] == [field]
    for slug in (MEMBERS, "gibt-es-nicht"):
        answer = browser.get(f"/api/v1/public/{slug}/items")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
