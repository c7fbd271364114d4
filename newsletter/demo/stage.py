"""The stage of the story: a home of its own, the mail server, the site and the inbox."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from newsletter import database, home_folder
from newsletter.history import Act, Actor, acting
from newsletter.language import spoken
from newsletter.settings import FILE, Settings, load
from newsletter.web.app import create_app

from . import inbox, mail_server, site

REDAKTION = Actor("redaktion")
FREIGABE = Actor("freigabe")


@dataclass(frozen=True)
class Stage:
    """What stands while the story is told."""

    settings: Settings
    engine: Engine
    mailbox: mail_server.Mailbox
    site: str  # base address of the web application
    inbox: str

    def act(self, who: Actor) -> AbstractContextManager[Act]:
        """One committed act of somebody."""
        return acting(self.engine, self.settings, who)

    def issue_mails(self) -> list[mail_server.Mail]:
        """The mails that are no letters to one person."""
        return [mail for mail in self.mailbox.mails if mail.list_id]

    def mail_page(self, mail: mail_server.Mail) -> str:
        """Where the inbox shows a mail."""
        return f"{self.inbox}/mail/{mail.number}"


@contextmanager
def built(keep: Path | None) -> Iterator[Stage]:
    """Build the stage; strike it at the end, and the home too unless it is to be kept.

    No NEWSLETTER_ variable is heard: nothing here may touch a real home or relay.
    """
    with ExitStack() as props:
        home = keep or Path(props.enter_context(tempfile.TemporaryDirectory(prefix="newsletter-")))
        home_folder.make(home, {})
        mailbox = mail_server.Mailbox()
        relay = f"smtp://127.0.0.1:{props.enter_context(mail_server.listening(mailbox))}"
        port, inbox_port = (props.enter_context(site.reserved()) for __ in range(2))
        address = site.address_of(port)
        settings = _configured(home, address, relay)
        engine = database.connect(settings.database_url)
        props.callback(engine.dispose)
        props.enter_context(site.serving(create_app(settings, engine), port))
        names = {it.list_id: it.name for it in settings.newsletters.values()}
        shown = inbox.create_app(mailbox, address, settings.zone, names)
        props.enter_context(site.serving(shown, inbox_port))
        yield Stage(settings, engine, mailbox, address, site.address_of(inbox_port))


def _configured(home: Path, base_url: str, relay: str) -> Settings:
    """Write the addresses and the language into the home: other commands find them there too."""
    path = home / FILE
    text = path.read_text(encoding="utf-8")
    text = re.sub(r'(?m)^language = "[^"]*"', f'language = "{spoken()}"', text, count=1)
    text = re.sub(r'(?m)^base_url = "[^"]*"', f'base_url = "{base_url}"', text)
    text = re.sub(r'(?m)^url = "[^"]*"', f'url = "{relay}"', text)
    path.write_text(text, encoding="utf-8")
    return load(home, {})
