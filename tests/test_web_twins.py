"""„Ist es dieser?“: what a cluster is asked when it hands in what it has handed in before."""

import html
import re
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter import clusters
from newsletter.models.submission import Submission
from tests.conftest import type_of_act
from tests.intake_situations import NEWS, jpeg
from tests.submission_situations import handed_in
from tests.test_web_submit import TYPED, browser, link, stored

__all__ = ["browser", "link"]  # the fixtures
AGAIN = TYPED | {"title": "Licht & Messen: die Fachtagung", "teaser": "Jetzt anmelden!"}


def seen_in(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def test_a_likely_twin_is_shown_and_a_second_click_hands_in_all_the_same(
    browser: TestClient, link: str, engine: Engine
) -> None:
    browser.post(link, data=TYPED)
    asked = browser.post(link, data=AGAIN, files={"image": ("a.jpg", jpeg(), "image/jpeg")})
    assert asked.status_code == 409
    assert stored(engine, Submission) == 1
    page = html.unescape(asked.text)
    assert "Ist es dieser?" in page
    assert "q1, eingegangen am Montag, 23.11.2026" in page
    assert "gleicher Link, Titel sehr ähnlich, gleicher Tag und Ort" in page
    there = re.search(r'href="(/s/[^"]+)"', page)
    assert there
    assert "Fachtagung „Licht & Messen“" in html.unescape(browser.get(there[1]).text)
    for typed in (AGAIN["title"], AGAIN["teaser"], "**Themen:** Optik", "16.3.2027", "9.30 Uhr"):
        assert typed in page

    sent = AGAIN | seen_in(asked.text)
    assert {"similar_seen", "image_key"} <= sent.keys()
    wrong = browser.post(link, data=sent | {"title": ""})  # a slip keeps the answer
    assert wrong.status_code == 422
    assert seen_in(wrong.text)["similar_seen"] == sent["similar_seen"]
    assert browser.post(link, data=sent).status_code == 303
    assert stored(engine, Submission) == 2


def test_the_answer_holds_for_what_was_shown_and_for_who_was_asked(
    browser: TestClient, link: str, engine: Engine, act: type_of_act
) -> None:
    browser.post(link, data=TYPED)
    seen = seen_in(browser.post(link, data=TYPED).text)
    assert (
        browser.post(link, data=TYPED | {"similar_seen": seen["similar_seen"] + "x"}).status_code
        == 409
    )
    assert browser.post(link, data=TYPED | seen).status_code == 303
    once_more = {"similar_seen": seen["similar_seen"]}  # another form with the same in it
    assert "q2" in browser.post(link, data=TYPED | once_more).text
    with act() as a:
        url = clusters.link(a, "boje", "team@boje.example")
    other = url.removeprefix("http://127.0.0.1:8000")
    assert browser.post(other, data=TYPED).status_code == 303  # nothing of others is shown
    assert browser.post(other, data=TYPED | seen).status_code == 409
    assert stored(engine, Submission) == 3


def test_a_machine_is_told_of_its_own_twins_and_of_nobody_elses(
    browser: TestClient, link: str, act: type_of_act
) -> None:
    with act() as a:
        handed_in(a, NEWS, "boje")
        key = clusters.key(a, "lichtwerk")
    sent: dict[str, Any] = {"json": NEWS, "headers": {"Authorization": f"Bearer {key}"}}
    assert browser.post("/api/v1/submissions", **sent).json()["similar"] == []
    again = browser.post("/api/v1/submissions", **sent)
    assert again.status_code == 201
    assert again.json()["similar"] == [
        {
            "id": "q2",
            "title": NEWS["title"],
            "status": "received",
            "reasons": ["same_link", "same_title", "similar_teaser"],
        }
    ]
