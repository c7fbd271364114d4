"""The cluster's own page: what it has handed in, what became of it, where it has appeared.

It lies behind the personal link. The same as a table is for reports and label audits.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from newsletter import clusters, submissions, texts
from newsletter.language import _, dated
from newsletter.settings import Settings
from newsletter.submissions import Entry
from newsletter.submissions.spoken import KINDS

from .again import NotYours, wieder
from .form_page import here
from .pages import acting, looking, now, page, require_own_form, settings_of
from .status import DECISIONS, EVENTS, STATES, place_said
from .suggested import suggested

router = APIRouter(include_in_schema=False)
MOST = 50  # items on a page


@dataclass(frozen=True, slots=True)
class Line:
    """One item in words."""

    entry: Entry
    about: str  # what it is, and when
    state: str
    places: tuple[tuple[str, str], ...]  # where it has appeared: words and address


@router.get("/submit/{token}/own")
def own(request: Request, token: str, year: str = "", before: str = "") -> Response:
    """Everything, by the year in which it was handed in; or one year, or what is older."""
    settings = settings_of(request)
    with looking(request) as session:
        access = clusters.by_link(session, token, now(request))
        extent = submissions.extent_of(session, settings, access.cluster)
        chosen = next((each for each in extent.years if str(each) == year), None)
        entries = submissions.record_of(
            session,
            settings,
            access.cluster,
            year=chosen,
            older_than=_number(before),
            most=MOST + 1,
        )
        again = wieder(request, session, access)
        feeds = suggested(request, session, access)
    lines = [_line(settings, each) for each in entries[:MOST]]
    years = groupby(lines, lambda it: it.entry.received_at.astimezone(settings.zone).year)
    return page(
        request,
        "own_items.html",
        cluster=access.cluster,
        here=here(request),
        years=[(year, list(each)) for year, each in years],
        again=again if not before else (),
        feeds=feeds if not before else {"found": (), "told": ()},
        extent=extent,
        chosen=chosen,
        before=before,
        older=lines[-1].entry.reference if len(entries) > MOST else "",
    )


def _number(reference: str) -> int | None:
    found = re.fullmatch(r"q([1-9]\d{0,17})", reference)
    return int(found[1]) if found else None


@router.post("/submit/{token}/own/{reference}")
def open_status(request: Request, token: str, reference: str) -> Response:
    """Lead to an item's status page."""
    require_own_form(request)
    with acting(request) as act:
        access = clusters.by_link(act.session, token, act.now)
        number = _number(reference)
        if not number or not submissions.is_in_record(act.session, access.cluster, number):
            raise NotYours(reference=reference[:20])
        row = submissions.by_reference(act.session, reference)
        url = submissions.status_url(act, row)
    return RedirectResponse(urlsplit(url).path, 303)


@router.post("/submit/{token}/own.csv")
def as_table(request: Request, token: str) -> Response:
    """The same for a spreadsheet (RFC 4180, UTF-8 with a mark); noted in the history (WB-33)."""
    require_own_form(request)
    with acting(request) as act:
        access = clusters.by_link(act.session, token, act.now)
        entries = submissions.record_of(act.session, act.settings, access.cluster)
        by = {"email": access.contributor.email, "items": len(entries)}
        act.record("cluster", access.cluster.slug, "exported", detail=by)
    rows = (row for each in entries for row in _rows(settings_of(request), each))
    day = now(request).astimezone(settings_of(request).zone).date()
    name = f"{access.cluster.slug}-{day.isoformat()}.csv"
    return Response(
        "\ufeff" + texts.table(_head(), rows),
        media_type="text/csv; charset=utf-8; header=present",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _line(settings: Settings, entry: Entry) -> Line:
    about = _(KINDS[entry.kind])
    if entry.first_day:
        about = _("{kind} am {day}").format(kind=about, day=dated(entry.first_day))
    places = tuple(
        (f"{_name(settings, place.newsletter)}, {place_said(settings, place)}", place.url)
        for place in entry.places
    )
    return Line(entry, about, _state(settings, entry), places)


def _state(settings: Settings, entry: Entry) -> str:
    if entry.merged_into:
        return _("mit {reference} zusammengeführt").format(reference=entry.merged_into)
    if entry.state != "decided":
        return _(STATES[entry.state])
    said, out = _("{newsletter}: {decision}"), {each.newsletter for each in entry.places}
    return "; ".join(
        said.format(newsletter=_name(settings, slug), decision=_(DECISIONS[decision]))
        for slug, decision in entry.decisions
        if slug not in out
    )


def _name(settings: Settings, slug: str) -> str:
    known = settings.newsletters
    return known[slug].name if slug in known else slug


def _head() -> list[str]:
    return [
        *(_("Nummer"), _("Art"), _("Titel"), _("Termin am"), _("Eingereicht am"), _("Stand")),
        *(_("Newsletter"), _("Ausgabe"), _("Erschienen am"), _("Adressen"), _("Link")),
    ]


def _rows(settings: Settings, entry: Entry) -> Iterator[Sequence[object]]:
    """A row for each issue that shows the item; one for an item that has not appeared."""
    note = _(EVENTS[entry.event_state]) if entry.event_state in EVENTS else ""
    state = " ".join(filter(None, (_("erschienen") if entry.places else "", note)))
    first = (
        *(entry.reference, _(KINDS[entry.kind]), entry.title, entry.first_day),
        entry.received_at.astimezone(settings.zone).date(),
    )
    for place in entry.places:
        day = place.day.astimezone(settings.zone).date() if place.day else None
        name = _name(settings, place.newsletter)
        yield (*first, state, name, place.number, day, place.recipients, place.url)
    if not entry.places:
        said = " ".join(filter(None, (_state(settings, entry), note)))
        yield (*first, said, *[None] * 5)
