"""What would embarrass us in an item, found before a reader sees it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import checks
from newsletter.checks import Facts
from newsletter.checks.words import links, placeholder, wrong_with
from newsletter.content import Audience, EventState, Level, PictureUse, When
from tests.check_situations import FACTS, FAIR, NEWS, NOW, PICTURE, SENDING, found

pytestmark = pytest.mark.sqlite("the checks are pure")


def test_a_clean_item_has_no_findings() -> None:
    assert checks.check_item(NEWS, FACTS) == []
    assert checks.check_item(replace(FAIR, picture=PICTURE), FACTS) == []


def test_a_date_that_is_over_is_an_error() -> None:
    gone = replace(FAIR, when=When(NOW - timedelta(days=2), NOW - timedelta(days=1)))
    assert found(gone)["past-date"].level is Level.ERROR
    placed = found(gone, replace(FACTS, issue_id="clusterplattform-2026-12"))
    assert "newsletter issue remove clusterplattform-2026-12 q2" in placed["past-date"].text


def test_what_stands_in_no_issue_is_not_to_be_taken_out_of_one() -> None:
    gone = replace(FAIR, when=When(NOW - timedelta(days=2)), event_state=EventState.CANCELLED)
    alone = found(gone)
    assert alone["past-date"].text.endswith("Bitte berichtigen: newsletter queue edit q2")
    assert alone["event-state"].text == "Der Termin ist abgesagt."


def test_a_whole_day_is_over_at_its_midnight_in_berlin() -> None:
    today = replace(FAIR, when=When(date(2026, 11, 23)))
    late = datetime(2026, 11, 23, 22, 59, tzinfo=UTC)  # 23:59 in Berlin
    assert not found(today, Facts(late, FACTS.zone))
    assert found(today, Facts(late + timedelta(minutes=1), FACTS.zone))["past-date"]


def test_a_fair_of_several_days_is_over_with_its_last_day() -> None:
    running = replace(FAIR, when=When(date(2026, 12, 14), date(2026, 12, 16)))
    assert "past-date" not in found(running)


def test_a_date_before_the_sending_warns_until_the_time_is_fixed() -> None:
    soon = replace(FAIR, when=When(NOW + timedelta(days=3)))
    assert found(soon)["past-date"].level is Level.WARNING
    assert found(soon, replace(FACTS, fixed=True))["past-date"].level is Level.ERROR
    assert not found(soon, replace(FACTS, send_at=None))


def test_a_registration_that_ends_before_the_sending_warns() -> None:
    closing = replace(FAIR, register_by=SENDING - timedelta(hours=1))
    assert found(closing)["registration-over"].level is Level.WARNING
    assert not found(replace(FAIR, register_by=SENDING + timedelta(hours=1)))


def test_an_embargo_after_the_sending_is_an_error() -> None:
    dark = replace(NEWS, embargo_until=SENDING + timedelta(minutes=1))
    assert found(dark)["embargo"].level is Level.ERROR
    assert "15.12.2026, 10:01 Uhr" in found(dark)["embargo"].text


def test_an_embargo_of_an_item_in_no_issue_is_measured_against_no_sending() -> None:
    dark = replace(NEWS, embargo_until=SENDING)
    told = checks.check_item(dark, replace(FACTS, send_at=None))
    embargo = next(each for each in told if each.check == "embargo")
    assert embargo.level is Level.WARNING
    assert "Versand" not in embargo.text


def test_an_embargo_that_ends_in_time_informs_and_then_says_nothing() -> None:
    dark = replace(NEWS, embargo_until=SENDING)
    assert found(dark)["embargo"].level is Level.HINT
    assert not found(dark, replace(FACTS, fixed=True))
    assert not found(dark, replace(FACTS, now=SENDING))


def test_an_item_for_members_in_a_public_issue_is_an_error() -> None:
    inside = replace(NEWS, reach=Audience.MEMBERS)
    assert found(inside, replace(FACTS, audience=Audience.PUBLIC))["audience"].level is Level.ERROR
    assert not found(inside, replace(FACTS, audience=Audience.MEMBERS))


def test_a_cancelled_date_warns() -> None:
    off = replace(FAIR, event_state=EventState.CANCELLED)
    assert found(off)["event-state"].level is Level.WARNING


@pytest.mark.parametrize(
    ("picture", "check", "level"),
    [
        (replace(PICTURE, alt=None), "alt-text", Level.ERROR),
        (replace(PICTURE, alt=" "), "alt-text", Level.ERROR),
        (replace(PICTURE, alt="flexilite.jpg"), "alt-text", Level.HINT),
        (replace(PICTURE, alt="Call"), "alt-text", Level.HINT),
        (replace(PICTURE, alt="x" * 251), "alt-text", Level.WARNING),
        (replace(PICTURE, credit=None), "picture-credit", Level.WARNING),
    ],
)
def test_pictures_need_words_and_a_name(picture: PictureUse, check: str, level: Level) -> None:
    assert found(replace(NEWS, picture=picture))[check].level is level


def test_a_decorative_picture_needs_no_words() -> None:
    assert not found(replace(NEWS, picture=replace(PICTURE, alt=None, decorative=True)))


@pytest.mark.parametrize(
    "text",
    [
        "Guten Tag {{ vorname }}",
        "{% for x in y %}",
        "Wert: ${7*7}",
        "%%ABMELDELINK%%",
        "TODO: Zahl prüfen",
        "Lorem ipsum dolor",
        "„[Zitat der Ministeriumsleitung – Freigabe steht noch aus]“",
        r"„\[Zitat der Ministeriumsleitung – Freigabe steht noch aus\]“",
        "[wird noch ergänzt]",
        "[Name]",
        "am XX.XX.2027",
    ],
)
def test_forgotten_placeholders_are_errors(text: str) -> None:
    for field in ("title", "teaser", "body", "result"):
        finding = found(replace(NEWS, **{field: text}))["placeholder"]
        assert finding.level is Level.ERROR
        assert "queue edit q1" in finding.text


@pytest.mark.parametrize(
    "text",
    [
        "Er sagte: „Wir […] freuen uns.“",
        "Mehr im [Zitat der Woche](https://a.example/zitat).",
        "100 % Förderung, 50 %% davon",
        "Die Methode To-do, ein Platzhalter ohne Klammern, a < b",
        "[sic]",
        "Menge {1, 2}",
    ],
)
def test_what_only_looks_like_a_placeholder_passes(text: str) -> None:
    assert placeholder(text) is None


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "www.cluster.example",
        "/relativ",
        "https://",
        "https://https://a.example",
        "https://gut.example@boese.example/login",
        "https://a.example/mit leerzeichen",
        "https://a.example:99999/",
        "mailto:niemand",
        "",
    ],
)
def test_addresses_that_nobody_can_follow(address: str) -> None:
    assert wrong_with(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://shuttle.mobilitätscluster.example/übersicht",
        "http://a.example:8080/x?y=1#z",
        "mailto:info@a.example",
        "tel:+49 30 310078-387",
    ],
)
def test_sound_addresses_pass(address: str) -> None:
    assert wrong_with(address) is None


@pytest.mark.parametrize(
    "body",
    [
        "Mehr im [Bericht] (https://a.example/b).",
        "Mehr im [Bericht](https://a.example/b",
        "Mehr im [Bericht](https://a.example/zwei worte).",
        "Mehr im [Bericht](www.a.example).",
        "Mehr im [Bericht]().",
    ],
)
def test_broken_links_in_a_text_are_errors(body: str) -> None:
    assert found(replace(NEWS, body=body))["link"].level is Level.ERROR


def test_a_link_that_says_nothing_is_a_hint() -> None:
    body = "Zur Anmeldung [hier](https://a.example/x)."
    assert found(replace(NEWS, body=body))["link-text"].level is Level.HINT


def test_brackets_in_plain_words_are_no_broken_link() -> None:
    assert links("Er (der Vorsitz) sagt [sic] das.") == ((), ())


@pytest.mark.parametrize(
    ("field", "length", "level"),
    [
        ("title", 81, Level.HINT),
        ("title", 111, Level.WARNING),
        ("teaser", 501, Level.HINT),
        ("teaser", 701, Level.WARNING),
        ("body", 3_001, Level.HINT),
        ("body", 5_001, Level.WARNING),
    ],
)
def test_long_texts_are_named(field: str, length: int, level: Level) -> None:
    assert not found(replace(NEWS, **{field: "x" * 80}))
    assert found(replace(NEWS, **{field: "x" * length}))[f"{field}-length"].level is level


def test_an_item_that_was_withdrawn_or_edited_is_named() -> None:
    gone = replace(FACTS, unusable={"q1": "Der Beitrag ist zurückgezogen."})
    assert found(NEWS, gone)["unusable"].level is Level.ERROR
    edited = replace(FACTS, newer={"q1": 2}, issue_id="clusterplattform-2026-12")
    finding = found(NEWS, edited)["newer-revision"]
    assert finding.level is Level.WARNING
    assert "newsletter issue add clusterplattform-2026-12 q1" in finding.text


@given(st.text(), st.text(), st.text())
def test_no_text_breaks_the_checks(title: str, body: str, link: str) -> None:
    checks.check_item(replace(NEWS, title=title, body=body, link=link), FACTS)
