"""The preview for editors who sit elsewhere: behind a signed address that holds for hours."""

import hashlib
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from itsdangerous import BadData, URLSafeSerializer

from newsletter.errors import NotFound
from newsletter.language import N_
from newsletter.settings import Settings

from . import preview
from .pages import looking, now, settings_of
from .preview import Sheet

router = APIRouter(include_in_schema=False)

HOLDS = timedelta(hours=12)
_ASK_AGAIN = 2_000  # milliseconds


class PreviewIsOver(NotFound):
    """The same for a link that lapsed and for one that was never ours."""

    sentence = N_(
        "Dieser Link zur Vorschau gilt nicht mehr. Einen neuen macht: newsletter issue preview"
        " AUSGABE --link"
    )
    http_status = 410


def link(settings: Settings, issue_id: str, moment: datetime) -> tuple[str, datetime]:
    """An address that shows this issue to whoever has it, and until when it does."""
    until = moment + HOLDS
    token = str(_signing(settings).dumps([issue_id, int(until.timestamp())]))
    return settings.links.preview(token), until


def _signing(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(settings.secrets),
        salt="newsletter.preview.v1",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def _issue_in(settings: Settings, token: str, moment: datetime) -> str:
    try:
        issue_id, until = _signing(settings).loads(token)
    except BadData as wrong:
        raise PreviewIsOver from wrong
    if moment.timestamp() >= until:
        raise PreviewIsOver
    return str(issue_id)


def _sheet(request: Request, token: str) -> Sheet:
    settings, moment = settings_of(request), now(request)
    issue_id = _issue_in(settings, token, moment)
    with looking(request) as session:
        return preview.sheet(session, settings, issue_id, moment)


router.add_api_route("/static/preview.css", preview.style)
router.add_api_route("/static/preview.js", preview.script)


@router.get("/preview/{token}")
def look(request: Request, token: str) -> Response:
    """The page."""
    made = _sheet(request, token)
    return preview.as_page(request, made, now(request), base=f"/preview/{token}/", linked=True)


@router.get("/preview/{token}/mail")
def mail(request: Request, token: str) -> Response:
    """The HTML part, for its frames."""
    made = preview.asked_for(request, _sheet(request, token), now(request))
    return preview.as_mail(request, made, pictures_here=False)


@router.get("/preview/{token}/message")
def message(request: Request, token: str) -> Response:
    """The message, to be opened in a mail program."""
    return preview.as_message(preview.asked_for(request, _sheet(request, token), now(request)))


@router.get("/preview/{token}/version")
def version(request: Request, token: str) -> Response:
    """Whether there is something new."""
    return preview.as_version(_sheet(request, token), _ASK_AGAIN)
