"""A real SMTP server on loopback that keeps every mail it is handed."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import cached_property
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from newsletter.errors import Refused
from newsletter.language import N_

_OURS = re.compile(r"\d{4}-(issue|letter)\.eml")


class ForeignMails(Refused):
    """Mails that we did not write must not be counted as ours, nor removed."""

    sentence = N_("In {folder} liegen fremde .eml-Dateien. Bitte einen anderen Ordner nennen.")


@dataclass(frozen=True)
class Mail:
    """One mail as it came over the wire."""

    number: int  # from 1, in the order of arrival
    arrived: datetime
    recipient: str  # of the envelope
    data: bytes

    @cached_property
    def message(self) -> EmailMessage:
        return BytesParser(policy=policy.default).parsebytes(self.data)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def list_id(self) -> str | None:
        """Without the angle brackets; None for a letter to one person."""
        header = self.message["List-Id"]
        return str(header).rpartition("<")[2].rstrip(">") if header else None

    def part(self, subtype: str) -> str:
        """The text of its "plain" or "html" part, empty if there is none."""
        body = self.message.get_body((subtype,))
        return str(body.get_content()) if body else ""

    @property
    def file_name(self) -> str:
        return f"{self.number:04}-{'issue' if self.list_id else 'letter'}.eml"


class Mailbox:
    """What the server has been handed, in order. Safe to read from another thread."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        data = envelope.content
        if not isinstance(data, bytes):
            return "554 5.6.0 message could not be read"
        for recipient in envelope.rcpt_tos:
            self.mails.append(Mail(len(self.mails) + 1, datetime.now(UTC), recipient, data))
        return "250 2.0.0 kept"

    def write_to(self, folder: Path) -> None:
        """Write every mail as ``.eml``, in place of those of an earlier run. ForeignMails."""
        make_room(folder)
        for mail in self.mails:
            (folder / mail.file_name).write_bytes(mail.data)


def make_room(folder: Path) -> None:
    """Make ``folder``, remove an earlier run's mails. ForeignMails if others lie there."""
    folder.mkdir(parents=True, exist_ok=True)
    there = list(folder.glob("*.eml"))
    if any(not _OURS.fullmatch(path.name) for path in there):
        raise ForeignMails(folder=folder)
    for path in there:
        path.unlink()


@contextmanager
def listening(mailbox: Mailbox) -> Iterator[int]:
    """Serve SMTP on a free loopback port, which is given, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    loop = asyncio.new_event_loop()

    async def serve() -> asyncio.Server:
        return await loop.create_server(
            lambda: SMTP(mailbox, hostname="posteingang.example", ident="newsletter demo"),
            sock=listener,
        )

    server = loop.run_until_complete(serve())
    thread = threading.Thread(target=loop.run_forever, name="demo-smtp", daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
        loop.close()
