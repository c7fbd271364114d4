"""What a public newsletter has brought, for feed readers and other sites: Atom and JSON Feed."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response

from newsletter import feeds, queue
from newsletter.feeds import Feed

from .kept import unless_kept
from .pages import looking, now, settings_of

router = APIRouter(include_in_schema=False)

_HEADERS = {
    "Cache-Control": "public, max-age=300",  # a correction, an end of an embargo: soon
    "Access-Control-Allow-Origin": "*",  # other sites' pages may read what everybody may
}
_WRITTEN: dict[str, tuple[str, Callable[[Feed], bytes]]] = {
    "atom": ("application/atom+xml; charset=utf-8", feeds.atom),
    "json": ("application/feed+json", feeds.json_feed),
}


@router.get("/archive/{newsletter}/feed.atom")
def atom(request: Request, newsletter: str, page: str = "1") -> Response:
    """The items of a newsletter as Atom; ``page`` 2 and on are older."""
    return _feed(request, newsletter, "atom", page)


@router.get("/archive/{newsletter}/feed.json")
def json(request: Request, newsletter: str, page: str = "1") -> Response:
    """The same as JSON Feed 1.1."""
    return _feed(request, newsletter, "json", page)


@router.get("/archive/{newsletter}/{land}/feed.atom")
def atom_of_land(request: Request, newsletter: str, land: str, page: str = "1") -> Response:
    """The items from clusters of one Land, by its ISO 3166-2 code."""
    return _feed(request, newsletter, "atom", page, land.upper())


@router.get("/archive/{newsletter}/{land}/feed.json")
def json_of_land(request: Request, newsletter: str, land: str, page: str = "1") -> Response:
    """The same as JSON Feed 1.1."""
    return _feed(request, newsletter, "json", page, land.upper())


def _feed(request: Request, slug: str, kind: str, page: str, land: str = "") -> Response:
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 0
    media_type, written = _WRITTEN[kind]
    settings = settings_of(request)
    with looking(request) as session:
        changed_at = queue.dates_changed_at(session, now(request))

        def make() -> bytes:
            at = now(request)
            its = feeds.collected(session, settings, slug, at, kind=kind, land=land, page=number)
            return written(its)

        where = settings.links.feed(slug, kind, land, number)
        content = request.app.state.contents.of(request, session, changed_at, where, make)
    answer = Response(content, media_type=media_type, headers=_HEADERS)
    return unless_kept(request, answer, changed_at)
