"""A reader's own page: what they get, a rest, their name, their goodbye."""

import time
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from newsletter import readers
from newsletter.errors import Invalid, Problem
from newsletter.language import LANGUAGES, _, dated
from newsletter.settings import Settings

from . import visitors
from .pages import acting, looking, now, page, require_own_form, settings_of

_STALE = 410

router = APIRouter(include_in_schema=False)


async def _sent(request: Request) -> dict[str, str]:
    """The fields of the form, in either of the two form encodings."""
    sent = await request.form()
    return {name: value for name, value in sent.items() if isinstance(value, str)}


Sent = Annotated[dict[str, str], Depends(_sent)]


@router.get("/preferences")
def ask(request: Request) -> Response:
    """Where one types an address, for who has no link at hand."""
    return _asking(request, readers.form_token(settings_of(request), now(request)))


@router.post("/preferences")
def ask_link(
    request: Request,
    email: Annotated[str, Form()] = "",
    website: Annotated[str, Form()] = "",
    form: Annotated[str, Form()] = "",
) -> Response:
    """Post the reader a link; the same page whoever it is, as soon (WB-07)."""
    require_own_form(request)
    began = time.monotonic()
    settings, moment = settings_of(request), now(request)
    served, form = visitors.renewed(settings, form, moment)
    once_more = "" if website else visitors.too_fast(served, moment)
    try:
        if not website and not once_more:
            with acting(request) as act:
                readers.ask_link(act, email, visitors.network(request))
    except Invalid as wrong:
        return _asking(request, form, email, wrong.problems)
    if once_more:
        return _asking(request, form, email, [Problem("form", once_more)])
    visitors.wait_since(began)
    return page(request, "preferences_sent.html", email=email)


@router.get("/preferences/{token}")
def preferences(request: Request, token: str) -> Response:
    """How things stand; looking changes nothing (PR-03)."""
    return _shown(request, token)


@router.post("/preferences/{token}")
def settle(request: Request, token: str, sent: Sent) -> Response:
    """A button of the page was pressed: ``leave`` names which newsletter to end, or all; ``link``
    asks for a fresh link; else what was chosen is kept.
    """
    require_own_form(request)
    readers.preferences_in(settings_of(request), token)  # costs no look at the database
    if "link" in sent:
        with acting(request) as act:
            readers.ask_link_again(act, token)
        return page(request, "preferences_sent.html", email="")
    try:
        with acting(request) as act:
            said = _done(act, token, sent)
    except Invalid as wrong:
        return _shown(request, token, typed=sent, problems=wrong.problems)
    return _shown(request, token, said=said)


def _done(act: Any, token: str, sent: dict[str, str]) -> Sequence[str]:
    leave = sent.get("leave")
    if leave is None:
        said = readers.settle(act, token, sent).said
    else:
        left = readers.leave_some(act, token, None if leave == "*" else [leave])
        told = _("Sie sind abgemeldet: Den Newsletter „{newsletter}“ schicken wir nicht mehr.")
        said = tuple(told.format(newsletter=name) for name in left)
    return said or [_("Es bleibt alles, wie es war.")]


def _shown(
    request: Request,
    token: str,
    *,
    said: Sequence[str] = (),
    typed: dict[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> Response:
    settings = settings_of(request)
    with looking(request) as session:
        wishes = readers.wishes(session, settings, token, now(request))
    if wishes.stale:
        return page(request, "preferences_stale.html", _STALE)
    zone = settings.zone
    return page(
        request,
        "preferences.html",
        422 if problems else 200,
        wishes=wishes,
        said=said,
        typed=typed or {},
        wrong={each.field: each.message for each in problems},
        day=lambda moment: dated(moment.astimezone(zone)),
        languages=_languages(wishes),
        open_sign_up=_open(settings),
    )


def _languages(wishes: readers.Wishes) -> list[tuple[str, str]]:
    """Each with the name that its speakers give it; one that letters do not speak stays."""
    names = {"de": "Deutsch", "en": "English"}
    known = [(key, names[key]) for key in LANGUAGES]
    own = wishes.language
    return known if own in LANGUAGES or not own else [*known, (own, own)]


def _asking(
    request: Request, form: str, email: str = "", problems: Sequence[Problem] = ()
) -> Response:
    wrong = {each.field: each.message for each in problems}
    return page(
        request,
        "preferences_ask.html",
        422 if wrong else 200,
        token=form,
        email=email,
        wrong=wrong,
    )


def _open(settings: Settings) -> bool:
    return any(it.open_sign_up for it in settings.newsletters.values())
