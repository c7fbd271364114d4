"""The JSON endpoint for member clusters: ``Authorization: Bearer <cluster key>``."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from newsletter import clusters, pictures, submissions
from newsletter.errors import Invalid, NewsletterError, NotFound, Problem
from newsletter.language import N_, _
from newsletter.models.cluster import Cluster
from newsletter.models.submission import Via
from newsletter.submissions import SubmissionForm

from . import own_twins
from .pages import acting, looking, settings_of

_PICTURES = ("image/jpeg", "image/png")


class Unauthorized(NewsletterError):
    sentence = N_(
        "Der Schlüssel fehlt oder gilt nicht. Bitte senden: Authorization: Bearer SCHLÜSSEL."
        " Einen neuen gibt die Redaktion aus."
    )
    http_status = 401


class NotJson(NewsletterError):
    sentence = N_("Das ist kein gültiges JSON: unlesbar.")
    http_status = 400


class BrokenJson(NotJson):
    sentence = N_("Das ist kein gültiges JSON: Zeile {line}, Spalte {column}.")


class WrongMediaType(NewsletterError):
    sentence = N_("Hier wird {wanted} erwartet, nicht „{given}“.")
    http_status = 415


class NotYours(NewsletterError):
    sentence = N_("Eine Einreichung „{reference}“ Ihres Clusters gibt es nicht.")
    http_status = 404


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

    id: str = Field(description="Die Nummer der Einreichung.", examples=["q412"])
    status: str = Field(description="Wo sie steht.", examples=["received"])
    status_url: str = Field(description="Die Statusseite; sie wird nur jetzt genannt.")
    similar: list[Similar] = Field(
        default=[], description="Eigene Beiträge, die wohl derselbe sind; die ähnlichsten zuerst."
    )


class Standing(BaseModel):
    """Where an item stands."""

    id: str = Field(examples=["q412"])
    status: str = Field(examples=["in_review"])
    kind: str
    title: str
    received_at: str
    newsletters: dict[str, str] = Field(examples=[{"go-cluster": "accepted"}])


class StandingInFull(Standing):
    """Where an item stands, and its content as it is now."""

    submission: dict[str, Any]


class Taken(BaseModel):
    """A picture that was taken in."""

    id: str = Field(description="Für das Feld image einer Einreichung.")
    width: int = Field(description="Breite in der Mail, in CSS-Pixeln.")
    height: int


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
            "items": {"type": "object", "properties": {"field": _TEXT, "message": _TEXT}},
        },
    },
}


def _problem(*, description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": _PROBLEM}},
    }


_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: _problem(description="Der Schlüssel fehlt oder gilt nicht."),
    404: _problem(description="Das gibt es nicht, oder nicht bei Ihrem Cluster."),
}
_BODY_REFUSALS = _REFUSALS | {
    400: _problem(description="Kein gültiges JSON, oder die Anfrage ist sonst nicht zu verstehen."),
    413: _problem(description="Zu groß."),
    415: _problem(description="Ein anderer Medientyp wird erwartet."),
    422: _problem(description="Angaben fehlen oder passen nicht; jedes Feld mit einem Satz."),
}
_bearer = HTTPBearer(auto_error=False, description="Der Schlüssel des Clusters.")

router = APIRouter(prefix="/api/v1")


def member(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Cluster:
    """The cluster whose key was sent. Unauthorized."""
    if given is None:
        raise Unauthorized
    with looking(request) as session:
        found = clusters.by_key(session, given.credentials)
    if found is None:
        raise Unauthorized
    return found


Member = Annotated[Cluster, Depends(member)]


async def json_object(request: Request, _key_first: Member) -> Mapping[str, object]:
    """The body as a JSON object. NotJson, WrongMediaType, Invalid."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != "application/json":
        raise WrongMediaType(wanted="application/json", given=given)
    body = await request.body()
    try:
        found = json.loads(body, parse_constant=_no_constant)
    except json.JSONDecodeError as exc:
        raise BrokenJson(line=exc.lineno, column=exc.colno) from exc
    except (ValueError, RecursionError) as exc:  # not UTF-8, NaN, nested without end
        raise NotJson from exc
    if not isinstance(found, dict):
        raise Invalid([Problem("", _("Hier wird ein JSON-Objekt mit Feldern erwartet."))])
    return found


def _no_constant(name: str) -> object:
    raise ValueError(name)


@router.post(
    "/submissions",
    status_code=201,
    response_model=Received,
    responses=_BODY_REFUSALS,
    summary="Einen Beitrag einreichen",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": SubmissionForm.model_json_schema()}},
        }
    },
)
def submit(
    request: Request,
    cluster: Member,
    facts: Annotated[Mapping[str, object], Depends(json_object)],
) -> Received:
    """Eine Meldung, einen Termin oder eine Erfolgsgeschichte einreichen.

    Alle Fehler kommen auf einmal, jeder bei seinem Feld; dann ist nichts gespeichert.
    """
    with acting(request) as act:
        receipt = submissions.receive(
            act, facts, cluster=cluster, via=Via.API, by=f"api:{cluster.slug}"
        )
    with looking(request) as session:
        twins = own_twins.of_item(session, settings_of(request), receipt.reference)
    return Received(
        id=receipt.reference,
        status="received",
        status_url=receipt.status_url or "",
        similar=[_similar(twin) for twin in twins],
    )


def _similar(twin: submissions.Twin) -> Similar:
    reasons = [reason.value for reason in twin.likeness.reasons]
    return Similar(id=twin.reference, title=twin.title, status=twin.state.value, reasons=reasons)


@router.get(
    "/submissions",
    response_model=list[Standing],
    responses=_REFUSALS,
    summary="Eigene Beiträge, die neuesten zuerst",
)
def all_of_mine(request: Request, cluster: Member) -> list[Standing]:
    """Was Ihr Cluster eingereicht hat, und wo es steht."""
    with looking(request) as session:
        return [_standing(each) for each in submissions.own(session, cluster)]


@router.get(
    "/submissions/{reference}",
    response_model=StandingInFull,
    responses=_REFUSALS,
    summary="Ein eigener Beitrag",
)
def one_of_mine(request: Request, cluster: Member, reference: str) -> StandingInFull:
    """Wo ein Beitrag steht, und sein jetziger Inhalt."""
    with looking(request) as session:
        try:
            row = submissions.by_reference(session, reference)
        except NotFound as exc:
            raise NotYours(reference=reference) from exc
        if row.cluster_id != cluster.id:
            raise NotYours(reference=reference)
        (found,) = submissions.own(session, cluster, only=row.id)
        facts = submissions.facts_of(session, row)
    return StandingInFull(**_standing(found).model_dump(), submission=facts)


def _standing(summary: submissions.Summary) -> Standing:
    return Standing(
        id=summary.reference,
        status=summary.state.value,
        kind=summary.kind,
        title=summary.title,
        received_at=summary.received_at.isoformat(),
        newsletters={slug: state.value for slug, state in summary.newsletters.items()},
    )


async def picture_bytes(request: Request, _key_first: Member) -> bytes:
    """The picture: the body itself, or the part ``file`` of a form."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given in _PICTURES:
        return await request.body()
    if given != "multipart/form-data":
        wanted = _("image/jpeg, image/png oder multipart/form-data")
        raise WrongMediaType(wanted=wanted, given=given)
    async with request.form(max_files=1, max_fields=10) as sent:
        file = sent.get("file")
        if not isinstance(file, UploadFile):
            raise Invalid([Problem("file", _("Bitte das Bild im Teil „file“ senden."))])
        return await file.read(pictures.LARGEST + 1)


@router.post(
    "/images",
    status_code=201,
    response_model=Taken,
    responses=_BODY_REFUSALS,
    summary="Ein Bild hochladen",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                **{kind: {"schema": {"type": "string", "format": "binary"}} for kind in _PICTURES},
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"type": "string", "format": "binary"}},
                    }
                },
            },
        }
    },
)
def upload(
    request: Request, cluster: Member, data: Annotated[bytes, Depends(picture_bytes)]
) -> Taken:
    """Ein Bild (JPEG oder PNG, höchstens 10 MB) hochladen; ``id`` kommt in das Feld ``image``."""
    prepared = pictures.prepare(data)  # outside the transaction: it takes a while
    with acting(request) as act:
        taken = pictures.keep(act, prepared, cluster_id=cluster.id, by=f"api:{cluster.slug}")
    return Taken(id=taken.key, width=taken.width, height=taken.height)
