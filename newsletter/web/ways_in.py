"""``/submit`` without a link: type your address, the link comes by mail; or ask for access.

Every address gets the same page, as late as every other (WB-07). GET acts on nothing.
"""

import time
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from newsletter import clusters, readers
from newsletter.clusters import Wish
from newsletter.clusters.ways_in import checked_address
from newsletter.errors import Invalid, Problem

from . import visitors
from .pages import acting, now, page, require_own_form, settings_of

router = APIRouter(include_in_schema=False)

_Text = Annotated[str, Form()]


@router.get("/submit")
@router.get("/einreichen")
def explain(request: Request) -> Response:
    """Where a personal link is asked for."""
    return _ask_address(request, readers.form_token(settings_of(request), now(request)))


@router.post("/submit")
@router.post("/einreichen")
def send_link(
    request: Request, email: _Text = "", website: _Text = "", form: _Text = ""
) -> Response:
    """Post a link to an address that is registered; the same page to everybody.

    ``website`` is a trap for machines, and ``form`` tells when the form was served (WB-08).
    """
    require_own_form(request)
    began = time.monotonic()
    moment = now(request)
    served, form = visitors.renewed(settings_of(request), form, moment)
    try:
        checked_address(email)
    except Invalid as wrong:
        return _ask_address(request, form, email, wrong.problems)
    if not website:
        if once_more := visitors.too_fast(served, moment):
            return _ask_address(request, form, email, [Problem("form", once_more)])
        with acting(request) as act:
            clusters.send_links(act, email, visitors.network(request))
    visitors.wait_since(began)
    return page(request, "submit_sent.html", email=email, token=form, typed={"email": email})


@router.get("/access")
@router.get("/zugang")
def ask(request: Request) -> Response:
    """The form for who is not registered."""
    return _ask_access(request, readers.form_token(settings_of(request), now(request)), {})


@router.post("/access")
@router.post("/zugang")
def request_access(
    request: Request,
    email: _Text = "",
    name: _Text = "",
    organisation: _Text = "",
    message: _Text = "",
    website: _Text = "",
    form: _Text = "",
) -> Response:
    """Put the wish before the editors; the same page whoever it is."""
    require_own_form(request)
    began = time.monotonic()
    moment = now(request)
    served, form = visitors.renewed(settings_of(request), form, moment)
    typed = {"email": email, "name": name, "organisation": organisation, "message": message}
    wish = Wish(email, name, organisation, message)
    try:
        clusters.understood_wish(wish)
    except Invalid as wrong:
        return _ask_access(request, form, typed, wrong.problems)
    if not website:
        if once_more := visitors.too_fast(served, moment):
            return _ask_access(request, form, typed, [Problem("form", once_more)])
        with acting(request) as act:
            clusters.request_access(act, wish, visitors.network(request))
    visitors.wait_since(began)
    return page(request, "access_asked.html", email=email)


def _ask_address(
    request: Request, token: str, email: str = "", problems: Sequence[Problem] = ()
) -> Response:
    return page(
        request,
        "submit.html",
        422 if problems else 200,
        token=token,
        typed={"email": email},
        problems=problems,
        wrong={each.field: each.message for each in problems},
    )


def _ask_access(
    request: Request,
    token: str,
    typed: dict[str, str],
    problems: Sequence[Problem] = (),
) -> Response:
    return page(
        request,
        "access.html",
        422 if problems else 200,
        token=token,
        typed=typed,
        problems=problems,
        wrong={each.field: each.message for each in problems},
    )
