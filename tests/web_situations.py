"""Our pages as somebody's browser asks for them, and a contributor's way in."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter import clusters
from newsletter.settings import Settings
from newsletter.web.app import create_app
from tests.conftest import Clock, type_of_act
from tests.intake_situations import BOJE, registered
from tests.page_server import Web

ADDRESS = "http://127.0.0.1:8000"
# What a browser says of a form that stands on a page of ours.
OURS = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}


def _opened(settings: Settings, engine: Engine, clock: Clock, *, follows: bool) -> TestClient:
    app = create_app(settings, engine, clock)
    return TestClient(app, base_url=ADDRESS, headers=OURS, follow_redirects=follows)


@pytest.fixture
def browser(settings: Settings, engine: Engine, clock: Clock) -> Iterator[TestClient]:
    """A browser on our own site that follows no redirect."""
    with _opened(settings, engine, clock, follows=False) as client:
        yield client


@pytest.fixture
def following(settings: Settings, engine: Engine, clock: Clock) -> Iterator[TestClient]:
    """One that goes where it is sent."""
    with _opened(settings, engine, clock, follows=True) as client:
        yield client


@pytest.fixture
def linked(settings: Settings, engine: Engine, clock: Clock, web: Web) -> Iterator[TestClient]:
    """One that goes where it is sent, on a site that reads the pages of ``page_server.web``."""
    app = create_app(settings, engine, clock, web.fetcher())
    with TestClient(app, base_url=ADDRESS, headers=OURS) as client:
        yield client


@pytest.fixture
def link(act: type_of_act) -> str:
    """The path of a contributor's personal link; another cluster is there as well."""
    with act() as a:
        registered(a)
        registered(a, BOJE)
        url = clusters.link(a, "lichtwerk", "presse@lichtwerk.example")
    return url.removeprefix(ADDRESS)


@pytest.fixture
def keys(act: type_of_act) -> dict[str, str]:
    """The keys of two clusters' own systems."""
    with act() as a:
        registered(a)
        registered(a, BOJE)
        return {slug: clusters.key(a, slug) for slug in ("lichtwerk", "boje")}


@pytest.fixture
def api(
    settings: Settings, engine: Engine, clock: Clock, keys: dict[str, str]
) -> Iterator[TestClient]:
    """Lichtwerk's own system."""
    with system(settings, engine, clock, keys["lichtwerk"]) as client:
        yield client


def system(settings: Settings, engine: Engine, clock: Clock, key: str) -> TestClient:
    """A cluster's own system, which has this key."""
    app = create_app(settings, engine, clock)
    bearer = {"Authorization": f"Bearer {key}"}
    return TestClient(app, base_url=settings.base_url, headers=bearer)


def at_once(number: int, send: Callable[[int], Any]) -> list[Any]:
    """What so many people are answered who press a button in the same moment."""
    start = threading.Barrier(number)
    answers: list[Any] = []

    def work(each: int) -> None:
        start.wait()
        answers.append(send(each))

    threads = [threading.Thread(target=work, args=(each,)) for each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
