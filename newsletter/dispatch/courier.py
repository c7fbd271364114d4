"""One message to one relay: a Receipt, or Deferred, Refused, Unknown; Trouble if it is about us.

The connection is aiosmtplib's (TLS, AUTH, the commands), and so is the dot-stuffing. The text
itself is written here, because all depends on one question its own ``data`` cannot answer:
had the final dot been handed over when the connection broke? Before it, the message is
deferred; after it, unknown.

Nothing is ever downgraded: STARTTLS or TLS if the relay's address says so, certificate and
host name verified, login only behind it (STANDARDS AU-14, RFC 3207, RFC 8314).
"""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from typing import ClassVar

import aiosmtplib
from aiosmtplib.protocol import PERIOD_REGEX, normalize_message_line_endings

from newsletter.errors import OutsideTrouble
from newsletter.letters import domain_of
from newsletter.settings import Relay, Settings

from .message import Message
from .replies import Deferred, Outcome, Receipt, Refused, Stage, Unknown, Verdict, shown, verdict

__all__ = ["Courier", "Deferred", "Outcome", "Receipt", "Refused", "Trouble", "Unknown"]

_BLOCK = 65_536  # octets written before we wait for the network
# Parts of timeout_seconds; at its 300 they are those of RFC 5321 §4.5.3.2. A short wait
# behind the final dot would make duplicates.
_DATA, _TEXT, _DOT = 0.4, 0.6, 2.0
_LOGINS = ("plain", "login", "cram-md5")  # the first that is offered, once (SM-08)

_WORDS = {
    Stage.CONNECT: "beim Verbinden. Läuft er, und stimmt seine Adresse unter [[relays]]?",
    Stage.TLS: "bei der Verschlüsselung; ohne sie geht nichts hinaus. Stimmen Name und"
    " Zertifikat? Eine eigene Zertifizierungsstelle steht unter [sending] als ca_file",
    Stage.EHLO: "bei der Begrüßung. Unser Name steht unter [sending] als helo",
    Stage.AUTH: "bei der Anmeldung. Stimmen Benutzername und Kennwort unter [[relays]]?",
    Stage.MAIL: "beim Absender. Darf diese Adresse dort senden?",
    Stage.RCPT: "beim Empfänger, aber es liegt an uns oder an ihm, nicht an der Adresse",
    Stage.DATA: "bei der Nachricht",
    Stage.DOT: "nach der Nachricht, und es liegt an uns oder an ihm, nicht an der Adresse",
}


class Trouble(OutsideTrouble):
    """The relay is away, or does not want us. No reader is to blame, nobody is refused."""

    sentence: ClassVar[str] = "Der Mailserver {relay} nimmt gerade nichts an: {words} ({why})"

    def __init__(self, stage: Stage, relay: str, why: str) -> None:
        self.stage = stage
        self.relay = relay
        self.why = why
        super().__init__(relay=relay, words=_WORDS[stage], why=" ".join(why.split()))


class _Lost(Exception):
    """The connection is gone, or its other end has fallen silent."""


class Courier:
    """Carries one message at a time over a connection that it keeps."""

    def __init__(self, settings: Settings) -> None:
        self._relays: Sequence[Relay] = settings.relays
        self._sending = settings.sending
        self._helo = settings.sending.helo or domain_of(settings, None)
        self._client: aiosmtplib.SMTP | None = None
        self._relay = self._relays[0]
        self._carried = 0
        self._stage = Stage.CONNECT

    async def ready(self) -> None:
        """Have a connection over which a message can go; Trouble if no relay gives one."""
        await asyncio.sleep(0)  # let the loop see that the other end has hung up
        if self._client is not None and self._client.is_connected:
            if self._carried < self._sending.messages_per_connection:
                return
            await self.close()
        await self._connect()

    async def carry(self, message: Message) -> Outcome:
        """Hand one message over. Trouble means that nothing of it was handed over."""
        await self.ready()
        fresh = self._carried == 0
        try:
            return await self._carried_by(self._present(), message)
        except _Lost as lost:
            if self._stage is Stage.MAIL and not fresh:
                # Servers hang up between messages without a word (SM-12).
                return await self._once_more(message)
            return self._given_up(str(lost))

    async def close(self) -> None:
        """Take leave of the relay."""
        client, self._client = self._client, None
        if client is not None:
            await _take_leave(client)

    # -- the connection ---------------------------------------------------------------------

    async def _connect(self) -> None:
        """The first relay that takes us; the first one's Trouble if none does."""
        troubles: list[Trouble] = []
        for relay in self._relays:
            try:
                self._client = await self._greeted(relay)
            except Trouble as trouble:
                troubles.append(trouble)
            else:
                self._relay, self._carried = relay, 0
                return
        raise troubles[0]

    async def _greeted(self, relay: Relay) -> aiosmtplib.SMTP:
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            local_hostname=self._helo,
            timeout=self._sending.timeout_seconds,
            use_tls=relay.tls == "implicit",
            start_tls=relay.tls == "starttls",
            tls_context=None if relay.tls == "none" else self._tls(relay),
        )
        stage = Stage.CONNECT
        try:
            await client.connect()
            stage = Stage.EHLO
            await _greet(client)
            stage = Stage.AUTH
            await _log_in(client, relay)
        except (aiosmtplib.SMTPException, OSError, ValueError) as exc:
            await _take_leave(client)
            stage = Stage.TLS if stage is Stage.CONNECT and _about_tls(exc) else stage
            raise Trouble(stage, _name(relay), _said(exc)) from exc
        return client

    def _tls(self, relay: Relay) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self._sending.ca_file:
            try:
                context.load_verify_locations(cafile=self._sending.ca_file)
            except OSError as exc:
                why = f"{self._sending.ca_file}: {exc.strerror or exc}"
                raise Trouble(Stage.TLS, _name(relay), why) from exc
        return context

    def _present(self) -> aiosmtplib.SMTP:
        if self._client is None:
            raise _Lost("die Verbindung ist abgebrochen")
        return self._client

    # -- one message ------------------------------------------------------------------------

    async def _once_more(self, message: Message) -> Outcome:
        """Over a new connection; what is lost this time is not tried again."""
        await self._connect()
        try:
            return await self._carried_by(self._present(), message)
        except _Lost as lost:
            return self._given_up(str(lost))

    async def _carried_by(self, client: aiosmtplib.SMTP, message: Message) -> Outcome:
        self._stage = Stage.MAIL
        try:
            reply = await self._talk(client, message)
        except aiosmtplib.SMTPResponseException as exc:
            return await self._understood(client, exc.code, exc.message)
        except (aiosmtplib.SMTPException, OSError) as exc:
            _hang_up(client)
            raise _Lost(_said(exc)) from exc
        self._carried += 1
        return Receipt(reply, self._relay.name)

    async def _talk(self, client: aiosmtplib.SMTP, message: Message) -> str:
        """The whole conversation; ``_stage`` says how far it has come."""
        await client.mail(message.envelope_from, options=self._size(client, len(message.data)))
        self._stage = Stage.RCPT
        await client.rcpt(message.rcpt)
        self._stage = Stage.DATA
        text = PERIOD_REGEX.sub(b"..", normalize_message_line_endings(message.data))
        wait = self._sending.timeout_seconds
        begin = await client.execute_command(b"DATA", timeout=wait * _DATA)
        if begin.code != 354:
            raise aiosmtplib.SMTPDataError(begin.code, begin.message)
        end = await self._hand_over(client, text, wait)
        if not 200 <= end.code < 300:
            raise aiosmtplib.SMTPDataError(end.code, end.message)
        return shown(end.code, end.message)

    def _size(self, client: aiosmtplib.SMTP, octets: int) -> list[str]:
        """The SIZE parameter, where it is offered; Trouble if the relay takes no such size."""
        if not client.supports_extension("size"):
            return []
        most = client.esmtp_extensions["size"].strip()
        if most.isdigit() and 0 < int(most) < octets:  # 0: no fixed limit (RFC 1870 §3)
            why = f"er nimmt höchstens {most} Byte, die Nachricht hat {octets}"
            raise Trouble(Stage.DATA, _name(self._relay), why)
        return [f"SIZE={octets}"]

    async def _hand_over(
        self, client: aiosmtplib.SMTP, text: bytes, wait: float
    ) -> aiosmtplib.SMTPResponse:
        """Text, and only when all of it has left us, the final dot (RFC 5321 §4.5.2)."""
        protocol = client.protocol
        if protocol is None or not isinstance(protocol.transport, asyncio.WriteTransport):
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        # drained now means: nothing is left in our own memory
        protocol.transport.set_write_buffer_limits(high=0)
        for start in range(0, len(text), _BLOCK):
            protocol.write(text[start : start + _BLOCK])
            await asyncio.wait_for(protocol._drain_helper(), wait * _TEXT)
        protocol.write(b".\r\n")  # raises, with nothing written, if the connection is gone
        self._stage = Stage.DOT
        return await protocol.read_response(timeout=wait * _DOT)

    async def _understood(self, client: aiosmtplib.SMTP, code: int, text: str) -> Outcome:
        stage, relay = self._stage, self._relay.name
        said = shown(code, text)
        if code < 200 or 300 <= code < 400:  # no answer that RFC 5321 knows here
            _hang_up(client)
            raise _Lost(f"unverständliche Antwort: {said}")
        if code == 421 and stage is Stage.MAIL and self._carried:
            _hang_up(client)
            raise _Lost(said)
        await self._reset(client)
        means = verdict(stage, code, text)
        if means is Verdict.STOP:
            raise Trouble(stage, _name(self._relay), said)
        if means is Verdict.DEFER:
            return Deferred(stage, said, relay, code)
        return Refused(stage, said, relay, code, means is Verdict.REFUSE_CONTENT)

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        """After a no, begin anew (RSET); a relay that cannot even do that is left."""
        self._carried += 1
        try:
            await client.rset(timeout=self._sending.timeout_seconds)
        except (aiosmtplib.SMTPException, OSError):
            _hang_up(client)

    def _given_up(self, why: str) -> Outcome:
        stage, relay = self._stage, self._relay.name
        if stage is Stage.MAIL:
            raise Trouble(stage, _name(self._relay), why)
        why = shown(None, why)
        return Unknown(stage, why, relay) if stage is Stage.DOT else Deferred(stage, why, relay)


async def _greet(client: aiosmtplib.SMTP) -> None:
    """EHLO (again, if TLS has begun since); HELO for a server of the old kind."""
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        await client.helo()


async def _log_in(client: aiosmtplib.SMTP, relay: Relay) -> None:
    if relay.user is None:
        return
    offered = [name for name in _LOGINS if name in client.server_auth_methods]
    if not offered:
        raise aiosmtplib.SMTPException("keine Anmeldung angeboten, die wir kennen")
    log_in = getattr(client, f"auth_{offered[0].replace('-', '')}")
    password = relay.password
    await log_in(relay.user, password.get_secret_value() if password else "")


_LEAVE_SECONDS = 5.0  # all is settled by then; a relay that answers no QUIT is not waited for


async def _take_leave(client: aiosmtplib.SMTP) -> None:
    transport = client.transport
    if client.is_connected:
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=_LEAVE_SECONDS)
    _hang_up(client, transport)


def _hang_up(client: aiosmtplib.SMTP, transport: asyncio.BaseTransport | None = None) -> None:
    """At once: a polite end of TLS would wait for the other side."""
    transport = transport or client.transport
    client.close()
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def _about_tls(exc: BaseException) -> bool:
    about = (exc, exc.__cause__, exc.__context__)
    return any(isinstance(e, ssl.SSLError) for e in about) or "STARTTLS" in str(exc)


def _name(relay: Relay) -> str:
    """As people know it; the address may hold a password, so it is never shown."""
    return f"„{relay.name}“ ({relay.host}:{relay.port})"


def _said(exc: BaseException) -> str:
    if isinstance(exc, aiosmtplib.SMTPResponseException):
        return shown(exc.code, exc.message)
    return shown(None, str(exc) or type(exc).__name__)
