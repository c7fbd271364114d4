"""What may be shown again: an item kept in stock, its terms, and the company's yes to it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary
from sqlmodel import Field, SQLModel

from newsletter.language import N_
from subscribers.columns import EnumText, UtcDateTime, one_of

from .moves import Machine


class StoryState(StrEnum):
    """Whether an item may still be taken from the stock."""

    IN_STOCK = "in_stock"
    TAKEN_OUT = "taken_out"  # nobody shall show it again


_S = StoryState
STORY = Machine(
    noun="story",
    word=N_("Beitrag im Vorrat"),
    arrows={
        _S.IN_STOCK: frozenset({_S.TAKEN_OUT}),
        _S.TAKEN_OUT: frozenset({_S.IN_STOCK}),
    },
)


class Story(SQLModel, table=True):
    """An item in stock. What the company agreed to is one revision; a later text needs its yes."""

    __tablename__ = "story"
    __table_args__ = (
        one_of("state", StoryState),
        CheckConstraint("terms <> ''", name="says_its_terms"),
        CheckConstraint("approved_by <> ''", name="approved_by_somebody"),
        CheckConstraint(
            "until IS NULL OR again_after IS NULL OR again_after < until", name="some_day_is_left"
        ),
        CheckConstraint("state <> 'taken_out' OR reason IS NOT NULL", name="taken_out_with_reason"),
        ForeignKeyConstraint(
            ["submission_id", "revision"],
            ["revision.submission_id", "revision.number"],
            name="fk_story_revision",
        ),
    )

    submission_id: int = Field(primary_key=True)
    revision: int  # the one that the company agreed to
    state: StoryState = Field(sa_type=EnumText(StoryState))
    terms: str  # where and how it may be shown, in words
    until: date | None = None  # the last day; NULL: no end was agreed
    again_after: date | None = None  # shown again only after this day
    approved_by: str = Field(max_length=200)  # who of the company agreed
    approved_on: date
    evidence_name: str = Field(max_length=255)
    evidence: bytes = Field(sa_type=LargeBinary)
    kept_at: datetime = Field(sa_type=UtcDateTime)
    kept_by: str = Field(max_length=200)
    reason: str | None = None  # why it was taken out
