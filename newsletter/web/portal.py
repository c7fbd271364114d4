"""What a public newsletter has brought, item by item: search, a page for each, dates ahead.

All by GET; what somebody looks for is kept nowhere and reaches no log.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from newsletter import portal, rendering, texts
from newsletter.content import LAENDER, Item, Kind
from newsletter.errors import Problem
from newsletter.language import N_, _, month, spoken
from newsletter.portal import Found, Out, Wanted
from newsletter.settings import Settings
from newsletter.texts.typography import in_markup

from .guards import HEADERS
from .pages import below_title, looking, now, settings_of, written

router = APIRouter(include_in_schema=False)

_FOR_EVERYBODY = {"Cache-Control": "public, max-age=300"}  # as the archive's
_NOT_TO_BE_FOUND = {"X-Robots-Tag": "noindex"}
_SHORT = 160  # characters of a description that search engines show
KINDS = {
    Kind.NEWS: (N_("Meldung"), N_("Meldungen")),
    Kind.DATE: (N_("Termin"), N_("Termine")),
    Kind.SUCCESS_STORY: (N_("Erfolgsgeschichte"), N_("Erfolgsgeschichten")),
}


@router.get("/archive/{newsletter}/search")
def search(
    request: Request,
    newsletter: str,
    q: str = "",
    kind: str = "",
    land: str = "",
    number: Annotated[str, Query(alias="page")] = "",
) -> Response:
    """Published items with these words, newest first; without words all of them."""
    typed = {"q": q, "kind": kind, "land": land}
    wanted, problems = understood(**typed, page=number)
    settings = settings_of(request)
    with looking(request) as session:
        found = portal.search(
            session, settings, request.app.state.index, newsletter, wanted, now(request)
        )
    if problems:
        found = Found((), 0, 1, 1)
    answer = _page(
        request,
        newsletter,
        "search.html",
        422 if problems else 200,
        typed=typed,
        wanted=wanted,
        problems={problem.field: problem.message for problem in problems},
        found=found,
        to_page=_to_page(typed),
        laender=sorted(LAENDER.items(), key=lambda it: it[1]),
    )
    return _kept(answer, listed=not any(typed.values()) and found.page == 1)


def understood(q: str, kind: str, land: str, page: str) -> tuple[Wanted, list[Problem]]:
    """What somebody looks for, and what is wrong with it, each at its field (pure)."""
    problems = []
    if len(q) > portal.LONGEST:
        said = _("Das sind {n} Zeichen; gesucht wird mit höchstens {most}. Bitte kürzen.")
        problems.append(Problem("q", said.format(n=len(q), most=portal.LONGEST)))
    if kind and kind not in set(Kind):
        said = _("Die Art „{kind}“ gibt es nicht. Bitte wählen Sie eine aus der Liste.")
        problems.append(Problem("kind", said.format(kind=texts.line(kind[:40]))))
    if land and land not in LAENDER:
        said = _("Das Land „{land}“ gibt es nicht. Bitte wählen Sie eines aus der Liste.")
        problems.append(Problem("land", said.format(land=texts.line(land[:40]))))
    if problems:
        return Wanted(), problems
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1
    return Wanted(texts.line(q), Kind(kind) if kind else None, land, number), problems


@router.get("/archive/{newsletter}/dates")
def dates(request: Request, newsletter: str) -> Response:
    """The dates that are not over, the next one first."""
    settings = settings_of(request)
    with looking(request) as session:
        ahead = portal.upcoming(session, settings, newsletter, now(request))
    return _kept(_page(request, newsletter, "dates.html", months=_by_month(ahead, settings)))


def _by_month(ahead: Sequence[Item], settings: Settings) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in ahead:
        if item.when:
            starts = item.when.starts
            day = starts.astimezone(settings.zone) if isinstance(starts, datetime) else starts
            name = _("{month} {year}").format(month=month(day.month), year=day.year)
            found.setdefault(name, []).append(item)
    return found


@router.get("/archive/{newsletter}/items/{reference}")
def item(request: Request, newsletter: str, reference: str) -> Response:
    """One item, in the revision that came out."""
    settings = settings_of(request)
    with looking(request) as session:
        shown = portal.page_of(session, settings, newsletter, reference, now(request))
    its = shown.item
    answer = _page(
        request,
        newsletter,
        "item.html",
        shown=shown,
        item=its,
        body=below_title(its.body),
        about=portal.described(its, setting_of(settings, newsletter, shown.out, shown.changed_at)),
        described=_shortened(its.teaser),
    )
    policy = HEADERS["Content-Security-Policy"]
    base = urlsplit(settings.base_url)
    pictures = f"img-src 'self' {base.scheme}://{base.netloc}"
    answer.headers["Content-Security-Policy"] = policy.replace("img-src 'self'", pictures)
    return _kept(answer)


def setting_of(settings: Settings, newsletter: str, out: Out, changed_at: Any) -> portal.Setting:
    """Where an item stands, as other programs want to know it."""
    links = settings.links
    return portal.Setting(
        url=links.item(newsletter, out.reference),
        published_at=out.published_at,
        changed_at=changed_at,
        publisher=settings.newsletters[newsletter].imprint.name,
        home_url=links.home(),
        zone=settings.zone,
        licence=settings.site.licence,
        issues=tuple(
            (rendering.issue_name(number), links.archive(newsletter, number))
            for number in out.numbers
        ),
    )


def _page(
    request: Request, newsletter: str, template: str, status: int = 200, **facts: Any
) -> Response:
    """A page of a newsletter, with its words and its typography."""
    settings = settings_of(request)
    html = written(request.app, template, **_words(settings, newsletter), **facts)
    if settings.newsletters[newsletter].typography:
        html = in_markup(html, spoken())
    return HTMLResponse(html, status)


def _words(settings: Settings, newsletter: str) -> dict[str, Any]:
    its = settings.newsletters[newsletter]
    return {
        "slug": newsletter,
        "newsletter": its,
        "imprint": its.imprint.plain(),
        "KINDS": KINDS,
        **{name: getattr(rendering, name) for name in _FROM_RENDERING},
    }


_FROM_RENDERING = (
    *("boxes", "clock", "credit", "day", "deadline", "heading", "issue_name", "origin"),
    *("place", "span"),
)


def _shortened(teaser: str) -> str:
    if len(teaser) <= _SHORT:
        return teaser
    return teaser[: _SHORT - 2].rsplit(" ", 1)[0] + " …"


def _to_page(typed: dict[str, str]) -> Callable[[int], str]:
    """The address of another page of the same search."""
    said = {name: value for name, value in typed.items() if value}

    def address(number: int) -> str:
        more = {"page": str(number)} if number > 1 else {}
        return "?" + urlencode(said | more)

    return address


def _kept(answer: Response, *, listed: bool = True) -> Response:
    """Kept for some minutes; what is no page of its own is in no search engine."""
    answer.headers.update(_FOR_EVERYBODY if listed else _NOT_TO_BE_FOUND)
    return answer
