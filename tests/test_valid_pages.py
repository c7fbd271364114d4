"""What anybody can open of a newsletter on the web is valid HTML, says html-validate."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter.settings import Settings
from newsletter.web.app import create_app
from tests.archive_situations import gone_out
from tests.conftest import Clock
from tests.desk_situations import Desk, desk, fair
from tests.peer_programs import asked

__all__ = ["desk"]

pytestmark = pytest.mark.sqlite("HTML is no matter of the database")

SHELF = "/archive/clusterplattform"
PAGES = (
    *("/", "/archive/", f"{SHELF}/", f"{SHELF}/search?q=Licht", f"{SHELF}/search?q=<b>"),
    *(f"{SHELF}/dates", f"{SHELF}/items/q1", f"{SHELF}/calendar"),
    *("/imprint", "/privacy", "/accessibility", "/subscribe", "/submit", "/gibt-es-nicht"),
)


def test_what_anybody_can_open_is_valid_html(
    desk: Desk, settings: Settings, engine: Engine, clock: Clock
) -> None:
    desk.accepted(fair(clock() + timedelta(days=60)))
    gone_out(desk)
    web = TestClient(create_app(settings, engine, clock=clock), base_url=settings.base_url)
    answers = {path: web.get(path) for path in PAGES}
    missing = [path for path, answer in answers.items() if answer.status_code != 200]
    assert missing == ["/gibt-es-nicht"]
    issue = web.get(f"{SHELF}/2026-12")
    pages = [answer.text for answer in answers.values()]
    said = asked("judge.mjs", of={"pages": pages, "mails": [issue.text]})
    wrong = dict(zip(answers, said["pages"], strict=True)) | {"issue": said["mails"][0]}
    assert {path: each for path, each in wrong.items() if each} == {}
