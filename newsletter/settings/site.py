"""What the pages say that the law wants: imprint, privacy, accessibility."""

from datetime import date, timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from newsletter.language import _

from .parts import Line, Mailbox, Part

_A_YEAR = timedelta(days=366)


def _https(value: str) -> str:
    if value and not (value.startswith("https://") and urlsplit(value).hostname):
        raise ValueError(_("erwartet eine Adresse, die mit https:// beginnt"))
    return value


Address = Annotated[Line, AfterValidator(_https)]


class Gap(Part):
    """Something that not everybody can use, why it is so, and what helps meanwhile."""

    what: Line
    why: Line
    instead: Line = ""


class Statement(Part):
    """The accessibility statement (BGG §12b, BITV 2.0 §7); assessed once a year."""

    conformity: Literal["full", "partial", "none"] = "partial"
    assessed_on: date | None = None  # None: nobody has assessed these pages yet
    assessed_by: Line = ""  # "": ourselves
    gaps: tuple[Gap, ...] = ()
    email: Mailbox | None = None  # for feedback; else the imprint's
    phone: Line = ""
    easy_language_url: Address = ""  # BITV 2.0 §4
    sign_language_url: Address = ""
    conciliation: tuple[Line, ...] = ()  # lines; nothing: that of the federation (BGG §16)
    conciliation_url: Address = "https://www.schlichtungsstelle-bgg.de"

    def is_due(self, today: date) -> bool:
        """Whether the last assessment is more than a year ago, or there was none."""
        return self.assessed_on is None or today - self.assessed_on > _A_YEAR

    @model_validator(mode="after")
    def _of_a_piece(self) -> "Statement":
        if self.conformity == "full" and self.gaps:
            raise ValueError(
                _('conformity = "full" heißt, dass alles zugänglich ist; dazu passen keine gaps')
            )
        return self


class SiteSettings(Part):
    """Who answers for people's data and how long it is kept, as our pages say it."""

    data_protection_officer: tuple[Line, ...] = ()  # lines: name or office, address
    supervisory_authority: tuple[Line, ...] = ()  # lines; nothing: that of the federation
    processors: tuple[Line, ...] = ()  # who works for us under a contract (Art. 28 DSGVO)
    public_body: bool = True  # Art. 6(1)(e) DSGVO with BDSG §3; else 6(1)(f)
    evidence_years: int = Field(default=3, ge=0, le=30)  # after the end of the year of a goodbye
    log_days: int = Field(default=7, ge=0, le=365)  # of the web server in front of us
    privacy_of: date | None = None  # when the privacy page was last looked through
    licence: Address = ""  # under which other sites may use published items; "": by agreement
    accessibility: Statement = Statement()
