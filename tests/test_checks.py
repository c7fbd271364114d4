"""What would embarrass us, found before a reader sees it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import checks, rendering, templating
from newsletter.checks import Facts
from newsletter.checks.words import links, placeholder, wrong_with
from newsletter.content import (
    Audience,
    EventState,
    Finding,
    IssueContent,
    Item,
    Kind,
    Level,
    Origin,
    PictureUse,
    Section,
    When,
)
from newsletter.settings import Settings

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SENDING = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)
FACTS = Facts(NOW, ZoneInfo("Europe/Berlin"), send_at=SENDING, loopback=True)
OUT_IN_THE_WORLD = replace(FACTS, loopback=False)

NEWS = Item(
    reference="q1",
    revision=1,
    kind=Kind.NEWS,
    title="Lichtwerk Havelbogen: Silber-Label erneut bestätigt",
    teaser="Das Clustermanagement ist zum dritten Mal mit dem Silber-Label ausgezeichnet worden.",
    body="Hervorgehoben wurde die [Strategie](https://www.lichtwerk.example/licht).",
    origin=Origin("Lichtwerk Havelbogen e. V.", ("DE-BB",), "silver"),
    link="https://www.lichtwerk.example/label",
)
PICTURE = PictureUse(
    url="http://127.0.0.1:8000/media/abc/mail.jpg",
    width=600,
    height=400,
    alt="Drei Personen halten eine Urkunde in die Kamera",
    credit="Kim Beispiel",
    sha256="0" * 64,
)
FAIR = replace(
    NEWS,
    reference="q2",
    kind=Kind.DATE,
    title="Fachtagung „Licht & Messen 2027“",
    when=When(datetime(2027, 3, 16, 8, 30, tzinfo=UTC), datetime(2027, 3, 17, 15, 0, tzinfo=UTC)),
    location="Musterhavel",
    link="https://www.lichtwerk.example/messen",
)


def found(item: Item, facts: Facts = FACTS) -> dict[str, Finding]:
    return {finding.check: finding for finding in checks.check_item(item, facts)}


@pytest.fixture
def december(settings: Settings) -> Callable[..., IssueContent]:
    """The December issue of the public newsletter as ``init`` configures it."""

    def made(*items: Item, **changes: Any) -> IssueContent:
        content = IssueContent(
            issue_id="clusterplattform-2026-12",
            number="2026-12",
            subject="Clusterplattform Deutschland: Ausgabe Dezember 2026",
            preheader=settings.newsletters["clusterplattform"].preheader,
            opening="willkommen zur Ausgabe Dezember 2026.",
            sections=(Section("cluster", "Aus den Clustern", items),),
            masthead=settings.masthead("clusterplattform"),
        )
        return replace(content, **changes)

    return made


def issue_findings(content: IssueContent, facts: Facts = FACTS) -> dict[str, Finding]:
    return {finding.check: finding for finding in checks.check_issue(content, facts)}


# -- an item ------------------------------------------------------------------------------


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
    assert links("Er (der Vorsitz) sagt [sic] das.") == ([], [])


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


# -- an issue -----------------------------------------------------------------------------


def test_an_issue_as_init_configures_it_has_only_hints(
    december: Callable[..., IssueContent],
) -> None:
    assert {f.level for f in issue_findings(december(NEWS, FAIR)).values()} == {Level.HINT}


def test_the_same_issue_sent_into_the_world_needs_real_names(
    december: Callable[..., IssueContent],
) -> None:
    finding = issue_findings(december(NEWS), OUT_IN_THE_WORLD)["reserved-name"]
    assert finding.level is Level.ERROR
    assert "Absender" in finding.text
    assert "q1" in finding.text


def test_an_empty_issue_is_an_error(december: Callable[..., IssueContent]) -> None:
    assert "issue fill clusterplattform-2026-12" in issue_findings(december())["empty"].text


@pytest.mark.parametrize(
    ("length", "level"),
    [(50, None), (51, Level.HINT), (61, Level.WARNING), (76, Level.WARNING), (151, Level.ERROR)],
)
def test_long_subjects(
    december: Callable[..., IssueContent], length: int, level: Level | None
) -> None:
    finding = issue_findings(december(NEWS, subject="x" * length)).get("subject-length")
    assert (finding.level if finding else None) is level


def test_a_subject_is_needed(december: Callable[..., IssueContent]) -> None:
    assert issue_findings(december(NEWS, subject=" "))["subject"].level is Level.ERROR


@pytest.mark.parametrize("text", ["{month}", "Ausgabe TODO", "{{ monat }}"])
def test_placeholders_of_an_issue_are_errors(
    december: Callable[..., IssueContent], text: str
) -> None:
    for field in ("subject", "preheader", "opening"):
        content = december(NEWS, **{field: text})
        assert issue_findings(content)["placeholder"].level is Level.ERROR


def test_a_broken_link_in_the_opening_is_an_error(december: Callable[..., IssueContent]) -> None:
    content = december(NEWS, opening="Mehr [hier](htp://a.example) und [da] (https://b.example)")
    texts = [f.text for f in checks.check_issue(content, FACTS) if f.check == "link"]
    assert len(texts) == 2


def test_a_newsletter_whose_audience_was_changed_is_an_error(
    december: Callable[..., IssueContent],
) -> None:
    facts = replace(FACTS, audience=Audience.MEMBERS)
    inside = replace(NEWS, reach=Audience.MEMBERS)
    found = checks.check_issue(december(inside), facts)
    assert {f.where for f in found if f.check == "audience"} == {"issue", "q1"}


def test_an_imprint_with_gaps_is_an_error_out_in_the_world(
    december: Callable[..., IssueContent],
) -> None:
    content = december(NEWS)
    bare = replace(content.masthead.imprint, phone="", address=("Postfach 12", "10623 Berlin"))
    content = replace(content, masthead=replace(content.masthead, imprint=bare))
    out = [f for f in checks.check_issue(content, OUT_IN_THE_WORLD) if f.check == "imprint"]
    assert [f.level for f in out] == [Level.ERROR, Level.ERROR]
    assert issue_findings(content)["imprint"].level is Level.HINT


def test_twins_are_named(december: Callable[..., IssueContent]) -> None:
    finding = issue_findings(december(NEWS, FAIR, replace(NEWS, reference="q3")))["duplicate"]
    assert "q1 und q3" in finding.text


def test_too_many_items_are_named(december: Callable[..., IssueContent]) -> None:
    items = [replace(NEWS, reference=f"q{n}", title=f"Titel {n}", link=None) for n in range(21)]
    assert issue_findings(december(*items[:13]))["items"].level is Level.HINT
    assert issue_findings(december(*items))["items"].level is Level.WARNING


def test_the_gravest_finding_stands_first(december: Callable[..., IssueContent]) -> None:
    levels = [f.level for f in checks.check_issue(december(replace(NEWS, title="TODO")), FACTS)]
    assert levels == sorted(levels, key=[Level.ERROR, Level.WARNING, Level.HINT].index)


# -- an edition ---------------------------------------------------------------------------


@pytest.fixture
def built(december: Callable[..., IssueContent], settings: Settings) -> tuple[IssueContent, Facts]:
    content = december(NEWS, replace(FAIR, picture=PICTURE))
    edition = rendering.render(content, templating.folders(settings.home))
    return content, replace(FACTS, edition=edition)


def test_the_shipped_templates_make_a_sound_edition(built: tuple[IssueContent, Facts]) -> None:
    assert {f.level for f in checks.check_issue(*built)} == {Level.HINT}


@pytest.mark.parametrize("part", ["html", "text"])
def test_an_edition_without_goodbye_link_is_an_error(
    built: tuple[IssueContent, Facts], part: str
) -> None:
    content, facts = built
    assert facts.edition
    bare = getattr(facts.edition, part).replace("unsubscribe", "")
    facts = replace(facts, edition=replace(facts.edition, **{part: bare}))
    assert issue_findings(content, facts)["unsubscribe"].level is Level.ERROR


@pytest.mark.parametrize("part", ["html", "text"])
def test_an_edition_without_imprint_is_an_error(
    built: tuple[IssueContent, Facts], part: str
) -> None:
    content, facts = built
    assert facts.edition
    bare = getattr(facts.edition, part).replace("Erika", "Frau")
    facts = replace(facts, edition=replace(facts.edition, **{part: bare}))
    assert issue_findings(content, facts)["imprint"].level is Level.ERROR


@pytest.mark.parametrize(
    ("length", "level"),
    [(80_000, None), (80_001, Level.HINT), (92_160, Level.WARNING), (100_001, Level.ERROR)],
)
def test_a_heavy_edition_is_named(
    built: tuple[IssueContent, Facts], length: int, level: Level | None
) -> None:
    content, facts = built
    assert facts.edition
    html = facts.edition.html
    heavy = html + " " * (length - len(html.encode()))
    facts = replace(facts, edition=replace(facts.edition, html=heavy))
    finding = issue_findings(content, facts).get("size")
    assert (finding.level if finding else None) is level


@pytest.mark.parametrize(
    ("more", "check"),
    [
        ('<a href="#">x</a>', "left-over"),
        ("{{ content.title }}", "left-over"),
        ('<img src="https://pixel.tracker.example/x.gif">', "foreign-host"),
        ("<style>p{background:url(https://fonts.tracker.example/a)}</style>", "foreign-host"),
    ],
)
def test_what_a_broken_template_leaves_is_an_error(
    built: tuple[IssueContent, Facts], more: str, check: str
) -> None:
    content, facts = built
    assert facts.edition
    facts = replace(facts, edition=replace(facts.edition, html=facts.edition.html + more))
    assert issue_findings(content, facts)[check].level is Level.ERROR
