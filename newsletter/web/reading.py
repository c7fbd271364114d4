"""The public archive, and the members' view of one issue in the browser.

An issue is a document of its own: the approved one, with our navigation before it and our
footer after it. Its own styles stand in it, so its policy allows inline styles, and nothing
else more than any other page (WB-40).
"""

from collections.abc import Callable
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import TemplateError

from newsletter import archive, rendering, templating
from newsletter.archive import Entry, Note, Shown
from newsletter.settings import Settings

from .guards import HEADERS
from .pages import looking, now, page, settings_of, written

router = APIRouter(include_in_schema=False)

# Short: a take-down or an embargo must be seen everywhere soon.
_FOR_EVERYBODY = {"Cache-Control": "public, max-age=300"}
_OURS = {"ground": "#0b3a5e", "ink": "#fdfeff", "night": "#11171d"}  # as in style.css


@router.get("/archive/")
def shelves(request: Request) -> Response:
    """The newsletters with a public archive; where there is one, straight to it."""
    settings = settings_of(request)
    found = archive.shelves(settings)
    if len(found) == 1:
        (only,) = found
        return RedirectResponse(urlsplit(settings.links.archive(only)).path)
    answer = page(request, "archive_shelves.html", shelves=found)
    answer.headers.update(_FOR_EVERYBODY)
    return answer


@router.get("/archive/{newsletter}/")
def listed(request: Request, newsletter: str) -> Response:
    """Every issue of a public newsletter, newest first, by year."""
    settings = settings_of(request)
    with looking(request) as session:
        entries = archive.list_(session, settings, newsletter, now(request))
    its = settings.newsletters[newsletter]
    answer = page(
        request,
        "archive.html",
        slug=newsletter,
        newsletter=its,
        imprint=its.imprint.plain(),
        years=[(year, list(part)) for year, part in groupby(entries, _year(settings))],
        issue_name=rendering.issue_name,
        day=rendering.day,
    )
    answer.headers.update(_FOR_EVERYBODY)
    return answer


@router.get("/archive/{newsletter}/{number}")
def issue(request: Request, newsletter: str, number: str) -> Response:
    """One issue as it was approved, in our frame."""
    with looking(request) as session:
        shown = archive.show(session, settings_of(request), newsletter, number, now(request))
    here = settings_of(request).links.archive(newsletter, number)
    return _document(request, shown, here, _FOR_EVERYBODY)


@router.get("/read/{key}")
def read(request: Request, key: str) -> Response:
    """The members' view; never kept, never listed. A public issue is at home in the archive."""
    settings = settings_of(request)
    with looking(request) as session:
        shown = archive.show_by_key(session, settings, key, now(request))
    if shown.public:
        return RedirectResponse(settings.links.archive(shown.newsletter, shown.number))
    here = settings.links.read(key)
    return _document(request, shown, here, {"X-Robots-Tag": "noindex, noarchive"})


def _document(request: Request, shown: Shown, here: str, headers: dict[str, str]) -> Response:
    html = in_frame(request, shown, here)
    return HTMLResponse(html, headers=_policy(settings_of(request)) | headers)


def in_frame(request: Request, shown: Shown, here: str) -> str:
    """An issue's document with our navigation before it and our footer after it."""
    settings = settings_of(request)
    facts = {
        "shown": shown,
        "here": here,
        "newsletter": settings.newsletters[shown.newsletter],
        "issue_name": rendering.issue_name,
        "day": rendering.day,
        "colours": _colours(settings, shown.newsletter),
    }
    parts = {
        part: written(request.app, f"archive_{part}.html", **facts).strip()
        for part in ("head", "before", "after")
    }
    html = archive.noted(shown.html, _at_items(request, shown))
    return archive.framed(html, **parts)


def _at_items(request: Request, shown: Shown) -> dict[str, str]:
    """The notes at each item, written out, by reference."""
    found: dict[str, list[Note]] = {}
    for note in shown.notes:
        if note.reference:
            found.setdefault(note.reference, []).append(note)
    return {
        reference: written(request.app, "archive_note.html", notes=notes, day=rendering.day).strip()
        for reference, notes in found.items()
    }


def _colours(settings: Settings, slug: str) -> dict[str, str]:
    """The frame's colours: the newsletter's own, by its theme; ours where it has none."""
    pages = templating.environment(templating.folders(settings.home))
    name = f"{settings.newsletters[slug].template}/theme.mjml"
    try:
        theme: Any = pages.get_template(name).module
        light, dark = theme.light, theme.dark
        return {"ground": light["head_ink"], "ink": light["card"], "night": dark["page"]}
    except (TemplateError, AttributeError, KeyError):
        return _OURS


def _policy(settings: Settings) -> dict[str, str]:
    """Our own policy, but for the styles that stand in a mail and the host its pictures name."""
    base = urlsplit(settings.base_url)
    policy = HEADERS["Content-Security-Policy"]
    policy = policy.replace("style-src 'self'", "style-src 'unsafe-inline'")
    policy = policy.replace("img-src 'self'", f"img-src 'self' {base.scheme}://{base.netloc}")
    return {"Content-Security-Policy": policy}


def _year(settings: Settings) -> Callable[[Entry], int]:
    return lambda entry: entry.opened_at.astimezone(settings.zone).year
