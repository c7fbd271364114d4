"""One picture from an editor who sits elsewhere than the server: behind a link that goes once."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from newsletter import pictures, queue, submissions
from newsletter.errors import Invalid, Problem
from newsletter.history import Actor
from newsletter.language import _
from newsletter.pictures import Prepared
from newsletter.queue import Words

from . import posted
from .form_page import path_of
from .pages import acting, looking, now, page, require_own_form, settings_of

router = APIRouter(include_in_schema=False)


@router.get("/upload/{token}")
def form(request: Request, token: str) -> Response:
    """What picture for which item; looking uses nothing up."""
    return _form(request, token)


@router.post("/upload/{token}")
def upload(request: Request, token: str, sent: posted.Sent) -> Response:
    """Take the picture as the item's, in a new revision; or the form with what is wrong."""
    require_own_form(request)
    with looking(request) as session:
        link = queue.uploading(session, settings_of(request), token, now(request))
    typed = {name: value for name, value in sent.items() if isinstance(value, str)}
    words = Words(
        typed.get("image_alt", ""),
        "image_decorative" in typed,
        typed.get("image_credit", ""),
        rights="rights_confirmed" in typed,
    )
    try:
        prepared = _prepared(sent)
        with acting(request, Actor(link.editor)) as act:
            done = queue.upload(act, token, prepared, words)
            row = submissions.by_reference(act.session, done.reference)
            key = submissions.facts_of(act.session, row)["image"]
            kept = pictures.of_cluster(act.session, key, None)
    except Invalid as wrong:
        return _form(request, token, typed, wrong.problems)
    return page(
        request,
        "upload_done.html",
        done=done,
        picture=kept,
        picture_path=path_of(settings_of(request), kept) if kept else "",
    )


def _prepared(sent: FormData) -> Prepared:
    file = sent.get("image")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Invalid([Problem("image", _("Bitte wählen Sie ein Bild aus."))])
    return pictures.prepare(file.file.read(pictures.LARGEST + 1))


def _form(
    request: Request,
    token: str,
    typed: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> Response:
    settings = settings_of(request)
    with looking(request) as session:
        link = queue.uploading(session, settings, token, now(request))
        row = submissions.by_reference(session, link.reference)
        revision = submissions.revision_of(session, row)
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
        problems=problems,
        wrong={each.field: each.message for each in problems},
    )
