"""``/dates/<uid>.ics``: a public date for people's own calendars."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from newsletter import calendar, queue

from .pages import looking, now, settings_of

router = APIRouter(include_in_schema=False)


@router.get("/dates/{uid}.ics")
def date(request: Request, uid: str) -> Response:
    """One date. 404 for what is for members only, under an embargo, or withdrawn."""
    settings = settings_of(request)
    with looking(request) as session:
        entry = queue.public_date(session, settings, uid, now(request))
    name = f"termin-{entry.item.reference}.ics"
    return Response(
        calendar.calendar_of([entry], settings.zone),
        media_type=f'text/calendar; charset=utf-8; method=PUBLISH; name="{name}"',
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "public, max-age=300",  # a cancelled date must be seen soon
        },
    )
