"""What had to be taken out of everything that readers see, by law (DSGVO 17, KUG §22)."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from subscribers.columns import UtcDateTime


class TakeDown(SQLModel, table=True):
    """One item that no reader sees any more; rows are added and never changed.

    Its words are gone from the stored editions too: see ``EditionRow.blanked_hash``.
    """

    __tablename__ = "take_down"
    __table_args__ = (CheckConstraint("reason <> ''", name="says_why"),)

    submission_id: int = Field(primary_key=True, foreign_key="submission.id")
    reason: str  # for the editors; never published
    taken_down_at: datetime = Field(sa_type=UtcDateTime)
    taken_down_by: str = Field(max_length=200)
