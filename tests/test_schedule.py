"""An issue leaves at its time; what was missed waits for a yes; a restart forgets nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import database, schedule
from newsletter.dispatch import ledger
from newsletter.dispatch.home_guard import NotThisHome, only_sender
from newsletter.history import SYSTEM, acting
from newsletter.models.event import Event
from newsletter.models.issue import Approval, ApprovalState, EditionRow, Issue, IssueState
from newsletter.settings import Relay, Settings
from subscribers.models import Subscription, SubscriptionState
from tests.conftest import Clock, type_of_act
from tests.dispatch_situations import at_work, opened, posted, quiet_home, readers, scheduled
from tests.smtp_server import Recording, Script, Scripted

__all__ = ["quiet_home"]  # the fixture

BERLIN = ZoneInfo("Europe/Berlin")


def state_of(engine: Engine, number: str = "2026-12") -> IssueState:
    with database.reading(engine) as session:
        return session.get_one(Issue, f"clusterplattform-{number}").state


# -- what is due ----------------------------------------------------------------------------


def test_an_issue_opens_at_its_time_and_not_before(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        readers(a.session, "ada")
        scheduled(a, send_at=a.now + timedelta(hours=1))
    clock.forward(minutes=59, seconds=59)
    schedule.open_due(engine, settings, clock)
    assert state_of(engine) is IssueState.SCHEDULED
    clock.forward(seconds=1)
    schedule.open_due(engine, settings, clock)
    assert state_of(engine) is IssueState.OPENING


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2027-03-27T10:00", "2027-03-27T09:00"),  # winter time
        ("2027-03-28T10:00", "2027-03-28T08:00"),  # the clocks went forward
        ("2026-10-25T10:00", "2026-10-25T09:00"),  # the clocks went back
        ("2026-10-24T10:00", "2026-10-24T08:00"),  # summer time
    ],
)
def test_ten_o_clock_is_ten_o_clock_on_the_days_when_the_clocks_change(
    act: type_of_act,
    engine: Engine,
    settings: Settings,
    clock: Clock,
    local: str,
    utc: str,
) -> None:
    with act() as a:
        scheduled(a, send_at=datetime.fromisoformat(local).replace(tzinfo=BERLIN))
    clock.moment = datetime.fromisoformat(utc).replace(tzinfo=UTC) - timedelta(seconds=1)
    schedule.open_due(engine, settings, clock)
    assert state_of(engine) is IssueState.SCHEDULED
    clock.forward(seconds=1)
    schedule.open_due(engine, settings, clock)
    assert state_of(engine) is IssueState.OPENING


@pytest.mark.parametrize(
    ("late", "state"),
    [
        (timedelta(hours=2), IssueState.OPENING),
        (timedelta(hours=2, seconds=1), IssueState.LATE),
        (timedelta(days=9), IssueState.LATE),
    ],
)
def test_an_issue_that_was_missed_by_more_than_two_hours_waits_for_a_yes(
    act: type_of_act,
    engine: Engine,
    settings: Settings,
    clock: Clock,
    late: timedelta,
    state: IssueState,
) -> None:
    with act() as a:
        scheduled(a)
    clock.moment += late
    told: list[str] = []
    schedule.open_due(engine, settings, clock, told.append)
    assert state_of(engine) is state
    if state is IssueState.LATE:
        assert "newsletter issue schedule clusterplattform-2026-12 now" in told[0]


def test_an_issue_that_is_not_as_it_was_approved_becomes_a_draft_again_with_an_alarm(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        scheduled(a)
        a.session.scalars(select(EditionRow)).one().html += "<p>Und noch etwas</p>"
    schedule.open_due(engine, settings, clock)
    assert state_of(engine) is IssueState.DRAFT
    with database.reading(engine) as session:
        assert session.scalars(select(col(Approval.state))).one() is ApprovalState.VOID
        told = session.scalars(
            select(Event).where(col(Event.noun) == "issue", col(Event.to_state) == "draft")
        ).one()
    assert told.actor == "newsletter"
    assert told.detail == {"alarm": ["content-hash"]}


def test_issues_are_opened_in_the_order_of_their_times(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        scheduled(a, "2027-01", send_at=a.now)
        scheduled(a, "2026-12", send_at=a.now - timedelta(minutes=1))
    told: list[str] = []
    schedule.open_due(engine, settings, clock, told.append)
    assert [line.split(":")[0][-7:] for line in told] == ["2026-12", "2027-01"]


def test_two_runs_at_once_open_an_issue_once(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        scheduled(a)
    schedule.open_due(engine, settings, clock)
    schedule.open_due(engine, settings, clock)
    with database.reading(engine) as session:
        moves = session.scalars(select(col(Event.to_state)).where(col(Event.noun) == "issue"))
        assert list(moves) == ["opening"]


def test_sign_ups_that_nobody_confirmed_expire(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        waiting = readers(a.session, "cleo")["cleo"]
        waiting.state, waiting.pending_until = SubscriptionState.PENDING, a.now
        waiting.confirm_nonce = "once"
    clock.forward(minutes=1)
    schedule.tidy(engine, settings, clock)
    with database.reading(engine) as session:
        states = session.scalars(select(col(Subscription.state))).all()
        assert SubscriptionState.PENDING not in states


# -- what comes next ------------------------------------------------------------------------


def test_the_next_thing_due_is_named(act: type_of_act, engine: Engine, clock: Clock) -> None:
    with act() as a:
        assert schedule.next_due(a.session, a.now) is None
        scheduled(a, "2027-01", send_at=a.now + timedelta(days=31))
        scheduled(a, "2026-12", send_at=a.now + timedelta(days=1))
        due = schedule.next_due(a.session, a.now)
        assert due == schedule.NextDue(a.now + timedelta(days=1), "clusterplattform-2026-12")
        posted(a)
        assert schedule.next_due(a.session, a.now) == schedule.NextDue(a.now, "letter")


def test_what_waits_behind_a_paused_issue_is_not_due(act: type_of_act) -> None:
    from newsletter.models.issue import ISSUE

    with act() as a:
        at_work(a)
        a.move(opened(a, "ada"), ISSUE, IssueState.PAUSED)
        assert schedule.next_due(a.session, a.now) is None
        assert ledger.next_due(a.session, a.now) is None


# -- the whole way --------------------------------------------------------------------------


def sending_to(settings: Settings, url: str) -> Settings:
    return settings.model_copy(update={"relays": (Relay(url=url),)})


def test_what_is_due_is_opened_and_sent_and_the_rest_waits(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        readers(a.session, "ada", "ben")
        scheduled(a, "2026-12")
        scheduled(a, "2027-01", send_at=a.now + timedelta(days=31))
    with Recording() as relay:
        sent = schedule.send_what_is_due(engine, sending_to(settings, relay.url), clock=clock)
    assert len(relay.messages) == 2
    assert sent.copies == 2
    assert sent.issues == ["clusterplattform-2026-12"]
    assert state_of(engine, "2027-01") is IssueState.SCHEDULED


def test_a_running_sender_sends_an_issue_at_its_moment(engine: Engine, settings: Settings) -> None:
    """With the real clock: the bell rings at the moment, not at the next look."""
    came: list[datetime] = []
    with acting(engine, settings, SYSTEM) as a:
        readers(a.session, "ada")
        moment = a.now + timedelta(seconds=1.5)
        scheduled(a, send_at=moment)

    async def working(url: str, script: Script) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def arrived(_received: object) -> None:
            came.append(datetime.now(UTC))
            loop.call_soon_threadsafe(stop.set)

        script.on_message = arrived
        here = sending_to(settings, url)
        await asyncio.wait_for(schedule.keep_sending(engine, here, stop), 10)

    with Scripted() as relay:
        asyncio.run(working(relay.url, relay.script))
    assert timedelta(0) <= came[0] - moment < timedelta(seconds=3)  # it looks every five


def test_a_letter_that_is_posted_meanwhile_goes_out_soon(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "_RING_EVERY", 1)

    async def working(url: str, script: Script) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        script.on_message = lambda _: loop.call_soon_threadsafe(stop.set)
        running = asyncio.ensure_future(
            schedule.keep_sending(engine, sending_to(settings, url), stop)
        )
        await asyncio.sleep(0.2)
        with acting(engine, settings, SYSTEM) as a:
            posted(a)
        await asyncio.wait_for(running, 5)

    with Scripted() as relay:
        asyncio.run(working(relay.url, relay.script))
    assert len(relay.script.messages) == 1


def test_a_second_sender_waits_for_its_turn(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "_ASK_AGAIN", 0.05)
    told: list[str] = []

    async def waiting(url: str, script: Script) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        script.on_message = lambda _: loop.call_soon_threadsafe(stop.set)
        here = sending_to(settings, url)
        with only_sender(settings.home, engine):
            running = asyncio.ensure_future(
                schedule.keep_sending(engine, here, stop, tell=told.append)
            )
            await asyncio.sleep(0.3)
        with acting(engine, settings, SYSTEM) as a:
            posted(a)
        await asyncio.wait_for(running, 10)

    with Scripted() as relay:
        asyncio.run(waiting(relay.url, relay.script))
    assert len(told) == 1
    assert "ich warte" in told[0]
    assert len(relay.script.messages) == 1


def test_a_copied_home_is_refused_at_once(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        at_work(a)
    (settings.home / "claims.mark").write_text('{"claim": 7}')
    with pytest.raises(NotThisHome):
        asyncio.run(schedule.keep_sending(engine, settings, asyncio.Event()))
