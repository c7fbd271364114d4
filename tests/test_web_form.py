"""What the form asks besides title and text: when, where, who is shown, which issue."""

import re
from datetime import datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from newsletter import database
from newsletter.language import speaking
from newsletter.models.delivery import Letter
from newsletter.models.submission import Revision, Submission
from newsletter.web.typed import Typed
from tests.conftest import Clock
from tests.intake_situations import jpeg
from tests.test_web_submit import BERLIN, TYPED, stored
from tests.web_situations import browser, link

__all__ = ["browser", "link"]  # the fixtures


def test_a_date_on_several_days_is_an_item_for_each_and_no_day_is_half_stored(
    browser: TestClient, link: str, engine: Engine
) -> None:
    monthly = TYPED | {
        "ends_on": "",
        "ends_time": "11",
        "register_on": "",
        "time_zone": "Europe/London",
        "more_days": "20. April\n\n18.5.27\n16.3.2027",
    }
    wrong = browser.post(link, data=monthly | {"more_days": "20.4.2027\n1.2.2020"})
    assert wrong.status_code == 422
    assert 'id="more_days-wrong"' in wrong.text
    mixed = monthly | {"more_days": "20.4.; 27.4.\nmorgen\n1.1.2020\n31.2."}
    several = browser.post(link, data=mixed)
    assert "„morgen“, „31.2.“ sind keine Tage" in several.text
    with speaking("en"):
        typed = Typed({"more_days": "soon; 31.2."}, [])
        typed.more_days()
    assert typed.problems[0].message.startswith("“soon”, “31.2.” are not days.")
    past = browser.post(link, data=monthly | {"more_days": "1.2.2020\n2.2.2020"}).text
    at_field = past[past.index('id="more_days-wrong"') :].partition("</p>")[0]
    assert "01.02.2020: " in at_field
    assert "02.02.2020: " in at_field
    assert "01.02.2020: Der Termin liegt in der Vergangenheit." in wrong.text
    assert stored(engine, Submission) == 0
    there = browser.post(link, data=monthly)
    assert there.status_code == 303
    thanks = browser.get(there.headers["location"]).text
    named = re.findall(r'<li><a href="(/s/[^"]+)">(q\d): ([^<]+)</a>', thanks)
    assert [each[1:] for each in named] == [
        ("q2", "Dienstag, 20.04.2027"),
        ("q3", "Dienstag, 18.05.2027"),
    ]
    further = browser.get(f"{named[0][0]}?new=1").text  # whoever was sent only that page
    assert ("Dienstag, 20.04.2027" in further, "q3" in further) == (True, False)
    with database.reading(engine) as session:
        times = [each.starts_at for each in session.scalars(select(Revision))]
        uids = set(session.scalars(select(Submission.uid)))
        letter = session.scalars(select(Letter)).one()  # not one for each day
    assert "Dienstag, 20.04.2027 (q2):\nhttp://" in letter.text
    assert "Dienstag, 18.05.2027 (q3):\nhttp://" in letter.text
    for page in re.findall(r"http://127.0.0.1:8000(/s/\S+)", letter.text):
        assert browser.get(page).status_code == 200
    # 9:30 in London, in March before the clocks there change
    said = [f"{at.astimezone(BERLIN):%d.%m. %H:%M}" for at in times if at]
    assert said == ["16.03. 10:30", "20.04. 10:30", "18.05. 10:30"]
    assert len(uids) == 3
    shown = browser.post(link, data=monthly | {"title": ""}).text
    assert "Dienstag, 16.03.2027" in shown  # the weekday, without JavaScript too
    assert "New York" in shown


@pytest.mark.sqlite("it is about what a browser fetches")
def test_the_form_and_all_that_it_needs_is_light(browser: TestClient, link: str) -> None:
    empty = browser.get(f"{link}?kind=date")
    refused = browser.post(link, data=TYPED | {"title": "", "location": "", "starts_on": "bald"})
    assert (empty.status_code, refused.status_code) == (200, 422)
    for page in (empty, refused):
        needed = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
        assert len(needed) == 2  # the style sheet and the script, and nothing from elsewhere
        assert not re.search(r'(?:src|<link[^>]*href)="https?:', page.text)
        all_in = sum(len(browser.get(each).content) for each in needed) + len(page.content)
        assert all_in <= 50_000


def test_a_picture_needs_words_or_the_tick_that_it_says_nothing(
    browser: TestClient, link: str, engine: Engine
) -> None:
    photo = {"image": ("b.jpg", jpeg(), "image/jpeg")}
    wrong = browser.post(link, data=TYPED | {"image_alt": ""}, files=photo)
    assert (wrong.status_code, 'id="image_alt-wrong"' in wrong.text) == (422, True)
    assert '<details class="card fold" id="bild" open>' in wrong.text
    key = re.search(r'name="image_key" value="([^"]+)"', wrong.text)
    assert key
    silent = {"image_alt": "", "image_decorative": "ja", "image_key": key[1]}
    assert browser.post(link, data=TYPED | silent).status_code == 303


def test_the_form_says_which_issue_takes_it_and_after_the_deadline_asks_why_not_the_next(
    browser: TestClient, link: str, engine: Engine, clock: Clock
) -> None:
    story = {
        **{name: TYPED[name] for name in ("title", "teaser", "targets", "rights_confirmed")},
        "kind": "success_story",
        "quote": "„Es hält.“ Kim Beispiel, Lichtwerk",
        "approved_by": "Kim Beispiel",
        "wish_issue": "2027-01",
        "current_until": "1.2.27",
    }
    clock.moment = datetime(2026, 12, 1, 9, tzinfo=BERLIN)
    early = browser.get(f"{link}?kind=news").text
    assert "Ausgabe Dezember 2026: erscheint am Dienstag, 15.12.2026." in early
    assert 'name="urgent_because"' not in early
    clock.moment = datetime(2026, 12, 8, 9, tzinfo=BERLIN)
    late = browser.get(f"{link}?kind=news").text
    assert "Redaktionsschluss war Freitag, 04.12.2026, 12:00 Uhr: vorgemerkt für" in late
    done = browser.post(link, data=story | {"urgent_because": "Die Bewerbung endet am 10.1."})
    assert done.status_code == 303
    with database.reading(engine) as session:
        said = session.scalars(select(Revision)).one()
    assert (said.quote, said.wish_issue) == (story["quote"], "2027-01")
    assert said.urgent_because == "Die Bewerbung endet am 10.1."
    assert str(said.current_until) == "2027-02-01"
    page = browser.get(done.headers["location"]).text
    assert "Ausgabe Januar 2027" in page
