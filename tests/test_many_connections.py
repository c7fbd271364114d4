"""Several connections, commands in groups, and servers that say more than they are asked."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from newsletter.database import DatabaseAway
from newsletter.dispatch import ledger
from newsletter.dispatch.replies import Receipt, Refused, Stage, Unknown
from newsletter.dispatch.scribe import Scribe
from newsletter.history import Act, Clock, now
from newsletter.models.delivery import DeliveryState
from tests.conftest import type_of_act
from tests.dispatch_situations import at_work, opened, posted, quiet_home
from tests.smtp_server import CA_FILE, Recording, Script, Scripted
from tests.test_courier import BODY, Configured, carry, configured, message
from tests.test_engine import Look, Send, look, send

__all__ = ["configured", "look", "quiet_home", "send"]  # fixtures

D = DeliveryState
GROUPS = "250-relay.example\r\n250-PIPELINING\r\n250 SIZE 10000000"


@pytest.fixture
def clock() -> Clock:
    """The real one: the sender waits for real answers."""
    return now


def in_groups(**answers: list[str]) -> Script:
    """A server that takes commands in groups (RFC 2920)."""
    return Script({"EHLO": [GROUPS], **answers})


def test_a_large_audience_goes_over_several_connections(
    act: type_of_act, send: Send, look: Look
) -> None:
    names = [f"r{number}" for number in range(45)]
    with act() as a:
        opened(a, *names)
    with Recording() as relay:
        sent = send(relay.url, connections=4)
    assert sent.copies == 45
    assert sorted(m.rcpt for m in relay.messages) == sorted(f"{n}@leser.example" for n in names)
    assert len(relay.sessions) == 4
    assert {row.state for row in look().values()} == {D.ACCEPTED}


def test_a_few_letters_need_one_connection(act: type_of_act, send: Send) -> None:
    with act() as a:
        for _each in range(5):
            posted(a)
    with Recording() as relay:
        send(relay.url)
    assert len(relay.messages) == 5
    assert len(relay.sessions) == 1


def test_commands_go_in_a_group_where_the_relay_takes_them(configured: Configured) -> None:
    with Scripted(in_groups()) as server:
        outcomes = carry(configured(server.url), message(), message())
    assert [type(outcome) for outcome in outcomes] == [Receipt, Receipt]
    assert [m.data for m in server.script.messages] == [BODY, BODY]


def test_a_group_is_understood_command_by_command(configured: Configured) -> None:
    with Scripted(in_groups(RCPT=["550 5.1.1 no such user"])) as server:
        first, second = carry(configured(server.url), message(), message())
    assert isinstance(first, Refused)
    assert first.stage is Stage.RCPT
    assert isinstance(second, Receipt)
    # the relay wanted a text for nobody all the same, and got an empty one (RFC 2920 §3.1)
    assert [m.data for m in server.script.messages] == [b"", BODY]
    assert server.script.connections == 1


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_one_encrypted_connection_takes_message_after_message(
    configured: Configured, tls: str
) -> None:
    large = message(BODY + b"ein langer Satz\r\n" * 20_000)
    with Recording(tls=tls) as server:
        outcomes = carry(configured(server.url, ca_file=CA_FILE), message(), large, message())
    assert [type(outcome) for outcome in outcomes] == [Receipt] * 3
    assert len(server.sessions) == 1


@pytest.mark.parametrize("script", [Script, in_groups], ids=["one by one", "in groups"])
def test_a_server_that_answers_twice_cannot_settle_another_message(
    configured: Configured, script: type[Script]
) -> None:
    twice = "250 2.0.0 Ok\r\n250 2.0.0 Ok"
    with Scripted(script()) as server:
        server.script.always["DOT"] = twice
        server.script._next["DOT"].extend([twice, "550 5.1.1 no such user"])
        first, second = carry(configured(server.url), message(), message())
    assert isinstance(first, Receipt)
    assert isinstance(second, Refused)  # its own answer, over a connection of its own
    assert server.script.connections == 2


def test_half_an_answer_after_the_dot_is_no_answer(configured: Configured) -> None:
    with Scripted(Script({"DOT": ["250-2.0.0 to be continued"]})) as server:
        (outcome,) = carry(configured(server.url, timeout_seconds=0.2), message())
    assert isinstance(outcome, Unknown)


def test_an_answer_without_end_is_not_listened_to(configured: Configured) -> None:
    endless = "\r\n".join(["250-more"] * 5_000)
    with Scripted(Script({"DOT": [endless]})) as server:
        (outcome,) = carry(configured(server.url), message())
    assert isinstance(outcome, Unknown)
    assert outcome.reply == "Antwort ohne Ende"


class Broken(Exception):
    """What no transaction of ours should ever raise."""


def test_a_fault_in_writing_ends_the_run_and_holds_up_nobody(act: type_of_act) -> None:
    def transaction() -> AbstractContextManager[Act]:
        raise Broken

    with act() as a:
        at_work(a)
        letter = posted(a)

    async def working() -> None:
        scribe = Scribe(transaction, asyncio.Event(), print)
        scribe.settle(letter, Receipt("250 Ok", "relay"))
        with pytest.raises(Broken):
            await asyncio.wait_for(scribe.intend(letter), 5)
        with pytest.raises(Broken):  # and later, too, instead of waiting for ever
            await asyncio.wait_for(scribe.intend(letter), 5)
        with pytest.raises(Broken):
            await asyncio.wait_for(scribe.end(), 5)

    asyncio.run(working())


def test_an_intent_whose_commit_was_not_confirmed_holds_and_none_is_given_twice(
    act: type_of_act,
) -> None:
    """The connection is cut between the server's commit and its answer to us."""
    with act() as a:
        at_work(a)
        opened(a, "ada", "ben")
        posted(a)
    cuts = iter([True, False])

    @contextmanager
    def transaction() -> Iterator[Act]:
        with act() as a:
            yield a
        if next(cuts, False):
            raise DatabaseAway(why="die Verbindung ist abgerissen.")

    async def working() -> tuple[list[bool], bool]:
        with act() as a:
            claim = ledger.claim(a, 10)
        assert claim is not None
        scribe = Scribe(transaction, asyncio.Event(), print)
        granted = await asyncio.gather(*(scribe.intend(row) for row in claim.rows))
        twice = await scribe.intend(claim.rows[0])
        await scribe.end()
        return granted, twice

    assert asyncio.run(working()) == ([True] * 3, False)


def test_what_many_connections_say_is_written_together(act: type_of_act) -> None:
    with act() as a:
        at_work(a)
        letters = [posted(a) for _each in range(6)]
    transactions = []

    def transaction() -> AbstractContextManager[Act]:
        transactions.append(1)
        return act()

    async def working() -> list[bool]:
        with act() as a:
            claim = ledger.claim(a, 10)
        assert claim is not None
        scribe = Scribe(transaction, asyncio.Event(), print)
        granted = await asyncio.gather(*(scribe.intend(row) for row in claim.rows))
        for row in claim.rows:
            scribe.settle(row, Receipt("250 Ok", "relay"))
        await scribe.end()
        return granted

    assert asyncio.run(working()) == [True] * len(letters)
    assert len(transactions) == 2
