"""Publishing a date, and the calendar file that everybody may fetch."""

from datetime import datetime, timedelta

import icalendar
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import issues, queue, submissions
from newsletter.content import Audience, EventState
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.models.delivery import Letter
from newsletter.models.issue import IssueState
from newsletter.settings import Settings
from newsletter.web.app import create_app
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock
from tests.dates_situations import CALENDAR, event, gone_out, path, revised, soon, titles
from tests.desk_situations import BOTH, Desk, desk, fair
from tests.web_situations import following as browser

__all__ = ["browser", "desk", "newsletter"]  # the fixtures


def test_a_published_date_is_fetched_by_everybody(desk: Desk, browser: TestClient) -> None:
    reference = desk.accepted(soon(desk))
    assert browser.get(path(desk, reference)).status_code == 404
    done = desk.do(queue.publish, reference)
    assert done.url == "http://127.0.0.1:8000" + path(desk, reference)
    answer = browser.get(path(desk, reference))
    kind = 'text/calendar; charset=utf-8; method=PUBLISH; name="termin-q1.ics"'
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"].startswith("attachment")
    assert str(event(browser, path(desk, reference))["summary"]) == "Fachtagung „Licht & Messen“"


def test_a_cancelled_date_is_cancelled_in_calendars(desk: Desk, browser: TestClient) -> None:
    reference = desk.accepted(soon(desk))
    desk.do(queue.publish, reference)
    before = event(browser, path(desk, reference))
    desk.clock.forward(hours=2)
    desk.do(queue.cancel_date, reference)
    after = event(browser, path(desk, reference))
    assert (after["status"], after["sequence"]) == ("CANCELLED", before["sequence"] + 1)
    assert after["uid"] == before["uid"]
    assert after["last-modified"].dt > before["last-modified"].dt
    desk.do(queue.cancel_date, reference, EventState.ON)
    assert event(browser, path(desk, reference))["status"] == "CONFIRMED"


def test_a_withdrawn_date_is_gone(desk: Desk, browser: TestClient) -> None:
    reference = desk.accepted(soon(desk))
    desk.do(queue.publish, reference)
    desk.do(queue.withdraw, reference, "Doppelt.")
    assert browser.get(path(desk, reference)).status_code == 404


def test_a_members_date_is_never_public(desk: Desk, browser: TestClient) -> None:
    reference = desk.accepted(soon(desk, targets=["go-cluster"]))
    with pytest.raises(Refused, match="keinen öffentlichen Newsletter"):
        desk.do(queue.publish, reference)
    gone_out(desk, "go-cluster")
    assert browser.get(path(desk, reference)).status_code == 404


def test_a_newsletter_made_private_takes_its_dates_along(
    desk: Desk, settings: Settings, engine: Engine, clock: Clock
) -> None:
    reference = desk.accepted(soon(desk))
    desk.do(queue.publish, reference)
    private = settings.model_copy(
        update={
            "newsletters": {
                slug: it.model_copy(update={"audience": Audience.MEMBERS})
                for slug, it in settings.newsletters.items()
            }
        }
    )
    with TestClient(create_app(private, engine, clock), base_url="http://127.0.0.1:8000") as client:
        for gone in (path(desk, reference), CALENDAR, "/archive/"):
            assert client.get(gone).status_code == 404


def test_an_embargoed_date_stays_dark(desk: Desk, browser: TestClient) -> None:
    until = desk.clock() + timedelta(days=3)
    reference = desk.accepted(soon(desk, embargo_until=until.isoformat()))
    with pytest.raises(Refused, match="Sperrfrist"):
        desk.do(queue.publish, reference)
    desk.clock.forward(days=3, minutes=1)
    desk.do(queue.publish, reference)
    assert event(browser, path(desk, reference))
    later = (desk.clock() + timedelta(days=3)).isoformat()
    desk.do(revised, reference, embargo_until=later)
    assert browser.get(path(desk, reference)).status_code == 404


def test_a_date_of_a_public_issue_is_public_from_the_sending_on(
    desk: Desk, browser: TestClient
) -> None:
    reference = desk.accepted(soon(desk))
    key = desk.scheduled()
    assert browser.get(path(desk, reference)).status_code == 404

    def begin(act: Act) -> None:
        issue = issues.find(act.session, key)
        issue.state, issue.recipients = IssueState.SENDING, 3

    desk.do(begin)
    assert event(browser, path(desk, reference))["status"] == "CONFIRMED"


def test_an_edit_is_public_only_when_it_is_published(desk: Desk, browser: TestClient) -> None:
    reference = desk.accepted(soon(desk))
    desk.do(queue.publish, reference)
    desk.do(revised, reference, title="Fachtagung im neuen Saal")
    before = event(browser, path(desk, reference))
    assert "Licht" in str(before["summary"])
    assert desk.do(queue.publish, reference).changed
    after = event(browser, path(desk, reference))
    assert str(after["summary"]) == "Fachtagung im neuen Saal"
    assert (after["uid"], after["sequence"] > before["sequence"]) == (before["uid"], True)
    assert not desk.do(queue.publish, reference).changed
    told = select(Letter).where(col(Letter.name) == "published")
    (letter,) = desk.look(lambda act: act.session.scalars(told).all())
    assert path(desk, reference) in letter.text


def test_what_is_published_keeps_its_clearance(desk: Desk) -> None:
    reference = desk.accepted(soon(desk, targets=BOTH))
    desk.do(queue.publish, reference)
    for verb, more in ((queue.defer, []), (queue.decline, ["Doch nicht."])):
        with pytest.raises(Refused, match="ist veröffentlicht"):
            desk.do(verb, [reference], ["clusterplattform"], *more)
    desk.do(queue.decline, [reference], ["go-cluster"], "Doch nicht.")


def test_only_a_coming_date_is_published(desk: Desk) -> None:
    with pytest.raises(Refused, match="kein Termin"):
        desk.do(queue.publish, desk.accepted())
    reference = desk.hand_in(soon(desk))
    with pytest.raises(Refused, match="queue accept"):
        desk.do(queue.publish, reference)
    desk.accept(reference)
    desk.clock.forward(days=800)
    with pytest.raises(Refused, match="ist vorbei"):
        desk.do(queue.publish, reference)


# -- all of a newsletter ------------------------------------------------------------------


def test_the_calendar_holds_what_was_published_or_sent_and_nothing_else(
    desk: Desk, browser: TestClient
) -> None:
    assert titles(browser) == []
    dark = (desk.clock() + timedelta(days=3)).isoformat()
    desk.accepted(soon(desk, title="In der Ausgabe"))
    gone_out(desk, "clusterplattform")
    desk.accepted(soon(desk, title="Für Mitglieder", targets=["go-cluster"]))
    gone_out(desk, "go-cluster")
    desk.accepted(soon(desk, title="Angenommen, mehr nicht"))
    desk.accepted(soon(desk, title="Noch dunkel", embargo_until=dark))
    later = datetime.fromisoformat(str(soon(desk)["starts_at"])) - timedelta(days=9)
    published = desk.accepted(fair(later, title="Früher und veröffentlicht"))
    desk.do(queue.publish, published)
    taken_back = desk.accepted(soon(desk, title="Zurückgezogen"))
    desk.do(queue.publish, taken_back)
    desk.do(queue.withdraw, taken_back, "Doppelt.")
    assert titles(browser) == ["Früher und veröffentlicht", "In der Ausgabe"]
    assert [str(event(browser, path(desk, published))["uid"])] == [
        str(e["uid"])
        for e in icalendar.Calendar.from_ical(browser.get(CALENDAR).content).walk("VEVENT")
        if str(e["summary"]).startswith("Früher")
    ]
    desk.clock.forward(days=800)
    assert len(titles(browser)) == 2  # what is past stays in people's calendars


def test_a_calendar_that_is_subscribed_to_has_a_name_and_says_how_often_to_look(
    desk: Desk, browser: TestClient
) -> None:
    desk.do(queue.publish, desk.accepted(soon(desk)))
    answer = browser.get(CALENDAR)
    kind = 'text/calendar; charset=utf-8; method=PUBLISH; name="termine-clusterplattform.ics"'
    assert answer.headers["content-type"] == kind
    lines = answer.text.split("\r\n")
    assert lines.count("BEGIN:VTIMEZONE") == lines.count("BEGIN:VCALENDAR") == 1
    assert "NAME:Termine: Clusterplattform Deutschland" in lines
    assert "X-WR-CALNAME:Termine: Clusterplattform Deutschland" in lines
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H" in lines
    assert "X-PUBLISHED-TTL:PT6H" in lines  # the same for older programs
    assert "METHOD:PUBLISH" in lines


def test_a_date_that_changes_keeps_its_uid_in_the_calendar(desk: Desk, browser: TestClient) -> None:
    reference = desk.accepted(soon(desk))
    desk.do(queue.publish, reference)
    before = event(browser, CALENDAR)
    for state, word in ((EventState.POSTPONED, "TENTATIVE"), (EventState.CANCELLED, "CANCELLED")):
        desk.clock.forward(hours=1)
        desk.do(queue.cancel_date, reference, state)
        after = event(browser, CALENDAR)
        assert (after["uid"], after["status"]) == (before["uid"], word)
    assert after["sequence"] == before["sequence"] + 2


def test_there_is_no_calendar_of_a_members_newsletter(desk: Desk, browser: TestClient) -> None:
    desk.accepted(soon(desk, targets=["go-cluster"]))
    gone_out(desk, "go-cluster")
    answers = [
        browser.get(f"/archive/{slug}/calendar.ics") for slug in ("go-cluster", "gibt-es-nicht")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert "gibt es keinen Kalender" in answers[0].text


def test_what_a_calendar_program_has_already_is_not_sent_again(
    desk: Desk, browser: TestClient
) -> None:
    first, second = desk.accepted(soon(desk)), desk.accepted(soon(desk, title="Zweiter"))
    for reference in (first, second):
        desk.do(queue.publish, reference)
    for where in (CALENDAR, path(desk, second)):
        answer = browser.get(where)
        mark, since = answer.headers["ETag"], answer.headers["Last-Modified"]
        for known in ({"If-None-Match": f'"x", W/{mark}'}, {"If-Modified-Since": since}):
            kept = browser.get(where, headers=known)
            assert (kept.status_code, kept.content) == (304, b"")
            assert kept.headers["ETag"] == mark
    desk.clock.forward(hours=1)
    desk.do(queue.withdraw, first, "Fällt aus.")  # the newest entry is older than what is gone
    for known in ({"If-None-Match": mark}, {"If-Modified-Since": since}):
        assert browser.get(CALENDAR, headers=known).status_code == 200


def test_the_end_of_an_embargo_is_a_change_of_the_calendar(desk: Desk, browser: TestClient) -> None:
    reference = desk.accepted(soon(desk))
    desk.do(queue.publish, reference)
    until = desk.clock() + timedelta(days=3)
    desk.do(revised, reference, embargo_until=until.isoformat())
    dark = browser.get(CALENDAR)
    assert "BEGIN:VEVENT" not in dark.text
    desk.clock.forward(days=3, minutes=1)
    since = {"If-Modified-Since": dark.headers["Last-Modified"]}
    assert "BEGIN:VEVENT" in browser.get(CALENDAR, headers=since).text


def test_without_the_rights_a_date_is_neither_published_nor_shown(
    newsletter: Newsletter, desk: Desk, browser: TestClient
) -> None:
    reference = desk.accepted(soon(desk))
    desk.do(queue.publish, reference)
    desk.do(revised, reference, rights_confirmed=False)
    assert titles(browser) == []
    assert browser.get(path(desk, reference)).status_code == 404
    done = newsletter("queue", "publish", reference)
    assert done.code == 1
    assert "Die Rechte an Text und Bild sind nicht bestätigt" in done.err
    assert f"newsletter queue edit {reference}" in done.err


def status_page(desk: Desk, reference: str) -> str:
    """The path of a new address of an item's status page."""

    def make(act: Act) -> str:
        return submissions.status_url(act, submissions.by_reference(act.session, reference))

    return str(desk.do(make)).removeprefix("http://127.0.0.1:8000")


def test_the_status_page_says_how_it_stands_with_a_date(desk: Desk, browser: TestClient) -> None:
    reference = desk.accepted(soon(desk))
    page, link = status_page(desk, reference), f'href="http://127.0.0.1:8000{path(desk, reference)}'
    assert link not in browser.get(page).text
    desk.do(queue.publish, reference)
    assert link in browser.get(page).text
    for state, sentence in (
        (EventState.POSTPONED, "Dieser Termin ist verschoben."),
        (EventState.CANCELLED, "Dieser Termin ist abgesagt."),
    ):
        assert sentence not in browser.get(page).text
        desk.do(queue.cancel_date, reference, state)
        assert sentence in browser.get(page).text
    desk.do(queue.withdraw, reference, "Fällt ganz aus.")
    gone = browser.get(page).text
    assert "Stand: zurückgezogen" in gone
    assert link not in gone
    assert "angenommen" not in gone  # nothing is open or decided any more


def test_archive_and_start_page_lead_to_the_calendar(browser: TestClient) -> None:
    for page in ("/", "/archive/clusterplattform/"):
        answer = browser.get(page).text
        assert 'href="/archive/clusterplattform/calendar"' in answer
        assert "/archive/go-cluster/" not in answer


def test_an_invented_uid_is_answered_like_a_members_one(browser: TestClient) -> None:
    for uid in ("erfunden", "a%40b.example", "..%2F..%2Fsecret"):
        assert browser.get(f"/dates/{uid}.ics").status_code == 404


def test_publish_says_where_the_file_lies(newsletter: Newsletter, desk: Desk) -> None:
    reference = desk.accepted(soon(desk))
    done = newsletter("queue", "publish", reference)
    assert done.code == 0, done.err
    assert "Kalenderdatei: http://127.0.0.1:8000/dates/" in done.out
    assert "war schon veröffentlicht" in newsletter("queue", "publish", reference).out
    assert newsletter("queue", "publish", reference, "--json").json["changed"] is False
    assert "veröffentlicht" in newsletter("queue", "show", reference).out
