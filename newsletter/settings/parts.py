"""The parts of newsletter.toml: relays, limits, newsletters, people; each checks itself."""

import re
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from newsletter.content import Level
from newsletter.language import _

LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _clock(value: object) -> object:
    """„10:00“ is a time of day; TOML's own local times pass as they are."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,2}:\d{2}", value):
        hour, minute = map(int, value.split(":"))
        if hour < 24 and minute < 60:
            return time(hour, minute)
    if isinstance(value, time):
        return value
    raise ValueError(_('erwartet eine Uhrzeit wie "10:00"'))


def _mailbox(value: str) -> str:
    """One plain ASCII address; whether it is delivered to is not asked here."""
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}", value):
        why = _("„{value}“ ist keine E-Mail-Adresse (Form: name@host.example)")
        raise ValueError(why.format(value=value))
    return value


def _one_line(value: str) -> str:
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", value):
        raise ValueError(_("darf keine Zeilenumbrüche oder Steuerzeichen enthalten"))
    return value


def _fingerprint(value: str) -> str:
    if value and not re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", value):
        why = _('erwartet einen Fingerabdruck "SHA256:…"; „newsletter editors add“ nennt ihn')
        raise ValueError(why)
    return value


Clock = Annotated[time, BeforeValidator(_clock)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Fingerprint = Annotated[str, AfterValidator(_fingerprint)]
Line = Annotated[str, AfterValidator(_one_line)]


class Rated(Part):
    """So many messages in any second, minute, hour; nothing said: no limit."""

    per_second: float | None = Field(default=None, gt=0)
    per_minute: float | None = Field(default=None, gt=0)
    per_hour: float | None = Field(default=None, gt=0)


class Relay(Rated):
    """A mail server that we hand messages to.

    ``smtp://host:port`` speaks without TLS: only to loopback, unless ``allow_plain``.
    ``smtp+starttls://user:pass@host:587`` demands STARTTLS, ``smtps://…:465`` is TLS from
    the first byte. Both verify certificate and host name; nothing is ever downgraded.

    Several share the messages by ``weight`` (0: only while no other one takes them);
    ``newsletters`` go over it, all if empty; letters over any.
    """

    name: Line = "relay"
    url: SecretStr
    allow_plain: bool = False
    password_file: str | None = None  # instead of a password in the address
    weight: int = Field(default=1, ge=0, le=1000)
    newsletters: tuple[str, ...] = ()
    connections: int | None = Field(default=None, ge=1, le=100)

    def takes(self, newsletter: str | None) -> bool:
        """Whether an issue of this newsletter may go over it; None: a letter."""
        return newsletter is None or not self.newsletters or newsletter in self.newsletters

    @model_validator(mode="after")
    def _understood(self) -> "Relay":
        if self._parts.scheme not in {"smtp", "smtp+starttls", "smtps"} or not self.host:
            raise ValueError(
                _(
                    "erwartet smtp://host:port, smtp+starttls://benutzer:passwort@host:587"
                    " oder smtps://…:465"
                )
            )
        if self.tls == "none" and not (self.allow_plain or LOOPBACK.fullmatch(self.host)):
            why = _(
                "smtp:// ohne TLS geht nur zu diesem Rechner, nicht zu „{host}“."
                " Nehmen Sie smtp+starttls:// oder smtps://, oder schreiben Sie"
                " ausdrücklich allow_plain = true"
            )
            raise ValueError(why.format(host=self.host))
        if self.tls == "none" and self.user:
            raise ValueError(
                _("Anmeldedaten gehen nie ohne TLS hinaus; nehmen Sie smtp+starttls://")
            )
        return self

    @property
    def _parts(self) -> Any:
        parts = urlsplit(self.url.get_secret_value())
        try:
            __ = parts.port
        except ValueError as exc:
            raise ValueError(_("der Port ist keine Zahl von 1 bis 65535")) from exc
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


# Mailbox providers that we know by their domains and mail exchangers (BO-13); "default" is
# every other operator, each by itself.
PROVIDERS = ("gmail", "microsoft", "yahoo", "united-internet", "t-online", "default")
Domain = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*$")]


class Provider(Part):
    """How fast a mailbox provider may be sent to; whose addresses those are (BO-12, BO-13)."""

    per_minute: float | None = Field(default=None, gt=0)
    connections: int | None = Field(default=None, ge=1, le=100)
    domains: tuple[Domain, ...] = ()  # of addresses: exactly these
    mx: tuple[Domain, ...] = ()  # of mail exchangers: these and all below them


class Sending(Rated):
    """How fast we may go; the relay's or the provider's limits (STANDARDS BO-13)."""

    connections: int = Field(default=8, ge=1, le=100)
    providers: dict[str, Provider] = {}
    dns_server: Line | None = None  # host or host:port; else the system's
    messages_per_connection: int = Field(default=100, ge=1)
    message_id_domain: Line | None = None  # right-hand side of Message-ID; else the sender's
    bounce_address: Mailbox | None = None  # envelope sender; else the newsletter's sender
    max_message_bytes: int = Field(default=1_000_000, ge=10_000)
    ca_file: str | None = None  # extra certificate authority of an internal relay
    helo: Line | None = None  # our own name in EHLO
    timeout_seconds: float = Field(default=300, gt=0)  # RFC 5321 §4.5.3.2


class Rhythm(Part):
    """Monthly on ``day`` (moved to the next working day) at ``time``, for the months named."""

    day: int = Field(default=15, ge=1, le=28)
    time: Clock = time(10, 0)
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = Field(
        default=tuple(range(1, 13)), min_length=1
    )
    draft_days: int = Field(default=20, ge=0, le=60)  # before sending a draft is made; 0: never


class CutOff(Part):
    """Redaktionsschluss: calendar days before sending, moved back to a working day."""

    days: int = Field(default=10, ge=0, le=60)
    time: Clock = time(12, 0)


class Reminders(Part):
    """Letters to the editors on an issue's way, so many working days before; 0: none."""

    thin: int = Field(default=3, ge=0, le=20)  # before the cut-off
    least: int = Field(default=4, ge=1, le=100)  # items; with fewer an issue is thin
    approval: int = Field(default=2, ge=0, le=20)  # before sending, while it is not approved


About = Literal["items", "answers", "issues", "alarms"]  # what editors get letters about


class Editor(Part):
    """Who may decide at the command line; ``login`` binds the name to an OS account, ``ssh_key``
    to whoever comes in over ssh with this key (``newsletter editors add`` prints it).
    """

    name: Line
    email: Mailbox
    login: str = ""
    ssh_key: Fingerprint = ""
    letters: tuple[About, ...] = ("items", "answers", "issues", "alarms")


class Digest(Part):
    """When editors hear of new items: several in one letter, in working hours."""

    wait_minutes: int = Field(default=15, ge=0, le=1440)  # after the first new item
    pause_minutes: int = Field(default=120, ge=0, le=10_080)  # between two letters
    begins: Clock = time(8, 0)  # of a working day
    ends: Clock = time(18, 0)

    @model_validator(mode="after")
    def _a_span(self) -> "Digest":
        if self.begins >= self.ends:
            raise ValueError(_("begins muss vor ends liegen"))
        return self


class Intake(Part):
    """How much one cluster may hand in within 24 hours; a site on loopback has no quotas."""

    submissions_per_day: int = Field(default=200, ge=1)
    pictures_per_day: int = Field(default=200, ge=1)


class Checking(Part):
    """What ``issue check`` asks besides, and how grave it is."""

    gender: Literal["warning", "hint", "off"] = "hint"  # stars, colons, inner I in words
    links: bool = True  # whether the pages that an issue links to are asked if they are there

    @property
    def gender_level(self) -> Level | None:
        """None: it is not asked."""
        return None if self.gender == "off" else Level(self.gender)


class Network(Part):
    """How this program reaches other people's pages, which members link to (STANDARDS WB-32).

    Without ``proxy`` it opens public addresses only. A proxy resolves names itself, so behind one
    only the hosts of ``allow``, and those below them, are opened; without one, ``allow`` narrows.
    """

    proxy: Line = ""  # http://host:port
    allow: tuple[Domain, ...] = ()
    ca_file: str | None = None  # of a house whose proxy opens TLS; besides the system's

    @model_validator(mode="after")
    def _understood(self) -> "Network":
        parts = urlsplit(self.proxy)
        try:
            plain = parts.scheme == "http" and parts.hostname and not parts.username and parts.port
        except ValueError:
            plain = False
        if self.proxy and not (plain and parts.path in {"", "/"}):
            raise ValueError(_("proxy erwartet die Form http://proxy.example:3128"))
        if self.ca_file and not Path(self.ca_file).is_file():
            raise ValueError(_("ca_file: „{path}“ gibt es nicht").format(path=self.ca_file))
        return self

    @property
    def proxy_host(self) -> str:
        return urlsplit(self.proxy).hostname or ""

    @property
    def proxy_port(self) -> int:
        return urlsplit(self.proxy).port or 0


class Approver(Part):
    """Who approves without an account here."""

    name: Line
    email: Mailbox
    deputy: str = ""
    away_from: date | None = None  # the deputy is asked in this time; both days inclusive
    away_until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.away_from and self.away_until and self.away_until < self.away_from:
            raise ValueError(_("away_until liegt vor away_from."))
        return self

    def away(self, day: date) -> bool:
        """Whether they are away on this day."""
        if self.away_from is None and self.away_until is None:
            return False
        return (self.away_from or day) <= day <= (self.away_until or day)


class ApprovalRule(Part):
    """Two people unless somebody writes down that one works alone."""

    people: int = Field(default=2, ge=1, le=2)


class TextModule(Part):
    """A sentence that editors write often; it can be changed before it goes."""

    name: Line
    text: Annotated[str, Field(min_length=1)]


class DeskSettings(Part):
    """What ``newsletter desk`` offers while somebody writes."""

    questions: tuple[TextModule, ...] = ()
    declines: tuple[TextModule, ...] = ()
