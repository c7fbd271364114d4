"""newsletter.toml and the environment, read once, frozen; every mistake with file and line.

The environment wins over the file: NEWSLETTER_DATABASE_URL, NEWSLETTER_BASE_URL,
NEWSLETTER_RELAY, NEWSLETTER_EDITOR.
"""

import base64
import hmac
import os
import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, ValidationError, field_validator

from newsletter.almanac import Almanac
from newsletter.content import Audience, Callout, Masthead
from newsletter.errors import BadConfiguration, WrongUsage
from newsletter.language import _
from newsletter.links import Links

from .agreement import disagreements
from .closing import CalloutSettings, LogoSettings
from .complaints import complaints, not_toml
from .free_days import FreeDays
from .newsletters import Filling, NewsletterSettings, Order, SectionSettings, Special
from .parts import (
    LOOPBACK,
    About,
    ApprovalRule,
    Approver,
    Checking,
    CutOff,
    DeskSettings,
    Digest,
    Editor,
    Intake,
    Mailbox,
    Network,
    Part,
    Provider,
    Relay,
    Reminders,
    Rhythm,
    Sending,
    TextModule,
)
from .site import Gap, SiteSettings, Statement

__all__ = [
    "About",
    "ApprovalRule",
    "Approver",
    "CalloutSettings",
    "CutOff",
    "DeskSettings",
    "Digest",
    "Editor",
    "Filling",
    "FreeDays",
    "Gap",
    "Intake",
    "LogoSettings",
    "Network",
    "NewsletterSettings",
    "Order",
    "Provider",
    "Relay",
    "Reminders",
    "Rhythm",
    "SectionSettings",
    "Sending",
    "Settings",
    "SiteSettings",
    "Special",
    "Statement",
    "TextModule",
    "load",
    "read_secret",
]

FILE = "newsletter.toml"
DATABASE_FILE = "newsletter.sqlite"
SECRET_FILE = "secret"  # noqa: S105  (a file name)
_KEY_BYTES = 24  # of an address that must not be guessed


class Settings(Part):
    """Everything that is configured; secrets are not in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    home: Path
    language: Literal["de", "en"] = "de"
    timezone: str = "Europe/Berlin"
    base_url: str = "http://127.0.0.1:8000"
    privacy_url: str = ""  # "": our own page, see privacy_address
    accessibility_url: str = ""
    database_url: str
    acting_editor: str | None = None  # NEWSLETTER_EDITOR
    test_addresses: tuple[Mailbox, ...] = ()
    relays: tuple[Relay, ...] = Field(min_length=1)
    sending: Sending = Sending()
    newsletters: dict[str, NewsletterSettings] = Field(min_length=1)
    editors: tuple[Editor, ...] = Field(min_length=1)
    approvers: tuple[Approver, ...] = ()
    approval: ApprovalRule = ApprovalRule()
    digest: Digest = Digest()
    intake: Intake = Intake()
    network: Network = Network()
    checks: Checking = Checking()
    holidays: FreeDays = FreeDays()
    desk: DeskSettings = DeskSettings()
    site: SiteSettings = SiteSettings()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as exc:
            why = _("die Zeitzone „{zone}“ gibt es nicht (Form: Europe/Berlin)")
            raise ValueError(why.format(zone=value)) from exc
        return value

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(_("erwartet eine Adresse wie https://newsletter.host.example"))
        if parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError(_("hier stehen nur Schema, Host und Pfad"))
        if parts.scheme == "http" and not LOOPBACK.fullmatch(parts.hostname):
            raise ValueError(_("http:// geht nur auf diesem Rechner; nach außen https://"))
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _said_somewhere(cls, value: str) -> str:
        if not value:
            raise ValueError(
                _(
                    "die Datenbank dieses Ordners liegt anderswo; ihre Adresse gehört in die"
                    " Umgebungsvariable NEWSLETTER_DATABASE_URL"
                )
            )
        return value

    @field_validator("newsletters")
    @classmethod
    def _speaking_slugs(cls, value: dict[str, NewsletterSettings]) -> dict[str, NewsletterSettings]:
        for slug in value:
            if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", slug):
                why = _("„{slug}“: nur kleine Buchstaben, Ziffern und Bindestriche")
                raise ValueError(why.format(slug=slug))
        return value

    @field_validator("editors")
    @classmethod
    def _one_of_each(cls, value: tuple[Editor, ...]) -> tuple[Editor, ...]:
        names = [editor.name.casefold() for editor in value]
        if len(set(names)) < len(names):
            raise ValueError(_("zwei Personen der Redaktion haben denselben Namen"))
        return value

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone people's clocks show."""
        return ZoneInfo(self.timezone)

    @cached_property
    def almanac(self) -> Almanac:
        """The clocks and free days that rhythms and deadlines go by."""
        return self.holidays.almanac(self.zone)

    @cached_property
    def links(self) -> Links:
        return Links(self.base_url)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """The signing keys, oldest first; the newest signs, all verify."""
        return read_secret(self.home / SECRET_FILE)

    @property
    def hash_key(self) -> str:
        """The key of keyed hashes: the oldest, so that rotation keeps matches (LA-13)."""
        return self.secrets[0]

    def calendar_key(self, slug: str) -> str:
        """What opens the calendar of a members' newsletter; "" if there is none.

        Unguessable, the same for all readers, and another one once ``members_calendar`` of
        the newsletter is raised: that revokes it.
        """
        it = self.newsletters[slug]
        if it.audience is not Audience.MEMBERS or not it.members_calendar or not it.shows_dates:
            return ""
        seed = f"newsletter.members-calendar.v1\0{slug}\0{it.members_calendar}"
        made = hmac.digest(self.hash_key.encode(), seed.encode(), "sha256")
        return base64.urlsafe_b64encode(made[:_KEY_BYTES]).decode().rstrip("=")

    @property
    def media(self) -> Path:
        return self.home / "media"

    def newsletter(self, slug: str, number: str = "") -> NewsletterSettings:
        """The newsletter with this slug, as it is for the issue with this number.

        WrongUsage names the known ones.
        """
        if slug not in self.newsletters:
            known = ", ".join(self.newsletters)
            why = _("Den Newsletter „{slug}“ gibt es nicht. Bekannt: {known}.")
            raise WrongUsage(why=why.format(slug=slug, known=known))
        return self.newsletters[slug].of(number)

    @property
    def privacy_address(self) -> str:
        """Where the privacy page stands: elsewhere, or with us."""
        return self.privacy_url or self.links.privacy()

    @property
    def accessibility_address(self) -> str:
        """Where the accessibility statement stands: elsewhere, or with us."""
        return self.accessibility_url or self.links.accessibility()

    @property
    def agent(self) -> str:
        """How we call ourselves to other people's servers, and where we are to be found."""
        return f"cluster-newsletter (+{self.base_url})"

    def masthead(self, slug: str, number: str = "") -> Masthead:
        """What an issue shows of its newsletter."""
        it = self.newsletter(slug, number)
        return Masthead(
            slug=slug,
            name=it.name,
            audience=it.audience,
            template=it.template,
            sender_name=it.sender_name,
            sender_address=it.sender_address,
            reply_to=it.reply_to or it.sender_address,
            list_id=it.list_id,
            imprint=it.imprint.plain(),
            privacy_url=self.privacy_address,
            accessibility_url=self.accessibility_address,
            home_url=self.base_url,
            description=it.description,
            typography=it.typography,
            callout=self._callout(it),
        )

    def _callout(self, it: NewsletterSettings) -> Callout | None:
        said = it.callout
        url = said.link or self.links.submit()
        return Callout(said.title, said.text, said.button, url) if it.calls_out else None


def read_secret(path: Path) -> tuple[str, ...]:
    """The keys in a secret file, one per line. Refuses short keys and readable files (WB-43)."""
    if not path.is_file():
        why = _(
            "{path}: das Geheimnis fehlt. Bitte aus der Sicherung zurückholen:"
            " mit einem neuen gälten die Abmeldelinks in verschickten Mails nicht mehr."
        )
        raise WrongUsage(why=why.format(path=path))
    if os.name == "posix" and path.stat().st_mode & 0o077:
        why = _("{path} ist für andere lesbar. Bitte: chmod 600 {path}")
        raise WrongUsage(why=why.format(path=path))
    keys = tuple(path.read_text(encoding="ascii").split())
    if not keys or any(len(key) < 43 for key in keys):
        why = _("{path}: ein Schlüssel ist zu kurz (nötig sind 256 zufällige Bits).")
        raise WrongUsage(why=why.format(path=path))
    return keys


_OVERRIDES = {
    "NEWSLETTER_DATABASE_URL": "database_url",
    "NEWSLETTER_BASE_URL": "base_url",
    "NEWSLETTER_EDITOR": "acting_editor",
    "NEWSLETTER_RELAY": "relays",
}


def _text_of(path: Path) -> str:
    """The file's text; some editors begin it with a mark, or write another encoding."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = raw[: exc.start].count(b"\n") + 1
        why = _(
            "{path}, Zeile {line}: die Datei ist nicht in UTF-8 gespeichert; bitte so speichern."
        )
        raise BadConfiguration(complaints=why.format(path=path, line=line)) from exc


def load(home: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read a home's configuration. BadConfiguration names file, line and cure."""
    home = home.resolve()
    path = home / FILE
    if not path.is_file():
        why = _(
            "In {home} liegt keine {file}. „newsletter init“ richtet einen Ordner ein;"
            " --home ORDNER wählt einen anderen."
        )
        raise WrongUsage(why=why.format(home=home, file=FILE))
    text = _text_of(path)
    try:
        facts = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise BadConfiguration(complaints=not_toml(path, text, exc)) from exc
    overridden: dict[str, Any] = {
        field: environment[name] for name, field in _OVERRIDES.items() if environment.get(name)
    }
    if "relays" in overridden:
        overridden["relays"] = ({"name": "NEWSLETTER_RELAY", "url": overridden["relays"]},)
    defaults = {"database_url": f"sqlite:///{home / DATABASE_FILE}"}
    variables = {field: name for name, field in _OVERRIDES.items() if field in overridden}
    try:
        made = Settings(home=home, **(defaults | facts | overridden))
    except ValidationError as exc:
        lines = complaints(path, text, exc.errors(), variables)
        raise BadConfiguration(complaints=lines) from exc
    if wrong := disagreements(made.relays, tuple(made.newsletters), made.sending):
        raise BadConfiguration(complaints=complaints(path, text, wrong, variables))
    return made
