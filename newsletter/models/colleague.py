"""How editors share the work: whose item it is, what they say to each other, who is typing."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from subscribers.columns import UtcDateTime


class Assignment(SQLModel, table=True):
    """Whose item it is: one editor at most, by the name in ``[[editors]]``."""

    __tablename__ = "assignment"

    submission_id: int = Field(primary_key=True, foreign_key="submission.id")
    editor: str = Field(max_length=200, index=True)
    assigned_by: str = Field(max_length=320)
    assigned_at: datetime = Field(sa_type=UtcDateTime)
    announced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # to that editor


class Comment(SQLModel, table=True):
    """What an editor says about an item or an issue; editors alone ever read it."""

    __tablename__ = "comment"
    __table_args__ = (
        CheckConstraint("(submission_id IS NULL) <> (issue_id IS NULL)", name="about_one_thing"),
        CheckConstraint("text <> ''", name="says_something"),
        Index("ix_comment_submission_id", "submission_id"),
        Index("ix_comment_issue_id", "issue_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int | None = Field(default=None, foreign_key="submission.id")
    issue_id: str | None = Field(default=None, foreign_key="issue.id", max_length=80)
    made_by: str = Field(max_length=320)
    made_at: datetime = Field(sa_type=UtcDateTime)
    text: str
    announced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # by letter


class Typing(SQLModel, table=True):
    """Somebody has a document open in an editor. It holds nobody up, and ends by itself."""

    __tablename__ = "typing"

    noun: str = Field(primary_key=True, max_length=40)
    key: str = Field(primary_key=True, max_length=120)
    editor: str = Field(primary_key=True, max_length=320)
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)  # nobody believes it any longer
