"""What people bring along: text pasted from Word becomes the text of the form's field."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException

from newsletter import clusters, texts
from newsletter.submissions.facts import RAW_BODY

from .pages import looking, now, require_own_form

router = APIRouter(include_in_schema=False)


async def _body(request: Request) -> bytes:
    return await request.body()


@router.post("/submit/{token}/pasted")
def pasted(request: Request, token: str, html: Annotated[bytes, Depends(_body)]) -> Response:
    """HTML from the clipboard as the text that the field shows: lists, links and bold stay.

    The form's script asks for it; without it people paste plain text. 413 for a text that
    would be refused anyway.
    """
    require_own_form(request)
    with looking(request) as session:
        clusters.by_link(session, token, now(request))
    text = html.decode("utf-8", "replace")
    if len(text) > RAW_BODY:
        raise HTTPException(413)
    return PlainTextResponse(texts.from_html(text))
