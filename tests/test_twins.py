"""Which items are like one that came in: found in the queue and in past issues."""

from datetime import date
from importlib import import_module
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Engine, text

from newsletter import clusters, queue, submissions
from newsletter.content import Kind
from newsletter.history import Act, Actor
from newsletter.likeness import WORDS
from newsletter.submissions import Twin
from tests.conftest import type_of_act
from tests.intake_situations import BOJE, DATE, NEWS, registered
from tests.submission_situations import TODAY, desk, handed_in

__all__ = ["desk"]
EDITOR = Actor("redaktion")


def twins_of(a: Act, reference: str, **more: Any) -> list[Twin]:
    row = submissions.by_reference(a.session, reference)
    revision = submissions.revision_of(a.session, row)
    zone = a.settings.zone
    traits = submissions.traits_of(revision, zone)
    return submissions.similar_to(a.session, zone, traits, row.kind, besides=row.id, **more)


def told(twins: list[Twin]) -> list[str]:
    return [
        f"{twin.reference}: {', '.join(WORDS[reason] for reason in twin.likeness.reasons)}"
        for twin in twins
    ]


def test_a_twin_is_found_by_its_link_its_title_or_its_day(desk: Act) -> None:
    first = handed_in(desk, DATE | {"link": "https://www.lichtwerk.example/tagung/?utm_source=x"})
    by_link = handed_in(
        desk, DATE | {"title": "Jetzt anmelden", "link": "http://lichtwerk.example/tagung"}
    )
    by_day = {"title": "Messen mit Licht", "teaser": "Kommen Sie!", "location": "Musterhavel"}
    other = handed_in(desk, DATE | by_day, "boje")
    later = {"starts_at": "2027-04-16T09:30:00+02:00", "ends_at": None}
    handed_in(desk, {k: v for k, v in (DATE | later).items() if v})  # next month's
    handed_in(desk, NEWS | {"title": DATE["title"]})  # of another kind
    assert told(twins_of(desk, first.reference)) == [
        f"{by_link.reference}: gleicher Link, gleicher Tag und Ort, Teaser sehr ähnlich",
        f"{other.reference}: gleicher Tag und Ort",
    ]
    own = clusters.get(desk.session, "lichtwerk").id
    assert [each.reference for each in twins_of(desk, first.reference, of_cluster=own)] == [
        by_link.reference
    ]


def test_an_edited_item_is_found_by_what_it_says_now(desk: Act) -> None:
    first, second = handed_in(desk, NEWS), handed_in(desk, NEWS)
    row = submissions.by_reference(desk.session, second.reference)
    submissions.revise(desk, row, NEWS | {"title": "Neuer Vorstand", "link": None}, by="redaktion")
    assert twins_of(desk, first.reference) == []
    third = handed_in(desk, NEWS | {"title": "Vorstand, neuer", "link": None})
    assert told(twins_of(desk, third.reference))[0].startswith(
        f"{second.reference}: gleicher Titel"
    )


def test_what_was_withdrawn_or_merged_is_no_twin(desk: Act) -> None:
    first, second, third = (handed_in(desk, NEWS) for _ in range(3))
    queue.withdraw(desk, second.reference, "Doppelt.")
    assert [twin.reference for twin in twins_of(desk, first.reference)] == [third.reference]
    queue.merge(desk, first.reference, [third.reference])
    assert twins_of(desk, first.reference) == []


def test_items_from_before_the_update_are_found_as_well(engine: Engine, act: type_of_act) -> None:
    with act() as a:
        registered(a)
        registered(a, BOJE)
        first, second = handed_in(a, DATE), handed_in(a, DATE, "boje")
    kept = "SELECT key, submission_id FROM trait ORDER BY submission_id, key"
    with engine.begin() as connection:
        before = sorted(connection.execute(text(kept)).all())
        connection.execute(text("DROP TABLE trait"))
        update = import_module("newsletter.migrations.versions.0007_what_items_are_found_by")
        with Operations.context(MigrationContext.configure(connection)):
            update.upgrade()
    with engine.connect() as connection:
        assert sorted(connection.execute(text(kept)).all()) == before
    with act() as a:
        assert [twin.reference for twin in twins_of(a, first.reference)] == [second.reference]


def test_facts_that_are_not_handed_in_yet_are_compared_too(desk: Act) -> None:
    first = handed_in(desk, DATE)
    rules = submissions.rules_of(desk.settings, desk.now, contributed=True)
    zone = desk.settings.zone
    traits = submissions.traits_of(submissions.understood(DATE, rules), zone)
    assert traits.first_day == date(2027, 3, 16) > TODAY
    found = submissions.similar_to(desk.session, zone, traits, Kind.DATE)
    assert [twin.reference for twin in found] == [first.reference]
