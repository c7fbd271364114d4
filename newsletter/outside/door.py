"""The conversation with a page's server: resolve, look, connect, ask, read no more than is meant.

The seam is what ``Fetcher`` is made with: who resolves names and who opens connections. The
guard stands between the two and has no seam.
"""

import asyncio
import ssl
import threading
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from typing import Any

import h11

from newsletter.language import _
from newsletter.settings import Network

from . import guard, reach
from .errors import Gone, NotReached, Unreadable
from .guard import Target
from .reach import Reach

SECONDS = 10.0  # from the first question to the last byte, redirects included
LARGEST = 2_000_000  # bytes of a page, unpacked
_REDIRECTS = 3
_AT_ONCE = 4  # pages of one process
_WAIT_FOR_TURN = 5.0  # seconds
_TRIES, _ONE_TRY = 3, 3.0  # addresses of a host, seconds for each
_HEADERS = 32_000  # bytes
_PIECE = 65_536
_UNPACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's names for them

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Resolve = Callable[[str], Awaitable[list[str]]]
Dial = Callable[..., Awaitable[Streams]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came; ``unchanged``: it is the one that was asked about, and did not come."""

    url: str  # where it was in the end
    media_type: str = ""
    charset: str = ""
    body: bytes = b""
    etag: str = ""
    last_modified: str = ""
    unchanged: bool = False


async def resolved(host: str) -> list[str]:
    """The addresses of a host, by the system's name servers."""
    from dns.asyncresolver import Resolver  # late: 50 ms

    found = await Resolver().resolve_name(host, lifetime=SECONDS / 2, search=False)
    return list(found.addresses())


class Fetcher:
    """Reads pages for one home."""

    def __init__(
        self,
        network: Network,
        agent: str,
        resolve: Resolve = resolved,
        dial: Dial = asyncio.open_connection,
        seconds: float = SECONDS,
    ) -> None:
        self._network, self._agent, self._seconds = network, agent, seconds
        self._resolve, self._dial = resolve, dial
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def fetch(
        self, url: str, accepted: Collection[str], etag: str = "", last_modified: str = ""
    ) -> Fetched:
        """One page of an accepted media type; OutsideError says in words why there is none.

        With ``etag`` or ``last_modified`` it is asked whether it has changed since.
        """
        if not self._turns.acquire(timeout=_WAIT_FOR_TURN):
            raise NotReached(why=_("Gerade werden viele Seiten gelesen. Bitte gleich noch einmal."))
        try:
            return asyncio.run(self._read(url, accepted, (etag, last_modified)))
        finally:
            self._turns.release()

    def reach(self, urls: Collection[str], seconds: float = reach.ALTOGETHER) -> dict[str, Reach]:
        """Whether these pages are there; nothing is said of those that we do not open, or that
        took longer than all may take. It never raises.
        """
        return asyncio.run(reach.all_of(urls, self._status, seconds))

    async def _read(self, url: str, accepted: Collection[str], known: tuple[str, str]) -> Fetched:
        at = guard.target(url)
        try:
            async with asyncio.timeout(self._seconds):
                for __ in range(_REDIRECTS + 1):
                    answer = await self._asked(at, accepted, known)
                    if isinstance(answer, Fetched):
                        return answer
                    at = guard.target(answer, at.url)
        except TimeoutError as exc:
            said = _("„{host}“ hat nicht innerhalb von zehn Sekunden geantwortet.")
            raise NotReached(why=_again(said.format(host=at.host))) from exc
        said = _("„{host}“ leitet immer wieder weiter. Bitte die Adresse der Seite selbst angeben.")
        raise Unreadable(why=said.format(host=at.host))

    async def _asked(
        self, at: Target, accepted: Collection[str], known: tuple[str, str]
    ) -> Fetched | str:
        """The page, or where else it is said to be."""
        async with self._talking(at, accepted) as asking:
            return await asking.ask(self._headers(at, known))

    async def _status(self, at: Target, method: str) -> tuple[int, str]:
        """What its server says to this method, and where else the page is said to be."""
        async with self._talking(at, ()) as asking:
            status, said = await asking.answer(method, self._headers(at, ("", "")))
            return status, str(said["location"] or "")

    @asynccontextmanager
    async def _talking(self, at: Target, accepted: Collection[str]) -> AsyncIterator["_Asking"]:
        """A connection to ask over; what goes wrong on it says that the page was not reached."""
        try:
            reader, writer = await self._connected(at.host)
        except ssl.SSLCertVerificationError as exc:
            said = _("Das Zertifikat von „{host}“ gilt nicht; wir können die Seite nicht prüfen.")
            raise NotReached(why=said.format(host=at.host)) from exc
        except OSError as exc:
            raise _not_reached(at.host) from exc
        try:
            yield _Asking(at, accepted, reader, writer)
        except (h11.RemoteProtocolError, OSError) as exc:
            raise _not_reached(at.host) from exc
        finally:
            writer.transport.abort()

    def _headers(self, at: Target, known: tuple[str, str]) -> list[tuple[str, str]]:
        etag, last_modified = known
        said = [
            *(("Host", at.host), ("User-Agent", self._agent), ("Accept", "*/*")),
            *(("Accept-Encoding", "gzip"), ("Accept-Language", "de, en;q=0.5")),
            ("Connection", "close"),
        ]
        said += [("If-None-Match", etag)] if etag else []
        return said + ([("If-Modified-Since", last_modified)] if last_modified else [])

    async def _connected(self, host: str) -> Streams:
        """A connection to the very address that was looked at; the certificate names the host."""
        tls = self._authorities
        if self._network.allow or self._network.proxy:
            guard.require_allowed(host, self._network.allow)
        if self._network.proxy:
            return await self._through_proxy(host, tls)
        addresses = guard.require_public(host, await self._addresses(host))
        trouble: OSError = ConnectionError("no address")
        # IPv4 first: many houses have no way out by IPv6, and notice it late
        for address in sorted(addresses, key=lambda each: ":" in each)[:_TRIES]:
            try:
                async with asyncio.timeout(_ONE_TRY):
                    return await self._dial(address, guard.PORT, ssl=tls, server_hostname=host)
            except ssl.SSLError:
                raise
            except OSError as exc:  # TimeoutError is one
                trouble = exc
        raise trouble

    async def _addresses(self, host: str) -> list[str]:
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer

        try:
            found = await self._resolve(host)
        except (NXDOMAIN, NoAnswer) as exc:
            said = _("Eine Website „{host}“ ist nicht zu finden. Ist der Name richtig geschrieben?")
            raise NotReached(why=said.format(host=host)) from exc
        except DNSException as exc:
            raise _not_reached(host) from exc
        return found

    async def _through_proxy(self, host: str, tls: ssl.SSLContext) -> Streams:
        """A tunnel to the host; the proxy sees its name and nothing else."""
        reader, writer = await self._dial(self._network.proxy_host, self._network.proxy_port)
        try:
            place = f"{host}:{guard.PORT}"
            writer.write(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode("ascii"))
            head = await reader.readuntil(b"\r\n\r\n")
            if head.split(b" ", 2)[1:2] != [b"200"]:
                raise ConnectionError("the proxy says no")
            await writer.start_tls(tls, server_hostname=host)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as exc:
            writer.transport.abort()
            raise ConnectionError("no proxy") from exc
        except BaseException:
            writer.transport.abort()
            raise
        return reader, writer

    @cached_property
    def _authorities(self) -> ssl.SSLContext:
        """The system's authorities; of a house whose proxy opens TLS, its own as well."""
        tls = ssl.create_default_context()
        tls.set_alpn_protocols(["http/1.1"])
        if self._network.ca_file:
            tls.load_verify_locations(self._network.ca_file)
        return tls


class _Asking:
    """One question over one connection."""

    def __init__(
        self,
        at: Target,
        accepted: Collection[str],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.at, self.accepted = at, accepted
        self._reader, self._writer = reader, writer
        self._talk = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEADERS)

    async def ask(self, headers: list[tuple[str, str]]) -> Fetched | str:
        """The page, or the address to which we are sent."""
        return await self._judged(*await self.answer("GET", headers))

    async def answer(self, method: str, headers: list[tuple[str, str]]) -> tuple[int, Message]:
        """The status and the headers of what comes back."""
        for event in (
            h11.Request(method=method, target=self.at.path, headers=headers),
            h11.EndOfMessage(),
        ):
            self._writer.write(self._talk.send(event) or b"")
        await self._writer.drain()
        answer = await self._next()
        for __ in range(5):
            if not isinstance(answer, h11.InformationalResponse):
                break
            answer = await self._next()
        if not isinstance(answer, h11.Response):
            raise _not_reached(self.at.host)
        said = Message()
        for name, value in answer.headers:
            said[name.decode("ascii", "replace")] = _text(value)
        return answer.status_code, said

    async def _judged(self, status: int, said: Message) -> Fetched | str:
        if status == 304:
            return Fetched(self.at.url, unchanged=True)
        if status in {301, 302, 303, 307, 308} and said["location"]:
            return str(said["location"])
        if status in {404, 410}:
            words = _("Unter dieser Adresse gibt es auf „{host}“ keine Seite. Bitte prüfen.")
            raise Gone(why=words.format(host=self.at.host))
        if status != 200:
            words = _("„{host}“ gibt uns die Seite nicht ({status}). Bitte tippen oder kopieren.")
            raise Unreadable(why=words.format(host=self.at.host, status=status))
        kind = said.get_content_type() if said["content-type"] else ""
        if kind not in self.accepted:
            words = _("Unter dieser Adresse liegt keine Seite, die wir lesen („{kind}“).")
            raise Unreadable(why=words.format(kind=kind[:60] or "?"))
        return Fetched(
            self.at.url,
            kind,
            str(said.get_param("charset") or "")[:40],
            await self._body((said["content-encoding"] or "identity").strip().lower()),
            _to_be_sent_back(said["etag"], 300),
            _to_be_sent_back(said["last-modified"], 100),
        )

    async def _body(self, encoding: str) -> bytes:
        if encoding != "identity" and encoding not in _UNPACKED:
            raise Unreadable(why=_("Die Seite ist auf eine Weise gepackt, die wir nicht kennen."))
        unpack = zlib.decompressobj(_UNPACKED[encoding]) if encoding in _UNPACKED else None
        body = bytearray()
        came = 0
        while not isinstance(event := await self._next(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise _not_reached(self.at.host)
            came += len(event.data)
            try:
                body += unpack.decompress(event.data, LARGEST + 1) if unpack else event.data
            except zlib.error as exc:
                raise Unreadable(why=_("Die Seite ist beschädigt.")) from exc
            if max(came, len(body)) > LARGEST:
                said = _("Die Seite ist größer als {most} MB; so viel lesen wir nicht.")
                raise Unreadable(why=said.format(most=LARGEST // 1_000_000))
        if unpack and not unpack.eof:  # its end is marked, where the length need not be said
            said = _("Die Seite von „{host}“ kam nicht vollständig an.")
            raise NotReached(why=_again(said.format(host=self.at.host)))
        return bytes(body)

    async def _next(self) -> Any:
        while (event := self._talk.next_event()) is h11.NEED_DATA:
            self._talk.receive_data(await self._reader.read(_PIECE))
        return event


def _text(value: bytes) -> str:
    """What a header says; some servers write addresses in it as they are, in UTF-8."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _to_be_sent_back(value: str | None, most: int) -> str:
    """What a server calls this state of the page, if it can be said to it again."""
    known = value or ""
    return known if known.isascii() and known.isprintable() and len(known) <= most else ""


def _not_reached(host: str) -> NotReached:
    said = _("„{host}“ ist von hier aus gerade nicht zu erreichen.")
    return NotReached(why=_again(said.format(host=host)))


def _again(said: str) -> str:
    more = _("Das sagt nichts über die Seite; bitte später noch einmal, oder tippen Sie.")
    return f"{said} {more}"
