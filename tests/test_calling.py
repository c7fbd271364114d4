"""The call for contributions: who gets it, when, how often, and how it ends."""

import re
from collections.abc import Sequence

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from newsletter import clusters, database, issues, schedule
from newsletter.models.delivery import Letter
from newsletter.settings import Settings
from newsletter.web.app import create_app
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock
from tests.desk_situations import Desk, desk, news
from tests.intake_situations import BOJE
from tests.web_situations import OURS

__all__ = ["desk", "newsletter"]  # the fixtures

pytestmark = pytest.mark.skin

FIRST, SECOND, OTHER = "presse@lichtwerk.example", "zwei@lichtwerk.example", "team@boje.example"


@pytest.fixture
def register(desk: Desk) -> Desk:
    """Two clusters, one of them with two people."""
    desk.do(clusters.add, BOJE)
    desk.do(clusters.add_person, "lichtwerk", SECOND)
    return desk


def called(engine: Engine) -> Sequence[Letter]:
    with database.reading(engine) as session:
        return session.scalars(
            select(Letter).where(Letter.name == "call").order_by(Letter.id)
        ).all()


def test_everybody_is_called_once_and_reminded_where_nothing_is_in(
    register: Desk, engine: Engine, newsletter: Newsletter
) -> None:
    key = register.new("clusterplattform", "2035-06")
    register.hand_in(news(title="Ein eigener Titel"))
    shown = newsletter("issue", "call", key, "--preview", "--json")
    assert [each["email"] for each in shown.json["people"]] == [OTHER, FIRST, SECOND]
    assert not called(engine)
    assert newsletter("issue", "call", key).code == 0
    mails = {letter.to_email: letter for letter in called(engine)}
    assert set(mails) == {FIRST, SECOND, OTHER}
    assert "- Ein eigener Titel" in mails[SECOND].text
    assert "Ein eigener Titel" not in mails[OTHER].text  # no cluster learns of another's
    assert "ist noch nichts da" in mails[OTHER].text
    assert "12:00 Uhr" in mails[FIRST].subject
    again = newsletter("issue", "call", key)
    assert (again.code, "--remind" in again.err) == (1, True)
    reminded = newsletter("issue", "call", key, "--remind", "--json")
    assert [each["email"] for each in reminded.json["people"]] == [OTHER]
    assert newsletter("issue", "call", key, "--remind").code == 1
    assert called(engine)[-1].subject.startswith("Erinnerung")


def test_who_wants_no_calls_gets_none_and_still_hands_in(
    register: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    key = register.new()
    register.do(lambda act: issues.call(act, issues.find(act.session, key)))
    letter = next(letter for letter in called(engine) if letter.to_email == OTHER)
    stop = re.search(r"http://127.0.0.1:8000(/calls/\S+)", letter.text)
    form = re.search(r"http://127.0.0.1:8000(/submit/\S+)", letter.text)
    assert stop
    assert form
    app = create_app(settings, engine, clock)
    with TestClient(app, base_url="http://127.0.0.1:8000", headers=OURS) as browser:
        assert "Keine Aufrufe mehr" in browser.get(stop[1]).text
        assert browser.get(stop[1]).headers["x-robots-tag"] == "noindex"
        assert "Wieder Aufrufe bekommen" in browser.post(stop[1], data={"wanted": "nein"}).text
        assert browser.get(form[1]).status_code == 200
        later = register.new(number="2027-03")
        register.do(lambda act: issues.call(act, issues.find(act.session, later)))
        assert [each.to_email for each in called(engine)].count(OTHER) == 1
        assert "Keine Aufrufe mehr" in browser.post(stop[1], data={"wanted": "ja"}).text
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert browser.post(stop[1], data={"wanted": "nein"}, headers=elsewhere).status_code == 403
        assert browser.get("/calls/gibt-es-nicht").status_code == 404


def test_the_scheduler_calls_and_reminds_when_the_home_says_so(
    register: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    register.new()  # 2026-12: closes on Friday, 4 December, 12:00
    schedule.tidy(engine, settings, clock)
    assert not called(engine)  # not unless somebody wrote it down
    it = settings.newsletters["clusterplattform"].model_copy(
        update={"call_days": 5, "remind_days": 2}
    )
    calling = settings.model_copy(
        update={"newsletters": {**settings.newsletters, "clusterplattform": it}}
    )
    schedule.tidy(engine, calling, clock)
    assert not called(engine)  # eleven days before
    clock.forward(days=7)
    for _twice in range(2):
        schedule.tidy(engine, calling, clock)
    assert len(called(engine)) == 3
    clock.forward(days=3)
    for _twice in range(2):
        schedule.tidy(engine, calling, clock)
    assert len(called(engine)) == 6
    clock.forward(days=10)
    schedule.tidy(engine, calling, clock)
    assert len(called(engine)) == 6
    clock.forward(days=20)  # January's draft was made by itself, and its call is due
    schedule.tidy(engine, calling, clock)
    assert len(called(engine)) == 9


def test_nobody_is_called_after_the_cut_off_or_for_what_has_left(
    register: Desk, newsletter: Newsletter
) -> None:
    key = register.new(number="2020-06")
    late = newsletter("issue", "call", key)
    assert (late.code, "Redaktionsschluss" in late.err) == (1, True)
    gone = register.new(number="2035-06")
    assert newsletter("issue", "cancel", gone).code == 0
    assert newsletter("issue", "call", gone).code == 1
