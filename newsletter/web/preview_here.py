"""The preview on the editor's own machine: an application of its own, which shows itself anew
as soon as the issue, an item, a template, newsletter.toml or a picture has changed.

What is watched is cheap to ask (times of files, the database's mark); only when something
differs is the sheet made anew. A mistake in a file is shown until it is mended.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock

from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from newsletter import database, history, logos, settings, templating
from newsletter.errors import NewsletterError
from newsletter.history import Clock
from newsletter.links import Links
from newsletter.settings import Settings

from . import media, preview, refusals
from .app import Speaking, mark_of_style, no_icon, style
from .guards import Guards
from .preview import Sheet, failed, sheet

_HOLDS = 20.0  # seconds that a question for news waits for an answer
_LOOKS = 0.025  # seconds between two looks at what is watched


class Watched:
    """The sheet of an issue, always of this moment."""

    def __init__(self, home: Settings, engine: Engine, key: str, clock: Clock) -> None:
        self.settings = home
        self.engine, self.key, self.clock = engine, key, clock
        self._lock = Lock()
        self._mark = database.Mark(engine)
        self._seen: object = None
        self._file: object = None  # the configuration that was read last
        self._sheet = failed("")

    def close(self) -> None:
        self._mark.close()

    def sheet(self) -> Sheet:
        """As it is now; made anew only if something changed."""
        with self._lock:
            try:
                seen = [*self._marks()]
                if seen != self._seen:
                    self._sheet = self._made()
                    self._seen = seen
            except NewsletterError as error:
                self._sheet, self._seen = failed(str(error)), None
            return self._sheet

    def _made(self) -> Sheet:
        home, file = self.settings.home, _time_of(self.settings.home / settings.FILE)
        if file != self._file:
            fresh = settings.load(home)
            self.settings = self.settings if fresh == self.settings else fresh
            self._file = file
        with database.reading(self.engine) as session:
            return sheet(session, self.settings, self.key, self.clock())

    def _marks(self) -> Iterator[object]:
        """Times of all that the sheet is made of; and the minute, since findings know the time."""
        home = self.settings.home
        yield _time_of(home / settings.FILE)
        for folder in templating.folders(home):
            yield [_time_of(path) for path in sorted(folder.rglob("*"))]
        yield [_time_of(path) for path in sorted((home / logos.FOLDER).glob("*"))]
        shown = self._sheet.it.content.items if self._sheet.it else ()
        for used in (item.picture for item in shown if item.picture):
            key, name = used.url.rsplit("/", 2)[1:]
            yield _time_of(self.settings.media / key / name)
        yield self._mark.read()
        yield int(self.clock().timestamp() // 60)


def _time_of(path: Path) -> object:
    try:
        facts = path.stat()
    except OSError:
        return None
    return path, facts.st_mtime_ns, facts.st_size, facts.st_ino


def create_app(
    home: Settings,
    engine: Engine,
    key: str,
    *,
    address: str,
    ending: Callable[[], bool] = lambda: False,
    clock: Clock = history.now,
) -> FastAPI:
    """The application that shows the issue ``key`` at ``address``; it ends when ``ending`` says.

    It writes nothing, and answers only to loopback names.
    """
    watched = Watched(home, engine, key, clock)

    @asynccontextmanager
    async def living(_app: FastAPI) -> AsyncIterator[None]:
        yield
        watched.close()

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=living)
    app.state.settings, app.state.engine, app.state.clock = home, engine, clock
    app.state.style = mark_of_style(home)
    app.state.watched, app.state.ending = watched, ending
    app.add_middleware(Guards, links=Links(address), refusal=refusals.refusal)
    app.add_middleware(Speaking, language=home.language)
    refusals.install(app)
    for path, answer in (
        ("/", _page),
        ("/mail", _mail),
        ("/message", _message),
        ("/version", _version),
        ("/static/style.css", style),
        ("/static/preview.css", preview.style),
        ("/static/preview.js", preview.script),
        ("/favicon.ico", no_icon),
    ):
        app.add_api_route(path, answer)
    app.include_router(media.router)
    return app


def _now(request: Request) -> Sheet:
    watched: Watched = request.app.state.watched
    made = watched.sheet()
    request.app.state.settings = watched.settings  # what newsletter.toml says now
    return made


def _asked(request: Request) -> Sheet:
    return preview.asked_for(request, _now(request), request.app.state.clock())


def _page(request: Request) -> Response:
    moment: datetime = request.app.state.clock()
    return preview.as_page(request, _now(request), moment, base="/", linked=False)


def _mail(request: Request) -> Response:
    return preview.as_mail(request, _asked(request), pictures_here=True)


def _message(request: Request) -> Response:
    return preview.as_message(_asked(request))


async def _version(request: Request, seen: str = "") -> Response:
    """Answers as soon as there is something new, or after a while that there is not."""
    until = time.monotonic() + _HOLDS
    while True:
        made = await run_in_threadpool(_now, request)
        over = time.monotonic() > until or request.app.state.ending()
        if made.version != seen or over or await request.is_disconnected():
            return preview.as_version(made, wait=0)
        await asyncio.sleep(_LOOKS)
