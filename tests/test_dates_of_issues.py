"""The dates of an issue in calendars: who may fetch them, and what becomes of them later."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from newsletter import issues, queue
from newsletter.content import EventState, IssueContent
from newsletter.history import Act
from newsletter.settings import Settings
from tests.dates_situations import CALENDAR, event, gone_out, path, revised, sent, soon, titles
from tests.desk_situations import BOTH, Desk, desk
from tests.web_situations import ADDRESS
from tests.web_situations import following as browser

__all__ = ["browser", "desk"]  # the fixtures

PUBLIC, MEMBERS = "clusterplattform", "go-cluster"


def content(desk: Desk, settings: Settings, key: str) -> IssueContent:
    def made(act: Act) -> Any:
        return issues.check(act.session, settings, key, act.now).content

    found: IssueContent = desk.look(made)
    return found


def local(url: str) -> str:
    assert url.startswith(ADDRESS)
    return url.removeprefix(ADDRESS)


@pytest.mark.sqlite("the members' issue is asked for on both")
def test_a_public_issue_leads_to_its_dates_and_to_the_calendar(
    desk: Desk, settings: Settings, browser: TestClient
) -> None:
    first = desk.accepted(soon(desk, title="Erster"))
    off = desk.accepted(soon(desk, title="Abgesagter"))
    other = desk.accepted(soon(desk, title="Zweiter"))
    desk.accepted()
    desk.do(queue.cancel_date, off)
    key = desk.filled(PUBLIC)
    desk.do(issues.add, key, [off])
    its = content(desk, settings, key)
    urls = {item.reference: item.calendar_url for item in its.items}
    assert urls == {
        first: ADDRESS + path(desk, first),
        other: ADDRESS + path(desk, other),
        off: "",  # nobody wants to go there
        "q4": "",
    }
    assert its.calendar_url == f"{ADDRESS}/archive/{PUBLIC}/calendar"
    for url in (urls[first], its.dates_url):
        assert browser.get(local(url)).status_code == 404  # it is not out yet
    sent(desk, key)
    assert titles(browser, local(its.dates_url)) == ["Erster", "Abgesagt: Abgesagter", "Zweiter"]
    page = browser.get(local(its.calendar_url))
    assert page.status_code == 200
    assert f'href="webcal://127.0.0.1:8000{CALENDAR}"' in page.text


def test_a_members_issue_leads_to_its_dates_by_keys_alone(
    desk: Desk, settings: Settings, browser: TestClient
) -> None:
    both = desk.accepted(soon(desk, title="Für beide", targets=BOTH))
    inside = desk.accepted(soon(desk, title="Nur innen", targets=[MEMBERS]))
    key = desk.filled(MEMBERS)
    its = content(desk, settings, key)
    urls = [local(item.calendar_url) for item in its.items]
    all_, page = local(its.dates_url), local(its.calendar_url)
    secret = desk.issue(key).read_key
    assert urls == [f"/read/{secret}/{both}.ics", f"/read/{secret}/{inside}.ics"]
    for where in (*urls, all_):
        answer = browser.get(where)
        assert answer.status_code == 404
        assert "noch nicht erschienen" in answer.text
    sent(desk, key)
    assert [titles(browser, where) for where in urls] == [["Für beide"], ["Nur innen"]]
    assert titles(browser, all_) == ["Für beide", "Nur innen"]
    assert titles(browser, f"{page}.ics") == ["Für beide", "Nur innen"]
    assert "geben Sie die Adresse nicht weiter" in browser.get(page).text
    for where in (*urls, all_, page, f"{page}.ics"):
        answer = browser.get(where)
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "public" not in answer.headers["Cache-Control"]
    # and by nothing else: not by its uid, its number, a public address, or a key of another kind
    calendar_key = page.split("/")[2]
    for where in (
        path(desk, inside),
        f"/archive/{MEMBERS}/2026-12/dates.ics",
        f"/archive/{MEMBERS}/calendar",
        f"/archive/{MEMBERS}/DE-BB/calendar.ics",
        f"/read/{secret}/calendar.ics",
        f"/read/{calendar_key}/dates.ics",
        f"/read/{calendar_key}",
        f"/read/{secret}/q99.ics",
        f"/read/{'a' * 43}/dates.ics",
        "/read/ä/calendar",
    ):
        assert browser.get(where).status_code == 404, where
    assert titles(browser) == []


@pytest.mark.sqlite("what an address is made of is no matter of the database")
def test_the_members_calendar_gets_another_address_when_somebody_raises_its_number(
    settings: Settings,
) -> None:
    def renewed(number: int) -> Settings:
        its = settings.newsletters[MEMBERS].model_copy(update={"members_calendar": number})
        return settings.model_copy(update={"newsletters": {MEMBERS: its}})

    keys = [settings.calendar_key(MEMBERS), renewed(1).calendar_key(MEMBERS)]
    assert keys[0] == keys[1]
    assert len(keys[0]) >= 22
    assert renewed(2).calendar_key(MEMBERS) not in keys
    assert renewed(0).calendar_key(MEMBERS) == ""
    assert settings.calendar_key(PUBLIC) == ""


@pytest.mark.sqlite("the members' issue is asked for on both")
def test_what_happens_to_a_date_afterwards_is_in_the_file_of_its_issue(
    desk: Desk, settings: Settings, browser: TestClient
) -> None:
    moved, off, gone, lost, dark = (
        desk.accepted(soon(desk, title=title, targets=[MEMBERS]))
        for title in ("Verlegter", "Abgesagter", "Gestrichener", "Rechtloser", "Dunkler")
    )
    where = f"/read/{desk.issue(gone_out(desk, MEMBERS)).read_key}/dates.ics"
    assert len(titles(browser, where)) == 5
    desk.do(queue.cancel_date, moved, EventState.POSTPONED)
    desk.do(queue.cancel_date, off)
    desk.do(queue.withdraw, gone, "Doppelt.")
    desk.do(revised, lost, rights_confirmed=False)
    left = ["Verschoben: Verlegter", "Abgesagt: Abgesagter"]
    assert titles(browser, where) == [*left, "Dunkler"]
    later = (desk.clock() + timedelta(days=3)).isoformat()
    desk.do(revised, dark, embargo_until=later)
    assert browser.get(where).status_code == 404  # as the page of the issue
    assert titles(browser, f"/read/{settings.calendar_key(MEMBERS)}/calendar.ics") == left


@pytest.mark.sqlite("the members' issue is asked for on both")
def test_a_new_text_that_comes_out_with_an_issue_raises_the_sequence(
    desk: Desk, browser: TestClient
) -> None:
    """Who looked between the edit and the issue knows the edit's number with the old text."""
    reference = desk.accepted(soon(desk))
    desk.do(queue.publish, reference)
    desk.do(revised, reference, title="Fachtagung im neuen Saal")
    before = event(browser, path(desk, reference))
    gone_out(desk, PUBLIC)
    after = event(browser, path(desk, reference))
    assert "neuen Saal" not in str(before["summary"])
    assert "neuen Saal" in str(after["summary"])
    assert after["sequence"] > before["sequence"]


@pytest.mark.sqlite("the members' issue is asked for on both")
def test_each_land_has_a_calendar_of_its_own(desk: Desk, browser: TestClient) -> None:
    desk.cluster(slug="boje", name="Boje e. V.", land=["DE-HH", "DE-SH"])
    for slug, title in (("lichtwerk", "Aus Brandenburg"), ("boje", "Aus Hamburg")):
        reference = desk.hand_in(soon(desk, title=title), slug)
        desk.accept(reference)
        desk.do(queue.publish, reference)
    assert len(titles(browser)) == 2
    assert titles(browser, "/archive/clusterplattform/DE-BB/calendar.ics") == ["Aus Brandenburg"]
    assert titles(browser, "/archive/clusterplattform/de-hh/calendar.ics") == ["Aus Hamburg"]
    assert titles(browser, "/archive/clusterplattform/DE-SH/calendar.ics") == ["Aus Hamburg"]
    assert titles(browser, "/archive/clusterplattform/DE-SL/calendar.ics") == []
    hamburg = "/archive/clusterplattform/DE-HH/calendar.ics"
    named = browser.get(hamburg)
    assert "NAME:Termine aus Hamburg: Clusterplattform Deutschland" in named.text
    assert 'name="termine-clusterplattform-DE-HH.ics"' in named.headers["content-type"]
    kept = browser.get(hamburg, headers={"If-None-Match": named.headers["ETag"]})
    assert kept.status_code == 304
    unknown = browser.get("/archive/clusterplattform/DE-XX/calendar.ics")
    assert unknown.status_code == 404
    assert "Ein Land „DE-XX“ kennen wir nicht." in unknown.text
    page = browser.get("/archive/clusterplattform/calendar").text
    assert f'href="webcal://127.0.0.1:8000{hamburg}"' in page
