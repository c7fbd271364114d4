"""One picture from an editor who sits elsewhere than the server: behind a link that goes once."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from newsletter import pictures, queue, submissions
from newsletter.errors import Invalid, Problem
from newsletter.history import Actor
from newsletter.language import _
from newsletter.models.cluster import Picture
from newsletter.queue import Words

from . import posted
from .form_page import path_of
from .pages import acting, looking, now, page, require_own_form, settings_of

router = APIRouter(include_in_schema=False)


@router.get("/upload/{token}")
def form(request: Request, token: str) -> Response:
    """What picture for which item; looking uses nothing up."""
    return _form(request, token)


def known(request: Request, token: str) -> None:
    """Whether the link is good: of a stranger nothing is read. FromElsewhere, UploadIsOver."""
    require_own_form(request)
    with looking(request) as session:
        queue.uploading(session, settings_of(request), token, now(request))


async def sent(
    request: Request, _known: Annotated[None, Depends(known)]
) -> AsyncIterator[FormData]:
    """Read the form that comes with such a link."""
    async for it in posted.read(request):
        yield it


@router.post("/upload/{token}")
def upload(request: Request, token: str, sent: Annotated[FormData, Depends(sent)]) -> Response:
    """Take the picture as the item's, in a new revision; or the form with what is wrong, and
    with the picture, which is kept at once.
    """
    with looking(request) as session:
        link = queue.uploading(session, settings_of(request), token, now(request))
    typed = {name: value for name, value in sent.items() if isinstance(value, str)}
    words = Words(
        typed.get("image_alt", ""),
        "image_decorative" in typed,
        typed.get("image_credit", ""),
        rights="rights_confirmed" in typed,
    )
    picture: Picture | None = None
    try:
        picture = _picture(request, token, sent, link)
        with acting(request, Actor(link.editor)) as act:
            done = queue.upload(act, token, picture, words)
    except Invalid as wrong:
        return _form(request, token, typed, wrong.problems, picture)
    return page(
        request,
        "upload_done.html",
        done=done,
        picture=picture,
        picture_path=path_of(settings_of(request), picture),
    )


def _picture(request: Request, token: str, sent: FormData, link: queue.Upload) -> Picture:
    """The picture that came now, or with a try before. Invalid."""
    file, key = sent.get("image"), sent.get("image_key")
    if isinstance(file, UploadFile) and file.filename:
        prepared = pictures.prepare(file.file.read(pictures.LARGEST + 1))
        with acting(request, Actor(link.editor)) as act:
            return queue.keep_uploaded(act, token, prepared)
    with looking(request) as session:
        earlier = queue.uploaded(session, link, key if isinstance(key, str) else "")
    if earlier is None:
        raise Invalid([Problem("image", _("Bitte wählen Sie ein Bild aus."))])
    return earlier


def _form(
    request: Request,
    token: str,
    typed: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
    picture: Picture | None = None,
) -> Response:
    settings = settings_of(request)
    with looking(request) as session:
        link = queue.uploading(session, settings, token, now(request))
        row = submissions.by_reference(session, link.reference)
        revision = submissions.revision_of(session, row)
        if picture is None:
            picture = queue.uploaded(session, link, (typed or {}).get("image_key", ""))
    return page(
        request,
        "upload.html",
        422 if problems else 200,
        path=f"/upload/{token}",
        reference=link.reference,
        title=revision.title,
        has_picture=revision.picture_id is not None,
        rights=revision.rights_confirmed,
        typed=typed or {},
        picture=picture,
        picture_path=path_of(settings, picture) if picture else "",
        problems=problems,
        wrong={each.field: each.message for each in problems},
    )
