"""Several mail servers: shares by weight, by newsletter, and what happens while one is away."""

import asyncio
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import database
from newsletter.dispatch import engine as sender
from newsletter.dispatch import pace
from newsletter.dispatch.engine import Sent
from newsletter.errors import BadConfiguration
from newsletter.history import Clock, now
from newsletter.models.delivery import DeliveryState
from newsletter.models.event import Event
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import FILE, Relay, Settings, load
from tests.conftest import type_of_act
from tests.dispatch_situations import opened, posted, quiet_home, states
from tests.smtp_server import CA_FILE, DROP, Recording, Script, Scripted, unused_port

__all__ = ["quiet_home"]  # the fixture

KEY = "clusterplattform-2026-12"
D = DeliveryState
NAMES = tuple(f"r{number}" for number in range(12))


@pytest.fixture
def clock() -> Clock:
    """The real one: the sender waits for real answers."""
    return now


def send(engine: Engine, settings: Settings, *relays: Relay, connections: int = 2) -> Sent:
    """Send what is due over these, so many connections in all."""
    its = {"connections": connections, "ca_file": CA_FILE}
    sending = settings.sending.model_copy(update=its)
    here = settings.model_copy(update={"relays": relays, "sending": sending})
    return asyncio.run(sender.run(engine, here, asyncio.Event(), until_empty=True))


def sums(engine: Engine) -> dict[DeliveryState, int]:
    with database.reading(engine) as session:
        return states(session, KEY)


def test_each_relay_gets_its_share(act: type_of_act, engine: Engine, settings: Settings) -> None:
    with act() as a:
        opened(a, *(f"r{number}" for number in range(40)))
    with Recording() as large, Recording() as small, Recording() as reserve:
        send(
            engine,
            settings,
            Relay(name="klein", url=small.url),
            Relay(name="groß", url=large.url, weight=3),
            Relay(name="ersatz", url=reserve.url, weight=0),
            connections=1,  # with more, some go aside while the first connection is made
        )
    assert (len(large.messages), len(small.messages)) == (30, 10)
    assert reserve.messages == []
    assert sums(engine) == {D.ACCEPTED: 40}


def test_while_one_is_away_the_other_takes_all_and_nobody_is_lost(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *NAMES)
    away = f"smtp://127.0.0.1:{unused_port()}"
    with Recording() as here:
        relays = (Relay(name="fort", url=away), Relay(name="da", url=here.url, weight=0))
        sent = send(engine, settings, *relays)
    assert len(here.messages) == 12
    assert sent.trouble is not None  # somebody should know: the first one is away
    assert "„fort“" in str(sent.trouble)
    with database.reading(engine) as session:
        troubles = select(col(Event.key)).where(col(Event.what) == "trouble")
        assert session.scalars(troubles).all() == ["fort"]  # two connections, one trouble
        assert session.get_one(Issue, KEY).state is IssueState.SENT


def test_a_login_that_one_relay_refuses_holds_nothing_while_the_other_takes_messages(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *NAMES)
    with Recording(tls="starttls", login=("verein", "geheim")) as strict, Recording() as other:
        wrong = strict.url.replace("geheim", "falsch")
        send(engine, settings, Relay(name="eins", url=wrong), Relay(name="zwei", url=other.url))
    assert len(strict.logins) <= 2  # once for each connection that was begun at the same time
    assert len(other.messages) == 12
    with database.reading(engine) as session:
        told = select(col(Event.key)).where(col(Event.what) == "alarmed")
        assert session.scalars(told).all() == ["eins"]


def test_what_one_relay_may_have_taken_goes_over_no_other(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *NAMES)
    with Scripted(Script({"DOT": [DROP]})) as drops, Recording() as good:
        relays = (Relay(name="eins", url=drops.url), Relay(name="zwei", url=good.url))
        send(engine, settings, *relays)
        send(engine, settings, *relays)
    assert sums(engine) == {D.ACCEPTED: 11, D.UNKNOWN: 1}
    copies = Counter(m.rcpt for m in [*drops.script.messages, *good.messages])
    assert set(copies.values()) == {1}


def test_what_was_certainly_not_handed_over_goes_over_the_other(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *NAMES)
    with (
        Scripted(Script(always={"MAIL": "550 5.7.1 not allowed to send"})) as refuses,
        Recording() as good,
    ):
        relays = (Relay(name="eins", url=refuses.url), Relay(name="zwei", url=good.url))
        send(engine, settings, *relays)
    assert sums(engine) == {D.ACCEPTED: 12}
    assert len(good.messages) == 12


def test_a_newsletter_goes_over_its_own_relays_and_letters_over_any(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, "ada", "ben")
        opened(a, "cleo", "dora", newsletter="go-cluster")
        posted(a, "neu@leser.example")
    away = f"smtp://127.0.0.1:{unused_port()}"
    with Recording() as public:
        sent = send(
            engine,
            settings,
            Relay(name="öffentlich", url=public.url, newsletters=("clusterplattform",)),
            Relay(name="intern", url=away, newsletters=("go-cluster",)),
        )
    assert {m.rcpt.partition("@")[0] for m in public.messages} == {"ada", "ben", "neu"}
    assert sent.trouble is not None
    with database.reading(engine) as session:
        assert states(session, "go-cluster-2026-12") == {D.QUEUED: 2}
        assert session.get_one(Issue, KEY).state is IssueState.SENT


def test_a_relay_has_limits_of_its_own(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *NAMES)
    slow_ones: list[float] = []
    script = Script(on_message=lambda _: slow_ones.append(time.monotonic()))
    with Scripted(script) as slow, Recording() as fast:
        limited = Relay(name="langsam", url=slow.url, per_second=4, connections=1)
        send(engine, settings, limited, Relay(name="schnell", url=fast.url))
    assert len(slow_ones) + len(fast.messages) == 12
    assert all(b - a > 0.24 for a, b in pairwise(slow_ones))
    assert len(fast.messages) >= 8  # who may go at once does not wait for the slow one
    assert slow.script.connections == 1


def test_a_relay_that_finds_us_too_fast_gets_no_more_than_it_took(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *NAMES)
    stop, rounds = asyncio.Event(), []

    def once() -> None:
        rounds.append(1)
        if len(rounds) > 1:
            stop.set()

    script = Script({"RCPT": ["250 Ok"] * 3 + ["450 4.7.0 too many messages"] * 5})
    with Scripted(script) as relay:
        sending = settings.sending.model_copy(update={"connections": 1})
        here = settings.model_copy(
            update={"relays": (Relay(name="haus", url=relay.url),), "sending": sending}
        )
        asyncio.run(sender.run(engine, here, stop, until_empty=True, before_round=once))
    # what it would refuse for hours now stays in the queue, instead of being tried in vain
    assert sums(engine) == {D.ACCEPTED: 3, D.DEFERRED: 5, D.QUEUED: 4}


@pytest.mark.sqlite
def test_a_relay_that_takes_few_connections_at_a_time_gets_no_more_and_is_not_away(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *(f"r{number}" for number in range(60)))
    greetings = {"GREETING": ["220 relay.example ESMTP"] * 2}
    full = {"GREETING": "421 4.3.2 too many concurrent connections"}
    with Scripted(Script(greetings, full)) as relay:
        sending = settings.sending.model_copy(update={"connections": 6})
        here = settings.model_copy(
            update={"relays": (Relay(name="haus", url=relay.url),), "sending": sending}
        )
        sent = asyncio.run(sender.run(engine, here, asyncio.Event(), until_empty=True))
    assert sums(engine) == {D.ACCEPTED: 60}
    assert sent.trouble is None  # nobody is alarmed
    assert relay.script.connections == 6  # each was tried once, not once for each message


@given(st.lists(st.integers(0, 20), min_size=1, max_size=5), st.integers(1, 200))
def test_shares_follow_the_weights_at_every_moment(weights: list[int], messages: int) -> None:
    named = {f"relay{place}": weight for place, weight in enumerate(weights)}
    spread = pace.Spread(named)
    taken = Counter(spread.turn(list(named)) for _message in range(messages))
    effective = {n: w for n, w in named.items() if w} or dict.fromkeys(named, 1)
    for name in named:
        share = messages * effective.get(name, 0) / sum(effective.values())
        assert abs(taken[name] - share) <= len(named)


MISTAKES = {
    'newsletters = ["clusterplatform"]': "den Newsletter „clusterplatform“ gibt es nicht",
    "weight = -1": "mindestens 0",
    "connections = 0": "mindestens 1",
    "per_minute = 0": "mehr als 0",
    'name = "relay"': "zwei Mailserver heißen „relay“",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_at_the_second_relay_is_named_at_its_line(home: Path, line: str) -> None:
    path = home / FILE
    second = f'[[relays]]\nurl = "smtp://127.0.0.1:26"\n{line}\n'
    if not line.startswith("name"):
        second += 'name = "zweiter"\n'
    text = path.read_text(encoding="utf-8").replace("# Wie schnell", second + "\n# Wie schnell", 1)
    path.write_text(text, encoding="utf-8")
    number = text[: text.index(line, text.index(":26"))].count("\n") + 1
    with pytest.raises(BadConfiguration, match=MISTAKES[line]) as refusal:
        load(home, {})
    assert f"Zeile {number}:" in str(refusal.value)


def test_a_newsletter_that_no_relay_takes_is_named(home: Path) -> None:
    path = home / FILE
    text = path.read_text(encoding="utf-8")
    only = 'name = "relay"\nnewsletters = ["go-cluster"]'
    path.write_text(text.replace('name = "relay"', only), encoding="utf-8")
    with pytest.raises(BadConfiguration, match=r"newsletters\.clusterplattform: kein Mailserver"):
        load(home, {})
