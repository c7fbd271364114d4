"""What contributors hear when an issue with their items has been sent."""

import re
from collections.abc import Sequence

from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from newsletter import database, issues, schedule
from newsletter.dispatch import ledger
from newsletter.history import Act
from newsletter.models.delivery import Letter
from newsletter.models.issue import ISSUE, Issue, IssueState
from newsletter.settings import Settings
from tests.conftest import Clock
from tests.desk_situations import Desk, desk, news
from tests.web_situations import following as browser

__all__ = ["browser", "desk"]  # the fixture


def sent(act: Act, key: str) -> None:
    """The issue has gone out; nobody reads it."""
    issue = act.session.get_one(Issue, key)
    ledger.open_issue(act, issue)
    while ledger.fill_audience(act, key):
        pass
    ledger.start_sending(act, key, 0)
    act.session.refresh(issue)
    act.move(issue, ISSUE, IssueState.SENT, closed_at=act.now, account={})


def told(engine: Engine) -> Sequence[Letter]:
    with database.reading(engine) as session:
        return session.scalars(select(Letter).where(Letter.name == "appeared")).all()


def test_once_the_issue_is_sent_its_contributors_get_one_letter_with_the_place_of_each_item(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock, browser: TestClient
) -> None:
    first = desk.accepted(news(title="Das Lichtwerk leuchtet"))
    second = desk.accepted(
        news(title="Ein zweiter Beitrag", link="https://www.lichtwerk.example/2")
    )
    key = desk.scheduled()
    schedule.tidy(engine, settings, clock)
    assert not told(engine)  # not before it is sent
    desk.do(sent, key)
    for _twice in range(2):
        schedule.tidy(engine, settings, clock)
    (letter,) = told(engine)
    assert letter.to_email == "presse@lichtwerk.example"
    assert "2 Ihrer Beiträge" in letter.subject
    for reference in (first, second):
        link = re.search(rf"(http\S+/2026-12)#{reference}\n", letter.text)
        assert link
        assert f'id="{reference}"' in browser.get(link[1]).text
    assert "zum Kopieren" in letter.text


def test_what_only_members_read_gets_no_words_for_everybody(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    desk.accepted(news(targets=["go-cluster"]))
    key = desk.scheduled("go-cluster")
    desk.do(sent, key)
    schedule.tidy(engine, settings, clock)
    (letter,) = told(engine)
    assert "/read/" in letter.text
    assert "nur für Mitglieder" in letter.text
    assert "zum Kopieren" not in letter.text


def test_an_issue_sent_long_ago_is_told_to_nobody(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    desk.accepted()
    desk.do(sent, desk.scheduled())
    clock.forward(days=8)
    schedule.tidy(engine, settings, clock)
    assert not told(engine)


def test_a_long_teaser_is_cut_between_words() -> None:
    said = issues.social_text("Titel:", "Wort " * 100, "Plattform", "https://x.example/#q1")
    assert said.startswith("Titel: Wort Wort")
    assert said.endswith("Wort … Zu lesen im Newsletter „Plattform“: https://x.example/#q1")
    assert len(said) < 400
