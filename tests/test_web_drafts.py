"""Nothing that was typed is lost: drafts, windows side by side, a form sent twenty times."""

import re
from contextlib import ExitStack
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from newsletter import clusters, database
from newsletter.models.delivery import Letter
from newsletter.models.draft import Draft
from newsletter.models.submission import Submission
from tests.conftest import Clock, type_of_act
from tests.intake_situations import BOJE, jpeg, registered
from tests.test_web_submit import TYPED, stored
from tests.web_situations import at_once, browser

__all__ = ["browser"]  # the fixtures

JSON = {"Accept": "application/json"}


@pytest.fixture
def links(act: type_of_act) -> tuple[str, str]:
    """The paths of two people's links, of two clusters."""
    with act() as a:
        registered(a)
        registered(a, BOJE)
        urls = (
            clusters.link(a, "lichtwerk", "presse@lichtwerk.example"),
            clusters.link(a, "boje", "team@boje.example"),
        )
    mine, theirs = (url.removeprefix("http://127.0.0.1:8000") for url in urls)
    return mine, theirs


def begun(browser: TestClient, link: str) -> dict[str, Any]:
    """The key and version that a fresh form carries."""
    page = browser.get(f"{link}?kind=date").text
    return {name: value(page, name) for name in ("draft", "draft_version")}


def value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" (?:id="{name}" )?value="([^"]*)"', page)
    found = found or re.search(rf'id="{name}" name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def test_a_draft_is_kept_by_the_button_with_its_picture_and_found_behind_another_link(
    browser: TestClient, links: tuple[str, str], act: type_of_act, engine: Engine
) -> None:
    link, theirs = links
    half = {"kind": "date", "title": "Licht „& <b>", "starts_on": "3.2.", "targets": ["go-cluster"]}
    photo = {"image": ("b.jpg", jpeg(), "image/jpeg")}
    saved = browser.post(f"{link}/draft", data=half | begun(browser, link), files=photo)
    assert saved.status_code == 303
    with act() as a:
        again = clusters.link(a, "lichtwerk", "presse@lichtwerk.example")
    choice = browser.get(again).text
    assert "Licht „&amp; &lt;b&gt;" in choice
    draft = re.search(r'href="(\?draft=[\w-]{22})"', choice)
    assert draft
    form = browser.get(again + draft[1]).text
    assert value(form, "title") == "Licht „&amp; &lt;b&gt;"
    assert value(form, "starts_on") == "03.02.2027"  # the next one
    assert re.search(r'id="target-go-cluster"[^>]* checked', form)
    assert value(form, "image_key")
    # somebody else's link shows nothing of it
    assert "Licht" not in browser.get(theirs + draft[1]).text
    browser.post(f"{theirs}/drop", data={"draft": draft[1][7:]})
    assert stored(engine, Draft) == 1
    browser.post(f"{link}/drop", data={"draft": draft[1][7:]})
    assert stored(engine, Draft) == 0


def test_two_windows_on_one_draft_both_keep_what_they_hold(
    browser: TestClient, links: tuple[str, str], engine: Engine
) -> None:
    link, _ = links
    here = begun(browser, link)
    first = browser.post(f"{link}/draft", data=TYPED | here, headers=JSON).json()
    assert (first["draft"], first["version"], first["apart"]) == (here["draft"], 1, False)
    on = {"draft": first["draft"], "draft_version": 1}
    one = browser.post(f"{link}/draft", data=TYPED | on | {"title": "Eins"}, headers=JSON).json()
    two = browser.post(f"{link}/draft", data=TYPED | on | {"title": "Zwei"}, headers=JSON).json()
    assert (one["version"], one["apart"], two["apart"]) == (2, False, True)
    assert two["draft"] != one["draft"]
    with database.reading(engine) as session:
        kept = {row.key: row.typed["title"] for row in session.scalars(select(Draft))}
    assert kept == {one["draft"]: "Eins", two["draft"]: "Zwei"}


def test_one_form_sent_twenty_times_at_once_is_one_item(
    browser: TestClient, links: tuple[str, str], engine: Engine
) -> None:
    link, _ = links
    whole = TYPED | begun(browser, link)
    answers = at_once(20, lambda _: browser.post(link, data=whole))
    assert {answer.status_code for answer in answers} == {303}
    assert (stored(engine, Submission), stored(engine, Letter)) == (1, 1)
    # each one leads to the same item's page
    titles = {browser.get(each.headers["location"]).text.count("Licht &amp;") for each in answers}
    assert len(titles) == 1
    # the same form, written on after going back, is another one: it is asked about
    assert browser.post(link, data=whole | {"teaser": "Anders."}).status_code == 409
    page = browser.get(f"{link}?draft={whole['draft']}").text
    assert "Dieser Entwurf ist schon eingereicht, als q1." in page


@pytest.mark.sqlite("its connections are what is counted")
def test_a_draft_opens_while_every_other_thread_of_the_web_looks_too(
    browser: TestClient, links: tuple[str, str], engine: Engine
) -> None:
    kept = browser.post(f"{links[0]}/draft", data=TYPED, headers=JSON).json()
    with ExitStack() as others:
        for _ in range(39):
            others.enter_context(database.reading(engine))
        assert browser.get(f"{links[0]}?draft={kept['draft']}").status_code == 200


def test_a_form_that_was_handed_in_takes_no_more_saves_but_by_the_button(
    browser: TestClient, links: tuple[str, str], engine: Engine
) -> None:
    link, theirs = links
    whole = TYPED | begun(browser, link)
    first = browser.post(f"{link}/draft", data=whole, headers=JSON).json()
    whole |= {"draft_version": first["version"]}
    assert browser.post(link, data=whole).status_code == 303
    # the script had something left to save, or somebody has come back to the form and types
    for late in (whole, whole | {"title": "Licht & Messung"}):
        told = browser.post(f"{link}/draft", data=late, headers=JSON).json()
        assert (told["handed_in"], told["draft"]) == ("q1", whole["draft"])
        assert "schon eingereicht, als q1" in told["said"]
    with database.reading(engine) as session:
        assert [row.typed for row in session.scalars(select(Draft))] == [{}]
    assert browser.post(f"{theirs}/draft", data=whole, headers=JSON).json()["apart"]
    # a person who presses the button means it
    browser.post(f"{link}/draft", data=whole | {"title": "Licht & Messung"})
    assert "Licht &amp; Messung" in browser.get(link).text


def test_an_expired_link_keeps_what_was_typed_and_a_new_one_comes_by_mail(
    browser: TestClient, links: tuple[str, str], engine: Engine, clock: Clock, act: type_of_act
) -> None:
    link, _ = links
    whole = TYPED | begun(browser, link)
    clock.forward(days=181)
    told = browser.post(f"{link}/draft", data=whole, headers=JSON).json()
    assert told["lapsed"]
    over = browser.post(link, data=whole | {"draft_version": told["version"]})
    assert over.status_code == 410
    assert "als Entwurf gesichert" in over.text
    assert stored(engine, Submission) == 0
    with database.reading(engine) as session:
        letter = session.scalars(select(Letter)).one()
        assert letter.to_email == "presse@lichtwerk.example"
        kept = session.scalars(select(Draft)).one()
        assert kept.typed["title"] == TYPED["title"]
    with act() as a:
        again = clusters.link(a, "lichtwerk", "presse@lichtwerk.example")
    assert f"?draft={kept.key}" in browser.get(again).text
    # of a form in which nobody has written anything there is nothing to keep
    for empty in ({"kind": "date"}, begun(browser, again) | {"kind": "date"}):
        assert browser.post(again, data=empty | {"contact_email": "x@lichtwerk.example"}).is_error
    assert stored(engine, Draft) == 1
    # a link that was taken back keeps nothing
    with act() as a:
        clusters.remove_person(a, "lichtwerk", "presse@lichtwerk.example")
    assert browser.post(again, data=TYPED).status_code == 410
    assert stored(engine, Draft) == 1
