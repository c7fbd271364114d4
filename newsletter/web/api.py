"""The JSON endpoint for member clusters: ``Authorization: Bearer <cluster key>``."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session
from starlette.datastructures import UploadFile

from newsletter import clusters, pictures, submissions
from newsletter.errors import Invalid, NewsletterError, NotFound, Problem
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.cluster import Cluster
from newsletter.models.submission import Via

from . import once, own_twins
from .api_shapes import (
    BODY_REFUSALS,
    ONE_OF_MINE,
    REFERENCE,
    REFUSALS,
    SUBMITTED,
    Decision,
    Received,
    Similar,
    Standing,
    StandingInFull,
    Taken,
    picture_body,
    submission_body,
)
from .hands import in_hand
from .pages import acting, looking, now, settings_of
from .together import together

_SHORT = 64_000  # bytes of a body that are read before its key is looked up
_PICTURES = ("image/jpeg", "image/png", "image/webp")


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


_bearer = HTTPBearer(auto_error=False, description="Der Schlüssel des Clusters.")

router = APIRouter(prefix="/api/v1")


def member(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Cluster:
    """The cluster whose key was sent. Unauthorized."""
    with looking(request) as session:
        return _member(session, given)


def _member(session: Session, given: HTTPAuthorizationCredentials | None) -> Cluster:
    found = clusters.by_key(session, given.credentials) if given else None
    if found is None:
        raise Unauthorized
    return found


Member = Annotated[Cluster, Depends(member)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
# described with the body: FastAPI would describe it as "string or null"
Key = Annotated[str | None, Header(alias=once.HEADER, include_in_schema=False)]


def _json_object(media_type: str, body: bytes) -> dict[str, Any]:
    """The body as a JSON object. NotJson, WrongMediaType, Invalid."""
    given = media_type.partition(";")[0].strip().lower()
    if given != "application/json":
        raise WrongMediaType(wanted="application/json", given=given)
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
    responses={201: SUBMITTED, **BODY_REFUSALS},
    summary="Einen Beitrag einreichen",
    openapi_extra=submission_body(),
)
async def submit(request: Request, given: Bearer) -> Response:
    """Eine Meldung, einen Termin oder eine Erfolgsgeschichte einreichen.

    Alle Fehler kommen auf einmal, jeder bei seinem Feld; dann ist nichts gespeichert.
    """
    if given is None:
        raise Unauthorized
    if not _is_short(request):  # a stranger sends us nothing long; a member waits twice for a hand
        await in_hand(member, request, given)
    taken_in = await in_hand(_made_ready, request, given, await request.body())
    answer = await together(request, taken_in)
    return Response(answer.model_dump_json(), 201, media_type="application/json")


def _is_short(request: Request) -> bool:
    """Whether the body is announced, and of a length that has mostly come with the headers."""
    length = request.headers.get("content-length", "")
    return length.isdecimal() and int(length) <= _SHORT


def _made_ready(
    request: Request, given: HTTPAuthorizationCredentials | None, body: bytes
) -> Callable[[Act], Received]:
    """All but the writing. Whose key is unknown hears nothing but that."""
    settings = settings_of(request)
    with looking(request) as session:
        cluster = _member(session, given)
        facts = _json_object(request.headers.get("content-type", ""), body)
        key = request.headers.get(once.HEADER)
        asked = once.asked(cluster, key, "POST /submissions", facts)
        rules = submissions.rules_of(settings, now(request), contributed=True)
        item = submissions.checked(session, rules, facts, cluster)
        twins = own_twins.of_facts(session, settings, item.facts, cluster)
        token = once.status_token(settings, asked)
        ready = submissions.ready(
            session, settings, item, cluster=cluster, via=Via.API, status_token=token
        )
    return partial(_taken_in, cluster=cluster, asked=asked, ready=ready, twins=twins)


def _taken_in(
    act: Act,
    cluster: Cluster,
    asked: once.Asked,
    ready: submissions.Ready,
    twins: Sequence[submissions.Twin],
) -> Received:
    if (answered := once.earlier(act, asked)) is not None:
        return Received(**answered)
    by = f"api:{cluster.slug}"
    receipt = submissions.receive(act, ready, cluster=cluster, via=Via.API, by=by)
    answer = Received(
        id=receipt.reference,
        status="received",
        status_url=receipt.status_url or "",
        similar=[_similar(twin) for twin in twins],
    )
    once.keep(act, asked, answer.model_dump(), with_status=True)
    return answer


def _similar(twin: submissions.Twin) -> Similar:
    reasons = [reason.value for reason in twin.likeness.reasons]
    return Similar(id=twin.reference, title=twin.title, status=twin.state.value, reasons=reasons)


@router.get(
    "/submissions",
    response_model=list[Standing],
    responses=REFUSALS,
    summary="Eigene Beiträge, die neuesten zuerst",
)
def all_of_mine(
    request: Request,
    cluster: Member,
    limit: Annotated[int | None, Query(ge=1, le=1000, description="Höchstens so viele.")] = None,
    before: Annotated[
        str | None,
        Query(
            pattern=r"^q[0-9]{1,9}$",
            description="Nur ältere als dieser, zum Weiterblättern.",
            examples=[REFERENCE],
        ),
    ] = None,
) -> list[Standing]:
    """Was Ihr Cluster eingereicht hat, und wo es steht."""
    older_than = int(before[1:]) if before else None
    with looking(request) as session:
        found = submissions.own(session, cluster, older_than=older_than, most=limit)
    return [_standing(each) for each in found]


@router.get(
    "/submissions/{reference}",
    response_model=StandingInFull,
    responses=REFUSALS,
    summary="Ein eigener Beitrag",
    operation_id=ONE_OF_MINE,
)
def one_of_mine(
    request: Request,
    cluster: Member,
    reference: Annotated[str, Path(description="Seine Nummer.", examples=[REFERENCE])],
) -> StandingInFull:
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
        decisions = [
            _decision(each) for each in submissions.decisions_of(session, settings_of(request), row)
        ]
    return StandingInFull(
        **_standing(found).model_dump(),
        submission=facts,
        decisions=decisions,
        event_state=row.event_state,
    )


def _decision(made: submissions.Decision) -> Decision:
    return Decision(
        newsletter=made.newsletter,
        status=made.state.value,
        reason=made.reason,
        published_in=list(made.published_in),
    )


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
        wanted = _("image/jpeg, image/png, image/webp oder multipart/form-data")
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
    responses=BODY_REFUSALS,
    summary="Ein Bild hochladen",
    openapi_extra=picture_body(_PICTURES),
)
def upload(
    request: Request,
    cluster: Member,
    data: Annotated[bytes, Depends(picture_bytes)],
    key: Key = None,
) -> Taken:
    """Ein Bild (JPEG, PNG oder WebP, höchstens 10 MB) hochladen.

    Die ``id`` kommt in das Feld ``image`` einer Einreichung.
    """
    asked = once.asked(cluster, key, "POST /images", data)
    prepared = pictures.prepare(data)  # outside the transaction: it takes a while
    with acting(request) as act:
        if (answered := once.earlier(act, asked)) is not None:
            return Taken(**answered)
        taken = pictures.keep(act, prepared, cluster_id=cluster.id, by=f"api:{cluster.slug}")
        answer = Taken(id=taken.key, width=taken.width, height=taken.height)
        once.keep(act, asked, answer.model_dump(), with_status=False)
    return answer
