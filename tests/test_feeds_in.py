"""Members' feeds: what is new there is suggested, once, and never handed in by itself."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import col, select

from newsletter import clusters, database, feeds_in, issues, submissions
from newsletter.brought import Setting, of_source
from newsletter.feeds_in import Report
from newsletter.history import Act
from newsletter.models.delivery import Letter
from newsletter.models.submission import Submission
from newsletter.outside import NotOpened
from newsletter.settings import Settings
from tests.brought_situations import TAGUNG, ics
from tests.conftest import Clock, type_of_act
from tests.intake_situations import BOJE, DATE, registered
from tests.page_server import Web, page, running, web
from tests.submission_situations import handed_in
from tests.test_web_drafts import value
from tests.test_web_submit import stored
from tests.web_situations import linked as browser

__all__ = ["browser", "running", "web"]  # the fixtures

FEED = "https://www.lichtwerk.example/termine.ics"
HERE = "www.lichtwerk.example/termine.ics"
MAI = "UID:mai\nSUMMARY:Maitage der Optik\nDTSTART;VALUE=DATE:20270501"
OVER = "UID:alt\nSUMMARY:Alter Termin\nDTSTART:20260101T090000Z"
RSS = """<rss version="2.0"><channel><title>x</title>
<item><title>Neues &amp;amp; Labor</title><link>/labor</link><guid>1</guid>
<description>&lt;p&gt;Ab &lt;b&gt;Januar&lt;/b&gt; offen.&lt;/p&gt;</description>
<pubDate>Fri, 20 Nov 2026 10:00:00 +0100</pubDate></item>
<item><title>Von vorgestern</title><link>javascript:alert(1)</link>
<pubDate>Fri, 20 Nov 2025 10:00:00 +0100</pubDate></item></channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><id>a</id>
<title type="html">Preis &lt;i&gt;gewonnen&lt;/i&gt;</title>
<link rel="alternate" href="https://www.lichtwerk.example/preis"/>
<updated>2026-11-21T10:00:00Z</updated><summary>Ein Preis.</summary></entry></feed>"""
BOMB = '<!DOCTYPE rss [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><rss><channel>&b;</channel></rss>'

Read = Callable[..., Report]


@pytest.fixture
def read(web: Web, engine: Engine, settings: Settings, clock: Clock, act: type_of_act) -> Read:
    """``read("text/calendar", ics(…))``: the feed answers so, and its time has come."""
    with act() as a:
        registered(a)
        registered(a, BOJE)
        feeds_in.add(a, "lichtwerk", FEED)

    def reading(kind: str, body: str | bytes, **headers: str) -> Report:
        web.pages[HERE] = page(body, kind, **headers)
        clock.forward(hours=49)
        report = feeds_in.read_due(engine, settings, web.fetcher(), clock)
        assert report is not None
        return report

    return reading


def link(a: Act, slug: str, email: str) -> str:
    return clusters.link(a, slug, email).removeprefix("http://127.0.0.1:8000")


def buttons(html: str) -> list[str]:
    return re.findall(r'action="(/submit/[^"]*/found/\d+)"', html)


def test_what_a_feed_names_is_suggested_and_becomes_a_draft_or_never_comes_again(
    read: Read, browser: TestClient, act: type_of_act, engine: Engine
) -> None:
    assert read("text/calendar", ics(TAGUNG, MAI, OVER)) == Report(FEED, new=2)
    with act() as a:
        mine = link(a, "lichtwerk", "presse@lichtwerk.example")
        theirs = link(a, "boje", "team@boje.example")
    assert "Auf Ihrer Seite" not in browser.get(theirs).text
    shown = browser.get(mine).text
    assert "Auf Ihrer Seite gefunden: einreichen?" in shown
    assert "Alter Termin" not in shown
    assert "(Termin, Dienstag, 16.03.2027 bis Mittwoch, 17.03.2027)" in shown
    tagung, mai = buttons(shown)
    # nobody else's link can decide
    foreign = tagung.replace(mine, theirs)
    assert browser.post(foreign, data={"do": "take"}).status_code == 404
    assert browser.post(mai, data={"do": "dismiss"}).status_code == 200
    form = browser.post(tagung, data={"do": "take"}).text
    assert value(form, "title") == "Fachtagung Licht, Messen"
    assert (value(form, "starts_on"), value(form, "starts_time")) == ("16.03.2027", "09:30")
    assert value(form, "contact_email") == "presse@lichtwerk.example"
    assert stored(engine, Submission) == 0
    # read again, also where the calendar now calls them by other names: nothing comes again
    again = ics(TAGUNG.replace("tagung-2027", "neu"), MAI.replace("UID:mai", "UID:juni"))
    assert read("text/calendar", again).new == 0
    assert buttons(browser.get(mine).text) == []
    assert browser.post(tagung, data={"do": "take"}).status_code == 404
    # nor where one of a day takes the name that another had
    day = "DTSTART;VALUE=DATE:20270701"
    one, two, three = (f"UID:{uid}\nSUMMARY:{{}}\n{day}" for uid in (1, 2, 3))
    assert read("text/calendar", ics(one.format("Eins"), two.format("Zwei"))).new == 2
    assert read("text/calendar", ics(three.format("Zwei"), two.format("Eins"))).new == 0


def test_what_was_handed_in_is_not_suggested_and_a_cancelled_or_vanished_date_gives_a_hint(
    read: Read, browser: TestClient, act: type_of_act
) -> None:
    with act() as a:
        facts = DATE | {"title": "Fachtagung Licht, Messen"}
        receipt = handed_in(a, facts | {"link": "https://www.lichtwerk.example/tagung"})
        mine = link(a, "lichtwerk", "presse@lichtwerk.example")
    read("text/calendar", ics(TAGUNG, MAI))
    shown = browser.get(mine).text
    assert len(buttons(shown)) == 1  # the other one
    assert "Maitage" in shown
    assert read("text/calendar", ics(TAGUNG + "\nSTATUS:CANCELLED", MAI)).hints == 1
    shown = browser.get(mine).text
    assert "„Fachtagung Licht, Messen“ ist auf Ihrer Seite abgesagt." in shown
    hint = buttons(shown)[0]
    status = browser.post(hint, data={"do": "look"})
    assert status.url.path.startswith("/s/")
    assert "Fachtagung Licht, Messen" in status.text
    # answered, it does not come back; gone for two readings in a row, it is another hint
    read("text/calendar", ics(TAGUNG + "\nSTATUS:CANCELLED", MAI))
    assert "abgesagt" not in browser.get(mine).text
    read("text/calendar", ics(TAGUNG, MAI))
    assert read("text/calendar", ics(MAI)).hints == 0
    assert read("text/calendar", ics(MAI)).hints == 1
    shown = browser.get(mine).text
    assert "steht nicht mehr auf Ihrer Seite" in shown
    assert browser.post(buttons(shown)[0], data={"do": "seen"}).status_code == 200
    assert "steht nicht mehr" not in browser.get(mine).text
    with act() as a:  # whatever the feed says: the item stands as it was handed in
        row = submissions.by_reference(a.session, receipt.reference)
        assert row.event_state == "on"


def test_a_date_that_the_page_has_moved_is_not_a_new_one_but_a_hint(
    read: Read, browser: TestClient, act: type_of_act, engine: Engine
) -> None:
    with act() as a:
        facts = DATE | {"title": "Fachtagung Licht, Messen"}
        handed_in(a, facts | {"link": "https://www.lichtwerk.example/tagung"})
        mine = link(a, "lichtwerk", "presse@lichtwerk.example")
    read("text/calendar", ics(TAGUNG, MAI))
    assert "Noch aktuell?" not in browser.get(mine).text
    moved = TAGUNG.replace("20270316", "20270420")
    report = read("text/calendar", ics(moved, MAI.replace("20270501", "20270502")))
    assert (report.new, report.hints) == (0, 1)
    shown = browser.get(mine).text
    assert "„Fachtagung Licht, Messen“: Auf Ihrer Seite steht jetzt Dienstag, 20.04.2027" in shown
    assert "bei uns noch Dienstag, 16.03.2027" in shown
    assert "02.05.2027" in shown  # what was only suggested goes along
    assert "01.05.2027" not in shown
    hint = buttons(shown)[0]
    assert hint in browser.get(f"{mine}/own").text
    with act() as a:  # and whoever is called for contributions reads of it
        issue = issues.new(a, "go-cluster", "2027-03")
        issues.call(a, issue)
        letters = a.session.scalars(select(Letter).where(col(Letter.name) == "call")).all()
    ours, others = (it.text for it in sorted(letters, key=lambda it: it.to_email))
    ours = " ".join(ours.split())
    assert "anders als bei uns; der Link oben sagt, wie: - Fachtagung Licht, Messen" in ours
    assert "macht daraus einen Entwurf: - Maitage der Optik" in ours
    assert "auf Ihrer Seite" not in " ".join(others.split())
    # one press, and the form says it; nothing is moved before it is sent
    status = browser.post(hint, data={"do": "look"})
    assert re.search(r'value="postponed" checked', status.text)
    assert (
        "Auf unserer Seite steht jetzt: Dienstag, 20.04.2027, 09:30 Uhr</textarea>" in status.text
    )
    assert "Noch aktuell?" not in browser.get(mine).text
    for said in ("x", "2027-13-01", "2027-04-20T", "9999-12-31T23:59:59-23:00", "<b>"):
        page = browser.get(status.url.path, params={"moved_to": said})
        assert (page.status_code, "Auf unserer Seite steht jetzt" in page.text) == (200, False)
    # moved again, it is a new hint; back on its day, there is none
    later = moved.replace("0420", "0427").replace("tagung-2027", "neu")
    read("text/calendar", ics(later, MAI))
    shown = browser.get(mine).text
    assert "steht jetzt Dienstag, 27.04.2027" in shown
    assert browser.post(buttons(shown)[0], data={"do": "seen"}).status_code == 200
    back = TAGUNG.replace("tagung-2027", "neu").replace("Fachtagung", "Tagung")
    for _ in range(3):  # and the day that is named no more is not missed
        assert read("text/calendar", ics(back, MAI)).hints == 0
    assert "Noch aktuell?" not in browser.get(mine).text
    # of one name, each new on its day: none is another that has moved
    evenings = [f"UID:{n}\nSUMMARY:Stammtisch\nDTSTART:202703{n}T180000Z" for n in (20, 21, 22)]
    assert read("text/calendar", ics(back, MAI, *evenings)).new == 3
    assert stored(engine, Submission) == 1


@pytest.mark.sqlite("which dates are kept has nothing to do with the database")
def test_of_a_long_calendar_the_next_dates_are_suggested_and_the_others_as_they_come_nearer(
    read: Read, act: type_of_act
) -> None:
    def evening(number: int, title: str = "Abend") -> str:
        day = date(2027, 3, 1) + timedelta(number)
        return f"UID:{number}\nSUMMARY:{title} {number}\nDTSTART;VALUE=DATE:{day:%Y%m%d}"

    with act() as a:  # handed in by other ways, and far ahead
        handed_in(a, DATE | {"title": "Licht 127", "starts_at": "2027-07-06", "ends_at": None})
    many = [evening(number, "Licht" if number == 127 else "Abend") for number in range(130)]
    first = read("text/calendar", ics(*reversed(many)))
    assert (first.new, first.beyond) == (101, 29)
    assert read("text/calendar", ics(*reversed(many))).new == 0
    later = read("text/calendar", ics(*many[10:], OVER))
    assert (later.new, later.beyond) == (10, 19)
    with act() as a:
        (line,) = feeds_in.feeds_of(a.session, "lichtwerk")
        assert (line.open, line.feed.beyond) == (110, 19)
    # of 2 MB of what nothing is taken from, nothing is read
    assert read("text/calendar", ics(MAI + "\nCATEGORIES:" + "a," * 900_000)).trouble == ""


@pytest.mark.sqlite("how a feed is read has nothing to do with the database")
def test_rss_atom_and_pages_of_dates_are_read_and_only_what_is_new_is_news(
    read: Read, settings: Settings, engine: Engine, clock: Clock
) -> None:
    def titles() -> list[tuple[str, str | None]]:
        with database.reading(engine) as session:
            cluster = clusters.get(session, "lichtwerk")
            found = feeds_in.open_(session, settings, clock(), cluster)
            return [(each.found.title, each.found.link) for each in found]

    assert read("application/rss+xml", RSS).new == 1
    assert titles() == [("Neues & Labor", "https://www.lichtwerk.example/labor")]
    assert read("application/atom+xml", ATOM).new == 1
    assert titles()[0] == ("Preis gewonnen", "https://www.lichtwerk.example/preis")
    event = '{"@type": "Event", "name": "Hofabend", "startDate": "2027-06-01T18:00+02:00"}'
    html = f'<title>x</title><script type="application/ld+json">{event}</script>'
    # of so many that not all are read, none that is not among them is taken for gone
    many = "".join(html.replace("Hofabend", f"Abend {number}") for number in range(61))
    setting = Setting(settings.zone, clock().date())
    assert [of_source(it.encode(), "", FEED, setting).complete for it in (html, many)] == [1, 0]
    assert read("text/html", html).new == 1
    assert titles()[0][0] == "Hofabend"


@pytest.mark.sqlite("how a feed is read has nothing to do with the database")
def test_a_feed_is_asked_seldom_only_for_changes_and_ever_more_seldom_while_it_fails(
    read: Read, web: Web, engine: Engine, settings: Settings, clock: Clock, act: type_of_act
) -> None:
    def due() -> Report | None:
        return feeds_in.read_due(engine, settings, web.fetcher(), clock)

    read("text/calendar", ics(MAI), ETag='"eins"', Last_Modified="Fri, 20 Nov 2026 10:00:00 GMT")
    clock.forward(hours=5)
    assert due() is None
    clock.forward(hours=1)
    web.pages[HERE] = page(status=304)
    assert due() == Report(FEED, unchanged=True)
    assert web.asked[-1]["If-None-Match"] == '"eins"'
    assert web.asked[-1]["If-Modified-Since"] == "Fri, 20 Nov 2026 10:00:00 GMT"
    web.pages[HERE] = page(status=500)
    clock.forward(hours=6)
    for pause in (1, 2, 4):
        failed = due()
        assert failed
        assert "(500)" in failed.trouble
        clock.forward(hours=pause, minutes=-1)
        assert due() is None
        clock.forward(minutes=1)
    with act() as a:
        (line,) = feeds_in.feeds_of(a.session, "lichtwerk")
        assert "(500)" in str(line.feed.trouble)
        clusters.deactivate(a, "lichtwerk")
    assert due() is None


UNREADABLE = [
    ("text/xml", BOMB, "kein gültiges XML"),
    ("text/xml", "<rss><channel><item>", "kein gültiges XML"),
    ("text/xml", "<?xml version='1.0'?><opml/>", "weder RSS noch Atom"),
    ("text/xml", "<rss><channel/></rss>", "kein Beitrag mit einem Titel"),
    ("text/html", "<title>Start</title>", "kein Termin, den wir lesen können"),
    (
        "text/html",
        "<title>x</title><link rel=alternate type='application/rss+xml' href='/feed/'>",
        "bitte ihn eintragen: https://www.lichtwerk.example/feed/",
    ),
    ("text/calendar", "BEGIN:VCALENDAR\nMIST", "beschädigt"),
    ("text/calendar", "BEGIN:VCALENDAR\n" + "A:1\n" * 40_001, "einen kürzeren Zeitraum"),
    ("application/zip", "PK", "„application/zip“"),
    ("text/xml", "<rss>" + "x" * 2_000_001, "größer als 2 MB"),
]


@pytest.mark.sqlite("how a feed is read has nothing to do with the database")
def test_a_feed_that_cannot_be_read_says_why_and_changes_nothing(read: Read) -> None:
    for kind, body, said in UNREADABLE:
        report = read(kind, body)
        assert said in report.trouble
        assert report.new == 0


@pytest.mark.sqlite("an address is looked at before the database is")
def test_an_address_that_is_never_opened_is_not_entered(act: type_of_act) -> None:
    with act() as a:
        registered(a)
        for url in ("http://www.lichtwerk.example/", "https://127.0.0.1/x", "file:///etc/passwd"):
            with pytest.raises(NotOpened):
                feeds_in.add(a, "lichtwerk", url)
        assert feeds_in.feeds_of(a.session) == []
