"""What a check must know besides the content: the moment, the send time, what changed since."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from newsletter.content import Audience, Edition, Kind, Level
from newsletter.likeness import Traits
from newsletter.settings import SectionSettings


@dataclass(frozen=True, slots=True)
class Before:
    """The issue of the same newsletter that left last."""

    issue_id: str
    subject: str
    preheader: str


@dataclass(frozen=True, slots=True)
class Recent:
    """An item as one of the last issues showed it."""

    issue_id: str
    reference: str
    kind: Kind
    traits: Traits


@dataclass(frozen=True, slots=True)
class Facts:
    """``send_at`` is when the issue leaves; unless ``fixed``, it is only what the rhythm says."""

    now: datetime
    zone: ZoneInfo
    send_at: datetime | None = None  # None: as if it left now
    fixed: bool = False
    issue_id: str = ""  # for the commands that a finding names; empty: it stands in no issue
    loopback: bool = False  # the base address is this machine's own
    audience: Audience | None = None  # as the issue was made; the newsletter's may differ by now
    edition: Edition | None = None  # None: not built
    newer: Mapping[str, int] = field(default_factory=dict)  # reference -> newest revision
    agreed: Mapping[str, int] = field(default_factory=dict)  # shown again: the revision said yes to
    unusable: Mapping[str, str] = field(default_factory=dict)  # reference -> why
    wished: Collection[str] = ()  # references whose contributor wants something changed
    objections: Mapping[str, datetime] = field(default_factory=dict)  # reference -> until when
    unchanged: bool = False  # a correction that says just what the first issue said
    harmed: Mapping[str, str] = field(default_factory=dict)  # reference -> what its picture lacks
    sections: Sequence[SectionSettings] = ()  # as configured, with their numbers
    per_cluster: int | None = None  # items of one cluster at most
    before: Before | None = None  # None: the first issue
    recent: Sequence[Recent] = ()  # of the last three issues
    gender: Level | None = Level.HINT  # how grave signs inside words are; None: not asked
    reach: Mapping[str, str] = field(default_factory=dict)  # address -> there, gone, broken, silent
    records: Mapping[str, str] = field(default_factory=dict)  # spf, dkim, dmarc -> there, missing
    relay: str = ""  # the host that sends for us; empty: this machine
    envelope: str = ""  # the address that bounces go to; empty: the sender's

    @property
    def leaves(self) -> datetime:
        """The moment at which readers get it; never before now."""
        return max(self.send_at or self.now, self.now)

    @property
    def demand(self) -> Level:
        """How grave it is to lack what the wide net demands; at home it is a hint."""
        return Level.HINT if self.loopback else Level.ERROR

    @property
    def advice(self) -> Level:
        """How grave it is to lack what the wide net expects; at home it is a hint."""
        return Level.HINT if self.loopback else Level.WARNING
