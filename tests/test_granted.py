"""A message is on its way before the ledger has said that it may go; its final dot never is."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

import pytest
from sqlalchemy import Engine

from newsletter.database import DatabaseAway
from newsletter.dispatch import courier as couriers
from newsletter.dispatch.courier import Courier, Grant, Outcome
from newsletter.dispatch.replies import Receipt, Refused
from newsletter.history import Act, Clock, now
from newsletter.models.delivery import DeliveryState
from newsletter.models.issue import ISSUE, Issue, IssueState
from newsletter.settings import Settings
from tests.conftest import type_of_act
from tests.dispatch_situations import busy, opened, quiet_home
from tests.smtp_server import Script, Scripted
from tests.test_courier import BODY, Configured, configured, message
from tests.test_engine import Look, Send, look, send

__all__ = ["configured", "look", "quiet_home", "send"]  # fixtures

D = DeliveryState
Answer = Callable[[Grant], object]


@pytest.fixture
def clock() -> Clock:
    """The real one: the sender waits for real answers."""
    return now


class Reader(Script):
    """A server that gives word when it has a text but for its final dot."""

    def __init__(self, **answers: list[str]) -> None:
        super().__init__({verb: list(said) for verb, said in answers.items()})
        self.has_text: Callable[[], object] = lambda: None

    def hear(self, line: bytes) -> None:
        if line == BODY.splitlines(keepends=True)[-1]:
            self.has_text()


def carried(settings: Settings, script: Reader, *answers: Answer) -> list[Outcome | None]:
    """One message per answer of the ledger, which comes when the server has its text."""

    async def one(courier: Courier, answer: Answer) -> Outcome | None:
        loop = asyncio.get_running_loop()
        granted: Grant = loop.create_future()
        script.has_text = lambda: loop.call_soon_threadsafe(answer, granted)
        if courier._wary:  # asks first, so no text will come
            loop.call_later(0.01, answer, granted)
        return await asyncio.wait_for(courier.carry(message(), granted), 5)

    async def all_of_them() -> list[Outcome | None]:
        courier = Courier(settings, settings.relays[0])
        try:
            return [await one(courier, answer) for answer in answers]
        finally:
            await courier.close()

    return asyncio.run(all_of_them())


def yes(granted: Grant) -> None:
    if not granted.done():
        granted.set_result(True)


def no(granted: Grant) -> None:
    if not granted.done():
        granted.set_result(False)


def much_later(granted: Grant) -> None:
    asyncio.get_running_loop().call_later(0.4, yes, granted)


def away(granted: Grant) -> None:
    granted.set_exception(DatabaseAway(why="sie startet neu."))


@pytest.mark.sqlite("it has no part in this")
def test_a_message_that_is_called_back_is_not_delivered_and_the_next_one_is(
    configured: Configured,
) -> None:
    with Scripted(Reader()) as server:
        assert isinstance(server.script, Reader)
        outcomes = carried(configured(server.url), server.script, yes, no, no, no, yes, yes)
    assert [type(each) for each in outcomes] == [Receipt, *[type(None)] * 3, Receipt, Receipt]
    assert [each.data for each in server.script.messages] == [BODY] * 3
    # whoever was called back asks first: an issue that is held costs one connection, not many
    assert server.script.connections == 2
    assert server.script.said.count("DATA") == 4


@pytest.mark.sqlite("it has no part in this")
def test_a_relay_is_not_kept_waiting_for_a_slow_ledger(
    configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers, "_LATE", 0.1)
    with Scripted(Reader()) as server:
        assert isinstance(server.script, Reader)
        outcomes = carried(configured(server.url), server.script, much_later, yes)
    assert [type(each) for each in outcomes] == [Receipt] * 2
    assert [each.data for each in server.script.messages] == [BODY] * 2
    assert server.script.connections == 2
    assert server.script.said.count("DATA") == 3  # one of them was hung up upon


@pytest.mark.sqlite("it has no part in this")
def test_a_relay_that_waits_gets_no_dot_when_the_database_has_gone(configured: Configured) -> None:
    with Scripted(Reader()) as server:
        assert isinstance(server.script, Reader)
        with pytest.raises(DatabaseAway):
            carried(configured(server.url), server.script, away)
    assert server.script.messages == []
    assert server.script.said[-1] == "DATA"  # not even QUIT, which would be a line of the text


@pytest.mark.sqlite("it has no part in this")
def test_a_no_of_the_relay_is_understood_before_the_ledger_has_answered(
    configured: Configured,
) -> None:
    with Scripted(Reader(RCPT=["550 5.1.1 no such user"])) as server:
        assert isinstance(server.script, Reader)
        first, second = carried(configured(server.url), server.script, no, yes)
    assert isinstance(first, Refused)
    assert isinstance(second, Receipt)
    assert server.script.connections == 1


class Slow(Script):
    """A server before which somebody is writing, from its EHLO until its answer to this word."""

    def __init__(self, word: str, writing: Callable[[], AbstractContextManager[Act]]) -> None:
        super().__init__({"RCPT": ["550 5.1.1 no such user"]} if word == "RSET" else {})
        self._word, self._writing = word, writing
        self._stack = ExitStack()
        self._held = False

    def answer(self, verb: str) -> str:
        if verb == "EHLO" and not self._held:
            self._held = True
            act = self._stack.enter_context(self._writing())
            act.move(
                act.session.get_one(Issue, "clusterplattform-2026-12"), ISSUE, IssueState.PAUSED
            )
        if verb == self._word:
            self._stack.close()
        return super().answer(verb)


@pytest.mark.parametrize("word", ["RSET", "TEXT"])
def test_an_issue_held_while_a_copy_is_on_its_way_keeps_it_whatever_the_relay_says(
    act: type_of_act, send: Send, look: Look, engine: Engine, settings: Settings, word: str
) -> None:
    with act() as a:
        opened(a, "ada", "ben")
    with Scripted(Slow(word, lambda: busy(engine, settings))) as server:
        sent = send(server.url)
    assert sent.trouble is None
    assert server.script.messages == []
    assert {row.state for row in look().values()} == {D.QUEUED}  # neither refused nor unknown
    assert [row.attempts for row in look().values()] == [0, 0]
    assert server.script.said.count("DATA") == 1
