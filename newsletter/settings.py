"""newsletter.toml and the environment, read once, frozen; every mistake with file and line.

The environment wins over the file: NEWSLETTER_DATABASE_URL, NEWSLETTER_BASE_URL,
NEWSLETTER_RELAY, NEWSLETTER_EDITOR.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import time
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from .content import Audience, Imprint, Kind, Masthead
from .errors import BadConfiguration, WrongUsage
from .links import Links

FILE = "newsletter.toml"
SECRET_FILE = "secret"  # noqa: S105  (a file name)
_LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _clock(value: object) -> object:
    """„10:00“ is a time of day; TOML's own local times pass as they are."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,2}:\d{2}", value):
        hour, minute = map(int, value.split(":"))
        if hour < 24 and minute < 60:
            return time(hour, minute)
    if isinstance(value, time):
        return value
    raise ValueError('erwartet eine Uhrzeit wie "10:00"')


def _mailbox(value: str) -> str:
    """One plain ASCII address; whether it is delivered to is not asked here."""
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}", value):
        raise ValueError(f"„{value}“ ist keine E-Mail-Adresse (Form: name@host.example)")
    return value


def _one_line(value: str) -> str:
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", value):
        raise ValueError("darf keine Zeilenumbrüche oder Steuerzeichen enthalten")
    return value


Clock = Annotated[time, BeforeValidator(_clock)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Line = Annotated[str, AfterValidator(_one_line)]


class Relay(_Part):
    """A mail server that we hand messages to.

    ``smtp://host:port`` speaks without TLS: only to loopback, unless ``allow_plain``.
    ``smtp+starttls://user:pass@host:587`` demands STARTTLS, ``smtps://…:465`` is TLS from
    the first byte. Both verify certificate and host name; nothing is ever downgraded.
    """

    name: Line = "relay"
    url: SecretStr
    allow_plain: bool = False
    password_file: str | None = None  # instead of a password in the address

    @model_validator(mode="after")
    def _understood(self) -> "Relay":
        if self._parts.scheme not in {"smtp", "smtp+starttls", "smtps"} or not self.host:
            raise ValueError(
                "erwartet smtp://host:port, smtp+starttls://benutzer:passwort@host:587"
                " oder smtps://…:465"
            )
        if self.tls == "none" and not (self.allow_plain or _LOOPBACK.fullmatch(self.host)):
            raise ValueError(
                f"smtp:// ohne TLS geht nur zu diesem Rechner, nicht zu „{self.host}“."
                " Nehmen Sie smtp+starttls:// oder smtps://, oder schreiben Sie"
                " ausdrücklich allow_plain = true"
            )
        if self.tls == "none" and self.user:
            raise ValueError("Anmeldedaten gehen nie ohne TLS hinaus; nehmen Sie smtp+starttls://")
        return self

    @property
    def _parts(self) -> Any:
        parts = urlsplit(self.url.get_secret_value())
        try:
            _ = parts.port
        except ValueError as exc:
            raise ValueError("der Port ist keine Zahl von 1 bis 65535") from exc
        return parts

    @property
    def host(self) -> str:
        return self._parts.hostname or ""

    @property
    def tls(self) -> Literal["none", "starttls", "implicit"]:
        """How the connection is secured."""
        schemes: dict[str, Literal["none", "starttls", "implicit"]] = {
            "smtp+starttls": "starttls",
            "smtps": "implicit",
        }
        return schemes.get(self._parts.scheme, "none")

    @property
    def port(self) -> int:
        return self._parts.port or {"none": 25, "starttls": 587, "implicit": 465}[self.tls]

    @property
    def user(self) -> str | None:
        name = self._parts.username
        return unquote(name) if name else None

    @property
    def password(self) -> SecretStr | None:
        """From the address, or from the file that ``password_file`` names."""
        if self.password_file:
            return SecretStr(Path(self.password_file).read_text(encoding="utf-8").strip())
        given = self._parts.password
        return SecretStr(unquote(given)) if given else None


class Sending(_Part):
    """How fast we may go; the relay's or the provider's limits (STANDARDS BO-13)."""

    connections: int = Field(default=8, ge=1, le=100)
    per_second: float | None = Field(default=None, gt=0)
    per_minute: float | None = Field(default=None, gt=0)
    per_hour: float | None = Field(default=None, gt=0)
    messages_per_connection: int = Field(default=100, ge=1)
    message_id_domain: Line | None = None  # right-hand side of Message-ID; else the sender's
    bounce_address: Mailbox | None = None  # envelope sender; else the newsletter's sender
    max_message_bytes: int = Field(default=1_000_000, ge=10_000)
    ca_file: str | None = None  # extra certificate authority of an internal relay
    helo: Line | None = None  # our own name in EHLO
    timeout_seconds: float = Field(default=300, gt=0)  # RFC 5321 §4.5.3.2


class Rhythm(_Part):
    """Monthly on ``day`` (moved to the next working day) at ``time``, for the months named."""

    day: int = Field(default=15, ge=1, le=28)
    time: Clock = time(10, 0)
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = tuple(range(1, 13))


class CutOff(_Part):
    """Redaktionsschluss: calendar days before sending, moved back to a working day."""

    days: int = Field(default=10, ge=0, le=60)
    time: Clock = time(12, 0)


class SectionSettings(_Part):
    """A Rubrik: its heading, and which items ``issue fill`` puts there."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    title: Line
    kinds: tuple[Kind, ...] = tuple(Kind)
    sources: bool | None = None  # True: only items of sources; False: only of clusters


class ImprintSettings(_Part):
    """Who is responsible (DDG §5, MStV §18); printed in full in every mail."""

    name: Line
    address: tuple[Line, ...] = Field(min_length=1)
    representative: Line
    email: Mailbox
    phone: Line = ""
    authority: Line = ""
    responsible: Line

    def plain(self) -> Imprint:
        """As the pure rooms know it."""
        return Imprint(**self.model_dump())


class NewsletterSettings(_Part):
    """One newsletter: a third one needs this and a template folder, no code."""

    name: Line
    description: Line = ""
    audience: Audience
    open_sign_up: bool = False
    template: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    sender_name: Line
    sender_address: Mailbox
    reply_to: Mailbox | None = None
    list_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$", max_length=255)]
    subject: Line
    preheader: Line
    opening: str
    consent: Line = ""  # the wording a person agrees to at sign-up
    rhythm: Rhythm = Rhythm()
    cutoff: CutOff = CutOff()
    sections: tuple[SectionSettings, ...] = Field(min_length=1)
    imprint: ImprintSettings

    @model_validator(mode="after")
    def _sound(self) -> "NewsletterSettings":
        keys = [section.key for section in self.sections]
        if len(set(keys)) < len(keys):
            raise ValueError("zwei Rubriken haben denselben key")
        if self.open_sign_up and self.audience is Audience.MEMBERS:
            raise ValueError("ein Newsletter für Mitglieder hat keine offene Anmeldung")
        if self.open_sign_up and not self.consent:
            raise ValueError("offene Anmeldung braucht den Text der Einwilligung (consent)")
        return self


class Editor(_Part):
    """Who may decide at the command line; ``login`` binds the name to an OS account."""

    name: Line
    email: Mailbox
    login: str = ""


class Approver(_Part):
    """Who approves without an account here."""

    name: Line
    email: Mailbox
    deputy: str = ""


class ApprovalRule(_Part):
    """Two people unless somebody writes down that one works alone."""

    people: int = Field(default=2, ge=1, le=2)


class Settings(_Part):
    """Everything that is configured; secrets are not in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    home: Path
    language: Literal["de", "en"] = "de"
    timezone: str = "Europe/Berlin"
    base_url: str = "http://127.0.0.1:8000"
    privacy_url: str = ""
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

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as exc:
            raise ValueError(f"die Zeitzone „{value}“ gibt es nicht (Form: Europe/Berlin)") from exc
        return value

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("erwartet eine Adresse wie https://newsletter.host.example")
        if parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("hier stehen nur Schema, Host und Pfad")
        if parts.scheme == "http" and not _LOOPBACK.fullmatch(parts.hostname):
            raise ValueError("http:// geht nur auf diesem Rechner; nach außen https://")
        return value.rstrip("/")

    @field_validator("newsletters")
    @classmethod
    def _speaking_slugs(cls, value: dict[str, NewsletterSettings]) -> dict[str, NewsletterSettings]:
        for slug in value:
            if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", slug):
                raise ValueError(f"„{slug}“: nur kleine Buchstaben, Ziffern und Bindestriche")
        return value

    @field_validator("editors")
    @classmethod
    def _one_of_each(cls, value: tuple[Editor, ...]) -> tuple[Editor, ...]:
        names = [editor.name.casefold() for editor in value]
        if len(set(names)) < len(names):
            raise ValueError("zwei Personen der Redaktion haben denselben Namen")
        return value

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone people's clocks show."""
        return ZoneInfo(self.timezone)

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

    @property
    def media(self) -> Path:
        return self.home / "media"

    def newsletter(self, slug: str) -> NewsletterSettings:
        """The newsletter with this slug; WrongUsage names the known ones."""
        if slug not in self.newsletters:
            known = ", ".join(self.newsletters)
            raise WrongUsage(why=f"Den Newsletter „{slug}“ gibt es nicht. Bekannt: {known}.")
        return self.newsletters[slug]

    def masthead(self, slug: str) -> Masthead:
        """What an issue shows of its newsletter."""
        it = self.newsletter(slug)
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
            privacy_url=self.privacy_url,
            accessibility_url=self.accessibility_url,
            home_url=self.base_url,
            description=it.description,
        )


def read_secret(path: Path) -> tuple[str, ...]:
    """The keys in a secret file, one per line. Refuses short keys and readable files (WB-43)."""
    if not path.is_file():
        raise WrongUsage(why=f"{path}: das Geheimnis fehlt. „newsletter init“ legt eines an.")
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise WrongUsage(why=f"{path} ist für andere lesbar. Bitte: chmod 600 {path}")
    keys = tuple(path.read_text(encoding="ascii").split())
    if not keys or any(len(key) < 43 for key in keys):
        raise WrongUsage(why=f"{path}: ein Schlüssel ist zu kurz (nötig sind 256 zufällige Bits).")
    return keys


_OVERRIDES = {
    "NEWSLETTER_DATABASE_URL": "database_url",
    "NEWSLETTER_BASE_URL": "base_url",
    "NEWSLETTER_EDITOR": "acting_editor",
}


def load(home: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read a home's configuration. BadConfiguration names file, line and cure."""
    home = home.resolve()
    path = home / FILE
    if not path.is_file():
        raise WrongUsage(
            why=f"In {home} liegt keine {FILE}. „newsletter init“ richtet einen Ordner ein;"
            " --home ORDNER wählt einen anderen."
        )
    text = path.read_text(encoding="utf-8")
    try:
        facts = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        line = re.search(r"at line (\d+)", str(exc))
        number = int(line[1]) if line else text.count("\n") + 1
        raise BadConfiguration(
            file=path, line=number, why=f"so ist es kein gültiges TOML ({exc})"
        ) from exc
    overridden: dict[str, Any] = {
        field: environment[name] for name, field in _OVERRIDES.items() if environment.get(name)
    }
    if relay := environment.get("NEWSLETTER_RELAY"):
        overridden["relays"] = ({"name": "NEWSLETTER_RELAY", "url": relay},)
    defaults = {"database_url": f"sqlite:///{home / 'newsletter.sqlite'}"}
    try:
        return Settings(home=home, **(defaults | facts | overridden))
    except ValidationError as exc:
        first = exc.errors()[0]
        raise BadConfiguration(
            file=path, line=line_of(text, first["loc"]), why=_in_words(first)
        ) from exc


def _in_words(error: Any) -> str:
    """A pydantic error as a German sentence with the cure."""
    where = ".".join(str(part) for part in error["loc"])
    given = error.get("input")
    match error["type"]:
        case "missing":
            return f"„{where}“ fehlt."
        case "extra_forbidden":
            return f"„{where}“ kennen wir nicht; ist es vertippt?"
        case "value_error":
            return f"{where}: {error['ctx']['error']}"
        case "string_pattern_mismatch":
            return f"{where}: „{given}“ hat nicht die Form {error['ctx']['pattern']}."
        case "enum" | "literal_error":
            return f"{where}: „{given}“ geht nicht; möglich: {error['ctx']['expected']}."
        case kind if kind.startswith(("int", "float")):
            return f"{where}: erwartet eine Zahl, hier steht „{given}“."
        case kind if kind.startswith(("greater", "less")):
            bound = next(iter(error["ctx"].values()))
            word = "mindestens" if kind.startswith("greater") else "höchstens"
            return f"{where}: {word} {bound}, hier steht „{given}“."
        case _:
            return f"{where}: {error['msg']} (hier steht „{given}“)."


def line_of(text: str, loc: tuple[int | str, ...]) -> int:
    """The line (from 1) in a TOML text where ``loc`` stands, or where its table begins."""
    best, best_depth = 1, 0
    table: tuple[int | str, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        head = re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$", line)
        key = re.match(r"\s*([A-Za-z0-9_.\"'-]+)\s*=", line)
        if head:
            names = tuple(part.strip(" \"'") for part in head[2].split("."))
            table = names
            if head[1] == "[[":
                counts[names] = counts.get(names, -1) + 1
                table = (*names, counts[names])
            here = table
        elif key:
            here = (*table, *(part.strip("\"'") for part in key[1].split(".")))
        else:
            continue
        depth = len(here)
        if here == loc[:depth] and depth > best_depth:
            best, best_depth = number, depth
    return best
