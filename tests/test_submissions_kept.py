"""What was handed in: looked at, changed, and its status page."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import IntegrityError

from newsletter import clusters, pictures, submissions
from newsletter.content import Audience
from newsletter.errors import Invalid, NotFound, Overtaken
from newsletter.history import Act
from newsletter.models.issue import Issue, IssueState, Placement
from newsletter.models.submission import (
    CLEARANCE,
    Clearance,
    ClearanceState,
    Credit,
    Submission,
    SubmissionState,
)
from newsletter.settings import Settings
from newsletter.submissions import Receipt
from tests.conftest import Clock
from tests.intake_situations import DATE, NEWS, STORY, jpeg
from tests.submission_situations import TODAY, desk, handed_in, item

__all__ = ["desk"]


# -- looking --------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["q1", "Q1", "1", " q001 "])
def test_a_reference_is_understood_as_people_say_it(desk: Act, reference: str) -> None:
    handed_in(desk, NEWS)
    assert submissions.by_reference(desk.session, reference).id == 1


@pytest.mark.parametrize("reference", ["q2", "x1", "", "q", "q-1", "q99999999999999999999"])
def test_an_unknown_reference_is_not_found(desk: Act, reference: str) -> None:
    handed_in(desk, NEWS)
    with pytest.raises(NotFound):
        submissions.by_reference(desk.session, reference)


def test_many_items_cost_no_more_statements_than_one(
    desk: Act, engine: Engine, settings: Settings
) -> None:
    ids = [handed_in(desk, each).submission_id for each in (NEWS, DATE, STORY) * 5]
    desk.session.add(Credit(submission_id=ids[0], cluster_id=2))
    desk.session.flush()
    desk.session.expunge_all()
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *facts: said.append(facts[2]))
    found = submissions.items_of(desk.session, settings, [(each, None) for each in ids], TODAY)
    assert len(found) == 15
    assert len([each for each in said if each.startswith("SELECT")]) <= 5
    assert [origin.name for origin in found[ids[0]].more_origins] == ["Meeressensorik Boddenkante"]


def test_the_facts_of_an_item_are_what_makes_it_again(desk: Act) -> None:
    for facts in (NEWS, DATE, STORY):
        first = handed_in(desk, facts)
        row = submissions.by_reference(desk.session, first.reference)
        again = handed_in(desk, submissions.facts_of(desk.session, row))
        one, two = item(desk, first), item(desk, again)
        assert (one.title, one.teaser, one.body, one.when) == (
            *(two.title, two.teaser, two.body, two.when),
        )


# -- changing -------------------------------------------------------------------------------


def revised(a: Act, receipt: Receipt, change: dict[str, Any]) -> Submission:
    row = submissions.by_reference(a.session, receipt.reference)
    facts = submissions.facts_of(a.session, row) | change
    submissions.revise(a, row, facts, by="redaktion", why="Tippfehler")
    return row


def test_a_change_is_a_new_revision_and_the_old_one_stays(desk: Act) -> None:
    receipt = handed_in(desk, NEWS)
    row = revised(desk, receipt, {"title": "Neuer Titel"})
    assert row.revision == 2
    assert item(desk, receipt).title == "Neuer Titel"
    before = submissions.item_of(desk.session, desk.settings, row, 1, TODAY)
    assert before.title == NEWS["title"]


def test_a_calendar_entry_counts_only_the_changes_it_shows(desk: Act) -> None:
    receipt = handed_in(desk, DATE)
    row = revised(desk, receipt, {"body": "Mehr Text."})
    uid = row.uid
    assert row.sequence == 0
    assert revised(desk, receipt, {"location": "Kesselhaus"}).sequence == 1
    assert revised(desk, receipt, {"starts_at": "2027-03-16T10:00:00+01:00"}).sequence == 2
    assert row.uid == uid


def test_a_date_may_be_corrected_after_its_day(desk: Act, clock: Clock) -> None:
    receipt = handed_in(desk, DATE)
    later = Act(desk.session, desk.settings, desk.actor, datetime(2027, 4, 1, tzinfo=UTC))
    assert revised(later, receipt, {"title": "Fachtagung war gut besucht"}).revision == 2


def test_a_news_item_does_not_become_a_date(desk: Act) -> None:
    receipt = handed_in(desk, NEWS)
    row = submissions.by_reference(desk.session, receipt.reference)
    with pytest.raises(Invalid, match="Art"):
        submissions.revise(desk, row, DATE, by="redaktion")


def test_the_slower_of_two_editors_is_told(desk: Act, engine: Engine) -> None:
    receipt = handed_in(desk, NEWS)
    row = submissions.by_reference(desk.session, receipt.reference)
    desk.session.expunge(row)  # as it was seen before the other one wrote
    revised(desk, receipt, {"title": "Die Schnellere"})
    with pytest.raises(Overtaken):
        submissions.revise(desk, row, NEWS, by="freigabe")


def test_rights_taken_back_while_a_picture_stands_are_refused(desk: Act) -> None:
    lichtwerk = clusters.get(desk.session, "lichtwerk")
    taken = pictures.take_in(desk, jpeg(), cluster_id=lichtwerk.id, by="api")
    receipt = handed_in(desk, NEWS | {"image": taken.key, "image_alt": "schmückend"})
    with pytest.raises(Invalid, match="Rechte"):
        revised(desk, receipt, {"rights_confirmed": False})


def test_reach_cannot_be_widened_behind_a_clearance(desk: Act) -> None:
    receipt = handed_in(desk, STORY)
    wider = Clearance(
        submission_id=receipt.submission_id,
        newsletter="clusterplattform",
        audience=Audience.PUBLIC,
        reach=Audience.MEMBERS,
        state=ClearanceState.ASKED,
    )
    desk.session.add(wider)
    with pytest.raises(IntegrityError):
        desk.session.flush()
    desk.session.rollback()


# -- the status page ------------------------------------------------------------------------


def test_the_status_page_tells_what_became_of_it(desk: Act) -> None:
    receipt = handed_in(desk, NEWS)
    assert receipt.status_token
    for slug, state in [
        ("go-cluster", ClearanceState.DECLINED),
        ("clusterplattform", ClearanceState.ACCEPTED),
    ]:
        row = desk.session.get_one(Clearance, (receipt.submission_id, slug))
        reason = "Passt nicht." if state is ClearanceState.DECLINED else None
        desk.move(row, CLEARANCE, state, reason=reason, decided_by="redaktion")
    _published(desk, receipt)
    status = submissions.status_of(desk.session, desk.settings, receipt.status_token, TODAY)
    public, members = status.decisions
    assert (public.state, public.published_in) == (ClearanceState.ACCEPTED, ("2026-12",))
    assert (members.state, members.reason) == (ClearanceState.DECLINED, "Passt nicht.")
    assert dict(status.lines)["Soll erscheinen in"]
    assert status.state is SubmissionState.RECEIVED


def _published(a: Act, receipt: Receipt) -> None:
    a.session.add(
        Issue(
            id="clusterplattform-2026-12",
            newsletter="clusterplattform",
            audience=Audience.PUBLIC,
            number="2026-12",
            state=IssueState.SENDING,
            subject="Ausgabe",
            preheader="",
            opening="",
            read_key="k" * 22,
            made_at=a.now,
            made_by="redaktion",
            content_hash="0" * 64,
            recipients=1,
        )
    )
    a.session.flush()
    a.session.add(
        Placement(
            issue_id="clusterplattform-2026-12",
            submission_id=receipt.submission_id,
            revision=1,
            newsletter="clusterplattform",
            audience=Audience.PUBLIC,
            section="cluster",
            position=1,
        )
    )
    a.session.flush()


def test_a_status_token_is_hashed_and_a_wrong_one_finds_nothing(desk: Act) -> None:
    receipt = handed_in(desk, NEWS)
    row = submissions.by_reference(desk.session, receipt.reference)
    assert receipt.status_token
    assert row.status_token_sha256
    assert receipt.status_token not in row.status_token_sha256
    with pytest.raises(NotFound):
        submissions.status_of(desk.session, desk.settings, "x" * 22, TODAY)


def test_a_cluster_sees_its_own_items_only(desk: Act) -> None:
    handed_in(desk, NEWS)
    handed_in(desk, NEWS | {"title": "Boje"}, "boje")
    mine = submissions.own(desk.session, clusters.get(desk.session, "lichtwerk"))
    assert [each.title for each in mine] == [NEWS["title"]]
