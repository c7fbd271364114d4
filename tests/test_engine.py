"""The sender at work, over real SMTP: everybody gets their copy, once, or the reason why not."""

import asyncio
import json
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy

import pytest
from sqlalchemy import Engine, event, select
from sqlmodel import Session, col

from newsletter import database
from newsletter.dispatch import engine as sender
from newsletter.dispatch import home_guard, ledger
from newsletter.dispatch.engine import Sent
from newsletter.dispatch.replies import Stage
from newsletter.history import SYSTEM, Clock, acting, now
from newsletter.models.delivery import Delivery, DeliveryState, Letter
from newsletter.models.event import Event
from newsletter.models.issue import ISSUE, EditionRow, Issue, IssueState
from newsletter.settings import Relay, Settings
from subscribers.models import EndReason, Subscriber, Subscription, SubscriptionState
from tests.conftest import type_of_act
from tests.dispatch_situations import at_work, opened, posted, quiet_home, readers, scheduled
from tests.smtp_server import DROP, Received, Recording, Script, Scripted, unused_port

__all__ = ["quiet_home"]  # the fixture

D = DeliveryState
NAMES = ("ada", "ben", "cleo", "dora", "emil")


@pytest.fixture
def clock() -> Clock:
    """The real one: the sender waits for real answers."""
    return now


@pytest.fixture
def send(engine: Engine, settings: Settings) -> Callable[..., Sent]:
    """Send all that is due to the relay at this address."""

    def sent(url: str, stop: asyncio.Event | None = None, **sending: object) -> Sent:
        limits = settings.sending.model_copy(update={"timeout_seconds": 5.0, **sending})
        relays = (Relay(name="relay", url=url),)
        here = settings.model_copy(update={"relays": relays, "sending": limits})
        run = sender.run(engine, here, stop or asyncio.Event(), until_empty=True)
        return asyncio.run(run)

    return sent


Send = Callable[..., Sent]


@pytest.fixture
def look(engine: Engine) -> Callable[[], dict[str, Delivery]]:
    """The deliveries as they stand, by the reader's name."""

    def seen() -> dict[str, Delivery]:
        with database.reading(engine) as session:
            rows = session.execute(
                select(col(Subscriber.name), Delivery).join(
                    Delivery, col(Delivery.subscriber_id) == col(Subscriber.id)
                )
            )
            return {str(name).lower(): row for name, row in rows}

    return seen


Look = Callable[[], dict[str, Delivery]]


def issue_of(engine: Engine) -> Issue:
    with database.reading(engine) as session:
        return session.scalars(select(Issue)).one()


def leave(engine: Engine, settings: Settings, name: str) -> None:
    """A person ends their subscription, now."""
    with acting(engine, settings, SYSTEM) as act:
        theirs = act.session.scalars(
            select(Subscription)
            .join(Subscriber, col(Subscriber.id) == col(Subscription.subscriber_id))
            .where(col(Subscriber.email) == f"{name}@leser.example")
        ).one()
        theirs.state, theirs.ended_why = SubscriptionState.ENDED, EndReason.PERSON
        act.session.add(theirs)


# -- what arrives ---------------------------------------------------------------------------


def test_everybody_gets_one_copy_of_their_own(
    act: type_of_act, send: Send, look: Look, engine: Engine
) -> None:
    with act() as a:
        opened(a, *NAMES)
    with Recording() as relay:
        sent = send(relay.url)
    assert sorted(m.rcpt for m in relay.messages) == [f"{n}@leser.example" for n in NAMES]
    rows = look()
    assert {row.state for row in rows.values()} == {D.ACCEPTED}
    assert {m.message_id for m in relay.messages} == {row.message_id for row in rows.values()}
    assert sent == Sent(copies=5, issues=["clusterplattform-2026-12"])
    issue = issue_of(engine)
    assert issue.state is IssueState.SENT
    assert issue.account == {"accepted": 5}
    assert issue.recipients == 5


def test_a_copy_greets_its_reader_and_lets_them_leave(act: type_of_act, send: Send) -> None:
    with act() as a:
        opened(a, "ada")
    with Recording() as relay:
        send(relay.url)
    (received,) = relay.messages
    mail = message_from_bytes(received.data, policy=policy.default)
    text = mail.get_body(("plain",)).get_content()
    link = mail["List-Unsubscribe"].split("<")[1].split(">")[0]
    assert "Guten Tag Ada," in text
    assert link in text
    assert link.startswith("http://127.0.0.1:8000/unsubscribe/")
    assert received.envelope_from == "newsletter@clusterplattform.example"
    assert mail["Feedback-ID"].startswith("2026-12:clusterplattform:issue:")


def test_letters_go_before_the_issue(act: type_of_act, send: Send) -> None:
    with act() as a:
        opened(a, "ada", "ben")
        posted(a, "neu@leser.example")
    with Recording() as relay:
        sent = send(relay.url)
    assert relay.messages[0].rcpt == "neu@leser.example"
    assert (sent.letters, sent.copies) == (1, 2)
    letter = message_from_bytes(relay.messages[0].data)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] is None


def test_an_issue_that_was_being_opened_when_the_plug_was_pulled_goes_out_whole(
    act: type_of_act, send: Send, look: Look
) -> None:
    with act() as a:
        readers(a.session, *NAMES)
        issue = scheduled(a)
        ledger.open_issue(a, issue)
        ledger.fill_audience(a, issue.id, at_once=2)
    with Recording() as relay:
        send(relay.url)
    assert len(relay.messages) == 5
    assert len(look()) == 5


def test_an_issue_without_readers_is_sent(act: type_of_act, send: Send, engine: Engine) -> None:
    with act() as a:
        opened(a)
    with Recording() as relay:
        sent = send(relay.url)
    assert relay.messages == []
    assert sent.issues == ["clusterplattform-2026-12"]
    assert issue_of(engine).state is IssueState.SENT
    assert issue_of(engine).recipients == 0


def test_sending_again_sends_nothing(act: type_of_act, send: Send) -> None:
    with act() as a:
        opened(a, "ada")
    with Recording() as relay:
        send(relay.url)
        assert send(relay.url) == Sent()
    assert len(relay.messages) == 1


def test_the_mark_is_on_the_disk_before_a_message_is(
    act: type_of_act, send: Send, settings: Settings
) -> None:
    marks: list[int] = []

    def look(_received: Received) -> None:
        marks.append(json.loads((settings.home / home_guard.MARK_FILE).read_text())["claim"])

    with act() as a:
        opened(a, "ada")
    with Scripted(Script(on_message=look)) as relay:
        send(relay.url)
    assert marks == [1]


# -- who gets nothing, and why --------------------------------------------------------------


def test_a_person_who_leaves_while_the_issue_goes_out_gets_nothing(
    act: type_of_act, send: Send, look: Look, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *NAMES)
    gone = threading.Event()

    def leaves(_received: Received) -> None:
        if not gone.is_set():
            gone.set()
            leave(engine, settings, "emil")

    with Scripted(Script(on_message=leaves)) as relay:
        send(relay.url)
    assert "emil@leser.example" not in {m.rcpt for m in relay.script.messages}
    assert look()["emil"].state is D.SKIPPED
    assert look()["emil"].why == "unsubscribed"
    assert issue_of(engine).account == {"accepted": 4, "skipped": 1}


def test_a_reader_whose_copy_cannot_be_composed_does_not_hold_up_the_others(
    act: type_of_act, send: Send, look: Look
) -> None:
    with act() as a:
        opened(a, *NAMES)
        broken = a.session.scalars(
            select(Subscriber).where(col(Subscriber.email) == "ben@leser.example")
        ).one()
        broken.email = "ben@@leser"
    with Recording() as relay:
        send(relay.url)
    assert len(relay.messages) == 4
    assert look()["ben"].state is D.FAILED
    assert "ben@@leser" in str(look()["ben"].why)


def test_a_copy_larger_than_allowed_fails_with_its_size(
    act: type_of_act, send: Send, look: Look
) -> None:
    with act() as a:
        opened(a, "ada")
    with Recording() as relay:
        send(relay.url, max_message_bytes=100)
    assert look()["ada"].state is D.FAILED
    assert "max_message_bytes" in str(look()["ada"].why)


def test_an_issue_that_fits_nobody_is_held_before_all_have_failed(
    act: type_of_act, send: Send, look: Look, engine: Engine
) -> None:
    with act() as a:
        opened(a, *NAMES)
    with Recording() as relay:
        send(relay.url, max_message_bytes=100)
    assert Counter(row.state for row in look().values()) == {D.FAILED: 3, D.QUEUED: 2}
    assert issue_of(engine).state is IssueState.PAUSED


@pytest.mark.parametrize(
    ("to", "rest"), [(IssueState.PAUSED, D.QUEUED), (IssueState.STOPPED, D.SKIPPED)]
)
def test_an_issue_can_be_held_in_the_middle(
    act: type_of_act,
    send: Send,
    look: Look,
    engine: Engine,
    settings: Settings,
    to: IssueState,
    rest: DeliveryState,
) -> None:
    with act() as a:
        opened(a, *NAMES)
    held = threading.Event()

    def hold(_received: Received) -> None:
        if not held.is_set():
            held.set()
            with acting(engine, settings, SYSTEM) as act:
                act.move(act.session.scalars(select(Issue)).one(), ISSUE, to)

    with Scripted(Script(on_message=hold)) as relay:
        send(relay.url)
    assert len(relay.script.messages) == 1
    assert Counter(row.state for row in look().values()) == {D.ACCEPTED: 1, rest: 4}


def test_bytes_that_nobody_approved_do_not_go_out(
    act: type_of_act, send: Send, engine: Engine
) -> None:
    with act() as a:
        opened(a, "ada")
        a.session.scalars(select(EditionRow)).one().text += "Und noch etwas.\n"
    with Recording() as relay:
        send(relay.url)
    assert relay.messages == []
    assert issue_of(engine).state is IssueState.PAUSED
    with database.reading(engine) as session:
        why = session.scalars(select(Event.why).where(col(Event.to_state) == "paused")).one()
    assert "nicht die freigegebene" in str(why)


def test_another_sender_address_in_the_configuration_stops_the_issue(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, "ada")
    other = settings.newsletters["clusterplattform"].model_copy(
        update={"sender_address": "jemand@anders.example"}
    )
    changed = settings.model_copy(
        update={"newsletters": {**settings.newsletters, "clusterplattform": other}}
    )
    with Recording() as relay:
        here = changed.model_copy(update={"relays": (Relay(url=relay.url),)})
        asyncio.run(sender.run(engine, here, asyncio.Event(), until_empty=True))
    assert relay.messages == []
    assert issue_of(engine).state is IssueState.PAUSED


# -- the relay says no, or nothing ----------------------------------------------------------


def test_a_relay_that_is_away_harms_nobody(
    act: type_of_act, send: Send, look: Look, engine: Engine
) -> None:
    with act() as a:
        opened(a, "ada", "ben")
    sent = send(f"smtp://127.0.0.1:{unused_port()}")
    assert sent.trouble is not None
    assert sent.trouble.stage is Stage.CONNECT
    assert {row.state for row in look().values()} == {D.QUEUED}
    assert issue_of(engine).state is IssueState.SENDING
    with Recording() as relay:
        send(relay.url)
    assert len(relay.messages) == 2


def test_a_no_to_our_sender_refuses_nobody_and_is_tried_at_once_when_mended(
    act: type_of_act, send: Send, look: Look
) -> None:
    with act() as a:
        opened(a, *NAMES)
    with Scripted(Script({"MAIL": ["550 5.7.1 not allowed to send"]})) as relay:
        sent = send(relay.url)
        assert sent.trouble is not None
        assert sent.trouble.stage is Stage.MAIL
        assert relay.script.messages == []
        assert Counter(row.state for row in look().values()) == {D.DEFERRED: 1, D.QUEUED: 4}
        assert send(relay.url).trouble is None
    assert len(relay.script.messages) == 5


def test_each_reader_gets_the_answer_that_was_theirs(
    act: type_of_act, send: Send, look: Look, engine: Engine
) -> None:
    with act() as a:
        opened(a, *NAMES)
    says = ["250 Ok", "550 5.1.1 no such user", "450 4.2.0 greylisted", "552 5.2.2 full"]
    with Scripted(Script({"RCPT": says})) as relay:
        sent = send(relay.url)
    assert sent.trouble is None
    assert [look()[name].state for name in NAMES] == [
        D.ACCEPTED,
        D.REFUSED,
        D.DEFERRED,
        D.DEFERRED,
        D.ACCEPTED,
    ]
    assert look()["ben"].why == "550 5.1.1 no such user"
    assert issue_of(engine).state is IssueState.SENDING  # two are still to come


def test_a_connection_lost_after_the_dot_leaves_one_unknown_and_no_second_copy(
    act: type_of_act, send: Send, look: Look, engine: Engine
) -> None:
    with act() as a:
        opened(a, *NAMES)
    with Scripted(Script({"DOT": ["250 Ok", DROP]})) as relay:
        send(relay.url)
        send(relay.url)
    assert look()["ben"].state is D.UNKNOWN
    assert Counter(m.rcpt for m in relay.script.messages) == {
        f"{name}@leser.example": 1 for name in NAMES
    }
    assert issue_of(engine).state is IssueState.SENT
    assert issue_of(engine).account == {"accepted": 4, "unknown": 1}


@pytest.mark.parametrize(
    ("script", "state"),
    [
        (Script(always={"DOT": DROP}), D.UNKNOWN),
        (Script(always={"DOT": "554 5.7.1 looks like spam"}), D.REFUSED),
        (Script(always={"RCPT": DROP}), D.DEFERRED),
    ],
)
def test_the_third_failure_of_a_kind_in_a_row_stops_the_run(
    act: type_of_act, send: Send, look: Look, script: Script, state: DeliveryState
) -> None:
    with act() as a:
        opened(a, *NAMES)
    with Scripted(script) as relay:
        sent = send(relay.url)
    assert sent.trouble is not None
    assert "3-mal hintereinander" in str(sent.trouble)
    assert Counter(row.state for row in look().values()) == {state: 3, D.QUEUED: 2}


# -- stopping, pausing, keeping the pace ----------------------------------------------------


def test_told_to_stop_it_finishes_the_message_in_hand_and_gives_back_the_rest(
    act: type_of_act, look: Look, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *NAMES)

    async def stopped(url: str, script: Script) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        script.on_message = lambda _: (loop.call_soon_threadsafe(stop.set), time.sleep(0.2))
        here = settings.model_copy(update={"relays": (Relay(url=url),)})
        await sender.run(engine, here, stop)

    with Scripted() as relay:
        asyncio.run(stopped(relay.url, relay.script))
    assert len(relay.script.messages) == 1
    assert Counter(row.state for row in look().values()) == {D.ACCEPTED: 1, D.QUEUED: 4}
    assert relay.script.said[-1] == "QUIT"


def test_no_second_goes_faster_than_the_relay_allows(act: type_of_act, send: Send) -> None:
    went: list[float] = []
    with act() as a:
        opened(a, *NAMES)
    with Scripted(Script(on_message=lambda _: went.append(time.monotonic()))) as relay:
        send(relay.url, per_second=2.5)
    assert len(went) == 5
    assert all(later - early >= 0.78 for early, later in zip(went, went[2:], strict=False))


def test_the_pace_is_kept_over_a_restart(act: type_of_act, send: Send) -> None:
    went: list[float] = []
    with act() as a:
        opened(a, "ada")
    with Scripted(Script(on_message=lambda _: went.append(time.monotonic()))) as relay:
        send(relay.url, per_second=1)
        with act() as a:
            posted(a)
        send(relay.url, per_second=1)
    assert went[1] - went[0] > 0.97


@pytest.mark.sqlite("its one writer keeps all others out; on a server: test_database_away")
def test_a_database_that_is_busy_for_a_moment_loses_no_answer(
    act: type_of_act, send: Send, look: Look, engine: Engine, settings: Settings
) -> None:
    @event.listens_for(engine, "connect")
    def impatient(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=20")

    with act() as a:
        opened(a, "ada")
    engine.dispose()

    def occupied(_received: Received) -> None:
        other = sqlite3.connect(
            str(settings.home / "newsletter.sqlite"), isolation_level=None, check_same_thread=False
        )
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.8, lambda: (other.execute("ROLLBACK"), other.close())).start()

    with Scripted(Script(on_message=occupied)) as relay:
        send(relay.url)
    assert look()["ada"].state is D.ACCEPTED


# -- one at a time --------------------------------------------------------------------------


def test_only_one_sender_works_in_a_home(send: Send, engine: Engine, settings: Settings) -> None:
    with home_guard.only_sender(settings.home, engine), pytest.raises(home_guard.AnotherSender):
        send("smtp://127.0.0.1:9")


def test_what_a_dead_sender_left_is_put_in_order_first(
    act: type_of_act, send: Send, look: Look
) -> None:
    with act() as a:
        at_work(a)
        opened(a, *NAMES)
        claim = ledger.claim(a, 3)
        assert claim is not None
        assert ledger.intend(a, claim.rows[0])
        home_guard.write_mark(a.settings.home, claim.number)
    with Recording() as relay:
        send(relay.url)
    assert Counter(row.state for row in look().values()) == {D.UNKNOWN: 1, D.ACCEPTED: 4}
    assert len(relay.messages) == 4


def test_a_running_sender_takes_what_is_posted_when_the_bell_rings(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    async def until_the_letter_is_there(url: str, script: Script) -> None:
        stop, bell = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        script.on_message = lambda _: loop.call_soon_threadsafe(stop.set)
        here = settings.model_copy(update={"relays": (Relay(url=url),)})
        running = asyncio.ensure_future(sender.run(engine, here, stop, bell=bell))
        await asyncio.sleep(0.1)
        with act() as a:
            posted(a)
        bell.set()
        await asyncio.wait_for(running, 5)

    with Scripted() as relay:
        asyncio.run(until_the_letter_is_there(relay.url, relay.script))
    assert len(relay.script.messages) == 1
    with database.reading(engine) as session:
        assert session.scalars(select(Letter)).one().state is D.ACCEPTED


def test_a_relay_that_is_away_for_a_while_is_waited_for(
    act: type_of_act, engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from newsletter.dispatch import pace

    monkeypatch.setattr(pace.retries, "_AWAY", (timedelta(seconds=0.2),))
    told: list[str] = []
    with act() as a:
        opened(a, "ada")

    async def away_and_back(port: int) -> int:
        stop = asyncio.Event()
        here = settings.model_copy(update={"relays": (Relay(url=f"smtp://127.0.0.1:{port}"),)})
        running = asyncio.ensure_future(sender.run(engine, here, stop, tell=told.append))
        while not told:
            await asyncio.sleep(0.02)
        loop = asyncio.get_running_loop()
        script = Script(on_message=lambda _: loop.call_soon_threadsafe(stop.set))
        with Scripted(script, port) as relay:
            await asyncio.wait_for(running, 5)
            return len(relay.script.messages)

    assert asyncio.run(away_and_back(unused_port())) == 1
    assert "nimmt gerade nichts an" in told[0]
    with database.reading(engine) as session:
        assert _troubles(session)


def _troubles(session: Session) -> list[Event]:
    return list(session.scalars(select(Event).where(col(Event.what) == "trouble")))
