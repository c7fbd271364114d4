"""Where the form begins: what shall it be, what was begun, and a form that is still empty."""

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from newsletter import rhythm, submissions
from newsletter.clusters import Access
from newsletter.language import _
from newsletter.models.draft import Draft
from newsletter.submissions import drafts

from .again import contact, wieder
from .form_page import here, kinds
from .pages import page, settings_of
from .status import STATES
from .suggested import suggested
from .typed import Typed


def fresh(request: Request, access: Access, kind: str) -> Typed:
    """What stands in a form that somebody opens for the first time."""
    first = {"kind": kind, "language": settings_of(request).language, **contact(access)}
    return Typed(first, [])


def choose(request: Request, session: Session, access: Access, over: Draft | None) -> Response:
    """What it shall be, and what was begun. ``over``: a draft that has been handed in."""
    settings = settings_of(request)
    return page(
        request,
        "submit_kind.html",
        cluster=access.cluster,
        kinds=kinds(),
        here=here(request),
        own=submissions.own(session, access.cluster, most=5),
        again=wieder(request, session, access),
        feeds=suggested(request, session, access),
        states={state: _(word) for state, word in STATES.items()},
        begun=[
            (each, rhythm.in_words(each.changed_at, settings.zone))
            for each in drafts.begun(session, access.contributor)
        ],
        handed_in=f"q{over.submission_id}" if over else "",
    )
