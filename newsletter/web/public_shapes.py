"""Published items as other sites fetch them, and how /openapi.json describes that."""

from typing import Any

from pydantic import BaseModel, Field

from .api_shapes import REFERENCE, REFUSALS

# Nobody needs a key here.
PUBLIC_REFUSALS = {code: said for code, said in REFUSALS.items() if code != 401}


class Source(BaseModel):
    """From whom an item is."""

    name: str = Field(examples=["Lichtwerk Havelbogen e. V."])
    laender: list[str] = Field(description="ISO 3166-2.", examples=[["DE-BB"]])
    label: str | None = Field(description="gold, silver, bronze; nur solange es gilt.")
    website: str | None


class PublicPicture(BaseModel):
    """A picture of an item; its address stays."""

    url: str
    width: int
    height: int
    alt: str = Field(description="Leer, wenn das Bild nur schmückt.")
    credit: str | None


class PublicDate(BaseModel):
    """When and where a date takes place."""

    starts: str = Field(description="Zeitpunkt mit Abstand zu UTC, oder ein Tag.")
    ends: str | None = Field(description="Bei ganzen Tagen der letzte, einschließlich.")
    location: str | None
    online: bool
    register_by: str | None
    state: str = Field(description="on, postponed, cancelled", examples=["on"])
    uid: str = Field(description="Des Kalendereintrags; ändert sich nie.")
    calendar_url: str


class PublicStory(BaseModel):
    """The parts of a success story that were filled in."""

    challenge: str | None
    solution: str | None
    result: str | None
    quote: str | None


class PublicNote(BaseModel):
    """What was wrong in an item and what is right."""

    at: str
    text: str


class PublicIssue(BaseModel):
    """An issue that an item stands in."""

    number: str = Field(examples=["2026-12"])
    name: str = Field(examples=["Ausgabe Dezember 2026"])
    url: str


class Rights(BaseModel):
    """Whose an item is, and what others may do with it."""

    holder: str
    licence: str | None = Field(description="Adresse einer Lizenz; null: nur nach Absprache.")


class PublicItem(BaseModel):
    """One item, in the revision that came out."""

    id: str = Field(description="Bleibt für immer.", examples=[REFERENCE])
    kind: str = Field(description="news, date, success_story", examples=["news"])
    url: str = Field(description="Die Seite des Beitrags.")
    title: str
    teaser: str
    body_html: str = Field(description="Bereinigt: p, ul, ol, li, a, strong, em, h3, h4 …")
    link: str | None
    language: str = Field(examples=["de"])
    published_at: str
    changed_at: str
    origins: list[Source]
    picture: PublicPicture | None
    date: PublicDate | None = Field(description="Nur bei Terminen.")
    story: PublicStory | None = Field(description="Nur bei Erfolgsgeschichten.")
    notes: list[PublicNote] = Field(description="Korrekturen, die älteste zuerst.")
    issues: list[PublicIssue]
    rights: Rights
    schema_org: dict[str, Any] = Field(description="JSON-LD: NewsArticle, Event oder Article.")


class PublicItems(BaseModel):
    """A page of published items."""

    newsletter: str = Field(examples=["clusterplattform"])
    items: list[PublicItem]
    next: str | None = Field(description="Die Adresse der nächsten Seite; null: keine mehr.")
    gone: list[str] = Field(
        description="Nur mit modified_since: Beiträge, die erschienen waren und nicht mehr zu"
        " zeigen sind, zum Beispiel zurückgezogene.",
        examples=[["q398"]],
    )
