"""Our pages as somebody's browser asks for them, and a contributor's way in."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter import clusters
from newsletter.settings import Settings
from newsletter.web.app import create_app
from tests.conftest import Clock, type_of_act
from tests.intake_situations import BOJE, registered

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
def link(act: type_of_act) -> str:
    """The path of a contributor's personal link; another cluster is there as well."""
    with act() as a:
        registered(a)
        registered(a, BOJE)
        url = clusters.link(a, "lichtwerk", "presse@lichtwerk.example")
    return url.removeprefix(ADDRESS)
