"""A mail server that does what servers must not do, and writes down honestly what it did.

``python -m tests.chaos.server LOG --seed S --generation G [--port P --tls-port Q] [--mild]`` prints
its two ports: one without TLS, one that requires STARTTLS. Lines of the log, on the disk before the
client hears anything of it:

    took ID ADDRESS           it has the message (and will say so, or not)
    unanswered ID ADDRESS     the final dot came, or may have come, and no answer goes out
    no CODE ADDRESS           it refused, for good or for now
    broken EXCEPTION          this server has a mistake
    plain VERB                something was said in plain where TLS is required
"""

import argparse
import asyncio
import os
import re
import signal
import socket
import ssl
import struct
import sys
from pathlib import Path

from .tempers import USUAL, Act, Fate, Temper, fate, stream, temper

_CERTIFICATE = Path(__file__).parent.parent / "tls" / "relay.pem"
_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*<([^>]+)>")
_LATE = 0.15  # seconds
_USUAL = {
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 go on",
    "DOT": "250 2.0.0 Ok",
}
_DRIP = ("250-2.0.0 Ok\r\n25", "0-queued\r", "\n250 2.0.0 as 4711\r\n")


class Gone(Exception):
    """The conversation is over."""


class Server:
    """What all conversations share: the log, the seed, and how many there were."""

    def __init__(self, log: Path, seed: int, generation: int, mild: bool, delay: float) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self.seed, self.generation, self.mild, self.delay = seed, generation, mild, delay
        self.connections = 0
        self.in_text: dict[object, str] = {}  # conversations whose dot may be on its way
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(_CERTIFICATE)

    def note(self, *words: str) -> None:
        """A line of the log, on the disk."""
        os.write(self._log, (" ".join(words) + "\n").encode("ascii", "replace"))
        os.fdatasync(self._log)

    async def serve(self, port: int, tls_port: int) -> tuple[int, int]:
        """Listen; the two ports."""
        found = []
        for number, tls in ((port, False), (tls_port, True)):
            door = socket.create_server(("127.0.0.1", number))
            await asyncio.start_server(
                lambda r, w, tls=tls: _Conversation(self, r, w, tls).lead(), sock=door
            )
            found.append(int(door.getsockname()[1]))
        return found[0], found[1]

    def die(self) -> None:
        """At once, as a crash does; dots that are on their way get no answer."""
        for address in self.in_text.values():
            self.note("unanswered", "-", address)
        os._exit(0)


class _Conversation:
    def __init__(
        self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tls: bool
    ) -> None:
        server.connections += 1
        self.server, self.reader, self.writer = server, reader, writer
        self.wants_tls, self.encrypted = tls, False
        self.chance = stream(server.seed, server.generation, server.connections)
        self.temper = Temper() if server.mild else temper(self.chance)
        self.fate: Fate = USUAL
        self.heard = b""
        self.rcpt = ""

    async def lead(self) -> None:
        """The whole conversation."""
        try:
            await self.begin()
            while await self.one(await self.command()):
                pass
        except (Gone, OSError, asyncio.CancelledError):
            pass
        except Exception as mistake:  # ours: then nothing is proven
            self.server.note("broken", type(mistake).__name__)
        self.server.in_text.pop(self, None)
        self.writer.transport.abort()

    # -- hearing and saying -----------------------------------------------------------------

    async def hear(self) -> None:
        data = await self.reader.read(65_536)
        if not data:
            raise Gone
        self.heard += data

    async def command(self) -> str:
        while b"\r\n" not in self.heard:
            await self.hear()
        line, self.heard = self.heard.split(b"\r\n", 1)
        if not self.temper.groups:
            self.heard = b""  # "PIPELINING", it had said
        return line.decode("ascii", "replace")

    async def say(self, reply: str) -> None:
        self.writer.write(reply.encode() + b"\r\n")
        await self.writer.drain()

    def drop(self) -> None:
        """Reset the connection, as a crash or a firewall does."""
        sock = self.writer.get_extra_info("socket")
        if sock is None:  # behind TLS; the client was killed, or quicker
            raise Gone
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        raise Gone

    async def silence(self) -> None:
        while True:  # until the other end gives up
            await self.hear()

    # -- the beginning ----------------------------------------------------------------------

    async def begin(self) -> None:
        greeting = self.temper.greeting
        if greeting is Act.DROP:
            self.drop()
        if greeting is Act.SILENCE:
            await self.silence()
        await self.say(greeting)
        if not greeting.startswith("220"):
            raise Gone

    def capabilities(self) -> str:
        said = ["relay.example", "ENHANCEDSTATUSCODES"]
        if self.temper.pipelining:
            said.append("PIPELINING")
        if self.temper.size is not None:
            said.append(f"SIZE {self.temper.size}".strip())
        if self.wants_tls and not self.encrypted and self.temper.starttls != "stripped":
            said.append("STARTTLS")
        lines = [f"250-{each}" for each in said]
        lines[-1] = lines[-1].replace("250-", "250 ", 1)
        return "\r\n".join(lines)

    async def encrypt(self) -> None:
        how = self.temper.starttls
        if how == "refused":
            return await self.say("454 4.7.0 not now")
        if how == "injected":  # a reply that would be read as one to the EHLO behind TLS
            await self.say("220 go\r\n250 relay.example")
        else:
            await self.say("220 go")
        if how != "plain":
            await self.writer.start_tls(self.server.context)
            self.encrypted = True
        return None

    # -- commands ---------------------------------------------------------------------------

    async def one(self, line: str) -> bool:
        """One command; False at the end."""
        verb = line.split(" ", 1)[0].upper()
        if self.wants_tls and not self.encrypted and verb not in {"EHLO", "HELO", "STARTTLS"}:
            self.server.note("plain", verb) if verb not in {"QUIT", "RSET", "NOOP"} else None
        match verb:
            case "EHLO":
                await self.say(self.capabilities() if self.temper.ehlo else "502 5.5.1 what?")
            case "HELO" | "RSET" | "NOOP":
                await self.say("250 relay.example")
            case "STARTTLS":
                await self.encrypt()
            case "MAIL":
                self.fate = USUAL if self.server.mild else fate(self.chance)
                self.rcpt = ""
                await self.answer("MAIL")
            case "RCPT":
                address = line.split("<", 1)[1].split(">", 1)[0]
                if await self.answer("RCPT", address):
                    self.rcpt = address
            case "DATA":
                await self.data()
            case "QUIT":
                await self.say("221 2.0.0 bye")
                return False
            case _:
                await self.say("500 5.5.1 what?")
        return True

    async def answer(self, stage: str, address: str = "-") -> bool:
        """The usual answer to a stage, or what the message's fate says; whether it was a yes."""
        mine = self.fate if self.fate.stage == stage else USUAL
        if mine.act is Act.DROP:
            self.drop()
        if mine.act is Act.SILENCE:
            await self.silence()
        if mine.act is Act.EARLY:
            await self.say(f"{_USUAL[stage]}\r\n250 2.0.0 Ok")
            return True
        if mine.reply:
            self.server.note("no", mine.reply[:3], address)
            await self.say(mine.reply)
            if mine.then_drop:
                raise Gone
            return False
        await self.say(_USUAL[stage])
        return True

    async def data(self) -> None:
        if not self.rcpt:
            if not self.temper.wants_all:
                return await self.say("503 5.5.1 nobody to send to")
            await self.say("354 go on")
            await self.until(b".\r\n")
            return await self.say("554 5.5.1 nobody to send to")
        self.server.in_text[self] = self.rcpt
        if await self.answer("DATA", self.rcpt):
            if self.fate.stage == "TEXT":
                await self.break_off()
            text = await self.until(b"\r\n.\r\n")
            await self.dot(text)
        self.server.in_text.pop(self, None)
        return None

    async def until(self, end: bytes) -> bytes:
        seen = 0
        while (place := self.heard.find(end, max(0, seen - len(end)))) < 0:
            seen = len(self.heard)
            await self.hear()
        text, self.heard = self.heard[:place], self.heard[place + len(end) :]
        return text

    async def break_off(self) -> None:
        """In the middle of the text. Its dot may have left already, and is never read."""
        await self.hear()
        self.server.note("unanswered", "-", self.rcpt)
        if self.fate.reply:
            await self.say(self.fate.reply)
            raise Gone
        self.drop()

    async def dot(self, text: bytes) -> None:
        """The final dot has come: take the message or not, and say so or not."""
        await asyncio.sleep(self.server.delay)
        found = _MESSAGE_ID.search(text)
        key = found[1].decode("ascii", "replace") if found else "?"
        mine = self.fate if self.fate.stage in {"DOT", "AFTER"} else USUAL
        if mine.stage != "DOT" or mine.taken:
            self.server.note("took", key, self.rcpt)
        silent = mine.stage == "DOT" and mine.act in {Act.DROP, Act.SILENCE, Act.HALF, Act.GARBAGE}
        if silent or self.writer.transport.is_closing():
            self.server.note("unanswered", key, self.rcpt)
            self.server.in_text.pop(self, None)
        if mine.stage == "DOT":
            return await self.last_words(mine)
        await self.say(_USUAL["DOT"])
        if mine.act is Act.DROP:
            self.drop()
        if mine.reply:
            await self.say(mine.reply)
            raise Gone
        return None

    async def last_words(self, mine: Fate) -> None:
        usual = _USUAL["DOT"]
        match mine.act:
            case Act.DROP:
                self.drop()
            case Act.SILENCE:
                await self.silence()
            case Act.HALF:
                await self.say("250-2.0.0 to be continued")
                await self.silence()
            case Act.GARBAGE:
                await self.say("Ok, danke!")
            case Act.SLOW:
                await asyncio.sleep(_LATE)
                await self.say(usual)
            case Act.TWICE:
                await self.say(f"{usual}\r\n{usual}")
            case Act.DRIP:
                for piece in _DRIP:
                    self.writer.write(piece.encode())
                    await self.writer.drain()
                    await asyncio.sleep(0.01)
            case _:
                await self.answer("DOT", self.rcpt)


async def _main(server: Server, port: int, tls_port: int) -> None:
    ports = await server.serve(port, tls_port)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.die)
    print(*ports, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # dies with its parent
    os._exit(0)


def main() -> None:
    """Serve until killed, or until standard input ends."""
    asked = argparse.ArgumentParser()
    asked.add_argument("log", type=Path)
    asked.add_argument("--seed", type=int, required=True)
    asked.add_argument("--generation", type=int, default=0)
    asked.add_argument("--port", type=int, default=0)
    asked.add_argument("--tls-port", type=int, default=0)
    asked.add_argument("--mild", action="store_true", help="behave well")
    asked.add_argument("--delay", type=float, default=0.0, help="seconds per message")
    given = asked.parse_args()
    server = Server(given.log, given.seed, given.generation, given.mild, given.delay)
    asyncio.run(_main(server, given.port, given.tls_port))


if __name__ == "__main__":
    main()
