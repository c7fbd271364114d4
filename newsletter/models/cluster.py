"""The member register: clusters, their people, access links and keys (hashed at rest)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from newsletter.language import N_
from subscribers.columns import EnumText, UtcDateTime, one_of

from .moves import Machine


class Label(StrEnum):
    """The ECEI label of a cluster."""

    GOLD = "gold"
    SILVER = "silver"
    BRONZE = "bronze"


class Cluster(SQLModel, table=True):
    """A member organisation; it may span Länder and fields."""

    __tablename__ = "cluster"
    __table_args__ = (one_of("label", Label),)

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=200)
    laender: list[Any] = Field(default_factory=list, sa_type=JSON)  # ISO 3166-2, "DE-BY"
    fields: list[Any] = Field(default_factory=list, sa_type=JSON)
    label: Label | None = Field(default=None, sa_type=EnumText(Label))
    label_until: date | None = None  # never print an expired label
    website: str | None = Field(default=None, max_length=500)
    contact_email: str | None = Field(default=None, max_length=320)
    created_at: datetime = Field(sa_type=UtcDateTime)
    deactivated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Contributor(SQLModel, table=True):
    """A person of a cluster who may hand in; letters go only to registered people."""

    __tablename__ = "contributor"
    __table_args__ = (UniqueConstraint("cluster_id", "address_key"),)

    id: int | None = Field(default=None, primary_key=True)
    cluster_id: int = Field(foreign_key="cluster.id", index=True)
    email: str = Field(max_length=320)
    address_key: str = Field(max_length=320, index=True)
    name: str | None = Field(default=None, max_length=200)
    created_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    calls_ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # "no more calls"


class AccessLink(SQLModel, table=True):
    """A personal link to the form; only its SHA-256 is kept."""

    __tablename__ = "access_link"

    id: int | None = Field(default=None, primary_key=True)
    contributor_id: int = Field(foreign_key="contributor.id", index=True)
    token_sha256: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RequestState(StrEnum):
    """What became of somebody's wish to hand in."""

    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"


_R = RequestState
ACCESS_REQUEST = Machine(
    noun="access_request",
    word=N_("Anfrage nach Zugang"),
    arrows={
        _R.OPEN: frozenset({_R.GRANTED, _R.DECLINED}),
        _R.GRANTED: frozenset(),
        _R.DECLINED: frozenset(),
    },
)


class AccessRequest(SQLModel, table=True):
    """Somebody who is not registered asks to hand in; nobody has checked the address."""

    __tablename__ = "access_request"
    __table_args__ = (one_of("state", RequestState),)

    id: int | None = Field(default=None, primary_key=True)
    state: RequestState = Field(sa_type=EnumText(RequestState), index=True)
    email: str = Field(max_length=320)
    address_key: str = Field(max_length=320, index=True)
    name: str = Field(max_length=200)
    organisation: str = Field(max_length=200)
    message: str = ""
    asked_at: datetime = Field(sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cluster_id: int | None = Field(default=None, foreign_key="cluster.id")  # where it was granted

    @property
    def reference(self) -> str:
        """As commands say it: a12."""
        return f"a{self.id}"


class ClusterKey(SQLModel, table=True):
    """A key for the JSON endpoint; only its SHA-256 is kept."""

    __tablename__ = "cluster_key"

    id: int | None = Field(default=None, primary_key=True)
    cluster_id: int = Field(foreign_key="cluster.id", index=True)
    key_sha256: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Picture(SQLModel, table=True):
    """A picture taken in: checked, re-encoded, sized. ``key`` is unguessable: it is the address."""

    __tablename__ = "picture"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=43, unique=True)
    cluster_id: int | None = Field(  # NULL: an editor's
        default=None, foreign_key="cluster.id", index=True
    )
    sha256: str = Field(max_length=64)  # of the mail version's bytes
    media_type: str = Field(max_length=20)  # image/jpeg, image/png
    width: int  # CSS pixels of the mail version (the file has up to twice as many)
    height: int
    size: int  # bytes of the mail version
    taken_in_at: datetime = Field(sa_type=UtcDateTime)
    taken_in_by: str = Field(max_length=200)
