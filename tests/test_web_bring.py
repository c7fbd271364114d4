"""A file that is brought along fills the form: what was typed stays, nothing is handed in."""

import re
import time
from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter.brought import Setting, Unusable, of_file, of_page
from newsletter.models.submission import Submission
from tests import page_server
from tests.brought_situations import LABOR, TAGUNG, docx, ics, packed, run
from tests.page_server import page, running, web
from tests.test_web_drafts import begun, value
from tests.test_web_submit import TYPED, stored
from tests.web_situations import browser, link, linked

__all__ = ["browser", "link", "linked", "running", "web"]  # the fixtures

pytestmark = pytest.mark.sqlite("what fills a form never asks the database anything of its own")
HERE = Setting(ZoneInfo("Europe/Berlin"), date(2026, 11, 23))


def brought(browser: TestClient, link: str, raw: bytes, **typed: str) -> str:
    file = {"brought_file": ("brought", raw), "image": ("", b"")}
    answer = browser.post(f"{link}/bring", data=typed, files=file)
    assert answer.status_code == 200, answer.text
    return answer.text


def text_in(page: str, name: str) -> str:
    found = re.search(rf'<textarea id="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return found[1]


def test_a_word_file_becomes_title_teaser_and_text_and_what_was_typed_stays(
    browser: TestClient, link: str, engine: Engine
) -> None:
    form = brought(browser, link, LABOR, **begun(browser, link) | {"kind": "news"})
    assert value(form, "title") == "Neues Messlabor"
    assert text_in(form, "teaser") == "Ab Januar stehen drei Messplätze offen."
    text = "Buchen lassen sie sich **halbtags**: [Labor](https://www.lichtwerk.example/labor)"
    assert text_in(form, "body") == f"{text} oder hier\n\n- Platz eins\n- Platz zwei"
    assert "Übernommen" in form
    # again, into a form in which something stands already
    again = brought(browser, link, LABOR, kind="success_story", title="Unser Titel")
    assert value(again, "title") == "Unser Titel"
    assert "Hier steht noch, was Sie geschrieben haben" in again
    assert '<input type="hidden" name="kind" value="success_story">' in again
    # closed now, it is a draft that can be gone on with
    kept = browser.get(f"{link}?draft={value(again, 'draft')}").text
    assert text_in(kept, "teaser") == "Ab Januar stehen drei Messplätze offen."
    # Enter in the form presses „einreichen“: a chosen file is read first all the same
    file = {"brought_file": ("x.docx", LABOR)}
    assert "Übernommen" in browser.post(link, data={"kind": "news"}, files=file).text
    assert stored(engine, Submission) == 0


def test_a_calendar_file_fills_days_times_and_place_and_asks_which_of_several(
    browser: TestClient, link: str
) -> None:
    form = brought(browser, link, ics(TAGUNG))  # from the page where nothing is chosen yet
    expected = {
        "title": "Fachtagung Licht, Messen",
        "starts_on": "16.03.2027",
        "starts_time": "09:30",
        "ends_on": "17.03.2027",
        "ends_time": "16:00",
        "location": "Alte Schleiferei, Musterufer 7, Musterhavel",
        "link": "https://www.lichtwerk.example/tagung",
        "contact_email": "presse@lichtwerk.example",
    }
    assert {name: value(form, name) for name in expected} == expected
    assert text_in(form, "teaser") == "Zwei Tage rund um optische Messtechnik."
    assert '<a href="#ends_on">Ende, Tag</a>' in form  # all that was filled is named
    days = "DTSTART;VALUE=DATE:20270501\nDTEND;VALUE=DATE:20270503\nSUMMARY:Maitage <b>"
    over = "DTSTART:20260101T090000Z\nSUMMARY:Vorbei"
    asked = brought(browser, link, ics(TAGUNG, days, over), kind="news", title="Unser Titel")
    assert "Welcher Beitrag soll es sein?" in asked
    assert "Maitage &lt;b&gt;" in asked
    assert "Vorbei" not in asked
    several = re.search(r'name="brought" value="([^"]*)"', asked)
    assert several
    choice = several[1].replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">")
    chosen = browser.post(
        f"{link}/bring",
        data={"kind": "news", "title": "Unser Titel", "brought": choice, "brought_pick": "1"},
    ).text
    assert value(chosen, "title") == "Unser Titel"
    assert (value(chosen, "starts_on"), value(chosen, "ends_on")) == ("01.05.2027", "02.05.2027")


CLOCKS: list[tuple[str, dict[str, str], str]] = [
    (
        "DTSTART:20270316T093000\nDTEND:20270316T083000",
        {"starts_time": "09:30", "ends_on": "", "ends_time": ""},
        "keine Zeitzone; wir haben die deutsche Zeit angenommen",
    ),
    (
        "DTSTART;TZID=Mond/Krater:20270316T093000",
        {"starts_time": "09:30"},
        "Die Zeitzone „Mond/Krater“ kennen wir nicht",
    ),
    (
        "DTSTART;TZID=Europe/London:20270316T093000\nLOCATION:https://treffen.example/j?pwd=1",
        {"starts_time": "09:30", "location": ""},
        "Europe/London&#34; selected",
    ),
    ("DTSTART:20270716T093000Z\nURL:javascript:alert(1)", {"link": ""}, "11:30"),
    (
        "DTSTART;TZID=Europe/Berlin:20240903T180000\nRRULE:FREQ=MONTHLY;BYDAY=1TU;UNTIL=20270131",
        {"starts_on": "01.12.2026", "starts_time": "18:00"},
        "05.01.2027</textarea>",
    ),
    (
        "DTSTART:20261124T170000Z\nRRULE:FREQ=DAILY;BYDAY=TU;COUNT=99\nEXDATE:20261201T170000Z",
        {"starts_on": "24.11.2026"},
        "08.12.2026\n15.12.2026",
    ),
    (
        "DTSTART:20270228T000000Z\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        {"starts_on": "28.02.2027"},
        "Der Termin wiederholt sich. Bitte tragen Sie die weiteren Tage selbst ein.",
    ),
    ("DTSTART:20251103T090000Z", {"starts_on": ""}, "Der Termin ist vorbei"),
    ("DTSTART:20270316T093000Z\nSTATUS:CANCELLED", {}, "dass der Termin abgesagt ist"),
]


def test_wrong_clocks_in_a_calendar_file_are_named_and_nothing_is_guessed_in_silence(
    browser: TestClient, link: str
) -> None:
    for event, fields, said in CLOCKS:
        form = brought(browser, link, ics(f"SUMMARY:Abend\n{event}"))
        assert {name: value(form, name) for name in fields} == fields, event
        assert said in form.replace('"', "&#34;"), event


def test_a_zone_that_a_calendar_defines_holds_for_no_other_and_its_rules_are_not_run() -> None:
    def zoned(winter: str, summer: str) -> bytes:
        parts = [
            f"BEGIN:{part}\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0000\r\n"
            f"TZOFFSETTO:{offset}\r\nRRULE:FREQ=SECONDLY\r\nEND:{part}\r\n"
            for part, offset in (("STANDARD", winter), ("DAYLIGHT", summer))
        ]
        zone = f"BEGIN:VTIME\r\n ZONE\r\nTZID:Haus\r\n{''.join(parts)}END:VTIMEZONE\r\n"
        begun = b"BEGIN:VEVENT"
        event = ics("SUMMARY:x\nDTSTART;TZID=Haus:20270701T093000")
        return event.replace(begun, zone.encode() + begun)

    for winter, summer, at, notes in (
        ("+0500", "+0500", "09:30+02:00", 1),  # unknown: ours, and it is said
        ("+0000", "+0100", "09:30+01:00", 0),  # London's, by another name
        ("+0100", "+0200", "09:30+02:00", 0),
    ):
        (found,) = of_file(zoned(winter, summer), HERE)
        assert isinstance(found.starts, datetime)
        assert (found.starts.isoformat("T", "minutes")[11:], len(found.notes)) == (at, notes)


BOMB = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'


UNREADABLE = [
    (b" ", "Die Datei ist leer."),
    (b"%PDF-1.7", "Aus einem PDF lesen wir nichts."),
    (b"\xd0\xcf\x11\xe0", "aus einem älteren Word"),
    (b"<html>", "Diese Datei lesen wir nicht."),
    (b"PK\x03\x04", "Diese Word-Datei lässt sich nicht lesen."),
    (packed({"a.txt": "x"}), "Diese Datei ist keine Word-Datei."),
    (docx([]), "In diesem Dokument steht kein Text."),
    (docx([run("x")], before=BOMB), "Diese Word-Datei lässt sich nicht lesen."),
    (docx([run("x")], fonts=b"<a>" + b"A" * 5_000_000 + b"</a>"), "zu lang für einen Beitrag"),
    (docx([run("x")], ending="dat"), "Diese Word-Datei lässt sich nicht lesen."),
    (docx([run("x")] * 40_000), "zu lang für einen Beitrag"),
    (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nx", "kein Termin, dessen Beginn wir lesen können"),
    (b"BEGIN:VCALENDAR\nMIST\nEND:VCALENDAR", "Diese Kalenderdatei ist beschädigt."),
    (b"x" * 5_000_001, "Die Datei ist größer als 5 MB."),
]


def test_a_file_that_cannot_be_read_is_refused_in_words_at_its_field_and_nothing_is_lost(
    browser: TestClient, link: str
) -> None:
    for raw, said in UNREADABLE:
        file = {"brought_file": ("Bericht.docx", raw)}
        answer = browser.post(f"{link}/bring", data={"kind": "news", "title": "Titel"}, files=file)
        assert answer.status_code == 422, said
        assert said in refused(answer.text, "brought_file")
        assert '<details class="card fold" id="mitbringen" open>' in answer.text
        assert value(answer.text, "title") == "Titel"
        # of somebody who has typed nothing yet, nothing is kept
        assert browser.post(f"{link}/bring", files=file).status_code == 422
    assert browser.get(link).text.count('href="?draft=') == len(UNREADABLE)
    assert "ohne Titel" not in browser.get(link).text


def refused(html: str, name: str) -> str:
    """What the page says at the field."""
    message = re.search(rf'id="{name}-wrong">([^<]*)<', html)
    assert message, name
    return message[1]


def test_without_a_file_or_from_another_site_nothing_is_brought(
    browser: TestClient, link: str
) -> None:
    none = browser.post(f"{link}/bring", data={"kind": "date"}, files={"brought_file": ("", b"")})
    assert (
        none.status_code,
        "Bitte wählen Sie eine Datei aus, oder fügen Sie einen Link ein." in none.text,
    ) == (422, True)
    odd = {"kind": "news", "brought": '[{"fields": 3}]', "brought_pick": "0"}
    assert browser.post(f"{link}/bring", data=odd).status_code == 422
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert browser.post(f"{link}/bring", data={}, headers=elsewhere).status_code == 403


# -- a link to one's own page -----------------------------------------------------------------

EVENT = """<!DOCTYPE html><title>Lichtwerk</title><!-- <meta property="og:title" content="nein"> -->
<script type="application/ld+json">{kaputt</script>
<script type='application/ld+json'>{"@graph": [{"@type": "WebSite", "name": "Lichtwerk"},
{"@type": ["EducationEvent"], "name": "Fachtagung &bdquo;Licht&ldquo;", "url": "javascript:x()",
"startDate": "2027-03-16T09:30", "endDate": "2027-03-17T16:00:00+01:00",
"description": "<p>Zwei Tage rund um <b>Messtechnik</b>.</p>",
"eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode",
"location": [{"@type": "VirtualLocation", "url": "https://x.example"}, {"@type": "Place",
"name": "Alte Schleiferei", "address": {"streetAddress": "Musterufer 7", "postalCode": "14770",
"addressLocality": "Musterhavel"}}]}]}</script>"""
NEWS_PAGE = """<html><head><title>Neues Labor – Lichtwerk</title>
<meta content='Neues Labor &amp; mehr' property='og:title'><meta name="description" content="Ab
 Januar offen."><link rel="canonical" href="https://anderswo.example/x"></head>"""


def test_a_link_to_ones_own_page_fills_the_form_with_what_the_page_says_of_itself(
    linked: TestClient, link: str, web: page_server.Web
) -> None:
    web.pages["www.lichtwerk.example/tagung"] = page(EVENT)
    form = linked.post(f"{link}/bring", data={"brought_link": "www.lichtwerk.example/tagung"}).text
    expected = {
        "title": "Fachtagung „Licht“",
        "link": "https://www.lichtwerk.example/tagung",
        "starts_on": "16.03.2027",
        "starts_time": "09:30",
        "ends_on": "17.03.2027",
        "ends_time": "16:00",
        "location": "Alte Schleiferei, Musterufer 7, 14770 Musterhavel",
    }
    assert {name: value(form, name) for name in expected} == expected
    assert text_in(form, "teaser") == "Zwei Tage rund um Messtechnik."
    assert re.search(r'id="online"[^>]* checked', form)
    assert "keine Zeitzone; wir haben die deutsche Zeit" in form
    # a page without dates is news; the address is the page's own, whatever it says
    web.pages["www.lichtwerk.example/labor"] = page(NEWS_PAGE.encode("cp1252"), "text/html")
    news = {"kind": "news", "brought_link": "https://www.lichtwerk.example/labor", "body": "Da."}
    form = linked.post(link, data=news).text  # Enter in that field hands nothing in
    assert value(form, "title") == "Neues Labor & mehr".replace("&", "&amp;")
    assert text_in(form, "teaser") == "Ab Januar offen."
    assert value(form, "link") == "https://www.lichtwerk.example/labor"
    assert text_in(form, "body") == "Da."
    # a link may lead to a file as well
    web.pages["www.lichtwerk.example/t.ics"] = page(ics(TAGUNG), "text/calendar")
    form = linked.post(f"{link}/bring", data={"brought_link": "www.lichtwerk.example/t.ics"}).text
    assert value(form, "title") == "Fachtagung Licht, Messen"


UNREAD = [
    ("https://www.lichtwerk.example/leer", "nichts, was wir übernehmen können"),
    ("https://www.lichtwerk.example/weg", "keine Seite. Bitte prüfen."),
    ("https://www.lichtwerk.example/intern", "liegt nicht im öffentlichen Netz"),
    ("https://www.lichtwerk.example/bild", "keine Seite, die wir lesen („image/png“)"),
    ("http://127.0.0.1:8000/", "am üblichen Anschluss"),
    ("javascript:alert(1)", "mit https:// beginnt"),
    ("https://gibtsnicht.example/", "ist nicht zu finden"),
]


def test_a_link_that_cannot_be_read_is_refused_in_words_at_its_field(
    linked: TestClient, link: str, web: page_server.Web
) -> None:
    web.pages["www.lichtwerk.example/leer"] = page("<p>Hallo</p>")
    web.pages["www.lichtwerk.example/intern"] = page_server.sent_on("https://in.lichtwerk.example/")
    web.pages["www.lichtwerk.example/bild"] = page(b"\x89PNG", "image/png")
    web.names["in.lichtwerk.example"] = ["10.0.0.1"]
    for url, said in UNREAD:
        typed = {"kind": "date", "title": "A", "brought_link": url}
        answer = linked.post(f"{link}/bring", data=typed)
        assert answer.status_code == 422, url
        assert said in refused(answer.text, "brought_link")
        assert value(answer.text, "title") == "A"
        assert value(answer.text, "brought_link") == url
    # whoever has typed it all instead hands it in by the button
    whole = TYPED | {"brought_link": UNREAD[0][0]}
    assert linked.post(link, data=whole | {"title": ""}).status_code == 422
    by_enter = linked.post(link, data=whole | {"by_enter": "ja"})
    assert UNREAD[0][1] in refused(by_enter.text, "brought_link")
    assert linked.post(link, data=whole).url.path.startswith("/s/")


NOTED = '<w:r><w:footnoteReference w:id="1"/></w:r>'
NOTES = (
    '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    f'<w:footnote w:id="1"><w:p>{run("A" * 100_000)}</w:p></w:footnote></w:footnotes>'
).encode()
FIELD = "".join(
    f"<w:r>{each}</w:r>"
    for each in (
        '<w:fldChar w:fldCharType="begin"/>',
        f'<w:instrText>HYPERLINK "https://www.lichtwerk.example/{"x" * 100_000}"</w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
    )
)


def test_a_page_a_calendar_or_a_document_made_to_be_slow_is_read_in_a_moment() -> None:
    data = b"<script application/ld+json>"
    event = b'{"@type":"Event","startDate":"2027-01-01","description":"' + b"<p><b>x" * 300 + b'"},'
    nasty = [b"<meta " * 330_000, b"<!--" * 500_000, data * 70_000, data + b"[" * 200_000]
    nasty.append(data + b"[" + event * 200 + b"{}]</script>")
    nasty.append(b"<meta charset=punycode>" + b"a" * 900_000 + b"-" + b"a" * 900_000)
    began = time.process_time()
    for raw in nasty:
        with suppress(Unusable):
            of_page(raw, "", "https://www.lichtwerk.example/", HERE)
    for document in (
        docx([run("x *_[ " * 600_000)]),
        docx([NOTED * 300], footnotes=NOTES),
        docx([FIELD, *[run("x")] * 3_000]),
    ):
        with pytest.raises(Unusable, match="zu lang für einen Beitrag"):
            of_file(document, HERE)
    series = "SUMMARY:x\nDTSTART:20170101T000000Z\nRRULE:"
    assert len(of_file(ics(*[f"{series}FREQ=DAILY"] * 500), HERE)) == 500
    # some never come to a next day, one never to an end
    never = ["DAILY;INTERVAL=0", "DAILY;BYDAY=MO;INTERVAL=7", "MONTHLY;BYDAY=6MO"]
    never += ["YEARLY;BYDAY=60MO", "YEARLY;INTERVAL=999999"]
    found = of_file(ics(*[f"{series}FREQ={rule}" for rule in never for __ in range(20)]), HERE)
    assert {(len(each.more_days), len(each.notes)) for each in found} == {(0, 1)}
    assert time.process_time() - began < 2.5
