"""One message to one relay: a Receipt, or Deferred, Refused, Unknown; Trouble if it is about us.

The connection is aiosmtplib's (TLS, AUTH, the commands), and so is the dot-stuffing. The text
itself is written here, because all depends on one question its own ``data`` cannot answer:
had the final dot been handed over when the connection broke? Before it, the message is
deferred; after it, unknown.

The ledger is asked meanwhile whether the message may go at all. Envelope and text go ahead of its
answer, the final dot waits for it: a relay that has not seen the dot has no message, and must
throw away what it has when we hang up (RFC 5321 §4.1.1.4).
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Sequence
from typing import cast

import aiosmtplib

from newsletter.language import _
from newsletter.letters import domain_of
from newsletter.settings import Relay, Settings

from .connecting import LEAVE_SECONDS, connected
from .conversation import LOST, Conversation, Lost, Reply
from .message import Message
from .replies import Deferred, Outcome, Receipt, Refused, Stage, Unknown, Verdict, shown, verdict
from .trouble import Trouble

__all__ = ["Courier", "Deferred", "Outcome", "Receipt", "Refused", "Trouble", "Unknown"]

_BLOCK = 65_536  # octets written before we wait for the network
# Parts of timeout_seconds; at its 300 they are those of RFC 5321 §4.5.3.2. A short wait
# behind the final dot would make duplicates.
_DATA, _TEXT, _DOT = 0.4, 0.6, 2.0
_ENVELOPE = (Stage.MAIL, Stage.RCPT, Stage.DATA)
_LEADING_DOT = re.compile(rb"(?m)^\.")
_LATE = 1.5  # seconds that a relay with a text is kept waiting for the ledger's answer

Grant = asyncio.Future[bool]  # the ledger's answer: whether the row says "sending", committed


def _nothing() -> None:
    pass


class _Late(Exception):
    """The ledger takes its time; the relay, which has the text but for its dot, must not wait."""


class Courier:
    """Carries one message at a time to one relay, over a connection that it keeps."""

    def __init__(self, settings: Settings, relay: Relay) -> None:
        self.relay = relay
        self._sending = settings.sending
        self._helo = settings.sending.helo or domain_of(settings, None)
        self._talk: Conversation | None = None
        self._pipelining = self._offers_size = False
        self._most = 0  # octets that the relay takes; 0: no fixed limit (RFC 1870 §3)
        self._carried = 0
        self._wary = False  # the last message was begun in vain: ask first
        self._stage = Stage.CONNECT
        self._meanwhile = _nothing

    @property
    def stands(self) -> bool:
        """Whether it has a connection, as far as that is known."""
        return self._talk is not None and self._talk.usable

    async def ready(self) -> None:
        """Have a connection over which a message can go; Trouble if the relay gives none."""
        fresh = self._carried < self._sending.messages_per_connection
        if not (fresh and self._talk is not None and self._talk.usable):
            await self.close()
            await self._connect()

    async def carry(
        self, message: Message, granted: Grant, meanwhile: Callable[[], None] = _nothing
    ) -> Outcome | None:
        """Hand one message over; its final dot goes out only once it is granted. ``meanwhile`` is
        called, maybe more than once, when the text has left us and we have to wait.

        None: it was not granted, and nothing was handed over. Trouble means the same. Trouble and
        the relay's no may come before the grant does, whatever it will be.
        """
        if self._wary and not await self._asked_first(granted):
            return None
        await asyncio.sleep(0)  # let the loop see that the other end has hung up
        await self.ready()
        self._meanwhile = meanwhile
        try:
            return await self._tried(message, granted)
        except Trouble:
            raise
        except BaseException:  # told to go, or no answer ever: no dot must come behind that text
            self._hang_up()
            raise

    async def _asked_first(self, granted: Grant) -> bool:
        clock = asyncio.get_running_loop().time
        began = clock()
        may = await granted
        self._wary = not may or clock() - began > _LATE
        return may

    async def close(self) -> None:
        """Take leave of the relay."""
        talk = self._talk
        if talk is not None and talk.usable:
            with contextlib.suppress(Lost):
                talk.say(b"QUIT\r\n")
                await talk.reply(LEAVE_SECONDS)
        self._hang_up()

    def _hang_up(self) -> None:
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.hang_up()

    # -- the connection ---------------------------------------------------------------------

    async def _connect(self) -> None:
        self._take_over(await connected(self.relay, self._sending, self._helo))

    def _take_over(self, client: aiosmtplib.SMTP) -> None:
        self._hang_up()
        if client.transport is None:
            raise Trouble(Stage.CONNECT, self.relay, _(LOST))
        # not isinstance: uvloop's transports are asyncio's by their methods only
        self._talk = Conversation(cast("asyncio.Transport", client.transport))
        self._carried = 0
        self._pipelining = client.supports_extension("pipelining")
        self._offers_size = client.supports_extension("size")
        size = client.esmtp_extensions["size"].strip() if self._offers_size else ""
        self._most = int(size) if size.isdigit() else 0

    # -- one message ------------------------------------------------------------------------

    async def _tried(self, message: Message, granted: Grant) -> Outcome | None:
        """Over the connection that is there; once more over a new one, if that cannot be a second
        copy and is no fault of this message.
        """
        fresh = self._carried == 0
        while True:
            try:
                return await self._carried_by(message, granted)
            except _Late:
                self._called_back()
                if not await granted:
                    return None
            except Lost as lost:
                self._hang_up()
                # Servers hang up between messages without a word (SM-12).
                if fresh or self._stage is not Stage.MAIL:
                    return self._given_up(str(lost))
            await self._connect()
            fresh = True

    async def _carried_by(self, message: Message, granted: Grant) -> Outcome | None:
        self._stage = Stage.MAIL
        talk = self._talk
        if talk is None or not talk.usable:
            raise Lost(_(LOST))
        reply = await self._handed_over(talk, message, granted)
        if reply is None:
            self._called_back()
            return None
        if self._stage is Stage.DOT and 200 <= reply.code < 300:
            self._carried += 1
            return Receipt(shown(reply.code, reply.text), self.relay.name)
        return await self._understood(talk, reply)

    def _called_back(self) -> None:
        """Hang up without the dot; and ask first, until the ledger says yes again, and soon."""
        self._hang_up()
        self._wary = True

    async def _handed_over(
        self, talk: Conversation, message: Message, granted: Grant
    ) -> Reply | None:
        """The first reply that is a no, or the last; ``_stage`` says how far it has come.

        None: all but the dot is there, and it may not go.
        """
        wait = self._sending.timeout_seconds
        envelope = self._envelope(message)
        if self._pipelining:
            replies = await self._together(talk, envelope, wait)
        else:
            replies = await self._one_by_one(talk, envelope, wait)
        for stage, reply, wanted in zip(_ENVELOPE, replies, (2, 2, 3), strict=False):
            self._stage = stage
            if reply.code // 100 != wanted or (wanted == 3 and reply.code != 354):
                await self._empty_text(talk, replies, wait)
                return reply
        return await self._text(talk, _doubled(message), granted, wait)

    async def _together(
        self, talk: Conversation, envelope: Sequence[bytes], wait: float
    ) -> list[Reply]:
        """All commands at once, where the relay offers that (RFC 2920): one way and back."""
        talk.say(b"".join(envelope), len(envelope))
        return [await talk.reply(wait) for __ in envelope]

    async def _one_by_one(
        self, talk: Conversation, envelope: Sequence[bytes], wait: float
    ) -> list[Reply]:
        replies: list[Reply] = []
        for stage, command in zip(_ENVELOPE, envelope, strict=True):
            self._stage = stage
            talk.say(command)
            replies.append(await talk.reply(wait * (_DATA if stage is Stage.DATA else 1)))
            if not 200 <= replies[-1].code < 400:
                break
        return replies

    async def _empty_text(self, talk: Conversation, replies: Sequence[Reply], wait: float) -> None:
        """A relay that wants a text although it refused all else gets an empty one (RFC 2920)."""
        if len(replies) == len(_ENVELOPE) and replies[-1].code == 354:
            talk.say(b".\r\n")
            await talk.reply(wait * _DOT)

    def _envelope(self, message: Message) -> tuple[bytes, bytes, bytes]:
        """MAIL, RCPT, DATA; Trouble if the relay takes no message of this size (RFC 1870)."""
        octets = len(message.data)
        if 0 < self._most < octets:
            why = _("er nimmt höchstens {most} Byte, die Nachricht hat {octets}")
            why = why.format(most=self._most, octets=octets)
            raise Trouble(Stage.DATA, self.relay, why)
        size = f" SIZE={octets}" if self._offers_size else ""
        return (
            f"MAIL FROM:<{message.envelope_from}>{size}\r\n".encode("ascii"),
            f"RCPT TO:<{message.rcpt}>\r\n".encode("ascii"),
            b"DATA\r\n",
        )

    async def _text(
        self, talk: Conversation, text: bytes, granted: Grant, wait: float
    ) -> Reply | None:
        """Text, and only when all of it has left us and it is granted, the final dot."""
        for start in range(0, len(text), _BLOCK):
            talk.say(text[start : start + _BLOCK], 0)
            await talk.left(wait * _TEXT)
        if not granted.done():
            self._meanwhile()
            await _answered(talk, granted)
        if not granted.result():
            return None
        talk.say(b".\r\n")  # raises, with nothing written, if the connection is gone or spoilt
        self._stage = Stage.DOT
        self._meanwhile()
        return await talk.reply(wait * _DOT)

    async def _understood(self, talk: Conversation, reply: Reply) -> Outcome:
        stage, relay, code, text = self._stage, self.relay.name, reply.code, reply.text
        said = shown(code, text)
        if code < 200 or 300 <= code < 400:  # no answer that RFC 5321 knows here
            raise Lost(_("unverständliche Antwort: {reply}").format(reply=said))
        if code == 421 and stage is Stage.MAIL and self._carried:
            raise Lost(said)
        await self._reset(talk)
        means = verdict(stage, code, text)
        if means is Verdict.STOP:
            raise Trouble(stage, self.relay, said, code)
        if means is Verdict.DEFER:
            return Deferred(stage, said, relay, code)
        return Refused(stage, said, relay, code, means is Verdict.REFUSE_CONTENT)

    async def _reset(self, talk: Conversation) -> None:
        """After a no, begin anew (RSET); a relay that cannot even do that is left."""
        self._carried += 1
        with contextlib.suppress(Lost):
            talk.say(b"RSET\r\n")
            await talk.reply(self._sending.timeout_seconds)
            return
        self._hang_up()

    def _given_up(self, why: str) -> Outcome:
        stage, relay = self._stage, self.relay.name
        if stage is Stage.MAIL:
            raise Trouble(stage, self.relay, why)
        why = shown(None, why)
        return Unknown(stage, why, relay) if stage is Stage.DOT else Deferred(stage, why, relay)


def _doubled(message: Message) -> bytes:
    """The text with each dot at a line's beginning twice (RFC 5321 §4.5.2)."""
    text = message.data
    if message.dotted and (b"\n." in text or text.startswith(b".")):
        return _LEADING_DOT.sub(b"..", text)
    return text


async def _answered(talk: Conversation, granted: Grant) -> None:
    try:
        await talk.until(granted, _LATE)
    except Lost as lost:  # it has waited long enough, or did not want to
        raise _Late from lost
