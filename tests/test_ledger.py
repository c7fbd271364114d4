"""Nobody is lost, nobody is silently sent twice: the rows of the ledger and their moves."""

import re
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update
from sqlmodel import Session, col

from benchmarks.homes import fill
from newsletter import database
from newsletter.dispatch import ledger
from newsletter.dispatch.replies import Deferred, Receipt, Refused, Stage, Unknown
from newsletter.errors import ImpossibleMove
from newsletter.errors import Refused as No
from newsletter.history import Act
from newsletter.models.delivery import (
    DELIVERY,
    IN_HAND,
    UNFINISHED,
    Delivery,
    DeliveryState,
    Letter,
    Sender,
)
from newsletter.models.event import Event
from newsletter.models.issue import ISSUE, Issue, IssueState
from subscribers.models import EndReason, Subscriber, Subscription, SubscriptionState
from tests.conftest import Clock, type_of_act
from tests.dispatch_situations import (
    PUBLIC,
    at_work,
    opened,
    posted,
    quiet_home,
    readers,
    scheduled,
    states,
)
from tests.readers_situations import reader, reads, suppressed

__all__ = ["quiet_home"]  # the fixture

D = DeliveryState
YES = Receipt("250 Ok", "relay")
LATER = Deferred(Stage.RCPT, "450 later", "relay", 450)
NEVER = Refused(Stage.RCPT, "550 no such user", "relay", 550)
LOST = Unknown(Stage.DOT, "connection lost", "relay")


def claimed(act: Act, most: int = 50) -> ledger.Claim:
    """The next claim; there has to be one."""
    claim = ledger.claim(act, most)
    assert claim is not None
    return claim


def intended(act: Act) -> ledger.Row:
    """A row that is about to go out."""
    (row,) = claimed(act, 1).rows
    assert ledger.intend(act, row)
    return row


def the_delivery(session: Session) -> Delivery:
    return session.scalars(select(Delivery).execution_options(populate_existing=True)).one()


def the_letter(session: Session) -> Letter:
    return session.scalars(select(Letter).execution_options(populate_existing=True)).one()


# -- the audience ---------------------------------------------------------------------------


def test_only_people_who_read_the_newsletter_are_in_the_audience(act: type_of_act) -> None:
    with act() as a:
        reads(a.session, reader(a.session, "gast"), "go-cluster")
        gone = readers(a.session, "ben")["ben"]
        gone.state, gone.ended_why = SubscriptionState.ENDED, EndReason.PERSON
        never = readers(a.session, "cleo")["cleo"]
        never.state, never.pending_until = SubscriptionState.PENDING, a.now
        suppressed(a.session, reader(a.session, "dora"), "*")
        issue = opened(a, "ada", "emil")
        assert issue.recipients == 2
        names = a.session.scalars(
            select(col(Subscriber.name)).join(
                Delivery, col(Delivery.subscriber_id) == col(Subscriber.id)
            )
        )
        assert set(names) == {"Ada", "Emil"}


def test_who_signs_up_after_the_issue_opened_gets_the_next_one(act: type_of_act) -> None:
    with act() as a:
        readers(a.session, "ada")
        issue = scheduled(a)
        ledger.open_issue(a, issue)
        readers(a.session, "neu")
        while ledger.fill_audience(a, issue.id):
            pass
        assert ledger.recipients_of(a.session, issue.id) == 1


def test_the_audience_is_filled_in_small_steps_and_goes_on_after_a_crash(
    engine: Engine, act: type_of_act
) -> None:
    with act() as a:
        readers(a.session, *(f"r{n}" for n in range(7)))
        issue_id = scheduled(a).id
        ledger.open_issue(a, a.session.get_one(Issue, issue_id))
    with act() as a:
        assert ledger.fill_audience(a, issue_id, at_once=3)
    with pytest.raises(RuntimeError), act() as a:
        ledger.fill_audience(a, issue_id, at_once=3)
        raise RuntimeError("the plug was pulled")
    with database.reading(engine) as session:
        assert ledger.opening(session) == [issue_id]
        assert ledger.recipients_of(session, issue_id) == 3
    steps = 1
    with act() as a:
        while ledger.fill_audience(a, issue_id, at_once=3):
            steps += 1
        ledger.start_sending(a, issue_id, ledger.recipients_of(a.session, issue_id))
        assert a.session.get_one(Issue, issue_id).recipients == 7
        assert steps == 2


def test_an_issue_for_nobody_is_sent_to_nobody(act: type_of_act) -> None:
    with act() as a:
        issue = opened(a)
        assert issue.recipients == 0
        assert ledger.finished(a.session) == {issue.id: {}}
        ledger.close(a, issue.id, {})
        assert issue.state is IssueState.SENT


def test_every_copy_has_a_message_id_of_its_own_under_our_domain(act: type_of_act) -> None:
    with act() as a:
        opened(a, "ada", "ben", "cleo")
        found = a.session.scalars(select(col(Delivery.message_id))).all()
        assert len(set(found)) == 3
        domain = a.settings.newsletters[PUBLIC].sender_address.partition("@")[2]
        assert all(message_id.endswith(f"@{domain}") for message_id in found)


def test_a_stopped_issue_is_not_filled_any_further(act: type_of_act) -> None:
    with act() as a:
        readers(a.session, "ada", "ben")
        issue = scheduled(a)
        ledger.open_issue(a, issue)
        ledger.fill_audience(a, issue.id, at_once=1)
        a.move(issue, ISSUE, IssueState.STOPPED)
        assert not ledger.fill_audience(a, issue.id)
        ledger.wake(a)
        assert states(a.session, issue.id) == {D.SKIPPED: 1}


# -- claim and intend -----------------------------------------------------------------------


def test_letters_come_first(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada", "ben")
        posted(a)
        first = claimed(a, 2)
        assert [type(row) for row in first.rows] == [Letter, ledger.InHand]
        assert first.number == 1
        assert [type(row) for row in claimed(a, 2).rows] == [ledger.InHand]
        assert ledger.claim(a, 2) is None
        assert a.session.get_one(Sender, 1).last_claim == 2


def test_no_row_is_ever_claimed_twice(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        opened(a, *(f"r{n}" for n in range(9)))
        rows = [row.id for _ in range(3) for row in claimed(a, 3).rows]
        assert len(set(rows)) == 9


def test_the_older_issue_goes_out_first(act: type_of_act, clock: Clock) -> None:
    with act() as a:
        at_work(a)
        older = opened(a, "ada", "ben")
    clock.forward(minutes=1)
    with act() as a:
        younger = opened(a, number="2027-01")
        rows = [claimed(a, 1).rows[0] for _ in range(4)]
        ids = [row.issue_id for row in rows if isinstance(row, ledger.InHand)]
        assert ids == [older.id, older.id, younger.id, younger.id]


@pytest.mark.parametrize("state", [IssueState.PAUSED, IssueState.STOPPED])
def test_rows_of_an_issue_that_is_held_are_not_claimed(act: type_of_act, state: IssueState) -> None:
    with act() as a:
        at_work(a)
        a.move(opened(a, "ada"), ISSUE, state)
        assert ledger.claim(a, 5) is None


def test_only_an_intended_row_may_go_out_and_only_once(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada")
        (row,) = claimed(a).rows
        assert ledger.intend(a, row)
        assert the_delivery(a.session).state is D.SENDING
        assert not ledger.intend(a, row)
        assert the_delivery(a.session).state is D.SENDING
        assert the_delivery(a.session).attempts == 1


def test_a_person_who_left_after_the_claim_gets_nothing(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada")
        (row,) = claimed(a).rows
        subscription = a.session.scalars(select(Subscription)).one()
        subscription.state, subscription.ended_why = SubscriptionState.ENDED, EndReason.PERSON
        a.session.flush()
        assert not ledger.intend(a, row)
        assert the_delivery(a.session).state is D.SKIPPED
        assert the_delivery(a.session).why == "unsubscribed"


@pytest.mark.parametrize("scope", ["*", PUBLIC])
def test_a_suppressed_address_gets_nothing(act: type_of_act, scope: str) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada")
        (row,) = claimed(a).rows
        suppressed(a.session, a.session.scalars(select(Subscriber)).one(), scope)
        assert not ledger.intend(a, row)
        assert the_delivery(a.session).why == "suppressed"


def test_an_issue_that_was_paused_keeps_its_claimed_rows_in_the_queue(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        issue = opened(a, "ada")
        (row,) = claimed(a).rows
        a.move(issue, ISSUE, IssueState.PAUSED)
        assert not ledger.intend(a, row)
        assert the_delivery(a.session).state is D.QUEUED
        assert the_delivery(a.session).claim is None


def test_the_rest_of_a_stopped_issue_is_skipped(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        issue = opened(a, "ada", "ben")
        (row,) = claimed(a, 1).rows
        a.move(issue, ISSUE, IssueState.STOPPED)
        assert not ledger.intend(a, row)
        ledger.wake(a)
        assert states(a.session, issue.id) == {D.SKIPPED: 2}
        assert ledger.finished(a.session) == {issue.id: {"skipped": 2}}
        ledger.close(a, issue.id, {"skipped": 2})
        assert issue.state is IssueState.STOPPED
        assert issue.account == {"skipped": 2}
        assert ledger.finished(a.session) == {}


def test_a_row_that_is_released_is_claimed_again(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada")
        claim = claimed(a)
        assert ledger.release(a, claim.number) == 1
        assert not ledger.intend(a, claim.rows[0])
        again = claimed(a)
        assert again.number == 2
        assert ledger.intend(a, again.rows[0])


def test_a_row_that_cannot_be_composed_fails_with_its_reason(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        issue = opened(a, "ada")
        ledger.fail(a, claimed(a).rows[0], "das Datum hat keine Zeitzone")
        assert states(a.session, issue.id) == {D.FAILED: 1}
        assert the_delivery(a.session).why == "das Datum hat keine Zeitzone"


def test_without_a_sender_at_work_nothing_is_claimed(act: type_of_act) -> None:
    with pytest.raises(No), act() as a:
        opened(a, "ada")
        ledger.claim(a, 1)


# -- settle ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(YES, D.ACCEPTED), (LATER, D.DEFERRED), (NEVER, D.REFUSED), (LOST, D.UNKNOWN)],
)
def test_what_the_relay_said_is_written_down(
    act: type_of_act, outcome: Receipt, state: DeliveryState
) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada")
        assert ledger.settle(a, intended(a), outcome)
        row = the_delivery(a.session)
        assert row.state is state
        assert row.reply == outcome.reply
        assert row.relay == "relay"
        assert (row.settled_at is None) == (state is D.DEFERRED)


def test_a_late_answer_counts(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada")
        row = intended(a)
        assert ledger.settle(a, row, LOST)
        assert ledger.settle(a, row, YES)
        assert the_delivery(a.session).state is D.ACCEPTED
        assert not ledger.settle(a, row, LOST)
        assert the_delivery(a.session).state is D.ACCEPTED


def test_an_answer_under_a_claim_that_is_over_does_not_count(
    act: type_of_act, clock: Clock
) -> None:
    with act() as a:
        at_work(a)
        issue = opened(a, "ada")
        stale = intended(a)
        ledger.settle(a, stale, LOST)
    clock.forward(minutes=15)
    with act() as a:
        ledger.resend(a, issue.id)
    with act() as a:
        row = intended(a)
        assert not ledger.settle(a, stale, YES)
        assert the_delivery(a.session).state is D.SENDING
        assert ledger.settle(a, row, YES)


def test_a_deferred_row_comes_again_later_and_is_given_up_after_three_days(
    act: type_of_act, clock: Clock
) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada")
        ledger.settle(a, intended(a), LATER, rng=Random(1))
    waits = []
    for _ in range(60):
        with act() as a:
            row = the_delivery(a.session)
            if row.state is not D.DEFERRED:
                break
            assert row.not_before is not None
            assert ledger.claim(a, 1) is None
            waits.append(row.not_before - clock())
            due = ledger.next_due(a.session, a.now)
            assert due is not None
            assert due.at == row.not_before
            clock.moment = row.not_before
        with act() as a:
            ledger.wake(a)
            if ledger.claim(a, 1) is None:
                break
            taken = the_delivery(a.session)
            ledger.intend(a, taken)
            ledger.settle(a, taken, LATER, rng=Random(1))
    minutes = [round(wait / timedelta(minutes=1)) for wait in waits]
    assert minutes[:2] == [round(5 * 0.8 + 5 * 0.4 * Random(1).random()), 13]
    with act() as a:
        row = the_delivery(a.session)
        assert row.state is D.EXPIRED
        assert row.why == "gave_up"
        assert row.reply == "450 later"
    assert timedelta(hours=72) <= sum(waits, timedelta()) <= timedelta(hours=77)


def test_attempts_are_counted(act: type_of_act, clock: Clock) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada")
    for tries in range(1, 4):
        with act() as a:
            ledger.wake(a)
            ledger.settle(a, intended(a), LATER)
            assert the_delivery(a.session).attempts == tries
        clock.forward(hours=2)


# -- letters --------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [YES, NEVER])
def test_a_letter_that_is_settled_keeps_no_secret_link(act: type_of_act, outcome: Receipt) -> None:
    with act() as a:
        at_work(a)
        posted(a)
        ledger.settle(a, intended(a), outcome)
        letter = the_letter(a.session)
        assert letter.text == letter.html == ""
        assert letter.subject == "Bitte bestätigen"


def test_an_unknown_letter_is_sent_once_more_with_the_same_message_id(
    act: type_of_act, clock: Clock
) -> None:
    with act() as a:
        at_work(a)
        posted(a)
        ledger.settle(a, intended(a), LOST)
        first = the_letter(a.session).message_id
        due = ledger.next_due(a.session, a.now)
        assert due is not None
        assert due.at == a.now + timedelta(minutes=15)
    clock.forward(minutes=14)
    with act() as a:
        ledger.wake(a)
        assert ledger.claim(a, 1) is None
    clock.forward(minutes=1)
    with act() as a:
        ledger.wake(a)
        row = intended(a)
        assert row.message_id == first
        assert isinstance(row, Letter)
        assert "geheim" in row.text
        ledger.settle(a, row, LOST)
    clock.forward(hours=1)
    with act() as a:
        ledger.wake(a)
        assert ledger.claim(a, 1) is None
        assert the_letter(a.session).state is D.UNKNOWN
        assert ledger.next_due(a.session, a.now) is None


def test_an_unknown_delivery_waits_for_a_person(act: type_of_act, clock: Clock) -> None:
    with act() as a:
        at_work(a)
        issue = opened(a, "ada")
        ledger.settle(a, intended(a), LOST)
    clock.forward(days=2)
    with act() as a:
        ledger.wake(a)
        assert ledger.claim(a, 1) is None
        assert ledger.finished(a.session) == {issue.id: {"unknown": 1}}


def test_an_expired_letter_is_not_sent(act: type_of_act, clock: Clock) -> None:
    with act() as a:
        at_work(a)
        posted(a, expires_in=timedelta(hours=48))
    clock.forward(hours=47)
    with act() as a:
        (row,) = claimed(a).rows
    clock.forward(hours=2)
    with act() as a:
        assert not ledger.intend(a, row)
        ledger.wake(a)
        letter = the_letter(a.session)
        assert letter.state is D.EXPIRED
        assert letter.text == ""


def test_a_letter_to_somebody_who_was_erased_meanwhile_is_skipped(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        subscription = readers(a.session, "ada")["ada"]
        posted(a).subscription_id = subscription.id
        (row,) = claimed(a).rows
        person = a.session.scalars(select(Subscriber)).one()
        person.email = person.address_key = person.address_hash = person.name = None
        person.erased_at = a.now
        a.session.flush()
        assert not ledger.intend(a, row)
        assert the_letter(a.session).why == "erased"
        assert the_letter(a.session).text == ""


# -- after a crash --------------------------------------------------------------------------


def crashed(a: Act) -> Issue:
    """Three rows: one was being sent, one was claimed, one waited."""
    at_work(a)
    issue = opened(a, "ada", "ben", "cleo")
    rows = claimed(a, 2).rows
    assert ledger.intend(a, rows[0])
    return issue


def test_a_dead_sender_leaves_one_unknown_and_the_rest_in_the_queue(act: type_of_act) -> None:
    with act() as a:
        issue = crashed(a)
        assert ledger.recover(a, same_boot=True) == 1
        assert states(a.session, issue.id) == {D.UNKNOWN: 1, D.QUEUED: 2}


def test_after_a_restart_of_the_machine_all_that_was_claimed_is_unknown(act: type_of_act) -> None:
    with act() as a:
        issue = crashed(a)
        assert ledger.recover(a, same_boot=False) == 2
        assert states(a.session, issue.id) == {D.UNKNOWN: 2, D.QUEUED: 1}
        assert {why for why in a.session.scalars(select(col(Delivery.why))) if why} == {
            "machine_restarted"
        }


def test_adopting_calls_unknown_whatever_is_not_final(act: type_of_act) -> None:
    with act() as a:
        issue = crashed(a)
        posted(a)
        assert ledger.adopt(a) == 4
        assert states(a.session, issue.id) == {D.UNKNOWN: 3}
        assert the_letter(a.session).state is D.UNKNOWN


# -- the account ----------------------------------------------------------------------------


def test_an_issue_is_sent_when_nothing_is_unfinished_and_its_sums_are_kept(
    act: type_of_act,
) -> None:
    with act() as a:
        at_work(a)
        issue = opened(a, "ada", "ben", "cleo")
        for outcome in (YES, NEVER, LOST):
            assert ledger.finished(a.session) == {}
            ledger.settle(a, intended(a), outcome)
        ((issue_id, account),) = ledger.finished(a.session).items()
        ledger.close(a, issue_id, account)
        assert issue.state is IssueState.SENT
        assert issue.account == {"accepted": 1, "refused": 1, "unknown": 1}
        assert issue.recipients == sum(issue.account.values())
        assert issue.closed_at == a.now
        told = a.session.scalars(select(Event).where(col(Event.to_state) == "sent")).one()
        assert told.detail == issue.account


def test_a_deferred_row_keeps_the_account_open(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada")
        ledger.settle(a, intended(a), LATER)
        assert ledger.finished(a.session) == {}


def test_a_person_may_have_an_unknown_copy_sent_again_after_the_issue_is_sent(
    act: type_of_act, clock: Clock
) -> None:
    with act() as a:
        at_work(a)
        issue = opened(a, "ada", "ben")
        ledger.settle(a, intended(a), YES)
        ledger.settle(a, intended(a), LOST)
        ledger.close(a, issue.id, ledger.finished(a.session)[issue.id])
        lost = a.session.scalars(select(Delivery).where(col(Delivery.state) == D.UNKNOWN)).one()
        before = lost.message_id
        assert ledger.resend(a, issue.id) == 0  # a late answer may still come
    clock.forward(minutes=15)
    with act() as a:
        issue = a.session.get_one(Issue, issue.id)
        assert ledger.resend(a, issue.id) == 1
        row = intended(a)
        assert row.message_id == before
        ledger.settle(a, row, YES)
        ledger.close(a, issue.id, ledger.finished(a.session)[issue.id])
        assert issue.state is IssueState.SENT
        assert issue.account == {"accepted": 2}


def test_a_person_may_leave_an_unknown_copy_as_it_is(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        issue = opened(a, "ada")
        ledger.settle(a, intended(a), LOST)
        assert ledger.leave(a, issue.id) == 1
        assert states(a.session, issue.id) == {D.LEFT: 1}
        assert ledger.leave(a, issue.id) == 0


def test_a_copy_sent_again_a_week_later_gets_its_three_days_too(
    act: type_of_act, clock: Clock
) -> None:
    with act() as a:
        at_work(a)
        issue = opened(a, "ada")
        ledger.settle(a, intended(a), LOST)
    clock.forward(days=7)
    with act() as a:
        ledger.resend(a, issue.id)
        ledger.settle(a, intended(a), LATER)
        ledger.wake(a)
        assert the_delivery(a.session).state is D.DEFERRED


# -- pace and speed -------------------------------------------------------------------------


def test_what_went_out_lately_is_read_from_the_ledger(act: type_of_act, clock: Clock) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada", "ben", "cleo")
        posted(a)
    moments = []
    for outcome in (YES, YES, LATER, NEVER):
        with act() as a:
            ledger.settle(a, intended(a), outcome)
            moments.append(a.now)
        clock.forward(minutes=10)
    with act() as a:
        went = [moments[0], moments[1], moments[3]]
        assert ledger.lately(a.session, moments[0], 10) == went
        assert ledger.lately(a.session, moments[1], 10) == went[1:]
        assert ledger.lately(a.session, moments[0], 2) == went[1:]


def test_the_ledger_reads_and_claims_along_its_indexes(engine: Engine, act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        opened(a, "ada", "ben")
    asked: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def listen(_c: object, _k: object, statement: str, values: Any, *_: object) -> None:
        if statement.startswith(("SELECT delivery", "SELECT letter", "UPDATE", "WITH")):
            asked.append((statement, values))

    with act() as a:
        ledger.wake(a)
        ledger.next_due(a.session, a.now)
        row = intended(a)
        ledger.settle(a, row, YES)
        ledger.finished(a.session)
    event.remove(engine, "before_cursor_execute", listen)
    assert len(asked) > 10
    scanned = re.compile("(SCAN|Seq Scan on) (delivery|subscri)")
    assert [found for found in asked if scanned.search(plan_of(engine, *found))] == []


def test_a_long_queue_that_waits_is_not_read_to_see_that_it_waits(
    engine: Engine, act: type_of_act
) -> None:
    fill(engine, 3_000)
    with act() as a:
        at_work(a)
        opened(a)
        again = {"state": D.DEFERRED, "not_before": a.now + timedelta(hours=1)}
        a.session.connection().execute(update(Delivery).values(**again))
        a.session.connection().exec_driver_sql("ANALYZE")
    asked: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def listen(_c: object, _k: object, statement: str, values: Any, *_: object) -> None:
        if "FROM delivery" in statement:
            asked.append((statement, values))

    with act() as a:
        assert ledger.wake(a) == 0
        due = ledger.next_due(a.session, a.now)
        assert due is not None
        assert due.at == a.now + timedelta(hours=1)
    event.remove(engine, "before_cursor_execute", listen)
    reads_all = re.compile("(SCAN|Seq Scan on) delivery|Scan using pk_delivery|Sort Key: delivery")
    assert [found for found in asked if reads_all.search(plan_of(engine, *found))] == []


def plan_of(engine: Engine, statement: str, values: Any) -> str:
    """How the database means to go about it; PostgreSQL reads so few rows as they lie."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            explained = connection.exec_driver_sql(f"EXPLAIN {statement}", values)
        else:
            explained = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return "\n".join(str(step) for step in explained)


# -- the table of moves ---------------------------------------------------------------------


def test_rows_move_only_along_the_table(act: type_of_act) -> None:
    from newsletter.dispatch.ledger.rows import moving

    for from_ in DeliveryState:
        for to in DeliveryState:
            if DELIVERY.allows(from_, to):
                moving(Delivery, [from_], to)
            else:
                with pytest.raises(ImpossibleMove):
                    moving(Delivery, [from_], to)


def test_the_database_itself_refuses_a_second_copy(act: type_of_act) -> None:
    with act() as a:
        opened(a, "ada")
        row = the_delivery(a.session)
        other = {"id": None, "message_id": "other@news.example"}
        copy = Delivery(**{**row.model_dump(exclude={"listed"}), **other})
        a.session.add(copy)
        with pytest.raises(Exception, match=r"(?i)unique"):
            a.session.flush()
        a.session.rollback()


def test_states_in_hand_are_unfinished() -> None:
    assert IN_HAND < UNFINISHED
