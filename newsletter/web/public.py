"""What a public newsletter has brought, as JSON for other sites: anybody may fetch it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from newsletter import portal, queue, texts
from newsletter.archive import Note
from newsletter.content import Item, Kind, Origin
from newsletter.errors import Invalid, Problem
from newsletter.language import _
from newsletter.portal import Out
from newsletter.settings import Settings

from .kept import unless_kept
from .pages import looking, now, settings_of
from .portal import setting_of
from .public_shapes import (
    PUBLIC_REFUSALS,
    PublicDate,
    PublicIssue,
    PublicItem,
    PublicItems,
    PublicNote,
    PublicPicture,
    PublicStory,
    Rights,
    Source,
)

router = APIRouter(prefix="/api/v1/public")

_FOR_OTHER_SITES = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=300",
}


@router.get(
    "/{newsletter}/items",
    response_model=PublicItems,
    responses=PUBLIC_REFUSALS,
    summary="Erschienene Beiträge, die neuesten zuerst",
)
def items(
    request: Request,
    newsletter: Annotated[
        str, Path(description="Ein öffentlicher.", examples=["clusterplattform"])
    ],
    kind: Annotated[Kind | None, Query(description="Nur diese Art.")] = None,
    modified_since: Annotated[
        str,
        Query(
            description="Nur, was seitdem erschien oder sich änderte: 2026-11-23T08:00:00Z oder"
            " 2026-11-23.",
            examples=["2026-11-23"],
        ),
    ] = "",
    limit: Annotated[int, Query(ge=1, le=200, description="Höchstens so viele.")] = 50,
    before: Annotated[
        str, Query(description="Zum Weiterblättern; steht in „next“.", examples=[""])
    ] = "",
) -> Response:
    """Was jeder lesen darf, ohne Schlüssel; nichts vor Ende seiner Sperrfrist.

    Gezeigt wird die Fassung, die erschienen ist. Zum Abgleich: einmal alles holen, später mit
    modified_since, und löschen, was in „gone“ steht.
    """
    settings = settings_of(request)
    since, older_than = _asked(settings, modified_since, before)
    with looking(request) as session:
        outs = portal.published(session, settings, newsletter, now(request))
        gone = portal.gone(session, settings, newsletter, now(request)) if since else []
        changed = portal.changed_at(session, outs) if since else {}
        wanted = [
            out
            for out in outs
            if (kind is None or out.kind is kind)
            and (since is None or changed[out.id] >= since)
            and (older_than is None or _place(out) < older_than)
        ]
        shown = _items(session, settings, newsletter, wanted[:limit], now(request))
        at = queue.dates_changed_at(session, now(request))
    query = {"kind": kind and kind.value, "modified_since": modified_since, "limit": str(limit)}
    more = {"before": _mark(wanted[limit - 1])} if len(wanted) > limit else None
    answer = PublicItems(
        newsletter=newsletter,
        items=shown,
        next=_here(settings, newsletter, query | more) if more else None,
        gone=gone,
    )
    body = Response(answer.model_dump_json(), media_type="application/json")
    body.headers.update(_FOR_OTHER_SITES)
    return unless_kept(request, body, at)


# -- what was asked for ---------------------------------------------------------------------

Place = tuple[datetime, int]


def _asked(
    settings: Settings, modified_since: str, before: str
) -> tuple[datetime | None, Place | None]:
    """Invalid names each parameter that cannot be read."""
    problems = []
    since, older_than = _moment(settings, modified_since), _marked(before)
    if modified_since and since is None:
        said = _(
            "Bitte einen Zeitpunkt mit Zeitzone (2026-11-23T08:00:00Z) oder einen Tag angeben."
        )
        problems.append(Problem("modified_since", said))
    if before and older_than is None:
        said = _("Das ist keine Stelle zum Weiterblättern. Bitte die Adresse aus „next“ nehmen.")
        problems.append(Problem("before", said))
    if problems:
        raise Invalid(problems)
    return since, older_than


def _moment(settings: Settings, text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))  # a plus that nobody encoded
        if len(text) == len("2026-11-23"):
            found = datetime.combine(date.fromisoformat(text), time.min, settings.zone)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _place(out: Out) -> Place:
    return out.published_at, out.id


def _mark(out: Out) -> str:
    return f"{out.published_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}~{out.reference}"


def _marked(text: str) -> Place | None:
    moment, _tilde, reference = text.partition("~")
    number = reference.removeprefix("q")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    fits = at.tzinfo and number.isascii() and number.isdecimal() and len(number) < 10
    return (at, int(number)) if fits else None


def _here(settings: Settings, newsletter: str, query: dict[str, Any]) -> str:
    said = {name: value for name, value in query.items() if value}
    return f"{settings.links.public_items(newsletter)}?{urlencode(said)}"


# -- what is answered -----------------------------------------------------------------------


def _items(
    session: Session, settings: Settings, newsletter: str, outs: Sequence[Out], at: datetime
) -> list[PublicItem]:
    items = portal.items_of(session, settings, outs, at)
    changed = portal.changed_at(session, outs)
    notes = portal.notes_of(session, settings, newsletter, outs)
    return [
        _item(settings, newsletter, out, items[out.id], changed[out.id], notes[out.id])
        for out in outs
    ]


def _item(
    settings: Settings,
    newsletter: str,
    out: Out,
    item: Item,
    changed_at: datetime,
    notes: Sequence[Note],
) -> PublicItem:
    where = setting_of(settings, newsletter, out, changed_at)
    origins = (item.origin, *item.more_origins)
    holder = ", ".join(who.name for who in origins)
    return PublicItem(
        id=out.reference,
        kind=item.kind.value,
        url=where.url,
        title=item.title,
        teaser=item.teaser,
        body_html=texts.to_html(item.body),
        link=item.link,
        language=item.language,
        published_at=_iso(out.published_at, settings),
        changed_at=_iso(changed_at, settings),
        origins=[_source(who) for who in origins],
        picture=_picture(item),
        date=_date(settings, item),
        story=_story(item),
        notes=[PublicNote(at=_iso(note.at, settings), text=note.text) for note in notes],
        issues=[
            PublicIssue(number=number, name=name, url=url)
            for number, (name, url) in zip(out.numbers, where.issues, strict=True)
        ],
        rights=Rights(holder=holder, licence=settings.site.licence or None),
        schema_org=portal.described(item, where),
    )


def _source(who: Origin) -> Source:
    return Source(
        name=who.name, laender=list(who.laender), label=who.label, website=who.website or None
    )


def _picture(item: Item) -> PublicPicture | None:
    its = item.picture
    if its is None:
        return None
    alt = "" if its.decorative else its.alt or ""
    return PublicPicture(
        url=its.url, width=its.width, height=its.height, alt=alt, credit=its.credit
    )


def _date(settings: Settings, item: Item) -> PublicDate | None:
    if item.when is None:
        return None
    return PublicDate(
        starts=_iso(item.when.starts, settings),
        ends=_iso(item.when.ends, settings) if item.when.ends else None,
        location=item.location,
        online=item.online,
        register_by=_iso(item.register_by, settings) if item.register_by else None,
        state=item.event_state.value,
        uid=item.uid or "",
        calendar_url=settings.links.date(item.uid or ""),
    )


def _story(item: Item) -> PublicStory | None:
    if item.kind is not Kind.SUCCESS_STORY:
        return None
    return PublicStory(
        challenge=item.challenge, solution=item.solution, result=item.result, quote=item.quote
    )


def _iso(at: date, settings: Settings) -> str:
    """With the offset of people's clocks; a whole day as a day."""
    if isinstance(at, datetime):
        return at.astimezone(settings.zone).isoformat(timespec="seconds")
    return at.isoformat()
