"""What every page needs: a template, an act to act in, a session to look with.

``app.state`` holds ``settings``, ``engine``, ``clock``, ``style`` (the style sheet's mark),
``scribe`` (see ``together``) and ``index`` (see ``portal.searching``).
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from sqlmodel import Session

from newsletter import database, history, templating, texts
from newsletter.errors import NotAllowed
from newsletter.history import Act, Actor
from newsletter.language import N_
from newsletter.settings import Settings


class FromElsewhere(NotAllowed):
    """A form of ours was sent by another site (WB-09)."""

    sentence = N_(
        "Dieses Formular wurde nicht von unserer Seite abgeschickt. Bitte öffnen Sie es noch"
        " einmal und senden Sie es von dort."
    )


def settings_of(request: Request) -> Settings:
    """The configuration this application serves."""
    settings: Settings = request.app.state.settings
    return settings


def now(request: Request) -> Any:
    """The moment, by the application's clock."""
    return request.app.state.clock()


def acting(request: Request, actor: Actor = history.PUBLIC) -> AbstractContextManager[Act]:
    """One act from the web, committed at the end."""
    state = request.app.state
    return history.acting(state.engine, state.settings, actor, clock=state.clock)


def looking(request: Request) -> AbstractContextManager[Session]:
    """A session to read with."""
    return database.reading(request.app.state.engine)


def page(request: Request, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
    """Render ``templates/web/<template>``, which extends ``web/base.html``.

    Besides ``facts`` a template knows ``settings``, ``links``, ``imprint`` and ``style_url``.
    """
    return HTMLResponse(written(request.app, template, **facts), status)


def written(app: FastAPI, template: str, **facts: Any) -> str:
    """The HTML of a page. BrokenTemplate."""
    return _filled(app, app.state.settings.home, template, facts)


def as_shipped(request: Request, template: str, status: int, **facts: Any) -> HTMLResponse:
    """A page without what a home has changed in it: for when that is broken."""
    return HTMLResponse(_filled(request.app, None, template, facts), status)


def below_title(markdown: str) -> Markup:
    """Clean HTML of a text whose headings stand below a page's h1; ``texts`` begins with h3."""
    html = texts.to_html(markdown)
    for level in (3, 4):
        html = html.replace(f"<h{level}>", f"<h{level - 1}>")
        html = html.replace(f"</h{level}>", f"</h{level - 1}>")
    return Markup(html)  # noqa: S704 - texts.to_html cleans


def _filled(app: FastAPI, home: Path | None, template: str, facts: dict[str, Any]) -> str:
    settings: Settings = app.state.settings
    first = next(iter(settings.newsletters.values()))
    known = {
        "settings": settings,
        "links": settings.links,
        "imprint": first.imprint.plain(),
        "style_url": f"/static/style.css?v={app.state.style}",
    }
    name = f"web/{template.removeprefix('web/')}"
    return templating.rendered(templating.folders(home), name, known | facts)


def found(settings: Settings, name: str) -> Path:
    """A file below ``templates/``, a home's own before ours."""
    places = [folder / name for folder in templating.folders(settings.home)]
    return next((place for place in places if place.is_file()), places[-1])


def require_own_form(request: Request) -> None:
    """FromElsewhere unless the browser says that one of our own pages sent this form.

    Our Referrer-Policy makes browsers send ``Origin: null`` with our own forms, so a browser
    is believed by ``Sec-Fetch-Site``; older ones only when they name no other origin.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    ours = {None, "null", f"{request.url.scheme}://{request.headers.get('host', '')}"}
    base = settings_of(request).base_url
    ours.add("/".join(base.split("/")[:3]))
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise FromElsewhere
    elif origin not in ours:
        raise FromElsewhere
