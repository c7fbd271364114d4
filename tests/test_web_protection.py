"""What keeps machines out of the forms behind links, and never a person who typed something."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter import clusters
from newsletter.history import acting
from newsletter.models.submission import Submission
from newsletter.settings import Intake, Settings, load
from newsletter.web.app import create_app
from newsletter.web.turnstile import PER_ADDRESS, PER_LINK, Turnstile
from tests.conftest import ADA, Clock
from tests.intake_situations import jpeg, registered
from tests.test_web_drafts import JSON, value
from tests.test_web_submit import TYPED, stored
from tests.web_situations import OURS

PUBLIC = "https://news.cluster.example"


def link_in(settings: Settings, engine: Engine, clock: Clock) -> str:
    with acting(engine, settings, ADA, clock=clock) as act:
        registered(act)
        url = clusters.link(act, "lichtwerk", "presse@lichtwerk.example")
    return url.removeprefix(settings.base_url)


@pytest.mark.sqlite("no matter of the database")
def test_a_machine_behind_a_link_is_asked_once_more_and_nobody_loses_a_word(
    home: Any, engine: Engine, clock: Clock
) -> None:
    settings = load(home, {"NEWSLETTER_BASE_URL": PUBLIC})
    link = link_in(settings, engine, clock)
    app = create_app(settings, engine, clock)
    with TestClient(app, base_url=PUBLIC, headers=OURS, follow_redirects=False) as browser:
        form = browser.get(f"{link}?kind=date").text
        hidden = {name: value(form, name) for name in ("form", "draft", "draft_version")}
        mistaken = browser.post(link, data=TYPED | hidden | {"title": ""}).text
        assert "Eine Angabe stimmt noch nicht" in mistaken  # mistakes first
        assert "Automaten" not in mistaken
        hidden |= {name: value(mistaken, name) for name in hidden}
        fast = browser.post(link, data=TYPED | hidden)
        assert "Noch nicht abgeschickt" in fast.text
        assert "stimmt noch nicht" not in fast.text
        assert (fast.status_code, "so schnell wie bei einem Automaten" in fast.text) == (422, True)
        assert value(fast.text, "title") == TYPED["title"].replace("&", "&amp;")
        clock.forward(seconds=3)
        hidden = {name: value(fast.text, name) for name in hidden}
        trapped = browser.post(link, data=TYPED | hidden | {"website": "https://spam.example"})
        assert (trapped.status_code, "das leer bleiben soll" in trapped.text) == (422, True)
        assert "spam.example" not in trapped.text
        clock.forward(days=2)
        hidden = {name: value(trapped.text, name) for name in hidden}
        old = browser.post(link, data=TYPED | hidden)
        assert (old.status_code, stored(engine, Submission)) == (422, 0)
        clock.forward(seconds=3)
        hidden = {name: value(old.text, name) for name in hidden}
        assert browser.post(link, data=TYPED | hidden).status_code == 303
        # whoever looks at the preview first has had the form for long enough
        form = browser.get(f"{link}?kind=date").text
        hidden = {name: value(form, name) for name in hidden}
        clock.forward(seconds=3)
        there = browser.post(f"{link}/preview", data=TYPED | hidden | {"link": ""})
        shown = browser.get(there.headers["location"]).text
        hidden = {name: value(shown, name) for name in hidden}
        at_once = browser.post(
            link, data=TYPED | hidden | {"title": "Ganz etwas anderes", "link": ""}
        )
        assert "Automaten" not in at_once.text
        # of a stranger nothing is read: this is no form at all
        junk = {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}
        assert [browser.post(at, **junk).status_code for at in (link, "/submit/x")] == [400, 404]
        assert browser.post("/upload/x", **junk).status_code == 410
        clock.forward(seconds=1)
        # one link may save as fast as people type, not as fast as machines do
        for _each in range(PER_LINK - 1):
            assert browser.post(f"{link}/none").status_code in {404, 405}
        over = browser.post(f"{link}/draft", data=TYPED, headers=JSON)
        assert over.status_code == 429
        assert 1 <= int(over.headers["retry-after"]) <= 2
        assert "zu viele Anfragen" in over.text
        assert browser.get(link).status_code == 200
        assert browser.post(f"/unsubscribe/{'x' * 22}").status_code != 429


@pytest.mark.sqlite("no matter of the database")
def test_whoever_hands_in_more_than_a_day_has_room_for_keeps_what_was_typed(
    home: Any, engine: Engine, clock: Clock
) -> None:
    settings = load(home, {"NEWSLETTER_BASE_URL": PUBLIC})
    few = {"intake": Intake(submissions_per_day=1, pictures_per_day=1)}
    link = link_in(settings, engine, clock)
    app = create_app(settings.model_copy(update=few), engine, clock)
    with TestClient(app, base_url=PUBLIC, headers=OURS, follow_redirects=False) as browser:
        hidden = {"form": value(browser.get(f"{link}?kind=date").text, "form")}
        clock.forward(minutes=1)
        photo = {"image": ("b.jpg", jpeg(), "image/jpeg")}
        credit = {"image_credit": "Kim Beispiel"}
        first = browser.post(link, data=TYPED | credit | hidden, files=photo)
        assert first.status_code == 303
        another = TYPED | credit | hidden | {"title": "Ganz etwas anderes", "starts_on": "8.2.27"}
        another |= {"ends_on": "", "ends_time": "", "link": ""}
        for files, said, code in ((photo, "schon 1 Bild", 422), (None, "schon 1 Beitrag", 429)):
            full = browser.post(link, data=another, files=files)
            assert (full.status_code, said in full.text) == (code, True), full.text
            assert value(full.text, "title") == "Ganz etwas anderes"
        assert 86_000 < int(full.headers["Retry-After"]) <= 86_400


@pytest.mark.sqlite("no matter of the database")
def test_every_form_is_believed_only_from_our_own_pages(
    settings: Settings, engine: Engine, clock: Clock
) -> None:
    app = create_app(settings, engine, clock)
    link = link_in(settings, engine, clock)
    tried = 0
    with TestClient(app, base_url="http://127.0.0.1:8000") as browser:
        for route in app.state.routes:
            if "POST" not in route.methods or route.path.startswith(("/api/", "/unsubscribe/")):
                continue
            token = link.rpartition("/")[2] if "/submit/" in route.path else "x" * 22
            at = route.path.replace("{token}", token)
            at = re.sub(r"\{.+?\}", "1", at)
            for headers in (
                {"Sec-Fetch-Site": "cross-site", "Origin": "https://boese.example"},
                {"Origin": "https://boese.example"},
            ):
                answer = browser.post(at, data={"email": "a@b.example"}, headers=headers)
                assert answer.status_code == 403, route.path
                tried += 1
    assert tried > 40


@pytest.mark.sqlite("pure")
def test_the_turnstile_counts_links_and_addresses_and_forgets() -> None:
    moment = 0.0
    stile = Turnstile(clock=lambda: moment)

    def post(path: str, host: str, method: str = "POST") -> int:
        return stile.wait({"path": path, "method": method, "client": (host, 1)})

    assert not any(post("/submit/a", "127.0.0.1") for _ in range(PER_LINK))
    assert post("/submit/a/draft", "203.0.113.9") == 1
    assert post("/submit/a", "203.0.113.9", "GET") == 0
    assert post("/submit/b", "127.0.0.1") == 0
    moment = 1.0
    assert post("/submit/a", "127.0.0.1") == 0
    # one office, however many addresses of its own it has
    assert not any(post("/access", f"2001:db8:1:2::{n:x}") for n in range(PER_ADDRESS))
    assert post("/access", "2001:db8:1:2:ffff::1") == 1
    assert post("/access", "2001:db8:1:3::1") == 0
    assert post("/unsubscribe/x", "2001:db8:1:2::1") == 0
    # a flood is one address to remember, and never more than there is room for
    for n in range(2 * PER_ADDRESS):
        post(f"/submit/{n}", "::ffff:203.0.113.7")
    assert post("/submit/x", "203.0.113.7") > 0
    assert post("/submit/x", "::ffff:203.0.113.8") == 0
    assert len(stile.seen) < 1.1 * PER_ADDRESS
    stile.seen |= {f"link {n}": (1.0, moment) for n in range(10_000)}
    assert post("/submit/y", "203.0.113.8") == 0
    assert len(stile.seen) == 2
    moment = 1_000.0
    stile.seen |= {f"link {n}": (1.0, 900.0) for n in range(10_000)}
    assert post("/s/c", "127.0.0.1") == 0
    assert len(stile.seen) == 1
