"""Drafts by form: kept while one types and by a button; and what happens if the link is over."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from newsletter import clusters
from newsletter.clusters import Access
from newsletter.errors import Invalid
from newsletter.language import _
from newsletter.submissions import drafts
from newsletter.submissions.drafts import Kept

from . import posted
from .form_page import Shown, form_page
from .hints import hints
from .pages import acting, now, page, require_own_form, settings_of, written
from .posted import Upload
from .typed import Typed

router = APIRouter(include_in_schema=False)


@router.post("/submit/{token}/draft")
def save(request: Request, token: str, sent: posted.Sent) -> Response:
    """Keep what was typed: for the script as JSON, for the button as the form again.

    An expired link still keeps what was typed under it. What is handed in already is kept once
    more only for the button: a script that was still about to save must not make a draft of it.
    """
    access, typed, upload, lapsed = posted.opened(request, token, sent)
    if "application/json" in request.headers.get("accept", ""):
        kept = _keep_unless_over(request, access, typed, upload, sent)
        if isinstance(kept, int):
            return _told_over(kept, sent)
        beside = written(request.app, "submit_hints.html", hints=hints(request, access, typed))
        return _told(request, kept, lapsed, beside)
    if lapsed:
        return link_over(request, access, typed, upload, sent)
    try:
        kept = keep_or_raise(request, access, typed, upload, sent)
    except Invalid as wrong:
        return form_page(request, access, typed, Shown(upload.picture, wrong.problems))
    return RedirectResponse(f"/submit/{token}?draft={kept.key}", 303)


@router.post("/submit/{token}/drop")
def drop(request: Request, token: str, sent: posted.Sent) -> Response:
    """Throw a draft away."""
    require_own_form(request)
    with acting(request) as act:
        access = clusters.by_link(act.session, token, act.now)
        drafts.drop(act, access.contributor, posted.draft_of(sent)[0])
    return RedirectResponse(f"/submit/{token}", 303)


def _keep_unless_over(
    request: Request, access: Access, typed: Typed, upload: Upload, sent: FormData
) -> Kept | int:
    """Where it lies now; or the submission that the form has become."""
    key, version = posted.draft_of(sent)
    with acting(request) as act:
        if done := drafts.over(act.session, access.contributor, key):
            return done
        said = posted.keepable(typed, upload.picture)
        return drafts.keep(act, access.contributor, key, version, said)


def _told_over(submission_id: int, sent: FormData) -> Response:
    said = _(
        "Dieses Formular ist schon eingereicht, als {reference}. Von selbst wird hier nichts mehr"
        " gesichert; „Entwurf speichern“ macht einen neuen Beitrag daraus."
    ).format(reference=f"q{submission_id}")
    key, version = posted.draft_of(sent)
    facts = {"draft": key, "version": version, "apart": False, "said": said, "lapsed": False}
    return JSONResponse(facts | {"handed_in": f"q{submission_id}", "hints": ""})


def _told(request: Request, kept: Kept, lapsed: bool, beside: str) -> Response:
    moment = now(request).astimezone(settings_of(request).zone)
    said = _("Entwurf gesichert um {clock} Uhr.").format(clock=f"{moment:%H:%M}")
    if kept.apart:
        said = _(
            "In einem anderen Fenster wurde an diesem Entwurf weitergeschrieben."
            " Beide sind gesichert; dieser hier ist jetzt ein eigener."
        )
    if lapsed:
        said = _(
            "Entwurf gesichert. Ihr Link ist inzwischen abgelaufen: Wenn Sie einreichen, schicken"
            " wir Ihnen einen neuen, und der Entwurf liegt dort bereit."
        )
    facts = {"draft": kept.key, "version": kept.version, "apart": kept.apart, "said": said}
    return JSONResponse(facts | {"lapsed": lapsed, "hints": beside})


def keep_or_raise(
    request: Request, access: Access, typed: Typed, upload: Upload, sent: FormData
) -> Kept:
    """Keep the form as it is now. Invalid if it is too much."""
    said = posted.keepable(typed, upload.picture)
    with acting(request) as act:
        return drafts.keep(act, access.contributor, *posted.draft_of(sent), said)


def keep(
    request: Request, access: Access, typed: Typed, upload: Upload, sent: FormData
) -> Kept | None:
    """Keep the form as it is now; None if it is too much, which the form says by itself, or if
    nothing stands in it yet.
    """
    if not (typed.begun or upload.picture or posted.draft_of(sent)[1]):
        return None
    return _keep_if_room(request, access, typed, upload, sent)


def _keep_if_room(
    request: Request, access: Access, typed: Typed, upload: Upload, sent: FormData
) -> Kept | None:
    try:
        return keep_or_raise(request, access, typed, upload, sent)
    except Invalid:
        return None


def link_over(
    request: Request, access: Access, typed: Typed, upload: Upload, sent: FormData
) -> Response:
    """An expired link: what was typed is kept, a new link goes out by mail."""
    kept = _keep_if_room(request, access, typed, upload, sent)
    with acting(request) as act:
        clusters.send_links(act, access.contributor.email)
    return page(request, "submit_over.html", 410, kept=kept is not None, cluster=access.cluster)
