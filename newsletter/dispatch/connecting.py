"""A connection to a relay over which messages can go: greeted, encrypted, logged in.

Nothing is ever downgraded: STARTTLS or TLS if the relay's address says so, certificate and
host name verified, login only behind it (STANDARDS AU-14, RFC 3207, RFC 8314).
"""

import asyncio
import contextlib
import socket
import ssl
from typing import cast

import aiosmtplib

from newsletter.language import N_, _
from newsletter.settings import Relay, Sending

from .conversation import LOST, SILENT
from .replies import Stage, shown
from .trouble import Trouble

_LOGINS = ("plain", "login", "cram-md5")  # the first that is offered, once (SM-08)
LEAVE_SECONDS = 5.0  # all is settled by then; a relay that answers no QUIT is not waited for


async def connected(relay: Relay, sending: Sending, helo: str) -> aiosmtplib.SMTP:
    """A relay that has greeted us and knows who we are; Trouble if it does not come to that."""
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        local_hostname=helo,
        timeout=sending.timeout_seconds,
        use_tls=relay.tls == "implicit",
        start_tls=relay.tls == "starttls",
        tls_context=None if relay.tls == "none" else _tls(relay, sending.ca_file),
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
        raise Trouble(stage, relay, _said(exc), _code(exc)) from exc
    return client


def _tls(relay: Relay, ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as exc:
            why = f"{ca_file}: {exc.strerror or exc}"
            raise Trouble(Stage.TLS, relay, why) from exc
    return context


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
        raise aiosmtplib.SMTPException(_("keine Anmeldung angeboten, die wir kennen"))
    log_in = getattr(client, f"auth_{offered[0].replace('-', '')}")
    password = relay.password
    await log_in(relay.user, password.get_secret_value() if password else "")


async def _take_leave(client: aiosmtplib.SMTP) -> None:
    transport = client.transport
    if client.is_connected:
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=LEAVE_SECONDS)
    _hang_up(client, transport)


def _hang_up(client: aiosmtplib.SMTP, transport: asyncio.BaseTransport | None = None) -> None:
    """At once: a polite end of TLS would wait for the other side."""
    transport = transport or client.transport
    client.close()
    if transport is not None:
        cast("asyncio.WriteTransport", transport).abort()


def _about_tls(exc: BaseException) -> bool:
    return _of_tls(exc) is not None or "STARTTLS" in str(exc)


def _of_tls(exc: BaseException) -> ssl.SSLError | None:
    about = (exc, exc.__cause__, exc.__context__)
    return next((e for e in about if isinstance(e, ssl.SSLError)), None)


def _code(exc: BaseException) -> int | None:
    return exc.code if isinstance(exc, aiosmtplib.SMTPResponseException) else None


def _said(exc: BaseException) -> str:
    if isinstance(exc, aiosmtplib.SMTPResponseException):
        return shown(exc.code, exc.message)
    cause = exc.__cause__ or exc
    if (broken := _of_tls(exc)) is not None:
        return _untrusted(broken)
    if isinstance(exc, TimeoutError):
        known = SILENT
    elif isinstance(cause, ConnectionRefusedError):
        known = N_("dort lauscht kein Mailserver")
    elif isinstance(cause, socket.gaierror):
        known = N_("diesen Rechnernamen gibt es nicht")
    elif isinstance(cause, ConnectionError):
        known = LOST
    elif "STARTTLS extension not supported" in str(exc):
        known = N_("er bietet kein STARTTLS an")
    else:
        return shown(None, str(exc) or type(exc).__name__)
    return _(known)


def _untrusted(broken: ssl.SSLError) -> str:
    """What is wrong with the encryption, with OpenSSL's own words."""
    if isinstance(broken, ssl.SSLCertVerificationError):
        wrong = _("sein Zertifikat gilt hier nicht: „{original}“")
        return wrong.format(original=broken.verify_message)
    return _("sie kam nicht zustande: „{original}“").format(original=broken.reason or broken)
