"""The web application: routers, guards and errors put together."""

import hashlib

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from sqlalchemy import Engine, text
from starlette.types import ASGIApp, Receive, Scope, Send

from newsletter import history, outside
from newsletter.content import Audience
from newsletter.history import Clock
from newsletter.language import N_, speaking
from newsletter.portal import Index
from newsletter.settings import Settings

from . import (
    api,
    api_shapes,
    approval,
    bring,
    calls,
    dates,
    drafts,
    feeds,
    item_preview,
    legal,
    media,
    own_items,
    picture_link,
    portal,
    preferences,
    preview_link,
    public,
    reading,
    refusals,
    status,
    submit,
    subscription,
    suggested,
    ways_in,
)
from .guards import Guards
from .kept import Contents
from .pages import found, looking, page, settings_of

_PUBLIC = (dates, feeds, portal, reading, legal)
_READERS = (subscription, preferences)
_READING = (*_READERS, approval, *_PUBLIC, preview_link, picture_link, media)
_FORM = (submit, drafts, item_preview, own_items, bring, suggested)
_PARTS = (api, public, *_FORM, ways_in, status, calls, *_READING)  # looked through in this order
_A_YEAR = "public, max-age=31536000, immutable"


def create_app(
    settings: Settings,
    engine: Engine,
    clock: Clock = history.now,
    fetcher: outside.Fetcher | None = None,
) -> FastAPI:
    """The application for one home. It opens nothing and closes nothing: the engine is its
    caller's, and a page opens its own short transaction. ``fetcher`` reads other people's pages.
    """
    app = FastAPI(
        title=N_("Newsletter der Cluster"),  # the API is described in German
        version="1",
        description="News, Termine und Erfolgsgeschichten einreichen.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.engine = engine
    app.state.routes = []  # all of them, to say what an address can do
    app.state.clock = clock
    app.state.scribe = None
    app.state.index = Index()
    app.state.contents = Contents()
    app.state.fetcher = fetcher or outside.Fetcher(settings.network, settings.agent)
    app.state.style = mark_of_style(settings)
    app.add_middleware(
        Guards,
        links=settings.links,
        refusal=refusals.refusal,
        seconds=lambda: clock().timestamp(),
    )
    app.add_middleware(Speaking, language=settings.language)
    refusals.install(app)
    _mount(app)
    app.openapi = api_shapes.described(app, settings.newsletters)  # type: ignore[method-assign]
    return app


class Speaking:
    """Every page speaks the home's language, its errors included."""

    def __init__(self, app: ASGIApp, language: str) -> None:
        self.app, self.language = app, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with speaking(self.language):
            await self.app(scope, receive, send)


def _mount(app: FastAPI) -> None:
    app.add_api_route("/", start, include_in_schema=False)
    app.add_api_route("/healthz", health, include_in_schema=False)
    app.add_api_route("/static/style.css", style, include_in_schema=False)
    app.add_api_route("/favicon.ico", no_icon, include_in_schema=False)
    for part in _PARTS:
        app.include_router(part.router)
        app.state.routes += part.router.routes


def mark_of_style(settings: Settings) -> str:
    """A few letters that change with the style sheet, so that browsers may keep it."""
    return hashlib.sha256(found(settings, "web/style.css").read_bytes()).hexdigest()[:12]


def start(request: Request) -> Response:
    """What this is, and where to go."""
    settings = settings_of(request)
    public = {s: it for s, it in settings.newsletters.items() if it.audience is Audience.PUBLIC}
    return page(request, "start.html", public=public)


def health(request: Request) -> Response:
    """Whether the database answers."""
    with looking(request) as session:
        session.connection().execute(text("SELECT 1"))
    return JSONResponse({"status": "ok"})


def no_icon() -> Response:
    """We have no icon; browsers ask for one on every page."""
    return Response(status_code=204, headers={"Cache-Control": _A_YEAR})


def style(request: Request) -> Response:
    """The one style sheet; a home may have its own."""
    return FileResponse(
        found(settings_of(request), "web/style.css"),
        media_type="text/css; charset=utf-8",
        headers={"Cache-Control": _A_YEAR},
    )
