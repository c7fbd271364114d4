"""What people bring along: a file or a link fills the form, text pasted from Word its field."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from newsletter import brought, clusters, outside, texts
from newsletter.brought import Found, Setting, Unusable
from newsletter.clusters import Access
from newsletter.content import Kind
from newsletter.errors import Problem
from newsletter.language import _
from newsletter.outside import OutsideError
from newsletter.submissions.facts import RAW_BODY
from subscribers import limits

from . import filling, posted, visitors
from .begin import fresh
from .drafts import keep, link_over
from .filling import Offer
from .form_page import Shown, form_page
from .pages import acting, looking, now, settings_of
from .posted import Upload
from .typed import Typed

router = APIRouter(include_in_schema=False)
FILE, LINK = "brought_file", "brought_link"  # fields of the form
CHOICE, PICKED = "brought", "brought_pick"
_PAGES = {"text/html", "application/xhtml+xml"}
_FILES = {
    "text/calendar",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_PAGES_AN_HOUR = 60  # of one cluster


async def _body(request: Request, _known: Annotated[None, Depends(posted.known)]) -> bytes:
    return await request.body()


@router.post("/submit/{token}/pasted")
def pasted(request: Request, token: str, html: Annotated[bytes, Depends(_body)]) -> Response:
    """HTML from the clipboard as the text that the field shows: lists, links and bold stay.

    The form's script asks for it; without it people paste plain text. 413 for a text that
    would be refused anyway.
    """
    with looking(request) as session:
        clusters.by_link(session, token, now(request))
    text = html.decode("utf-8", "replace")
    if len(text) > RAW_BODY:
        raise HTTPException(413)
    return PlainTextResponse(texts.from_html(text))


@router.post("/submit/{token}/bring")
def bring(request: Request, token: str, sent: posted.Sent) -> Response:
    """The form again, its empty fields filled from what was brought; nothing is handed in."""
    access, typed, upload, lapsed = posted.opened(request, token, sent)
    if lapsed:
        return link_over(request, access, typed, upload, sent)
    return bring_along(request, access, typed, upload, sent)


def is_bringing(sent: FormData) -> bool:
    """Whether a form comes with something to be read first."""
    return _has_file(sent) or bool(_text(sent, LINK).strip())


def bring_along(
    request: Request, access: Access, typed: Typed, upload: Upload, sent: FormData
) -> Response:
    """Fill the form with what came; or ask which of several; or say why nothing could be read."""
    if not typed.values.get("kind"):  # brought before anything was chosen
        typed = Typed({**fresh(request, access, "").values, **typed.values}, typed.targets)
    try:
        offers = _offers(request, access, sent)
    except (Unusable, OutsideError) as why:
        problem = Problem(FILE if _has_file(sent) else LINK, str(why))
        link = _text(sent, LINK)[:2_000]
        return _shown(request, access, typed, upload, sent, (problem,), brought_link=link)
    if len(offers) > 1:
        typed = Typed({**typed.values, "kind": _kind(typed, offers[0])}, typed.targets)
        several = {"offers": offers, "packed": filling.packed(offers)}
        return _shown(request, access, typed, upload, sent, brought=several)
    done = filling.filled(typed, offers[0])
    return _shown(request, access, done.typed, upload, sent, brought={"done": done})


def _kind(typed: Typed, offer: Offer) -> str:
    return typed.values.get("kind") or offer.fields.get("kind", Kind.NEWS.value)


def _offers(request: Request, access: Access, sent: FormData) -> list[Offer]:
    """What was brought, at least one; of several that were shown, the one that was chosen."""
    if picked := filling.unpacked(_text(sent, CHOICE), _text(sent, PICKED)):
        return [picked]
    settings = settings_of(request)
    moment: datetime = now(request)
    setting = Setting(settings.zone, moment.astimezone(settings.zone).date())
    file = sent.get(FILE)
    if isinstance(file, UploadFile) and file.filename:
        found = brought.of_file(file.file.read(brought.LARGEST_FILE + 1), setting)
    elif link := _text(sent, LINK).strip():
        found = _behind(request, access, link, setting)
    else:
        raise Unusable(why=_("Bitte wählen Sie eine Datei aus, oder fügen Sie einen Link ein."))
    return filling.offers(found, setting.zone, setting.today)


def _behind(request: Request, access: Access, link: str, setting: Setting) -> list[Found]:
    """What stands on a page, or in the file that a link leads to."""
    with acting(request) as act:
        few = [limits.Limit(f"pages {access.cluster.id}", _PAGES_AN_HOUR, timedelta(hours=1))]
        if not limits.take(act.session, act.now, act.settings.hash_key, few):
            why = _("Ihr Cluster hat in dieser Stunde sehr viele Seiten gelesen. Bitte später.")
            raise Unusable(why=why)
    whole = re.sub(r"^(?:http://)?(?=[\w.-]+\.\w)", "https://", link)  # as people copy it
    fetcher: outside.Fetcher = request.app.state.fetcher
    page = fetcher.fetch(whole, _PAGES | _FILES)
    if page.media_type in _FILES:
        return brought.of_file(page.body, setting)
    return brought.of_page(page.body, page.charset, page.url, setting)


def _has_file(sent: FormData) -> bool:
    file = sent.get(FILE)
    return isinstance(file, UploadFile) and bool(file.filename)


def _text(sent: FormData, name: str) -> str:
    given = sent.get(name)
    return given if isinstance(given, str) else ""


def _shown(
    request: Request,
    access: Access,
    typed: Typed,
    upload: Upload,
    sent: FormData,
    problems: tuple[Problem, ...] = (),
    **more: Any,
) -> Response:
    """The form, kept as a draft as well: a window that is closed now loses nothing."""
    draft = keep(request, access, typed, upload, sent)
    more["token"] = visitors.carried(settings_of(request), sent, now(request))
    shown = Shown(upload.picture, (*problems, *upload.problems), draft=draft, more=more)
    return form_page(request, access, typed, shown)
