"""What is configured of one newsletter: its words, its sections, how its issues are filled."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from newsletter.content import Audience, Imprint, Kind
from newsletter.language import _

from .closing import CalloutSettings, LogoSettings
from .parts import CutOff, Line, Mailbox, Part, Reminders, Rhythm

Month = Annotated[int, Field(ge=1, le=12)]
_SPECIAL = re.compile(r".*-s\d+")  # the number of a special issue


def _apart(sections: "tuple[SectionSettings, ...]") -> "tuple[SectionSettings, ...]":
    keys = [section.key for section in sections]
    if len(set(keys)) < len(keys):
        raise ValueError(_("zwei Rubriken haben denselben key"))
    if sum(section.lead for section in sections) > 1:
        raise ValueError(_("nur eine Rubrik kann der Aufmacher sein (lead = true)"))
    return sections


class Order(StrEnum):
    """How ``issue fill`` orders the items of a section; what stands there stays where it is."""

    RECEIVED = "received"  # dates by their start, everything else as it came in
    TITLE = "title"
    CLUSTER = "cluster"  # by the name of whom it is from


class SectionSettings(Part):
    """A Rubrik: its heading, which items ``issue fill`` puts there, and how many."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    title: Line
    kinds: tuple[Kind, ...] = tuple(Kind)
    sources: bool | None = None  # True: only items of sources; False: only of clusters
    minimum: int = Field(default=0, ge=0, le=100)  # fewer: ``issue check`` warns
    maximum: int | None = Field(default=None, ge=1, le=100)  # fill puts no more there
    order: Order = Order.RECEIVED
    lead: bool = False  # the Aufmacher: one item, chosen by fill for its picture and its cluster

    @field_validator("maximum")
    @classmethod
    def _room_for_the_least(cls, value: int | None, info: ValidationInfo) -> int | None:
        least = info.data.get("minimum", 0)
        if value is not None and value < least:
            why = _("maximum = {most} ist kleiner als minimum = {least}")
            raise ValueError(why.format(most=value, least=least))
        return value

    @property
    def most(self) -> int | None:
        """So many items at most; None: any number."""
        return 1 if self.lead and self.maximum is None else self.maximum


Sections = Annotated[tuple[SectionSettings, ...], Field(min_length=1), AfterValidator(_apart)]


class Filling(Part):
    """What ``issue fill`` keeps to; as it stands here, it takes all that is accepted and sound."""

    per_cluster: int | None = Field(default=None, ge=1, le=100)  # items in one issue
    dates_twice: bool = False  # in the first issue, and in the last one before the date
    carry_late: bool = False  # what came after the cut-off waits for the next issue
    only_wished: bool = False  # what nobody wished for in this issue stays out (special issues)


class Special(Part):
    """How a special issue (2026-12-s1) differs; what is not said is as in any other."""

    template: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] | None = None
    subject: Line | None = None
    preheader: Line | None = None
    opening: str | None = None
    sections: Sections | None = None
    filling: Filling | None = None


class CorrectionWords(Part):
    """How a correction begins: {subject} is the first issue's, {issue} its name; "": our words."""

    subject: Line = ""
    opening: str = ""


class ImprintSettings(Part):
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


class NewsletterSettings(Part):
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
    typography: bool = True  # quotation marks, dashes, spaces as a printer sets them
    consent: Line = ""  # the wording a person agrees to at sign-up
    members_calendar: int = Field(default=1, ge=0)  # raised: another address; 0: there is none
    rhythm: Rhythm = Rhythm()
    cutoff: CutOff = CutOff()
    reminders: Reminders = Reminders()
    call_days: Annotated[int, Field(ge=0, le=60)] = 0  # before the cut-off; 0: only by command
    remind_days: Annotated[int, Field(ge=0, le=60)] = 0
    occasions: dict[Month, str] = Field(default_factory=dict)  # by month, for {occasion}
    sections: Sections
    filling: Filling = Filling()
    special: Special = Special()
    correction: CorrectionWords = CorrectionWords()
    callout: CalloutSettings = CalloutSettings()
    logos: tuple[LogoSettings, ...] = ()
    imprint: ImprintSettings

    def of(self, number: str) -> "NewsletterSettings":
        """As it is for the issue with this number: a special one may have rules of its own."""
        if not _SPECIAL.fullmatch(number):
            return self
        said = {name: value for name, value in self.special if value is not None}
        return self.model_copy(update=said)

    @property
    def calls_out(self) -> bool:
        """Whether an issue ends with a word to its readers."""
        said = self.callout.show
        return self.audience is Audience.MEMBERS if said is None else said

    @property
    def shows_dates(self) -> bool:
        """Whether one of its sections takes dates."""
        return any(Kind.DATE in section.kinds for section in self.sections)

    @model_validator(mode="after")
    def _sound(self) -> "NewsletterSettings":
        if self.open_sign_up and self.audience is Audience.MEMBERS:
            raise ValueError(_("ein Newsletter für Mitglieder hat keine offene Anmeldung"))
        if self.open_sign_up and not self.consent:
            raise ValueError(_("offene Anmeldung braucht den Text der Einwilligung (consent)"))
        return self
