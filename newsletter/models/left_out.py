"""An issue of the rhythm that is left out, with the reason."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from subscribers.columns import UtcDateTime


class LeftOut(SQLModel, table=True):
    """A number that nobody begins: a summer break, two months in one."""

    __tablename__ = "left_out"

    newsletter: str = Field(primary_key=True, max_length=64)
    number: str = Field(primary_key=True, max_length=20)
    why: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str = Field(max_length=200)
