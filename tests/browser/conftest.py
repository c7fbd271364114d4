"""One browser, one site per module; every page is watched while a test walks."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from newsletter.settings import DATABASE_FILE
from tests import databases
from tests.browser import chromium, site

OpenPage = Callable[..., Page]
# Waiting ends as soon as the page is there; a busy machine may take its time.
PATIENCE = 30_000  # milliseconds
expect.set_options(timeout=PATIENCE)


# Not for the whole session: while Playwright runs, no test of this thread can run a loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium.started() as it:
        yield it


@pytest.fixture(scope="module", params=databases.KINDS)
def module_home(
    request: pytest.FixtureRequest, made_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A home for the tests of a file; what people do in the browser is done on both databases."""
    folder = tmp_path_factory.mktemp("module") / "home"
    shutil.copytree(made_home, folder)
    if request.param == "sqlite":
        yield folder
        return
    server: databases.Server = request.getfixturevalue("server")
    template: str = request.getfixturevalue("made_database")
    (folder / DATABASE_FILE).unlink()
    with server.database("site", template) as url:
        databases.point_to(folder, url)
        yield folder


@pytest.fixture(scope="module", name="site")
def opened_site(module_home: Path) -> Iterator[site.Site]:
    with site.opened(module_home) as it:
        yield it


@pytest.fixture
def open_page(browser: Browser, site: site.Site) -> Iterator[OpenPage]:
    """``open_page(**context_options)``: a fresh browser of somebody's, on our site.

    Whatever the test does, afterwards there must be no cookie, nothing asked of anybody
    else (LA-31), and no complaint of the browser's, such as a broken policy.
    """
    contexts: list[BrowserContext] = []
    elsewhere: list[str] = []
    complaints: list[str] = []

    def watch(request: Request) -> None:
        if not request.url.startswith((f"{site.address}/", "data:")):
            elsewhere.append(request.url)

    def listen(message: ConsoleMessage) -> None:
        expected = re.search("the server responded|ERR_INTERNET_DISCONNECTED", message.text)
        if message.type in {"error", "warning"} and not expected:
            complaints.append(message.text)

    def opened(**options: object) -> Page:
        context = browser.new_context(
            **{"base_url": site.address, "locale": "de-DE", **options}  # type: ignore[arg-type]
        )
        context.set_default_timeout(PATIENCE)
        context.on("request", watch)
        context.on("console", listen)
        contexts.append(context)
        return context.new_page()

    yield opened
    cookies = [cookie for context in contexts for cookie in context.cookies()]
    for context in contexts:
        context.close()
    assert (cookies, elsewhere, complaints) == ([], [], [])


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A browser as most people have it: JavaScript on, a laptop's width."""
    return open_page(viewport={"width": 1280, "height": 800})
