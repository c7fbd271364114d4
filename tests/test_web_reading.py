"""The archive and the members' view, as a browser meets them."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, text

from newsletter import issues, readers
from newsletter.content import TO_ANYBODY
from newsletter.dispatch.copies import Copies
from newsletter.dispatch.ledger import InHand
from newsletter.models.delivery import Delivery
from newsletter.settings import Settings, load
from newsletter.web.app import create_app
from subscribers.models import Subscriber
from tests.archive_situations import (
    MEMBERS,
    PUBLIC,
    approved,
    gone_out,
    joins,
    sending,
    stored,
    unframed,
)
from tests.conftest import Clock
from tests.desk_situations import Desk, desk
from tests.web_situations import browser

__all__ = ["browser", "desk"]  # the fixtures

ISSUE = f"/archive/{PUBLIC}/2026-12"


def read_path(desk: Desk, key: str) -> str:
    return f"/read/{desk.issue(key).read_key}"


def parsed(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def hrefs(html: str) -> list[str]:
    return [str(a["href"]) for a in parsed(html).find_all("a")]


# -- the list -----------------------------------------------------------------------------


def test_the_start_page_leads_to_the_archive_and_the_archive_to_each_issue(
    browser: TestClient, desk: Desk
) -> None:
    gone_out(desk)
    assert f"/archive/{PUBLIC}/" in hrefs(browser.get("/").text)
    assert f"/archive/{MEMBERS}/" not in hrefs(browser.get("/").text)
    assert ISSUE in hrefs(browser.get(f"/archive/{PUBLIC}/").text)
    assert browser.get(ISSUE).status_code == 200


def test_the_archive_says_what_was_sent_when_the_newest_first(
    browser: TestClient, desk: Desk
) -> None:
    for number in ("2026-12", "2027-01"):
        gone_out(desk, number=number)
        desk.clock.forward(days=41)
    answer = browser.get(f"/archive/{PUBLIC}/")
    page = parsed(answer.text)
    assert [h.get_text() for h in page.find_all("h2")][:2] == ["2027", "2026"]
    assert [h.get_text() for h in page.select("h3 a")] == [
        "Clusterplattform Deutschland: Ausgabe Januar 2027",
        "Clusterplattform Deutschland: Ausgabe Dezember 2026",
    ]
    assert "Ausgabe Dezember 2026, verschickt am Montag, 23. November 2026" in answer.text
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "X-Robots-Tag" not in answer.headers


def test_the_one_public_archive_is_found_without_its_name(browser: TestClient) -> None:
    answer = browser.get("/archive/")
    assert (answer.status_code, answer.headers["Location"]) == (307, f"/archive/{PUBLIC}/")
    assert browser.get("/archive", follow_redirects=True).url.path == f"/archive/{PUBLIC}/"


def test_an_empty_archive_says_so(browser: TestClient, desk: Desk) -> None:
    approved(desk)
    answer = browser.get(f"/archive/{PUBLIC}/")
    assert answer.status_code == 200
    assert "noch keine Ausgabe erschienen" in answer.text
    assert "2026-12" not in answer.text


def test_what_is_for_members_and_what_never_was_look_the_same(
    browser: TestClient, desk: Desk
) -> None:
    gone_out(desk, MEMBERS)
    paths = [
        f"/archive/{MEMBERS}/",
        f"/archive/{MEMBERS}/2026-12",
        "/archive/gibt-es-nicht/",
        f"/archive/{PUBLIC}/2026-12",
        f"/archive/{PUBLIC}/<script>",
        "/read/gibt-es-nicht",
        f"/read/{'a' * 43}",
    ]
    answers = [browser.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


# -- an issue -----------------------------------------------------------------------------


@pytest.mark.parametrize("slug", [PUBLIC, MEMBERS])
def test_our_frame_and_the_slots_apart_the_page_is_what_was_approved(
    browser: TestClient, desk: Desk, slug: str
) -> None:
    key = gone_out(desk, slug)
    path = ISSUE if slug == PUBLIC else read_path(desk, key)
    answer = browser.get(path)
    assert unframed(answer.text).encode() == stored(desk, key).html.encode()
    assert answer.text.count("<!--Rahmen-->") == answer.text.count("<!--/Rahmen-->") == 3
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_an_issue_is_a_page_of_its_own(browser: TestClient, desk: Desk) -> None:
    gone_out(desk, title="Licht & Messen")
    page = parsed(browser.get(ISSUE).text)
    assert page.html
    assert page.html["lang"] == "de"
    assert page.title
    assert page.title.get_text() == "Clusterplattform Deutschland: Ausgabe Dezember 2026"
    assert page.select_one("link[rel=canonical]")["href"] == "http://127.0.0.1:8000" + ISSUE
    assert not page.select("meta[name=robots]")
    assert len(page.find_all("h1")) == len(page.find_all("main")) == 1
    assert page.select_one("main h3#q1").get_text() == "Licht & Messen"
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    targets = {href[1:] for href in hrefs(str(page)) if href.startswith("#")}
    assert targets <= set(ids)


@pytest.mark.parametrize(("slug", "colour"), [(PUBLIC, "#0b3a5e"), (MEMBERS, "#124a31")])
def test_the_frame_wears_its_newsletters_colour(
    browser: TestClient, desk: Desk, home: Path, slug: str, colour: str
) -> None:
    key = gone_out(desk, slug)
    path = ISSUE if slug == PUBLIC else read_path(desk, key)
    assert f".frame {{ background: {colour};" in browser.get(path).text
    own = home / "templates" / slug
    own.mkdir(parents=True)
    (own / "theme.mjml").write_text("{% set light = {} %}", encoding="utf-8")
    assert ".frame { background: #0b3a5e;" in browser.get(path).text


def test_an_issue_leads_to_its_neighbours(browser: TestClient, desk: Desk) -> None:
    for number in ("2026-12", "2026-12-s1", "2027-01"):
        gone_out(desk, number=number)
        desk.clock.forward(days=1)
    nav = parsed(browser.get(ISSUE + "-s1").text).nav
    assert nav
    assert [(a.get_text(), a["href"]) for a in nav.find_all("a")] == [
        ("Alle Ausgaben", f"/archive/{PUBLIC}/"),
        ("Ältere: Ausgabe Dezember 2026", ISSUE),
        ("Neuere: Ausgabe Januar 2027", f"/archive/{PUBLIC}/2027-01"),
    ]


def test_its_policy_allows_styles_and_our_own_pictures_and_nothing_else(
    browser: TestClient, desk: Desk
) -> None:
    key = gone_out(desk, MEMBERS)
    gone_out(desk)
    for path in (ISSUE, read_path(desk, key)):
        answer = browser.get(path)
        policy = dict(
            part.strip().split(" ", 1)
            for part in answer.headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
        assert policy["style-src"] == "'unsafe-inline'"
        assert policy["img-src"] == "'self' http://127.0.0.1:8000"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert not parsed(answer.text).find_all(["script", "iframe", "form", "object", "base"])


def test_nobody_may_find_or_keep_what_is_for_members(browser: TestClient, desk: Desk) -> None:
    key = gone_out(desk, MEMBERS)
    answer = browser.get(read_path(desk, key))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    page = parsed(answer.text)
    assert page.select_one("meta[name=robots]")["content"] == "noindex, noarchive"
    assert not page.select("link[rel=canonical]")
    assert not [href for href in hrefs(answer.text) if "/archive/" in href]


def test_the_members_view_opens_with_the_sending_and_not_before(
    browser: TestClient, desk: Desk
) -> None:
    key = approved(desk, MEMBERS)
    early = browser.get(read_path(desk, key))
    assert early.status_code == 404
    assert "<h1>Diese Ausgabe ist noch nicht erschienen</h1>" in early.text
    assert "2026-12" not in early.text
    sending(desk, key)
    assert browser.get(read_path(desk, key)).status_code == 200


def test_a_public_issue_that_waits_looks_like_one_that_never_was(
    browser: TestClient, desk: Desk
) -> None:
    key = approved(desk)
    waits, never = browser.get(ISSUE), browser.get(f"/archive/{PUBLIC}/2031-07")
    assert waits.status_code == never.status_code == 404
    assert waits.text == never.text
    assert "<h1>Hier ist keine Ausgabe zu sehen</h1>" in waits.text
    assert "noch nicht erschienen" in waits.text
    desk.do(issues.cancel, key)
    assert browser.get(read_path(desk, key)).text == never.text


def test_an_issue_in_the_browser_does_not_offer_itself(browser: TestClient, desk: Desk) -> None:
    for slug in (PUBLIC, MEMBERS):
        key = approved(desk, slug)
        sending(desk, key)
        path = ISSUE if slug == PUBLIC else read_path(desk, key)
        page = parsed(browser.get(path).text)
        (itself,) = [a for a in page.select(".issue a") if a.text == "Im Browser ansehen"]
        rule = f'.issue a[href="{itself["href"]}"] {{ display: none !important; }}'
        assert rule in browser.get(path).text


def test_the_key_of_a_public_issue_leads_into_the_archive(browser: TestClient, desk: Desk) -> None:
    key = approved(desk)
    assert browser.get(read_path(desk, key)).status_code == 404
    sending(desk, key)
    answer = browser.get(read_path(desk, key))
    assert answer.status_code == 307
    assert answer.headers["Location"] == "http://127.0.0.1:8000" + ISSUE


def test_no_page_knows_a_reader(
    browser: TestClient, desk: Desk, engine: Engine, settings: Settings
) -> None:
    """CF-07: no address, no name, no token, no slot of anybody who reads."""
    for name in ("ada", "ben"):
        joins(desk, name)
    key = gone_out(desk)
    with engine.connect() as connection:
        people = connection.execute(
            select(Subscriber.public_id, Subscriber.email, Subscriber.name)
        ).all()
        sent = connection.execute(select(Delivery.message_id)).scalars().all()
    assert len(people) == len(sent) == 2
    tokens = [readers.unsubscribe_url(settings, person, PUBLIC) for person, _, _ in people]
    pages = browser.get(ISSUE).text + browser.get(f"/archive/{PUBLIC}/").text
    for secret in (*(word for row in people for word in row), *tokens, *sent):
        assert str(secret) not in pages
    assert desk.issue(key).read_key not in pages
    assert "/unsubscribe/" not in pages
    assert not re.search("[\ue000\ue001]", pages)
    assert TO_ANYBODY in pages


def test_a_page_asked_for_by_head_has_headers_and_no_body(browser: TestClient, desk: Desk) -> None:
    gone_out(desk)
    answer = browser.head(ISSUE)
    assert (answer.status_code, answer.text) == (200, "")
    assert browser.post(ISSUE).status_code == 405


def test_changed_bytes_are_not_shown_and_the_page_says_so(
    browser: TestClient, desk: Desk, engine: Engine
) -> None:
    gone_out(desk, title="Freigegeben")
    with engine.begin() as connection:
        connection.execute(text("UPDATE edition SET html = replace(html, 'Freige', 'Umge')"))
    answer = browser.get(ISSUE)
    assert answer.status_code == 500
    assert "lässt sich gerade nicht zeigen" in answer.text
    assert "Umgegeben" not in answer.text


def test_a_third_newsletter_has_an_archive_by_configuration_alone(
    home: Path, engine: Engine, clock: Clock
) -> None:
    file = home / "newsletter.toml"
    before, head, rest = file.read_text(encoding="utf-8").partition("[newsletters.go-cluster]")
    third = (head + rest).replace("newsletters.go-cluster", "newsletters.dritter")
    third = third.partition("[newsletters.clusterplattform]")[0]
    third = third.replace('audience = "members"', 'audience = "public"')
    file.write_text(before + head + rest + third, encoding="utf-8")
    app = create_app(load(home, {}), engine, clock)
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        shelves = hrefs(client.get("/archive/").text)
        assert {f"http://127.0.0.1:8000/archive/{it}/" for it in (PUBLIC, "dritter")} <= {*shelves}
        assert f"http://127.0.0.1:8000/archive/{MEMBERS}/" not in shelves
        assert client.get("/archive/dritter/").status_code == 200
        assert "/archive/dritter/" in hrefs(client.get("/").text)
        assert "/subscribe" not in hrefs(client.get("/archive/dritter/").text)


# -- in the mail --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "line"),
    [(PUBLIC, f"List-Archive: <http://127.0.0.1:8000/archive/{PUBLIC}/>"), (MEMBERS, None)],
)
def test_only_mails_of_the_public_newsletter_name_the_archive(
    desk: Desk, settings: Settings, slug: str, line: str | None
) -> None:
    joins(desk, "ada", slug)
    gone_out(desk, slug)
    copies = Copies(settings)
    with desk.act() as act:
        queued = act.session.scalars(select(Delivery)).one()
        row = InHand(*(getattr(queued, it.name) for it in fields(InHand)))
        copies.know(copies.look_up(act.session, [row]))
        message = copies.message(row, act.now)
    assert message
    head = message.data.partition(b"\r\n\r\n")[0].decode()
    found = [each for each in head.splitlines() if each.startswith("List-Archive")]
    assert found == ([line] if line else [])
