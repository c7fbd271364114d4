"""Dates for people's own calendars: one of them, those of an issue, or all to subscribe to.

What is for members only stands below ``/read/``: each address holds a key, nobody between us
and the reader may keep it, and no search engine lists it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from newsletter import archive, calendar, queue
from newsletter.content import LAENDER, CalendarEntry
from newsletter.language import _

from .kept import unless_kept
from .pages import looking, now, page, settings_of

router = APIRouter(include_in_schema=False)

_FOR_EVERYBODY = "public, max-age=300"  # a cancelled date must be seen soon
_FOR_MEMBERS = "private, max-age=300"
_LAENDER = sorted(LAENDER.items(), key=lambda each: each[1])


@router.get("/dates/{uid}.ics")
def date(request: Request, uid: str) -> Response:
    """One date. 404 for what is for members only, under an embargo, or withdrawn."""
    with looking(request) as session:
        entry = queue.public_date(session, settings_of(request), uid, now(request))
        changed_at = queue.dates_changed_at(session, now(request))
    return _file(request, [entry], changed_at, f"termin-{entry.item.reference}")


@router.get("/archive/{newsletter}/calendar.ics")
def dates(request: Request, newsletter: str) -> Response:
    """Every public date of a newsletter, to subscribe to. 404 for a members' newsletter."""
    return _public(request, newsletter)


@router.get("/archive/{newsletter}/{land}/calendar.ics")
def dates_of_land(request: Request, newsletter: str, land: str) -> Response:
    """The same from clusters of one Land, by its ISO 3166-2 code. 404 for any other."""
    return _public(request, newsletter, land.upper())


@router.get("/archive/{newsletter}/{number}/dates.ics")
def dates_of_issue(request: Request, newsletter: str, number: str) -> Response:
    """All dates of a public issue in one file, as it stands with them by now."""
    settings = settings_of(request)
    with looking(request) as session:
        issue = archive.issue_by_number(session, settings, newsletter, number, now(request))
        entries = queue.dates_in(session, settings, issue, now(request))
        changed_at = queue.dates_changed_at(session, now(request))
    return _file(request, entries, changed_at, f"termine-{newsletter}-{number}")


@router.get("/archive/{newsletter}/calendar")
def how(request: Request, newsletter: str) -> Response:
    """How to subscribe to the dates of a public newsletter, all or those of one Land."""
    settings = settings_of(request)
    its = archive.shelf(settings, newsletter)
    answer = page(
        request,
        "calendar.html",
        newsletter=its,
        slug=newsletter,
        address=settings.links.calendar(newsletter),
        laender=_LAENDER,
        webcal=webcal,
    )
    answer.headers["Cache-Control"] = _FOR_EVERYBODY
    return answer


@router.get("/read/{key}/calendar")
def members_how(request: Request, key: str) -> Response:
    """The same for whoever holds the key of a members' newsletter; never listed."""
    settings = settings_of(request)
    slug = archive.newsletter_by_key(settings, key)
    return page(
        request,
        "calendar.html",
        newsletter=settings.newsletters[slug],
        slug="",
        laender=(),
        address=settings.links.members_calendar(key),
        webcal=webcal,
    )


def webcal(address: str) -> str:
    """The address under which calendar programs offer to subscribe, instead of a download."""
    return f"webcal:{address.partition(':')[2]}"


@router.get("/read/{key}/calendar.ics")
def members_dates(request: Request, key: str) -> Response:
    """Every date of a members' newsletter, for whoever holds its key; else 404."""
    settings = settings_of(request)
    slug = archive.newsletter_by_key(settings, key)
    title = _("Termine: {newsletter}").format(newsletter=settings.newsletters[slug].name)

    def entries(session: Session) -> list[CalendarEntry]:
        return queue.members_dates(session, settings, slug, now(request))

    where = settings.links.members_calendar(key)
    return _subscribed(request, where, entries, title, f"termine-{slug}", _FOR_MEMBERS)


@router.get("/read/{key}/{which}.ics")
def members_date(request: Request, key: str, which: str) -> Response:
    """A date of an issue by its reference, or all of them (``dates``), for its key's holders."""
    settings = settings_of(request)
    with looking(request) as session:
        issue = archive.issue_by_key(session, settings, key, now(request))
        entries = queue.dates_in(session, settings, issue, now(request))
        changed_at = queue.dates_changed_at(session, now(request))
    wanted = [it for it in entries if which in ("dates", it.item.reference)]
    name = f"termine-{issue.id}" if which == "dates" else f"termin-{which}"
    return _file(request, wanted, changed_at, name, _FOR_MEMBERS)


def _public(request: Request, slug: str, land: str = "") -> Response:
    settings = settings_of(request)
    its = settings.newsletters.get(slug)
    said = _("Termine aus {land}: {newsletter}") if land else _("Termine: {newsletter}")
    title = said.format(land=LAENDER.get(land), newsletter=its.name if its else "")

    def entries(session: Session) -> list[CalendarEntry]:
        return queue.public_dates(session, settings, slug, now(request), land)

    where = settings.links.calendar(slug, land)
    name = f"termine-{slug}-{land}" if land else f"termine-{slug}"
    return _subscribed(request, where, entries, title, name, _FOR_EVERYBODY)


def _subscribed(
    request: Request,
    where: str,
    entries: Callable[[Session], list[CalendarEntry]],
    title: str,
    name: str,
    kept: str,
) -> Response:
    """A calendar that programs ask for again and again; written once while nothing changes."""
    with looking(request) as session:
        changed_at = queue.dates_changed_at(session, now(request))
        content = request.app.state.contents.of(
            request,
            session,
            changed_at,
            where,
            lambda: calendar.calendar_of(entries(session), settings_of(request).zone, title),
        )
    return _sent(request, content, changed_at, name, kept)


def _file(
    request: Request,
    entries: Sequence[CalendarEntry],
    changed_at: datetime,
    name: str,
    kept: str = _FOR_EVERYBODY,
) -> Response:
    """A file to take in once. NoSuchDate if nothing is left to stand in it."""
    if not entries:
        raise queue.NoSuchDate
    content = calendar.calendar_of(entries, settings_of(request).zone)
    return _sent(request, content, changed_at, name, kept)


def _sent(request: Request, content: bytes, changed_at: datetime, name: str, kept: str) -> Response:
    file = f"{name}.ics"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": kept}
    kind = f'text/calendar; charset=utf-8; method=PUBLISH; name="{file}"'
    return unless_kept(request, Response(content, media_type=kind, headers=headers), changed_at)
