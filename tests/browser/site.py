"""A served application with a home, a mail server and people, as a browser finds it."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import Engine, select
from sqlmodel import SQLModel, col

from newsletter import clusters, database, issues, readers, schedule
from newsletter.demo.site import address_of, reserved, serving
from newsletter.history import Act, Actor, acting
from newsletter.settings import Settings, load
from newsletter.web.app import create_app
from subscribers.models import Subscriber, Subscription
from tests.conftest import ADA, Clock
from tests.desk_situations import Desk
from tests.smtp_server import Recording

PUBLIC = "clusterplattform"
CONTACT = "presse@lichtwerk.example"


@dataclass
class Site:
    """Everything behind the pages; ``form`` is the path of a contributor's personal link."""

    settings: Settings
    engine: Engine
    clock: Clock
    inbox: Recording
    form: str = ""

    @property
    def address(self) -> str:
        return self.settings.base_url

    def act(self, who: Actor = ADA) -> AbstractContextManager[Act]:
        return acting(self.engine, self.settings, who, clock=self.clock, durable=False)

    @property
    def desk(self) -> Desk:
        return Desk(self.act, self.clock)

    def dispatch(self) -> None:
        """Send what is due. In a thread of its own: a loop of Playwright's runs in this one."""
        with ThreadPoolExecutor(1) as thread:
            sending = thread.submit(
                schedule.send_what_is_due, self.engine, self.settings, clock=self.clock
            )
            assert sending.result(30).trouble is None

    def mail_to(self, address: str) -> EmailMessage:
        """The last mail that this person got."""
        return self.mails_to(address)[-1]

    def mails_to(self, address: str) -> list[EmailMessage]:
        """Every mail that this person got, the oldest first."""
        raw = [each.data for each in self.inbox.messages if each.rcpt == address]
        return [message_from_bytes(each, policy=policy.default) for each in raw]

    def links_in(self, mail: EmailMessage) -> list[str]:
        """Each address of ours in a mail, in its headers, its text and its HTML."""
        texts = [str(mail["List-Unsubscribe"] or ""), html_of(mail), plain_of(mail)]
        found = re.findall(re.escape(self.address) + r"[^\s\"'<>)]*", " ".join(texts))
        return list(dict.fromkeys(found))

    def link_to(self, mail: EmailMessage, page: str) -> str:
        """The one link of a mail that leads to this page."""
        (link,) = [it for it in self.links_in(mail) if it.startswith(f"{self.address}/{page}/")]
        return link

    def add_reader(self, email: str) -> None:
        with self.act() as act:
            readers.add(act, PUBLIC, email, "Liste vom 5. Januar 2026")

    def state_of(self, email: str) -> str | None:
        """How a person's subscription to the public newsletter stands."""
        with database.reading(self.engine) as session:
            state = session.scalars(
                select(col(Subscription.state))
                .join(Subscriber, col(Subscriber.id) == col(Subscription.subscriber_id))
                .where(col(Subscriber.email) == email, col(Subscription.newsletter) == PUBLIC)
            ).one_or_none()
        return state.value if state else None

    def send_issue(self) -> None:
        """One issue, from a cluster's hand to its readers."""
        self.desk.accepted()
        key = self.desk.approved()
        self.desk.do(issues.schedule, key, self.clock())
        self.dispatch()

    def everything_stored(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table."""
        with self.engine.connect() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(table.select())]
                for table in SQLModel.metadata.sorted_tables
            }


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    return str(part.get_content()) if part else ""


def plain_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


@contextmanager
def opened(home: Path) -> Iterator[Site]:
    """A site of one's own: this home, a mail server, the application on loopback."""
    with reserved() as listener, Recording() as inbox:
        environment = {
            "NEWSLETTER_BASE_URL": address_of(listener),
            "NEWSLETTER_RELAY": inbox.url,
        }
        settings = load(home, environment)
        engine = database.connect(settings.database_url)
        site = Site(settings, engine, Clock(), inbox)
        site.desk.cluster()
        with site.act() as act:
            form = clusters.link(act, "lichtwerk", CONTACT)
        with serving(create_app(settings, engine, site.clock), listener):
            yield replace(site, form=form.removeprefix(site.address))
        engine.dispose()
