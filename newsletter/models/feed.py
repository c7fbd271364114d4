"""Members' feeds, and what was found in them: proposals that somebody of the cluster looks at."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from newsletter.language import N_
from subscribers.columns import EnumText, UtcDateTime, one_of

from .moves import Machine


class Feed(SQLModel, table=True):
    """An address of a cluster's that is read again and again."""

    __tablename__ = "feed"
    __table_args__ = (UniqueConstraint("cluster_id", "url"),)

    id: int | None = Field(default=None, primary_key=True)
    cluster_id: int = Field(foreign_key="cluster.id")
    url: str = Field(max_length=2000)
    added_at: datetime = Field(sa_type=UtcDateTime)
    next_at: datetime = Field(sa_type=UtcDateTime, index=True)  # when it is read next
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the last time it came
    etag: str = Field(default="", max_length=300)  # RFC 9110 §8.8: to ask whether it has changed
    last_modified: str = Field(default="", max_length=100)
    failures: int = 0  # in a row
    beyond: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # too far ahead yet
    trouble: str | None = None  # what was wrong the last time, as a sentence


class SuggestionState(StrEnum):
    """What became of something that was found."""

    OPEN = "open"
    TAKEN = "taken"  # begun as a draft, or handed in by other ways
    DISMISSED = "dismissed"  # for ever


_S = SuggestionState
SUGGESTION = Machine(
    noun="suggestion",
    word=N_("Vorschlag"),
    arrows={
        _S.OPEN: frozenset({_S.TAKEN, _S.DISMISSED}),
        _S.TAKEN: frozenset(),
        _S.DISMISSED: frozenset(),
    },
)


class Hint(StrEnum):
    """What a feed says of a date that was handed in."""

    CANCELLED = "cancelled"
    GONE = "gone"  # not named any more, twice in a row


class Suggestion(SQLModel, table=True):
    """Something found in a feed. Calendars call the same thing by ever new names: so it is known
    again by either of two marks.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        one_of("state", SuggestionState),
        one_of("hint", Hint),
        UniqueConstraint("feed_id", "mark"),
    )

    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id", index=True)
    mark: str = Field(max_length=64)  # of how its source calls it
    likewise: str = Field(max_length=64)  # of its title, first day and link
    state: SuggestionState = Field(sa_type=EnumText(SuggestionState))
    found: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    last_day: date | None = None  # of a date
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    missed: int = 0  # readings in a row that did not name it
    submission_id: int | None = Field(default=None, foreign_key="submission.id", index=True)
    hint: Hint | None = Field(default=None, sa_type=EnumText(Hint))
    hint_seen: bool = False  # somebody of the cluster has answered it
