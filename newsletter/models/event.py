"""The append-only history: who, when, from what, to what, why."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from subscribers.columns import UtcDateTime


class Event(SQLModel, table=True):
    """One line of history; rows are added and never changed."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_noun_key", "noun", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=320)  # the claimed name
    login: str | None = Field(default=None, max_length=80)  # of the operating system
    proven: bool = False  # the login was bound to the name
    noun: str = Field(max_length=40)
    key: str = Field(max_length=120)
    from_state: str | None = Field(default=None, max_length=20)
    to_state: str | None = Field(default=None, max_length=20)
    what: str | None = Field(default=None, max_length=40)  # for acts that move no state
    why: str | None = None
    detail: dict[str, Any] | None = Field(default=None, sa_type=JSON)
