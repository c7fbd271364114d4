"""What somebody else's server said when we last asked: whether a page is there, what DNS holds."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from subscribers.columns import UtcDateTime


class Probe(SQLModel, table=True):
    """One question and its last answer; a cache, which may be emptied at any time."""

    __tablename__ = "probe"

    what: str = Field(primary_key=True, max_length=2000)  # an address; "spf verein.example"
    answer: str = Field(max_length=20)  # outside.Reach, outside.Record
    asked_at: datetime = Field(sa_type=UtcDateTime)
