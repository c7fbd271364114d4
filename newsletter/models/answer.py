"""Answers of the JSON endpoint that a client may ask for again (Idempotency-Key)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from subscribers.columns import UtcDateTime


class KeptAnswer(SQLModel, table=True):
    """What a cluster was answered under a key of its own choice; kept for a day.

    A status page's token stands nowhere: it is made of ``seed`` and the home's secret.
    """

    __tablename__ = "kept_answer"

    cluster_id: int = Field(primary_key=True, foreign_key="cluster.id")
    key_sha256: str = Field(primary_key=True, max_length=64)
    asked_sha256: str = Field(max_length=64)  # of what was asked, to know another question
    answer: dict[str, Any] = Field(sa_type=JSON)
    seed: str | None = Field(default=None, max_length=22)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
