"""What makes an issue a correction of another one; and notes at what the archive shows."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from subscribers.columns import EnumText, UtcDateTime, one_of

from .delivery import DeliveryState

_D = DeliveryState
HAVE_IT = frozenset({_D.ACCEPTED, _D.UNKNOWN, _D.LEFT})  # or may: unknown counts in


class Whom(StrEnum):
    """Who of the first issue's account gets its correction."""

    RECEIVED = "received"  # who has the first issue, or may have it
    REST = "rest"  # who has not
    ALL = "all"

    @property
    def states(self) -> frozenset[DeliveryState]:
        """In which states their rows of the first issue are."""
        if self is Whom.ALL:
            return frozenset(_D)
        return HAVE_IT if self is Whom.RECEIVED else frozenset(_D) - HAVE_IT

    def within(self, other: "Whom") -> bool:
        """Whether whoever is meant here is meant there, too."""
        return other in {self, Whom.ALL}


class Correction(SQLModel, table=True):
    """Beside an issue that has ``corrects_id``: for whom it is, and what it says is right."""

    __tablename__ = "correction"
    __table_args__ = (
        one_of("whom", Whom),
        CheckConstraint("whom = 'received' OR NOT letter", name="the_rest_needs_the_whole"),
        CheckConstraint("note <> ''", name="says_what_is_right"),
    )

    issue_id: str = Field(primary_key=True, foreign_key="issue.id", max_length=80)
    whom: Whom = Field(sa_type=EnumText(Whom))
    letter: bool  # a short letter; else the whole issue anew
    note: str  # what was wrong and what is right; stands in the mail and in the archive


class Erratum(SQLModel, table=True):
    """A note at an item of an issue in the archive; the frozen text stays as it is."""

    __tablename__ = "erratum"
    __table_args__ = (
        ForeignKeyConstraint(
            ["issue_id", "submission_id"],
            ["placement.issue_id", "placement.submission_id"],
            name="fk_erratum_placement",
        ),
        CheckConstraint("note <> ''", name="says_what_is_right"),
        Index("ix_erratum_place", "issue_id", "submission_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    issue_id: str = Field(max_length=80)
    submission_id: int
    note: str
    noted_at: datetime = Field(sa_type=UtcDateTime)
    noted_by: str = Field(max_length=200)
