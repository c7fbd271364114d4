"""What a contributor has typed and not handed in yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint
from sqlmodel import Field, SQLModel

from subscribers.columns import UtcDateTime


class Draft(SQLModel, table=True):
    """One form as it stands; handed in, it keeps only what tells a second hand-in of the same."""

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint(
            "submission_id IS NULL OR handed_in_sha256 IS NOT NULL", name="handed_in_once"
        ),
    )

    key: str = Field(primary_key=True, max_length=43)  # unguessable: it stands in the form
    contributor_id: int = Field(foreign_key="contributor.id", index=True)
    typed: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    version: int = 1  # counts what was kept, so that two windows notice each other
    changed_at: datetime = Field(sa_type=UtcDateTime)
    handed_in_sha256: str | None = Field(default=None, max_length=64)
    submission_id: int | None = Field(default=None, foreign_key="submission.id")
