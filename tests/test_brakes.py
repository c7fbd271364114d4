"""What holds an issue by itself: dead addresses, a relay that stays away, a login refused."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import database
from newsletter.dispatch import engine as sender
from newsletter.dispatch import steering
from newsletter.dispatch.engine import Sent
from newsletter.dispatch.pace import Refusals
from newsletter.history import Clock, now
from newsletter.models.delivery import DeliveryState, Letter
from newsletter.models.event import Event
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import Relay, Settings
from tests.command_situations import Newsletter, newsletter
from tests.conftest import type_of_act
from tests.dispatch_situations import opened, posted, states
from tests.smtp_server import CA_FILE, Received, Recording, Script, Scripted, unused_port

__all__ = ["newsletter"]  # the fixture

KEY = "clusterplattform-2026-12"
NO = "550 5.1.1 no such user"
D = DeliveryState


@pytest.fixture
def clock() -> Clock:
    """The real one: the sender waits for real answers."""
    return now


def send(
    engine: Engine,
    settings: Settings,
    url: str,
    stop: asyncio.Event | None = None,
    connections: int = 1,
) -> Sent:
    """A sender that is started, sends what is due over one connection, and ends."""
    sending = settings.sending.model_copy(update={"connections": connections, "ca_file": CA_FILE})
    relays = (Relay(name="haus", url=url),)
    here = settings.model_copy(update={"relays": relays, "sending": sending})
    return asyncio.run(sender.run(engine, here, stop or asyncio.Event(), until_empty=True))


def state(engine: Engine) -> IssueState:
    with database.reading(engine) as session:
        return session.get_one(Issue, KEY).state


def alarms(engine: Engine, name: str) -> list[Letter]:
    """One of each: those to "redaktion"."""
    with database.reading(engine) as session:
        wanted = (col(Letter.name) == name, col(Letter.to_email).startswith("redaktion@"))
        return list(session.scalars(select(Letter).where(*wanted).order_by(col(Letter.id))))


def paused_because(engine: Engine) -> list[str]:
    with database.reading(engine) as session:
        paused = select(col(Event.why)).where(col(Event.to_state) == "paused")
        return [str(why) for why in session.scalars(paused.order_by(col(Event.id)))]


# -- dead addresses -------------------------------------------------------------------------


def test_an_issue_with_too_many_dead_addresses_is_held_whoever_sends_it(
    act: type_of_act, engine: Engine, settings: Settings, newsletter: Newsletter
) -> None:
    with act() as a:
        opened(a, *(f"r{number}" for number in range(220)))
    stop = asyncio.Event()

    def stops_at_the_fourth(message: Received) -> None:
        stop.set()

    script = Script({"RCPT": [NO] * 4}, on_message=stops_at_the_fourth)
    with Scripted(script) as relay:
        send(engine, settings, relay.url, stop)
    assert state(engine) is IssueState.SENDING  # four of two hundred are two per cent
    with Scripted(Script({"RCPT": ["250 Ok"] * 5 + [NO]})) as relay:
        send(engine, settings, relay.url)  # another process: it knows of the four
    assert state(engine) is IssueState.PAUSED
    with database.reading(engine) as session:
        assert states(session, KEY)[D.REFUSED] == 5
        assert states(session, KEY)[D.QUEUED] > 200
    (why,) = paused_because(engine)
    assert "Von 11 Adressen hat der Mailserver 5 endgültig abgelehnt, mehr als 2 %." in why
    (letter,) = alarms(engine, "issue_stopped")
    assert letter.subject == f"Versand angehalten: {KEY}"
    # the reason (so the letter), the status and the agenda name the same next step
    which = f"newsletter issue audience {KEY} --state refused"
    assert which in why
    status = newsletter("issue", "status", KEY, as_="").out
    assert f"Grund: {why}\n" in status
    assert " + 5 abgelehnt + " in status
    assert f"Als Nächstes: {which}\n" in status
    assert f"Als Nächstes: {which}\n" in newsletter("agenda", as_="").out
    watched = newsletter("issue", "status", KEY, "--watch", as_="")
    assert f"Als Nächstes: {which}\n" in watched.out
    looked_at = newsletter("issue", "audience", KEY, "--state", "refused").out
    assert looked_at.count(NO) == 5
    assert f"Als Nächstes: newsletter issue resume {KEY}\n" in looked_at


def test_an_issue_that_somebody_lets_go_on_is_counted_anew(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *(f"r{number}" for number in range(220)))
    with Scripted(Script({"RCPT": [NO] * 5})) as relay:
        send(engine, settings, relay.url)
        with act() as a:
            steering.resume(a, KEY)
        relay.script._next["RCPT"].extend([NO] * 8)  # twice as many as before are allowed
        send(engine, settings, relay.url)
    assert state(engine) is IssueState.SENT
    with database.reading(engine) as session:
        assert states(session, KEY) == {D.REFUSED: 13, D.ACCEPTED: 207}


def test_a_short_list_is_not_judged_by_a_percentage(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *(f"r{number}" for number in range(12)))
    with Scripted(Script({"RCPT": [NO] * 6})) as relay:
        send(engine, settings, relay.url)
    assert state(engine) is IssueState.SENT


@pytest.mark.parametrize(
    ("tried", "refused", "resumed", "held"),
    [
        (199, 4, 0, False),  # + one: five of the first two hundred
        (4, 4, 0, False),
        (1000, 19, 0, False),
        (1000, 20, 0, False),
        (1000, 21, 0, True),
        (1000, 21, 1, False),
        (1000, 41, 1, True),
    ],
)
def test_more_than_two_per_cent_are_too_many(
    tried: int, refused: int, resumed: int, held: bool
) -> None:
    count = Refusals(now(), 5000, resumed, tried, refused)
    assert count.felt(False) is held
    if refused == 4:
        assert count.felt(True)


# -- a relay that stays away ----------------------------------------------------------------


def test_a_relay_that_stays_away_holds_the_issue_and_tells_once(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, "ada", "ben")
    nobody = f"smtp://127.0.0.1:{unused_port()}"
    for _each in range(19):
        assert send(engine, settings, nobody).trouble
    assert state(engine) is IssueState.SENDING
    send(engine, settings, nobody)
    assert state(engine) is IssueState.PAUSED
    (letter,) = alarms(engine, "issue_stopped")
    assert "So ging es 20-mal hintereinander" in " ".join(letter.text.split())
    with act() as a:
        steering.resume(a, KEY)
    send(engine, settings, nobody)
    assert state(engine) is IssueState.SENDING  # counted anew from there
    assert len(alarms(engine, "issue_stopped")) == 1
    with Recording() as relay:
        send(engine, settings, relay.url)
    assert state(engine) is IssueState.SENT
    with database.reading(engine) as session:
        lines = session.scalars(select(col(Event.what)).where(col(Event.noun) == "sender"))
        assert Counter(lines) == {"trouble": 21, "alarmed": 1, "well": 1}


def test_a_login_that_is_refused_holds_the_issue_at_once(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *(f"r{number}" for number in range(25)))  # enough for three connections
    with Recording(tls="starttls", login=("verein", "geheim")) as relay:
        wrong = relay.url.replace("geheim", "falsch")
        send(engine, settings, wrong, connections=3)
        assert relay.logins == [("verein", "falsch")]  # once, or the account may be locked
        assert state(engine) is IssueState.PAUSED
        assert "bei der Anmeldung" in paused_because(engine)[0]
        send(engine, settings, wrong)  # the alarm itself waits; it causes no other
        assert len(alarms(engine, "issue_stopped")) == 1
        assert alarms(engine, "relay_trouble") == []
        send(engine, settings, relay.url)
        assert relay.messages[0].rcpt.endswith("@go-cluster.example")


def test_without_an_issue_the_editors_hear_of_the_login_all_the_same_and_once(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        posted(a)
    with Recording(tls="starttls", login=("verein", "geheim")) as relay:
        for _each in range(3):
            send(engine, settings, relay.url.replace("geheim", "falsch"))
    (letter,) = alarms(engine, "relay_trouble")
    assert letter.subject == "Mailserver nimmt nichts an: haus"
    assert "newsletter dispatch --until-empty" in letter.text
    assert "falsch" not in letter.text


@pytest.mark.sqlite
def test_a_relay_that_takes_nothing_from_us_for_others_costs_no_reader_the_issue(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, "ada", "ben", "cleo", "dora")
    with Scripted(Script(always={"RCPT": "554 5.7.1 Relay access denied"})) as relay:
        send(engine, settings, relay.url)
    assert state(engine) is IssueState.PAUSED
    assert "Relay access denied" in alarms(engine, "issue_stopped")[0].text
    with database.reading(engine) as session:
        assert states(session, KEY) == {D.DEFERRED: 3, D.QUEUED: 1}


def test_what_they_say_to_our_content_a_person_reads(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, "ada", "ben", "cleo", "dora")
    with Scripted(Script(always={"DOT": "554 5.7.1 looks like spam"})) as relay:
        send(engine, settings, relay.url)
    assert state(engine) is IssueState.PAUSED
    assert "looks like spam" in alarms(engine, "issue_stopped")[0].text
