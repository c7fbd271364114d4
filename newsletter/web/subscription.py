"""Sign-up, confirmation and goodbye in the browser, and the mail programs' one-click.

GET shows a page with one button, POST acts: link scanners open every link of a mail in a
real browser (PR-03, PR-04). No page sets a cookie or needs JavaScript.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException

from newsletter import readers
from newsletter.errors import Invalid, Problem
from newsletter.language import _
from newsletter.readers import Confirmation, Waits
from newsletter.settings import Settings

from . import visitors
from .pages import acting, looking, now, page, require_own_form, settings_of

_STALE = 410
FULL = readers.EditionChoice.FULL.value

# RFC 8058 §3.1 and WB-03: a webmail program may call this from its own page.
_ANY_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

router = APIRouter(include_in_schema=False)


@router.get("/subscribe")
def sign_up_form(request: Request) -> Response:
    """The sign-up form, nothing ticked (LA-03)."""
    return _form(request, readers.form_token(settings_of(request), now(request)))


@router.post("/subscribe")
def sign_up(
    request: Request,
    email: Annotated[str, Form()] = "",
    newsletter: Annotated[list[str] | None, Form()] = None,
    edition: Annotated[str, Form()] = FULL,
    website: Annotated[str, Form()] = "",
    form: Annotated[str, Form()] = "",
) -> Response:
    """Ask each ticked newsletter's confirmation by letter; the same page whoever it is (WB-07).

    ``website`` is a trap: people do not see it, machines fill it in. Whoever is too fast for
    a person, or too late, is asked to send the form once more: it may be a person.
    """
    require_own_form(request)
    began = time.monotonic()
    settings, moment = settings_of(request), now(request)
    wanted = list(dict.fromkeys(newsletter or []))
    served, form = visitors.renewed(settings, form, moment)
    typed = {"email": email, "ticked": wanted, "edition": edition}
    try:
        readers.checked(email, bool(wanted), edition)
    except Invalid as wrong:
        return _form(request, form, list(wrong.problems), typed)
    if website:
        return _sent(request, email, began)
    if once_more := visitors.too_fast(served, moment):
        return _form(request, form, [Problem("form", once_more)], typed)
    with acting(request) as act:
        for slug in wanted:
            readers.sign_up(
                act,
                slug,
                email,
                consented=True,
                network=visitors.network(request),
                edition=readers.EditionChoice(edition),
            )
    return _sent(request, email, began)


@router.get("/confirm/{token}")
def confirmation(request: Request, token: str) -> Response:
    """The page with the button; looking at it confirms nothing (PR-04)."""
    settings = settings_of(request)
    readers.confirmation_in(settings, token)  # a wrong signature costs no look at the database
    with looking(request) as session:
        awaited = readers.awaited(session, settings, token, now(request))
    if awaited.waits is Waits.STALE:
        return _page_of(request, awaited.slug, "confirm_stale.html", _STALE)
    if awaited.waits is Waits.ALREADY:
        return _page_of(request, awaited.slug, "confirm_done.html", newsletter=awaited.newsletter)
    return _page_of(request, awaited.slug, "confirm.html", awaited=awaited)


@router.post("/confirm/{token}")
def confirm(request: Request, token: str) -> Response:
    """The button was pressed."""
    require_own_form(request)
    settings = settings_of(request)
    readers.confirmation_in(settings, token)
    with acting(request) as act:
        outcome = readers.confirm(act, token)
        awaited = readers.awaited(act.session, settings, token, act.now)
    if outcome is Confirmation.STALE:
        return _page_of(request, awaited.slug, "confirm_stale.html", _STALE)
    return _page_of(request, awaited.slug, "confirm_done.html", newsletter=awaited.newsletter)


@router.get("/unsubscribe/{token}")
def goodbye(request: Request, token: str) -> Response:
    """The page with the button; the address is masked, since mails are forwarded."""
    settings = settings_of(request)
    readers.goodbye_in(settings, token)
    with looking(request) as session:
        face = readers.face(session, settings, token)
    if not face.reads:
        return _page_of(request, face.slug, "unsubscribe_done.html", newsletter=face.newsletter)
    return _page_of(request, face.slug, "unsubscribe.html", face=face)


async def _one_click(request: Request) -> bool:
    """Whether a mail program asks (RFC 8058 §3.1), in either of the two form encodings."""
    return b"One-Click" in await request.body()


@router.post("/unsubscribe/{token}")
def unsubscribe(
    request: Request, token: str, one_click: Annotated[bool, Depends(_one_click)]
) -> Response:
    """Leave at once: no login, no question, no origin asked, never a redirect (WB-01)."""
    readers.goodbye_in(settings_of(request), token)
    with acting(request) as act:
        left = readers.unsubscribe(act, token, "one-click" if one_click else "web")
    if one_click:
        return PlainTextResponse(_("Sie sind abgemeldet.") + "\n", headers=_ANY_ORIGIN)
    return _page_of(request, left.slug, "unsubscribe_done.html", newsletter=left.newsletter)


def _form(
    request: Request,
    token: str,
    problems: Sequence[Problem] = (),
    typed: Mapping[str, Any] | None = None,
) -> Response:
    settings = settings_of(request)
    open_ones = {slug: settings.newsletters[slug] for slug in _open(settings)}
    wrong = {problem.field: problem.message for problem in problems}
    return _page_of(
        request,
        _open(settings)[0],
        "subscribe.html",
        422 if wrong else 200,
        newsletters=open_ones,
        token=token,
        wrong=wrong,
        **(typed or {"email": "", "ticked": (), "edition": FULL}),
    )


def _sent(request: Request, email: str, began: float) -> Response:
    visitors.wait_since(began)
    return _page_of(request, _open(settings_of(request))[0], "subscribe_sent.html", email=email)


def _page_of(
    request: Request, slug: str, template: str, status: int = 200, **facts: Any
) -> Response:
    """A page under the imprint of the newsletter it is about."""
    newsletter = settings_of(request).newsletters.get(slug)
    if newsletter is not None:
        facts["imprint"] = newsletter.imprint.plain()
    return page(request, template, status, **facts)


def _open(settings: Settings) -> list[str]:
    """The newsletters that anybody may sign up for; 404 if there is none."""
    slugs = [slug for slug, it in settings.newsletters.items() if it.open_sign_up]
    if not slugs:
        raise HTTPException(404)
    return slugs
