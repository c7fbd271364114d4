"""Mailbox providers with limits: nobody's copies hold up another's, and letters pass."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from newsletter import database
from newsletter.dispatch import engine as sender
from newsletter.dispatch import ledger
from newsletter.dispatch.mailboxes import Mailboxes
from newsletter.errors import BadConfiguration
from newsletter.models.delivery import Delivery, DeliveryState, Letter
from newsletter.models.pace import PaceRow
from newsletter.settings import FILE, Provider, Relay, Sending, Settings, load
from subscribers.models import Subscriber
from tests.conftest import Clock, type_of_act
from tests.dispatch_situations import opened, posted, quiet_home
from tests.dns_server import NameServer
from tests.smtp_server import Received, Script, Scripted

__all__ = ["quiet_home"]  # the fixture

D = DeliveryState
NAMES = tuple(f"r{number}" for number in range(16))
POST = Provider(per_minute=60, domains=("post.example",))  # five every five seconds


def send(
    engine: Engine, settings: Settings, clock: Clock, script: Script, until: int, **given: object
) -> list[str]:
    """Send until so many messages have arrived in all: to whom, in this run."""
    limits = {"providers": {"post": POST}, **given}
    before = len(script.messages)

    async def sent(url: str, dns: str) -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()

        def arrived(_message: Received) -> None:
            if len(script.messages) + 1 >= until:
                loop.call_soon_threadsafe(stop.set)

        script.on_message = arrived
        sending = settings.sending.model_copy(update={"dns_server": dns, **limits})
        relays = (Relay(name="relay", url=url),)
        here = settings.model_copy(update={"relays": relays, "sending": sending})
        running = sender.run(engine, here, stop, until_empty=True, clock=clock)
        await asyncio.wait_for(running, 20)

    with Scripted(script) as relay, NameServer({}) as dns:
        asyncio.run(sent(relay.url, dns.address))
    return [m.rcpt for m in script.messages[before:]]


def move_to_post(session: Session, *names: str) -> None:
    for name in names:
        wanted = select(Subscriber).where(col(Subscriber.email) == f"{name}@leser.example")
        session.scalars(wanted).one().email = f"{name}@post.example"


def waiting(engine: Engine) -> list[Delivery]:
    with database.reading(engine) as session:
        rows = select(Delivery).where(col(Delivery.state) == D.QUEUED)
        return list(session.scalars(rows.order_by(col(Delivery.not_before))))


def test_a_full_provider_holds_up_neither_others_nor_letters(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        opened(a, *NAMES)
        move_to_post(a.session, *NAMES[:12])  # they stand first in the queue
    script = Script()
    first = send(engine, settings, clock, script, until=9, connections=1)
    assert (
        sorted(to.partition("@")[2] for to in first) == ["leser.example"] * 4 + ["post.example"] * 5
    )
    later = waiting(engine)
    assert len(later) == 7
    with act() as a:
        posted(a, "neu@post.example")
        posted(a, "neu@leser.example")
    # a restart forgets nothing: the provider is full, only the other letter goes
    assert send(engine, settings, clock, script, until=10) == ["neu@leser.example"]
    with database.reading(engine) as session:
        letter = session.scalars(select(Letter).where(col(Letter.state) == D.QUEUED)).one()
    assert letter.not_before is not None
    assert later[0].not_before is not None
    assert letter.not_before <= later[0].not_before
    clock.forward(seconds=5)
    assert send(engine, settings, clock, script, until=15)[0] == "neu@post.example"
    clock.forward(seconds=5)
    send(engine, settings, clock, script, until=18)
    assert len({m.rcpt for m in script.messages}) == len(script.messages) == 18


def test_a_provider_that_asks_for_it_is_sent_to_more_slowly_after_a_restart_too(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        opened(a, *NAMES)
        move_to_post(a.session, *NAMES)
    script = Script({"RCPT": ["421 4.7.0 too fast"]})
    send(engine, settings, clock, script, until=4)
    with database.reading(engine) as session:
        row = session.scalars(select(PaceRow)).one()
        assert (row.name, row.factor) == ("post", 0.5)
    clock.forward(seconds=30)
    again = send(engine, settings, clock, script, until=6)
    assert len(again) == 2  # half of five


def test_no_more_connections_than_a_provider_allows(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        opened(a, *NAMES)
        move_to_post(a.session, *NAMES)
    script = Script(delay=0.02)
    one = {"post": Provider(connections=1, domains=("post.example",))}
    sent = send(engine, settings, clock, script, 16, providers=one, connections=4)
    assert len(sent) == 16
    assert script.connections == 1


def test_the_queue_is_sent_to_its_end_though_a_provider_is_full(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        opened(a, "ada", "ben")
        move_to_post(a.session, "ada", "ben")
        assert ledger.next_moment(a.session) is None

    async def sent(url: str, dns: str) -> None:
        fast = {"post": Provider(per_minute=600, domains=("post.example",))}
        limits = {"providers": fast, "dns_server": dns}
        sending = settings.sending.model_copy(update=limits)
        relays = (Relay(name="relay", url=url),)
        here = settings.model_copy(update={"relays": relays, "sending": sending})
        await sender.run(engine, here, asyncio.Event(), until_empty=True, clock=clock)

    with Scripted() as relay, NameServer({}) as dns:
        asyncio.run(sent(relay.url, dns.address))
    assert len(relay.script.messages) == 2
    assert waiting(engine) == []


# -- whose mailboxes ------------------------------------------------------------------------


def known_by(dns: str | None, clock: Clock, *addresses: str) -> list[str | None]:
    """What is learnt about these addresses, twice."""
    post = Provider(per_minute=60, mx=("post.example",))
    boxes = Mailboxes(Sending(providers={"post": post, "gmail": POST}, dns_server=dns), clock)

    async def learnt() -> list[str | None]:
        await boxes.learn(addresses)
        clock.forward(hours=1)
        await boxes.learn(addresses)
        return [boxes.of(address) for address in addresses]

    return asyncio.run(learnt())


def test_the_dns_is_asked_once_in_hours_and_not_where_the_name_says_it_all(clock: Clock) -> None:
    verein = {"verein.example": ["mx2.post.example", "mx.other.example"]}
    with NameServer(verein) as dns:
        found = known_by(dns.address, clock, "a@verein.example", "b@Verein.example", "c@gmail.com")
        assert found == ["post", "post", "gmail"]
        assert dns.asked == ["verein.example"]


@pytest.mark.parametrize("how", ["silent", "broken", "unknown"])
def test_a_dns_that_fails_stops_nothing(
    clock: Clock, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsletter.dispatch.mailboxes._PATIENCE", 0.2)
    with NameServer({}) as dns:
        dns.silent, dns.broken = how == "silent", how == "broken"
        assert known_by(dns.address, clock, "a@verein.example", "c@gmail.com") == [None, "gmail"]


MISTAKES = {
    "[sending.providers.gmial]\nper_minute = 60": "gmial: diesen Anbieter kennen wir nicht",
    "[sending.providers.gmail]\ndomains = []": "gmail: hier fehlt eine Grenze",
    "[sending.providers.gmail]\nper_minute = 0": "per_minute: mehr als 0",
    '[sending.providers.post]\nmx = ["Post Example"]\nconnections = 1': "hat nicht die Form",
}


@pytest.mark.parametrize("lines", MISTAKES)
def test_a_mistake_in_a_limit_is_named_at_its_line(home: Path, lines: str) -> None:
    path = home / FILE
    text = path.read_text(encoding="utf-8") + "\n" + lines + "\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadConfiguration, match=MISTAKES[lines]) as refusal:
        load(home, {})
    first = text[: text.index(lines)].count("\n") + 1
    number = int(str(refusal.value).partition("Zeile ")[2].partition(":")[0])
    assert first <= number <= first + 1
