"""Public dates for people's own calendars: one of them, or all to subscribe to."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from newsletter import calendar, queue
from newsletter.language import _

from .kept import unless_kept
from .pages import looking, now, settings_of

router = APIRouter(include_in_schema=False)


@router.get("/dates/{uid}.ics")
def date(request: Request, uid: str) -> Response:
    """One date. 404 for what is for members only, under an embargo, or withdrawn."""
    settings = settings_of(request)
    with looking(request) as session:
        entry = queue.public_date(session, settings, uid, now(request))
        changed_at = queue.dates_changed_at(session, now(request))
    content = calendar.calendar_of([entry], settings.zone)
    return _file(request, content, f"termin-{entry.item.reference}.ics", changed_at)


@router.get("/archive/{newsletter}/calendar.ics")
def dates(request: Request, newsletter: str) -> Response:
    """Every public date of a newsletter, to subscribe to. 404 for a members' newsletter."""
    settings = settings_of(request)
    with looking(request) as session:
        entries = queue.public_dates(session, settings, newsletter, now(request))
        changed_at = queue.dates_changed_at(session, now(request))
    name = _("Termine: {newsletter}").format(newsletter=settings.newsletters[newsletter].name)
    content = calendar.calendar_of(entries, settings.zone, name)
    return _file(request, content, f"termine-{newsletter}.ics", changed_at)


def _file(request: Request, content: bytes, name: str, changed_at: datetime) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "public, max-age=300",  # a cancelled date must be seen soon
    }
    kind = f'text/calendar; charset=utf-8; method=PUBLISH; name="{name}"'
    return unless_kept(request, Response(content, media_type=kind, headers=headers), changed_at)
