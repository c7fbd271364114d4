"""How much of a limit may be used just now, where somebody has asked us to slow down."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from subscribers.columns import UtcDateTime


class PaceRow(SQLModel, table=True):
    """One throttle; a limit without a row may be used whole."""

    __tablename__ = "pace"

    name: str = Field(primary_key=True, max_length=200)  # gmail, default:verein.example
    factor: float
    changed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    held_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    connections: int | None = None
