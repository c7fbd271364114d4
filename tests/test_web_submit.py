"""The form and the status page, as a browser without JavaScript meets them."""

import logging
import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select

from newsletter import clusters, database, submissions
from newsletter.models.cluster import Picture
from newsletter.models.delivery import Letter
from newsletter.models.submission import Revision, Submission
from newsletter.settings import Settings, load
from newsletter.web.app import create_app
from newsletter.web.typed import Typed, read_day, read_time, with_year
from tests.conftest import Clock, type_of_act
from tests.intake_situations import jpeg
from tests.web_situations import browser, link

__all__ = ["browser", "link"]  # the fixtures

BERLIN = ZoneInfo("Europe/Berlin")
TYPED: dict[str, Any] = {
    "kind": "date",
    "title": "Fachtagung „Licht & Messen“",
    "teaser": "Zwei Tage rund um optische Messtechnik.",
    "body": "**Themen:** Optik\r\n\r\n✅ eins\r\n✅ zwei",
    "link": "https://www.lichtwerk.example/tagung?utm_source=x",
    "language": "de",
    "starts_on": "16.3.2027",
    "starts_time": "9.30 Uhr",
    "ends_on": "2027-03-17",
    "ends_time": "16:00",
    "location": "Alte Schleiferei, Musterhavel",
    "register_on": "2.3.2027",
    "targets": ["go-cluster"],
    "rights_confirmed": "ja",
    "image_alt": "Drei Personen an einem Messtisch",
}


def stored(engine: Engine, kind: type[Any]) -> int:
    with database.reading(engine) as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


class Seen(HTMLParser):
    """What a screen reader is told: ids, labels, descriptions, alerts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.described: set[str] = set()
        self.links: list[str] = []
        self.roles: list[str] = []
        self.headings: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.ids += [known["id"]] if known.get("id") else []  # type: ignore[list-item]
        self.roles += [known["role"]] if known.get("role") else []  # type: ignore[list-item]
        self.described |= set((known.get("aria-describedby") or "").split())
        if tag == "label":
            self.labelled.add(known.get("for") or "")
        if tag == "a":
            self.links.append(known.get("href") or "")
        if tag in {"input", "textarea", "select"} and known.get("type") != "hidden":
            self.fields.append(known)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)


# -- the way in -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/submit", "/einreichen"])
def test_without_a_link_the_page_says_how_to_get_one(browser: TestClient, path: str) -> None:
    page = browser.get(path)
    assert page.status_code == 200
    assert "info@go-cluster.example" in page.text


def test_the_german_name_of_the_form_leads_to_it(browser: TestClient, link: str) -> None:
    moved = browser.get(link.replace("/submit/", "/einreichen/"))
    assert (moved.status_code, moved.headers["location"]) == (308, link)


def test_first_one_chooses_what_it_is(browser: TestClient, link: str) -> None:
    page = browser.get(link)
    for kind in ("news", "date", "success_story"):
        assert f"?kind={kind}" in page.text


def test_the_form_asks_only_what_its_kind_needs(browser: TestClient, link: str) -> None:
    news = browser.get(f"{link}?kind=news").text
    date = browser.get(f"{link}?kind=date").text
    story = browser.get(f"{link}?kind=success_story").text
    assert 'name="starts_on"' in date
    assert 'name="challenge"' in story
    for other in ("starts_on", "challenge"):
        assert f'name="{other}"' not in news
    assert 'value="presse@lichtwerk.example"' in news


@pytest.mark.parametrize("kind", ["news", "date", "success_story"])
def test_every_field_has_a_label_and_every_description_exists(
    browser: TestClient, link: str, kind: str
) -> None:
    for page in (browser.get(f"{link}?kind={kind}"), browser.post(link, data={"kind": kind})):
        seen = Seen(page.text)
        assert len(seen.ids) == len(set(seen.ids))
        assert {field["id"] for field in seen.fields} <= seen.labelled
        assert seen.described <= set(seen.ids)
        assert seen.headings.count("h1") == 1
        assert re.findall("<script[^>]*>", page.text) == ['<script src="/static/submit.js" defer>']
        assert "style=" not in page.text


# -- handing in -----------------------------------------------------------------------------


def test_what_was_typed_becomes_an_item_and_a_page_to_come_back_to(
    browser: TestClient, link: str, engine: Engine
) -> None:
    done = browser.post(link, data=TYPED, files={"image": ("bild.jpg", jpeg(), "image/jpeg")})
    assert done.status_code == 303
    status = browser.get(done.headers["location"])
    assert status.status_code == 200
    for told in ("q1", "wartet auf die Entscheidung", "Dienstag, 16.03.2027, 09:30 Uhr", "eins"):
        assert told in status.text
    assert "utm_source" not in status.text
    with database.reading(engine) as session:
        revision = session.scalars(select(Revision)).one()
        letter = session.scalars(select(Letter)).one()
    assert revision.register_by is not None
    assert revision.picture_id is not None
    assert letter.to_email == "presse@lichtwerk.example"
    again = browser.get(done.headers["location"])
    assert again.status_code == 200
    assert stored(engine, Submission) == 1


def test_nothing_typed_is_lost_on_an_error_not_even_the_picture(
    browser: TestClient, link: str, engine: Engine
) -> None:
    typed = TYPED | {"title": "", "body": 'a < b & "c" </textarea><script>', "starts_on": "morgen"}
    wrong = browser.post(link, data=typed, files={"image": ("b.jpg", jpeg(), "image/jpeg")})
    assert wrong.status_code == 422
    assert stored(engine, Submission) == stored(engine, Letter) == 0
    for kept in ("Alte Schleiferei", 'value="morgen"', 'value="9.30 Uhr"'):
        assert kept in wrong.text
    assert "a &lt; b &amp; &#34;c&#34; &lt;/textarea&gt;" in wrong.text
    assert 'id="target-go-cluster" name="targets" value="go-cluster" checked' in wrong.text
    key = re.search(r'name="image_key" value="([^"]+)"', wrong.text)
    assert key
    other = {"image": ("b.jpg", b"kein Bild", "image/jpeg")}
    worse = browser.post(link, data=TYPED | {"image_key": key[1]}, files=other)
    assert worse.status_code == 422
    assert f'name="image_key" value="{key[1]}"' in worse.text  # the one before is still there
    done = browser.post(link, data=TYPED | {"image_key": key[1]})
    assert done.status_code == 303
    assert stored(engine, Picture) == 1
    with database.reading(engine) as session:
        assert session.scalars(select(Revision)).one().picture_id is not None


def test_a_text_of_a_megabyte_is_told_at_its_field_and_kept(browser: TestClient, link: str) -> None:
    much = "Ein langer Satz mit Umlauten: äöü. " * 30_000
    wrong = browser.post(link, data=TYPED | {"body": much}, files={"image": ("", b"")})
    assert wrong.status_code == 422
    assert "body-wrong" in Seen(wrong.text).described
    assert much.strip() in wrong.text


def test_errors_stand_on_top_with_links_and_at_their_fields(browser: TestClient, link: str) -> None:
    typed = TYPED | {"title": "", "ends_on": "2027-03-15", "rights_confirmed": None, "targets": []}
    typed = {name: value for name, value in typed.items() if value not in (None, [])}
    wrong = browser.post(link, data=typed)
    seen = Seen(wrong.text)
    assert "alert" in seen.roles
    assert wrong.text.index('role="alert"') < wrong.text.index("<form")
    goals = [goal[1:] for goal in seen.links if goal.startswith("#") and goal != "#inhalt"]
    assert goals == ["title", "ends_on", "targets", "rights_confirmed"]
    assert set(goals) <= set(seen.ids)
    assert "title-wrong" in seen.described
    assert "Bitte wählen Sie aus, wo es erscheinen soll." in wrong.text
    assert "clusterplattform." not in wrong.text  # names for people, not for programs
    assert "<title>Fehler:" in wrong.text
    assert "Das Ende liegt vor dem Beginn." in wrong.text


def test_a_picture_can_be_taken_away_again(browser: TestClient, link: str, engine: Engine) -> None:
    wrong = browser.post(
        link, data=TYPED | {"title": ""}, files={"image": ("b.jpg", jpeg(), "image/jpeg")}
    )
    key = re.search(r'name="image_key" value="([^"]+)"', wrong.text)
    assert key
    browser.post(link, data=TYPED | {"image_key": key[1], "image_remove": "ja"})
    with database.reading(engine) as session:
        assert session.scalars(select(Revision)).one().picture_id is None


def test_a_file_that_is_no_picture_is_told_at_its_field(browser: TestClient, link: str) -> None:
    wrong = browser.post(link, data=TYPED, files={"image": ("x.gif", b"GIF89a", "image/gif")})
    assert wrong.status_code == 422
    assert 'id="image-wrong"' in wrong.text
    assert "GIF" in wrong.text


def test_a_picture_of_another_cluster_cannot_be_borrowed(
    browser: TestClient, link: str, act: type_of_act, engine: Engine
) -> None:
    with act() as a:
        boje = clusters.get(a.session, "boje")
        from newsletter import pictures

        key = pictures.take_in(a, jpeg(), cluster_id=boje.id, by="boje").key
    browser.post(link, data=TYPED | {"image_key": key})
    with database.reading(engine) as session:
        assert session.scalars(select(Revision)).one().picture_id is None


@pytest.mark.parametrize(
    "title", ["Neu\r\nBcc: opfer@boese.example", "{{7*7}}", "a < b", "<script>alert(1)</script>"]
)
def test_code_in_a_title_is_shown_as_text(browser: TestClient, link: str, title: str) -> None:
    done = browser.post(link, data=TYPED | {"title": title})
    status = browser.get(done.headers["location"]).text
    assert "<script" not in status
    escaped = " ".join(title.split()).replace("<", "&lt;").replace(">", "&gt;")
    assert escaped in status
    assert "49" not in status.split("<h1>")[1].split("</h1>")[0]


# -- links that do not open -----------------------------------------------------------------


def test_an_expired_link_says_so_and_whom_to_ask(
    browser: TestClient, link: str, clock: Clock
) -> None:
    clock.forward(days=181)
    answer = browser.get(link)  # what is sent to it: test_web_drafts
    assert answer.status_code == 410
    assert "gilt nicht mehr" in answer.text
    assert "info@go-cluster.example" in answer.text


def test_an_unknown_link_and_an_unknown_status_are_not_found(browser: TestClient) -> None:
    for path in ("/submit/" + "x" * 22, "/s/" + "x" * 22, "/media/" + "x" * 22 + "/mail.jpg"):
        assert browser.get(path).status_code == 404


def test_what_editors_changed_is_not_called_the_contributors_own(
    browser: TestClient, link: str, act: type_of_act
) -> None:
    status = browser.post(link, data=TYPED).headers["location"]
    assert "Das haben Sie eingereicht" in browser.get(status).text
    with act() as desk:
        submission = desk.session.scalars(select(Submission)).one()
        facts = submissions.facts_of(desk.session, submission)
        submissions.revise(desk, submission, {**facts, "title": "Gekürzt"}, by="redaktion")
    page = browser.get(status).text
    assert "Das haben Sie eingereicht" not in page
    assert "Das hat die Redaktion geändert" in page
    assert "</span>Gekürzt</ins>" in page


def test_a_form_sent_from_another_site_is_refused(
    browser: TestClient, link: str, engine: Engine
) -> None:
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8000"},
    ):
        assert browser.post(link, data=TYPED, headers=headers).status_code == 403
    old = {name: value for name, value in browser.headers.items() if "sec-fetch" not in name}
    browser.headers = old | {"origin": "https://boese.example"}
    assert browser.post(link, data=TYPED).status_code == 403
    assert stored(engine, Submission) == 0


# -- what stands before every page ----------------------------------------------------------


def test_every_answer_carries_the_guarding_headers(browser: TestClient, link: str) -> None:
    for path in ("/", link, "/nirgends", "/static/style.css", "/healthz", "/api/v1/submissions"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "set-cookie" not in headers
    assert browser.get(link).headers["cache-control"] == "no-store"
    assert browser.get(link).headers["x-robots-tag"] == "noindex"


def test_an_accident_is_answered_without_its_details(
    settings: Settings, engine: Engine, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(settings, engine, clock)

    @app.get("/kaputt/{token}")
    def broken(token: str) -> None:
        raise RuntimeError("geheim")

    client = TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    answer = client.get("/kaputt/abc-token")
    assert answer.status_code == 500
    assert "geheim" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "abc-token" not in caplog.text


def test_the_log_names_routes_and_never_a_token(
    browser: TestClient, link: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="newsletter.web"):
        done = browser.post(link, data=TYPED)
        browser.get(done.headers["location"])
        browser.get("/s/falsch")
    told = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("newsletter"))
    assert "POST /submit/{token} 303" in told
    assert "GET /s/{token} 200" in told
    for secret in (link.rpartition("/")[2], done.headers["location"][3:20], "falsch"):
        assert secret not in told


@pytest.mark.parametrize("host", ["boese.example", "127.0.0.1.boese.example", "", "a@127.0.0.1:x"])
def test_another_name_than_ours_is_not_served(browser: TestClient, host: str) -> None:
    answer = browser.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "boese" not in answer.text


def test_on_the_open_net_only_the_configured_name_counts(
    home: Any, engine: Engine, clock: Clock
) -> None:
    public = load(home, {"NEWSLETTER_BASE_URL": "https://news.cluster.example"})
    client = TestClient(create_app(public, engine, clock), base_url="https://news.cluster.example")
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert client.get("/", headers={"Host": "127.0.0.1:8000"}).status_code == 421
    assert client.get("/healthz", headers={"Host": "10.0.0.1"}).status_code == 200


def test_too_much_is_refused_while_it_still_comes(browser: TestClient, link: str) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(41):
            yield b"x" * 1_000_000

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = browser.post(link, content=endless(), headers=kind)
    assert answer.status_code == 413
    assert "10 MB" in answer.text
    assert browser.post("/", content=b"x" * 200_000).status_code == 413
    # what is pasted lies in memory: no more than a text, and nothing of a stranger
    assert browser.post(f"{link}/pasted", content=b"x" * 1_100_000).status_code == 413
    assert browser.post(f"/submit/{'x' * 22}/pasted", content=b"x" * 1_000).status_code == 404


def test_head_is_get_without_a_body_and_changes_nothing(
    browser: TestClient, link: str, engine: Engine
) -> None:
    for path in ("/", link, f"{link}?kind=date"):
        answer = browser.head(path)
        assert (answer.status_code, answer.content) == (200, b"")
        assert browser.options(path).status_code == 405
    assert stored(engine, Submission) == 0


def test_a_picture_is_served_with_its_own_type_for_ever(
    browser: TestClient, link: str, settings: Settings
) -> None:
    browser.post(link, data=TYPED, files={"image": ("b.jpg", jpeg(), "image/jpeg")})
    (folder,) = settings.media.iterdir()
    answer = browser.get(f"/media/{folder.name}/mail.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


def test_health_says_whether_the_database_answers(browser: TestClient) -> None:
    assert browser.get("/healthz").json() == {"status": "ok"}


# -- days and times as people write them ----------------------------------------------------


@pytest.mark.parametrize("text", ["16.03.2027", "16.3.2027", "16. 3. 27", "2027-03-16"])
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert read_day(text).isoformat() == "2027-03-16"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("16.3.", "16.03.2027"),
        ("22.11", "22.11.2027"),
        ("23. Nov.", "23.11.2026"),  # today
        ("29.2.", "29.02.2028"),
        *(("31.2.", "31.2."), ("16.3.2027", "16.3.2027"), ("5. Foo", "5. Foo"), ("", "")),
    ],
)
def test_without_a_year_it_is_the_next_such_day(text: str, read: str) -> None:
    assert with_year(text, date(2026, 11, 23)) == read


@pytest.mark.parametrize("text", ["9:30", "09:30", "9.30 Uhr", "09:30:00"])
def test_a_time_is_read_as_people_write_it(text: str) -> None:
    assert read_time(text).isoformat() == "09:30:00"


@pytest.mark.parametrize(
    ("values", "facts", "wrong"),
    [
        ({"starts_on": "16.3.2027"}, {"starts_at": "2027-03-16"}, []),
        (
            {"starts_on": "16.3.2027", "starts_time": "9", "ends_time": "12 Uhr"},
            {"starts_at": "2027-03-16T09:00:00+01:00", "ends_at": "2027-03-16T12:00:00+01:00"},
            [],
        ),
        (
            {"starts_on": "16.7.2027", "starts_time": "9:00"},
            {"starts_at": "2027-07-16T09:00:00+02:00"},
            [],
        ),
        ({"starts_on": "28.3.2027", "starts_time": "2:30"}, {}, ["starts_time"]),
        (
            {"starts_on": "1.3.2027", "starts_time": "9:00", "ends_on": "2.3.2027"},
            {"starts_at": "2027-03-01T09:00:00+01:00"},
            ["ends_time"],
        ),
        ({"starts_on": "31.2.2027"}, {}, ["starts_on"]),
        (
            {"starts_on": "1.3.2027", "starts_time": "25:00"},
            {"starts_at": "2027-03-01"},
            ["starts_time"],
        ),
        ({"register_time": "12:00"}, {}, ["register_on"]),
        (
            {"embargo_on": "1.12.2026", "embargo_time": "6"},
            {"embargo_until": "2026-12-01T06:00:00+01:00"},
            [],
        ),
    ],
)
def test_days_and_times_become_moments_or_problems(
    values: dict[str, str], facts: dict[str, str], wrong: list[str]
) -> None:
    typed = Typed({"kind": "date"} | values, [])
    found = typed.facts(BERLIN, None)
    moments = ("starts_at", "ends_at", "register_by", "embargo_until")
    assert {name: found[name] for name in moments if name in found} == facts
    assert [problem.field for problem in typed.problems] == wrong
