"""Sign-up, confirmation and goodbye, as browsers and mail programs meet them."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, func, select

from newsletter import database, readers
from newsletter.history import Act
from newsletter.models.delivery import Letter
from newsletter.settings import Settings
from newsletter.web.app import create_app
from subscribers.models import Consent, SignUpAttempt, Subscriber, Subscription
from tests.conftest import Clock
from tests.web_situations import browser

__all__ = ["browser"]  # the fixtures

PUBLIC = "clusterplattform"
ADA = "ada@leser.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class Fields(HTMLParser):
    """The inputs of a page, by name; checkboxes with whether they are ticked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inputs: list[dict[str, str | None]] = []
        self.labels: set[str | None] = set()
        self.buttons = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "input":
            self.inputs.append(known)
        if tag == "label":
            self.labels.add(known.get("for"))
        self.buttons += tag == "button"

    def named(self, name: str) -> dict[str, str | None]:
        return next(one for one in self.inputs if one.get("name") == name)


def filled_in(browser: TestClient, **changes: object) -> dict[str, object]:
    """What a person sends who opens the form, types an address and ticks the box."""
    token = Fields(browser.get("/subscribe").text).named("form")["value"]
    return {"form": token, "email": ADA, "newsletter": PUBLIC, "website": ""} | changes


def signs_up(browser: TestClient, clock: Clock, **changes: object) -> str:
    """Sends the form after ten seconds; gives the page."""
    form = filled_in(browser, **changes)
    clock.forward(seconds=10)
    return browser.post("/subscribe", data=form).text


def confirm_path(engine: Engine) -> str:
    with database.reading(engine) as session:
        letter = session.scalars(select(Letter).order_by(Letter.id.desc())).first()
    return next(line for line in letter.text.splitlines() if "/confirm/" in line).partition(
        ":8000"
    )[2]


def joins(browser: TestClient, clock: Clock, engine: Engine, settings: Settings) -> str:
    """Ada signs up and confirms; gives the path of her unsubscribe link."""
    signs_up(browser, clock)
    assert browser.post(confirm_path(engine)).status_code == 200
    with database.reading(engine) as session:
        person = session.scalars(select(Subscriber)).one()
    return readers.unsubscribe_url(settings, person.public_id, PUBLIC).partition(":8000")[2]


def states(engine: Engine) -> list[str]:
    with database.reading(engine) as session:
        return [one.state.value for one in session.scalars(select(Subscription))]


def rows(engine: Engine) -> tuple[int, ...]:
    """How many rows each table of readers has: nothing changed if this did not."""
    with database.reading(engine) as session:
        return tuple(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Subscriber, Subscription, Consent, Letter, SignUpAttempt)
        )


@pytest.fixture
def queries(engine: Engine) -> list[str]:
    """Every statement that reaches the database."""
    seen: list[str] = []
    event.listen(
        engine, "before_cursor_execute", lambda c, cursor, statement, *rest: seen.append(statement)
    )
    return seen


# --- sign-up ------------------------------------------------------------------------------


def test_the_form_offers_only_open_newsletters_with_nothing_ticked(browser: TestClient) -> None:
    answer = browser.get("/subscribe")
    fields = Fields(answer.text)
    boxes = [one for one in fields.inputs if one.get("type") == "checkbox"]
    assert [box["value"] for box in boxes] == [PUBLIC]
    assert all("checked" not in box for box in boxes)
    assert "widerrufen" in answer.text
    shown = [one for one in fields.inputs if one.get("type") != "hidden"]
    assert {one["id"] for one in shown} <= fields.labels
    assert fields.named("email")["autocomplete"] == "email"
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text


def test_a_reader_signs_up_confirms_and_leaves(
    browser: TestClient, clock: Clock, engine: Engine, settings: Settings
) -> None:
    assert "Bitte sehen Sie in Ihr Postfach" in signs_up(browser, clock)
    assert states(engine) == ["pending"]
    path = confirm_path(engine)
    looked = browser.get(path)
    assert (looked.status_code, Fields(looked.text).buttons) == (200, 1)
    assert "a***@l***.example" in looked.text
    assert settings.newsletters[PUBLIC].consent in looked.text
    assert settings.newsletters[PUBLIC].imprint.name in looked.text
    assert states(engine) == ["pending"]
    assert "ist bestätigt" in browser.post(path).text
    assert states(engine) == ["active"]
    assert "ist bestätigt" in browser.post(path).text  # pressed twice
    assert "ist bestätigt" in browser.get(path).text
    with database.reading(engine) as session:
        person = session.scalars(select(Subscriber)).one()
    leave = readers.unsubscribe_url(settings, person.public_id, PUBLIC).partition(":8000")[2]
    looked = browser.get(leave)
    assert (looked.status_code, Fields(looked.text).buttons) == (200, 1)
    assert "a***@l***.example" in looked.text
    assert ADA not in looked.text
    assert states(engine) == ["active"]
    left = browser.post(leave)
    assert (left.status_code, "Sie sind abgemeldet" in left.text) == (200, True)
    assert states(engine) == ["ended"]
    assert Fields(browser.get(leave).text).buttons == 0


def test_without_consent_the_form_comes_back_with_what_was_typed(
    browser: TestClient, clock: Clock, engine: Engine
) -> None:
    form = filled_in(browser, newsletter=[])
    clock.forward(seconds=10)
    answer = browser.post("/subscribe", data=form)
    assert answer.status_code == 422
    assert f'value="{ADA}"' in answer.text
    assert 'role="alert"' in answer.text
    assert 'href="#newsletter"' in answer.text
    assert 'id="newsletter-message"' in answer.text
    assert rows(engine) == (0, 0, 0, 0, 0)


def test_a_wrong_address_is_named_at_its_field_and_the_tick_is_kept(
    browser: TestClient, clock: Clock
) -> None:
    form = filled_in(browser, email="müller@leser.example")
    clock.forward(seconds=10)
    answer = browser.post("/subscribe", data=form)
    email = Fields(answer.text).named("email")
    assert answer.status_code == 422
    assert (email["value"], email["aria-describedby"]) == ("müller@leser.example", "email-message")
    assert "ohne Umlaute vor dem @" in answer.text
    assert "checked" in Fields(answer.text).named("newsletter")


def test_the_corrected_form_goes_through_at_once(
    browser: TestClient, clock: Clock, engine: Engine
) -> None:
    form = filled_in(browser, email="ada@")
    clock.forward(seconds=10)
    again = Fields(browser.post("/subscribe", data=form).text).named("form")["value"]
    answer = browser.post("/subscribe", data=form | {"form": again, "email": ADA})
    assert "Postfach" in answer.text
    assert states(engine) == ["pending"]


@pytest.mark.parametrize("seconds", [1, 24 * 3600 + 1])
def test_whoever_is_faster_or_slower_than_people_are_sends_once_more_and_is_in(
    browser: TestClient, clock: Clock, engine: Engine, seconds: int
) -> None:
    form = filled_in(browser)
    clock.forward(seconds=seconds)
    asked = browser.post("/subscribe", data=form)
    fields = Fields(asked.text)
    assert (asked.status_code, "noch einmal ab" in asked.text) == (422, True)
    assert (fields.named("email")["value"], "checked" in fields.named("newsletter")) == (ADA, True)
    assert rows(engine) == (0, 0, 0, 0, 0)
    clock.forward(seconds=3)
    form["form"] = fields.named("form")["value"]
    assert "Postfach" in browser.post("/subscribe", data=form).text
    assert states(engine) == ["pending"]


@pytest.mark.parametrize("seconds", [1, 10, 24 * 3600 + 1])
@pytest.mark.parametrize("trap", ["", "https://spam.example"])
def test_a_mistake_is_named_however_fast_somebody_was(
    browser: TestClient, clock: Clock, engine: Engine, seconds: int, trap: str
) -> None:
    form = filled_in(browser, email="", newsletter=[], website=trap)
    clock.forward(seconds=seconds)
    answer = browser.post("/subscribe", data=form)
    assert answer.status_code == 422
    assert "auf den Weg gebracht" not in answer.text
    assert {"#email", "#newsletter"} <= set(re.findall(r'href="(#\w+)"', answer.text))
    assert rows(engine) == (0, 0, 0, 0, 0)


def test_a_machine_gets_the_same_page_and_nothing_is_stored(
    browser: TestClient, clock: Clock, engine: Engine
) -> None:
    form = filled_in(browser, website="https://spam.example")
    clock.forward(seconds=10)
    for_machines = browser.post("/subscribe", data=form)
    assert rows(engine) == (0, 0, 0, 0, 0)
    for_people = signs_up(browser, clock)
    assert for_machines.text == for_people


@pytest.mark.parametrize("token", ["", "x", "forged.token"])
def test_a_form_that_we_did_not_serve_is_asked_for_again(
    browser: TestClient, engine: Engine, token: str
) -> None:
    answer = browser.post("/subscribe", data={"email": ADA, "newsletter": PUBLIC, "form": token})
    assert answer.status_code == 422
    assert "noch einmal ab" in answer.text
    assert rows(engine) == (0, 0, 0, 0, 0)


def test_the_answer_tells_nobody_who_reads_what(
    browser: TestClient, clock: Clock, engine: Engine, settings: Settings
) -> None:
    """New, pending, active, ended and banned: the same page, the same headers (WB-07)."""

    def asked() -> tuple[int, str, list[tuple[str, str]]]:
        form = filled_in(browser)
        clock.forward(hours=23)
        answer = browser.post("/subscribe", data=form)
        return answer.status_code, answer.text, sorted(answer.headers.items())

    answers = [asked(), asked()]  # new, pending
    clock.forward(hours=2)
    path = joins(browser, clock, engine, settings)
    answers.append(asked())  # active
    browser.post(path)
    answers.append(asked())  # ended
    with database.writing(engine) as session:
        from subscribers.suppression import suppress

        hash_ = session.scalars(select(Subscriber)).one().address_hash
        suppress(session, clock(), hash_, "*", "operator")
    answers.append(asked())  # banned
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    ],
)
def test_another_sites_form_neither_signs_up_nor_confirms(
    browser: TestClient, clock: Clock, engine: Engine, headers: dict[str, str]
) -> None:
    form = filled_in(browser)
    clock.forward(seconds=10)
    assert browser.post("/subscribe", data=form, headers=headers).status_code == 403
    assert rows(engine) == (0, 0, 0, 0, 0)
    signs_up(browser, clock)
    assert browser.post(confirm_path(engine), headers=headers).status_code == 403
    assert states(engine) == ["pending"]


def test_what_is_typed_appears_as_text_only(browser: TestClient, clock: Clock) -> None:
    page = signs_up(browser, clock, email='"><script>{{7*7}}</script>@x')
    assert "<script" not in page
    assert "{{7*7}}" in page


def test_an_evil_host_gets_no_link_into_a_letter(
    browser: TestClient, clock: Clock, engine: Engine
) -> None:
    form = filled_in(browser)
    clock.forward(seconds=10)
    answer = browser.post("/subscribe", data=form, headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert rows(engine) == (0, 0, 0, 0, 0)


def test_strangers_share_five_letters_an_hour_per_network(
    settings: Settings, engine: Engine, clock: Clock
) -> None:
    app = create_app(settings, engine, clock)
    headers = {"Sec-Fetch-Site": "same-origin"}
    with TestClient(
        app, base_url="http://127.0.0.1:8000", headers=headers, client=("203.0.113.9", 4711)
    ) as stranger:
        for number in range(8):
            signs_up(stranger, clock, email=f"leser{number}@leser.example")
    assert rows(engine)[3] == 5


# --- confirmation -------------------------------------------------------------------------


def test_a_late_link_says_so_and_offers_a_new_one(
    browser: TestClient, clock: Clock, engine: Engine
) -> None:
    signs_up(browser, clock)
    path = confirm_path(engine)
    clock.forward(hours=48)
    for answer in (browser.get(path), browser.post(path)):
        assert answer.status_code == 410
        assert 'href="/subscribe"' in answer.text
    assert states(engine) == ["pending"]


@pytest.mark.parametrize("path", ["/confirm/", "/unsubscribe/"])
def test_a_wrong_signature_is_not_found_and_never_reaches_the_database(
    browser: TestClient,
    clock: Clock,
    engine: Engine,
    settings: Settings,
    queries: list[str],
    path: str,
) -> None:
    leave = joins(browser, clock, engine, settings).rpartition("/")[2]
    confirm = confirm_path(engine).rpartition("/")[2]
    other = {"/confirm/": leave, "/unsubscribe/": confirm}[path]
    queries.clear()
    for token in (leave[:-1], leave + "A", "x", "%00", "ä", other, leave.swapcase()):
        for answer in (
            browser.get(path + token),
            browser.head(path + token),
            browser.post(path + token, data=ONE_CLICK),
        ):
            assert answer.status_code == 404
    assert queries == []


# --- goodbye ------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
def test_one_click_ends_it_in_both_encodings_as_often_as_they_like(
    browser: TestClient,
    clock: Clock,
    engine: Engine,
    settings: Settings,
    encoding: str,
) -> None:
    path = joins(browser, clock, engine, settings)
    bodies = {
        "urlencoded": {"data": ONE_CLICK},
        "multipart": {"files": {"List-Unsubscribe": (None, "One-Click")}},
    }
    provider = {"Origin": "https://webmail.example", "Sec-Fetch-Site": "cross-site"}
    for _ in range(2):
        answer = browser.post(path, headers=provider, **bodies[encoding])
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "set-cookie" not in answer.headers
    assert states(engine) == ["ended"]
    with database.reading(engine) as session:
        ended = [one.channel for one in session.scalars(select(Consent)) if one.event == "ended"]
    assert ended == ["one-click"]


def test_one_click_works_for_the_erased_too(
    browser: TestClient,
    clock: Clock,
    engine: Engine,
    settings: Settings,
    act: Callable[..., object],
) -> None:
    path = joins(browser, clock, engine, settings)
    with act() as a:
        assert isinstance(a, Act)
        readers.erase(a, ADA)
    assert browser.post(path, data=ONE_CLICK).status_code == 200
    assert "Sie sind abgemeldet" in browser.get(path).text


@pytest.mark.parametrize("body", [b"", b"\xff\x00" * 50, b"--x\r\nbroken multipart"])
def test_a_goodbye_with_a_strange_body_is_a_goodbye(
    browser: TestClient, clock: Clock, engine: Engine, settings: Settings, body: bytes
) -> None:
    path = joins(browser, clock, engine, settings)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert browser.post(path, content=body, headers=headers).status_code == 200
    assert states(engine) == ["ended"]


def test_looking_at_a_link_in_any_way_changes_nothing(
    browser: TestClient, clock: Clock, engine: Engine, settings: Settings
) -> None:
    leave = joins(browser, clock, engine, settings)
    signs_up(browser, clock, email="ben@leser.example")
    paths = [leave, confirm_path(engine), "/subscribe"]
    before = rows(engine), states(engine)
    for path in paths:
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
            answer = browser.request(method, path)
            assert answer.status_code in ({200} if method in {"GET", "HEAD"} else {405})
    assert (rows(engine), states(engine)) == before


def test_pages_with_tokens_are_kept_by_nobody_and_found_by_no_search(
    browser: TestClient, clock: Clock, engine: Engine, settings: Settings
) -> None:
    leave = joins(browser, clock, engine, settings)
    for path in (leave, confirm_path(engine)):
        answer = browser.get(path)
        assert "no-store" in answer.headers["cache-control"]
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["referrer-policy"] == "no-referrer"
