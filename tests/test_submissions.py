"""What contributors hand in: taken whole, or refused at its fields."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from newsletter import clusters, pictures, submissions
from newsletter.content import SLOT_OPEN, Audience
from newsletter.errors import Invalid, Problem
from newsletter.history import Act
from newsletter.models.delivery import Letter
from newsletter.models.event import Event
from newsletter.models.submission import (
    Clearance,
    ClearanceState,
    Revision,
    Submission,
    Via,
)
from newsletter.submissions import Rules
from tests.intake_situations import DATE, NEWS, STORY, jpeg
from tests.submission_situations import desk, handed_in, item

__all__ = ["desk"]


RULES = Rules(
    now=datetime(2026, 11, 23, 8, tzinfo=UTC),
    zone=ZoneInfo("Europe/Berlin"),
    newsletters=("go-cluster", "clusterplattform"),
)


def problems(facts: dict[str, Any], rules: Rules = RULES) -> dict[str, str]:
    with pytest.raises(Invalid) as wrong:
        submissions.understood(facts, rules)
    return {problem.field: problem.message for problem in wrong.value.problems}


# -- what comes in --------------------------------------------------------------------------


def test_a_news_item_comes_in_clean(desk: Act) -> None:
    shown = item(desk, handed_in(desk, NEWS))
    assert shown.reference == "q1"
    assert shown.link == "https://www.lichtwerk.example/label"
    assert shown.origin.name == "Lichtwerk Havelbogen e. V."
    assert shown.origin.laender == ("DE-BB", "DE-BE")
    assert shown.reach is Audience.PUBLIC
    assert shown.when is None


def test_each_newsletter_that_was_asked_for_gets_a_clearance(desk: Act) -> None:
    handed_in(desk, NEWS)
    asked = desk.session.scalars(select(Clearance).order_by(Clearance.newsletter)).all()
    assert [(c.newsletter, c.state, c.audience) for c in asked] == [
        ("clusterplattform", ClearanceState.ASKED, Audience.PUBLIC),
        ("go-cluster", ClearanceState.ASKED, Audience.MEMBERS),
    ]


def test_what_only_members_shall_see_has_only_their_reach(desk: Act) -> None:
    assert item(desk, handed_in(desk, STORY)).reach is Audience.MEMBERS


def test_a_date_keeps_its_moments_and_gets_a_name_for_life(desk: Act) -> None:
    shown = item(desk, handed_in(desk, DATE))
    assert shown.when is not None
    assert shown.when.starts == datetime(2027, 3, 16, 8, 30, tzinfo=UTC)
    assert shown.when.ends == datetime(2027, 3, 17, 15, 0, tzinfo=UTC)
    assert shown.register_by == datetime(2027, 3, 2, 22, 59, tzinfo=UTC)  # the day's end, Berlin
    assert shown.uid
    assert shown.uid.endswith("@mitglieder.newsletter.go-cluster.example")


def test_whole_days_stay_whole_days(desk: Act) -> None:
    fair = DATE | {"starts_at": "2027-05-25", "ends_at": "2027-05-27", "register_by": None}
    shown = item(desk, handed_in(desk, fair))
    assert shown.when is not None
    assert (shown.when.starts, shown.when.ends) == (date(2027, 5, 25), date(2027, 5, 27))
    assert shown.when.all_day


def test_a_date_that_has_begun_and_goes_on_is_taken(desk: Act) -> None:
    going_on = DATE | {"starts_at": "2026-11-01", "ends_at": "2026-11-23", "register_by": None}
    assert item(desk, handed_in(desk, going_on)).when


def test_a_decorative_picture_needs_no_words(desk: Act) -> None:
    lichtwerk = clusters.get(desk.session, "lichtwerk")
    taken = pictures.take_in(desk, jpeg(), cluster_id=lichtwerk.id, by="api")
    with_picture = NEWS | {"image": taken.key, "image_alt": "Schmückend", "image_credit": "Kim"}
    shown = item(desk, handed_in(desk, with_picture))
    assert shown.picture is not None
    assert (shown.picture.decorative, shown.picture.alt) == (True, "")


def test_a_missing_description_of_a_picture_is_asked_of_clusters_and_left_open_to_editors(
    desk: Act,
) -> None:
    lichtwerk = clusters.get(desk.session, "lichtwerk")
    taken = pictures.take_in(desk, jpeg(), cluster_id=lichtwerk.id, by="api")
    facts = NEWS | {"image": taken.key, "image_alt": ""}
    with pytest.raises(Invalid) as wrong:
        handed_in(desk, facts)
    assert [problem.field for problem in wrong.value.problems] == ["image_alt"]
    added = submissions.receive(desk, facts, cluster=lichtwerk, via=Via.EDITOR, by="redaktion")
    shown = item(desk, added)
    assert shown.picture is not None
    assert (shown.picture.decorative, shown.picture.alt) == (False, None)


def test_an_editor_adds_what_a_source_says_without_letter_or_status_page(desk: Act) -> None:
    facts = NEWS | {"rights_confirmed": False}
    receipt = submissions.receive(
        desk, facts, cluster=None, source="BMWE", via=Via.EDITOR, by="redaktion"
    )
    assert receipt.status_token is None
    assert receipt.status_url is None
    assert item(desk, receipt).origin.name == "BMWE"
    assert not item(desk, receipt).origin.is_cluster
    assert desk.session.scalar(select(func.count()).select_from(Letter)) == 0


# -- bad input ------------------------------------------------------------------------------


def test_every_problem_is_told_at_once_and_nothing_is_stored(desk: Act) -> None:
    bad = {
        "kind": "news",
        "title": " \u200b ",
        "targets": ["nirgends"],
        "link": "lichtwerk",
        "contact_email": "jörn@lichtwerk.example",
        "teaser": "x" * 1101,
        "online": "ja",
        "language": "deutsch",
        "starts_at": "2027-01-01",
        "titel": "vertippt",
        "image": "weg",
    }
    with pytest.raises(Invalid) as wrong:
        handed_in(desk, bad)
    assert {problem.field for problem in wrong.value.problems} == {
        *("title", "targets", "link", "contact_email", "teaser", "online", "language"),
        *("starts_at", "titel", "image", "rights_confirmed"),
    }
    assert desk.session.scalar(select(func.count()).select_from(Submission)) == 0
    assert desk.session.scalar(select(func.count()).select_from(Letter)) == 0


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({"kind": "meldung"}, "kind", "möglich: news, date oder success_story."),
        ({"kind": None}, "kind", "success_story"),
        ({"titel": "x"}, "titel", "„title“"),
        ({"xyzzy": 1}, "xyzzy", "Bekannt"),
        ({"title": 7}, "title", "Text"),
        ({"title": "ä" * 161}, "title", "161 Zeichen; höchstens 160"),
        ({"title": None}, "title", "Titel"),
        ({"body": "ä" * 15_001}, "body", "höchstens 15000"),
        ({"body": "x" * 900_000}, "body", "viel zu lang"),
        ({"targets": []}, "targets", "go-cluster, clusterplattform"),
        ({"targets": "go-cluster"}, "targets", "Liste"),
        ({"targets": ["portal"]}, "targets", "„portal“"),
        ({"link": "javascript:alert(1)"}, "link", "https://"),
        ({"link": "https://bank.example@boese.example"}, "link", "@"),
        ({"contact_email": "a@b@c"}, "contact_email", "E-Mail-Adresse"),
        ({"rights_confirmed": False}, "rights_confirmed", "bestätigen"),
        ({"rights_confirmed": None}, "rights_confirmed", "bestätigen"),
        ({"embargo_until": "2026-12-01T06:00:00"}, "embargo_until", "Zeitzone"),
        ({"embargo_until": "bald"}, "embargo_until", "Form"),
        ({"challenge": "schwer"}, "challenge", "Erfolgsgeschichten"),
        ({"location": "Berlin"}, "location", "Terminen"),
        ({"image_alt": "x" * 700}, "image_alt", "höchstens 600"),
        ({"body_format": "docx"}, "body_format", "möglich: markdown oder html."),
    ],
)
def test_a_wrong_field_is_told_with_the_cure(change: dict[str, Any], field: str, word: str) -> None:
    assert word in problems(NEWS | change)[field]


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({"ends_at": "2027-03-15T09:00:00+01:00"}, "ends_at", "vor dem Beginn"),
        ({"ends_at": "2027-03-17"}, "ends_at", "beide"),
        ({"starts_at": "2027-03-16T09:30:00"}, "starts_at", "Zeitzone"),
        ({"starts_at": "16.03.2027"}, "starts_at", "Form"),
        ({"starts_at": "2027-02-30"}, "starts_at", "Form"),
        ({"starts_at": None}, "starts_at", "beginnt"),
        ({"starts_at": "2024-09-19T10:00:00+02:00", "ends_at": None}, "starts_at", "Vergangenheit"),
        ({"starts_at": "2026-11-22", "ends_at": None}, "starts_at", "Vergangenheit"),
        ({"starts_at": "2207-03-16", "ends_at": None}, "starts_at", "Jahr"),
        ({"starts_at": "2029-01-01", "ends_at": None}, "starts_at", "zwei Jahre"),
        ({"starts_at": "0001-01-01T00:00:00+14:00", "ends_at": None}, "starts_at", "Jahr"),
        ({"location": None}, "location", "online"),
        ({"register_by": "gestern"}, "register_by", "Form"),
        ({"result": "gut"}, "result", "Erfolgsgeschichten"),
    ],
)
def test_a_wrong_date_is_told_with_the_cure(change: dict[str, Any], field: str, word: str) -> None:
    assert word in problems(DATE | change)[field]


def test_a_picture_of_another_cluster_is_unknown(desk: Act) -> None:
    boje = clusters.get(desk.session, "boje")
    taken = pictures.take_in(desk, jpeg(), cluster_id=boje.id, by="api")
    with pytest.raises(Invalid, match="hoch"):
        handed_in(desk, NEWS | {"image": taken.key})


NASTY = ["{{7*7}}", "a < b", "<script>alert(1)</script>", "${7*7}", "%%X%%", "'; DROP TABLE x;--"]
TEXTS = ("title", "teaser", "body", "contact_name", "location", "challenge", "solution", "result")


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("field", [*TEXTS, "image_credit", "image_alt"])
def test_what_looks_like_code_is_kept_as_text(text: str, field: str) -> None:
    base = {"location": DATE, "challenge": STORY, "solution": STORY, "result": STORY}
    facts = submissions.understood(base.get(field, NEWS) | {field: text}, RULES)
    kept = getattr(facts, field)
    assert kept.replace("\\", "") == text


def test_a_title_cannot_forge_a_header(desk: Act) -> None:
    handed_in(desk, NEWS | {"title": "Neu\r\nBcc: opfer@boese.example\x00"})
    letter = desk.session.scalars(select(Letter)).one()
    assert "\n" not in letter.subject
    assert "\r" not in letter.subject
    assert "Neu Bcc: opfer@boese.example" in letter.subject


def test_no_field_smuggles_a_slot_marker(desk: Act) -> None:
    marked = {name: f"{SLOT_OPEN}unsubscribe\ue001 {name}" for name in ("title", "teaser", "body")}
    shown = item(desk, handed_in(desk, NEWS | marked))
    assert SLOT_OPEN not in shown.title + shown.teaser + shown.body


def test_lone_surrogates_and_nul_reach_no_database(desk: Act) -> None:
    receipt = handed_in(desk, NEWS | {"title": "a\ud800b\x00c", "contact_name": "\udfff"})
    revision = desk.session.get_one(Revision, (receipt.submission_id, 1))
    assert revision.title == "abc"
    assert revision.handed_in is not None
    assert "\ud800" not in revision.handed_in["title"]


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
fields = st.sampled_from([*NEWS, *DATE, *STORY, "image", "embargo_until", "online", "language"])
moments = st.datetimes().map(lambda moment: moment.isoformat()) | st.dates().map(date.isoformat)


@given(st.sampled_from([NEWS, DATE, STORY]), st.dictionaries(fields, json_values | moments))
def test_whatever_json_comes_is_clean_or_invalid_and_never_an_accident(
    base: dict[str, Any], change: dict[str, Any]
) -> None:
    found: list[Problem] = []
    with suppress_into(found):
        facts = submissions.understood(base | change, RULES)
        assert facts.title == facts.title.strip() != ""
        assert facts.targets
    assert all(problem.message.endswith((".", "?")) for problem in found)


@contextmanager
def suppress_into(found: list[Problem]) -> Iterator[None]:
    """Keep the problems of an Invalid."""
    try:
        yield
    except Invalid as wrong:
        found += wrong.problems


# -- the letter -----------------------------------------------------------------------------


def test_the_letter_goes_to_the_registered_person_never_to_the_typed_address(desk: Act) -> None:
    receipt = handed_in(desk, NEWS | {"contact_email": "fremd@boese.example"})
    letter = desk.session.scalars(select(Letter)).one()
    assert letter.to_email == "presse@lichtwerk.example"
    assert receipt.reference in letter.subject
    for part in (letter.text, letter.html):
        assert receipt.status_url
        assert receipt.status_url in part
        assert "q1" in part
        assert "Licht 2030" in part
    assert "**" not in letter.text + letter.html


def test_the_letter_goes_to_whoever_used_their_link(desk: Act) -> None:
    lichtwerk = clusters.get(desk.session, "lichtwerk")
    kim = clusters.add_person(desk, "lichtwerk", "kim@lichtwerk.example", "Kim Beispiel")
    submissions.receive(desk, NEWS, cluster=lichtwerk, contributor=kim, via=Via.FORM, by=kim.email)
    letter = desk.session.scalars(select(Letter)).one()
    assert (letter.to_email, letter.to_name) == ("kim@lichtwerk.example", "Kim Beispiel")


def test_a_cluster_without_people_gets_no_letter_but_its_status_page(desk: Act) -> None:
    clusters.remove_person(desk, "lichtwerk", "presse@lichtwerk.example")
    assert handed_in(desk, NEWS).status_url
    assert desk.session.scalar(select(func.count()).select_from(Letter)) == 0


def test_the_letter_shows_typed_code_as_text(desk: Act) -> None:
    handed_in(desk, NEWS | {"title": "<script>alert(1)</script> {{7*7}}"})
    letter = desk.session.scalars(select(Letter)).one()
    assert "<script>" not in letter.html
    assert "{{7*7}}" in letter.subject


def test_the_history_says_who_and_how(desk: Act) -> None:
    handed_in(desk, NEWS)
    line = desk.session.scalars(select(Event).where(Event.noun == "submission")).one()
    assert (line.what, line.detail) == ("received", {"via": "api", "by": "api:lichtwerk"})
