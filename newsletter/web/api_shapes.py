"""What the JSON endpoint answers, and how /openapi.json describes it."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from newsletter.submissions import SubmissionForm

from .once import HEADER, LONGEST
from .refusals import SENTENCES

REFERENCE = "q412"
ONE_OF_MINE = "one_of_mine"  # the operation that a new item's answer links to


class Similar(BaseModel):
    """An item of the same cluster that is likely the same."""

    id: str = Field(examples=["q398"])
    title: str
    status: str = Field(examples=["in_review"])
    reasons: list[str] = Field(
        description="same_link, same_title, similar_title, similar_teaser, same_day_and_place,"
        " same_day",
        examples=[["same_link"]],
    )


class Received(BaseModel):
    """What came in."""

    id: str = Field(description="Die Nummer der Einreichung.", examples=[REFERENCE])
    status: str = Field(description="Wo sie steht.", examples=["received"])
    status_url: str = Field(
        description="Die Statusseite; sie wird nur jetzt genannt.",
        examples=["https://newsletter.example/s/8Zr0mQ3yXv1b5c7d9e1f2g"],
    )
    similar: list[Similar] = Field(
        default=[], description="Eigene Beiträge, die wohl derselbe sind; die ähnlichsten zuerst."
    )


class Standing(BaseModel):
    """Where an item stands."""

    id: str = Field(examples=[REFERENCE])
    status: str = Field(
        description="received, in_review, question, decided, merged, withdrawn",
        examples=["in_review"],
    )
    kind: str = Field(examples=["news"])
    title: str
    received_at: str = Field(examples=["2026-11-23T08:00:00+00:00"])
    newsletters: dict[str, str] = Field(
        description="Je Newsletter: asked, accepted, held_over, declined.",
        examples=[{"go-cluster": "accepted"}],
    )


class Decision(BaseModel):
    """What became of an item in one newsletter."""

    newsletter: str = Field(examples=["go-cluster"])
    status: str = Field(examples=["accepted"])
    reason: str | None = Field(None, description="Warum er abgelehnt oder zurückgestellt ist.")
    published_in: list[str] = Field(
        description="Die Ausgaben, in denen er erschienen ist.", examples=[["2026-12"]]
    )


class StandingInFull(Standing):
    """Where an item stands, and its content as it is now."""

    submission: dict[str, Any] = Field(description="Wie bei POST; Felder ohne Angabe fehlen.")
    decisions: list[Decision] = Field(description="Was die Redaktion entschieden hat.")
    event_state: str | None = Field(
        None, description="Nur bei Terminen: on, postponed, cancelled.", examples=["on"]
    )


class Taken(BaseModel):
    """A picture that was taken in."""

    id: str = Field(
        description="Für das Feld image einer Einreichung.", examples=["3pD0w2nQkQx8n6v1rT4y5z"]
    )
    width: int = Field(description="Breite in der Mail, in CSS-Pixeln.", examples=[600])
    height: int = Field(examples=[400])


# -- refusals -------------------------------------------------------------------------------

_TEXT = {"type": "string"}
_PROBLEM = {  # RFC 9457; errors stands at 422
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": _TEXT, "message": _TEXT},
            },
        },
    },
}
_WHEN = {
    400: "Kein gültiges JSON, oder die Anfrage ist sonst nicht zu verstehen.",
    401: "Der Schlüssel fehlt oder gilt nicht.",
    404: "Das gibt es nicht, oder nicht bei Ihrem Cluster.",
    405: "Diese Adresse kennt die Methode nicht.",
    409: "Zur selben Zeit hat jemand anderes dasselbe verändert; bitte noch einmal senden.",
    413: "Zu groß: ein Text bis 1 MB, ein Bild bis 10 MB.",
    415: "Ein anderer Medientyp wird erwartet.",
    421: "Der Host der Anfrage ist nicht der dieser Website.",
    422: "Angaben fehlen oder passen nicht; jedes Feld mit einem Satz.",
    429: "Zu viele an einem Tag; Retry-After sagt, in wie vielen Sekunden es wieder geht.",
    500: "Ein Fehler bei uns; er ist vermerkt.",
    503: "Die Datenbank ist gerade nicht erreichbar; Retry-After sagt, wann es weitergeht.",
}
_FIELDS = [{"field": "link", "message": "Bitte eine Adresse angeben, die mit https:// beginnt."}]
_ASKING = (400, 401, 404, 405, 421, 422, 429, 500, 503)
_SENDING = (*_ASKING, 409, 413, 415)
_AFTER = {"Retry-After": {"schema": {"type": "string"}, "description": "Sekunden."}}


def _problem(status: int) -> dict[str, Any]:
    title, detail = SENTENCES[status]
    example: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        example["errors"] = _FIELDS
    return {
        "description": _WHEN[status],
        "content": {"application/problem+json": {"schema": _PROBLEM, "example": example}},
    } | ({"headers": _AFTER} if status in {429, 503} else {})


def _refusals(codes: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    return {code: _problem(code) for code in sorted(codes)}


REFUSALS = _refusals(_ASKING)
BODY_REFUSALS = _refusals(_SENDING)
SUBMITTED = {
    "description": "Der Beitrag ist da.",
    "links": {
        "status": {
            "operationId": ONE_OF_MINE,
            "parameters": {"reference": "$response.body#/id"},
            "description": "Wo er steht.",
        }
    },
}

# -- what is sent ---------------------------------------------------------------------------

_ONCE = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Ein selbst gewählter Schlüssel: Dieselbe Anfrage unter demselben Schlüssel"
    " wird 24 Stunden lang nur einmal ausgeführt und bekommt dieselbe Antwort; eine andere"
    " wird mit 422 abgelehnt.",
    "schema": {"type": "string", "pattern": f"^[!-~]{{1,{LONGEST}}}$"},
}
_FILE = {"type": "string", "format": "binary"}


def submission_body() -> dict[str, Any]:
    """The description of what is sent to hand an item in, with an example of each kind."""
    schema = SubmissionForm.model_json_schema()
    examples = {each["kind"]: {"value": each} for each in schema["examples"]}
    return {
        "parameters": [_ONCE],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "examples": examples}},
        },
    }


def picture_body(media_types: Iterable[str]) -> dict[str, Any]:
    """The description of what is sent to upload a picture."""
    form = {"type": "object", "required": ["file"], "properties": {"file": _FILE}}
    plain = {kind: {"schema": _FILE} for kind in media_types}
    content = plain | {"multipart/form-data": {"schema": form}}
    return {"parameters": [_ONCE], "requestBody": {"required": True, "content": content}}


def described(app: FastAPI, newsletters: Iterable[str]) -> Callable[[], dict[str, Any]]:
    """FastAPI's description of this application, which names this home's newsletters."""
    plain = app.openapi
    known = {"type": "string", "enum": list(newsletters)}

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            whole = plain()
            sent = whole["paths"]["/api/v1/submissions"]["post"]["requestBody"]["content"]
            schema = sent["application/json"]["schema"]
            targets = schema["properties"]["targets"] | {"items": known}
            schema["properties"] = schema["properties"] | {"targets": targets}
        return app.openapi_schema or {}

    return describe
