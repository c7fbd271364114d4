"""The page behind an approval link, as a browser without JavaScript meets it."""

import html
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlmodel import col

from newsletter import issues, queue
from newsletter.content import TO_ANYBODY, Slot
from newsletter.models.event import Event
from newsletter.models.issue import EditionRow, IssueState
from newsletter.settings import Settings, load
from tests.approval_situations import ERIKA, asked, letters, requests, with_approver
from tests.conftest import Clock
from tests.desk_situations import Desk, desk, news
from tests.web_situations import browser

__all__ = ["browser", "desk"]  # the fixtures

SECRET = "Nur unter uns: die neue Förderung"


@pytest.fixture
def settings(home: Path) -> Settings:
    return with_approver(load(home, {}))


@pytest.fixture
def key(desk: Desk) -> str:
    desk.accepted()
    return desk.filled()


@pytest.fixture
def link(desk: Desk, key: str) -> str:
    return f"/approval/{asked(desk, key)}"


def events(desk: Desk) -> int:
    return int(desk.look(lambda act: act.session.scalar(select(func.count(col(Event.id))))))


def framed(page: str) -> str:
    found = re.search(r'srcdoc="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def say(answer: str, name: str = ERIKA, comment: str = "") -> dict[str, str]:
    return {"answer": answer, "name": name, "comment": comment}


def test_the_page_shows_exactly_the_stored_mail(browser: TestClient, desk: Desk, link: str) -> None:
    page = browser.get(link)
    assert page.status_code == 200
    whole = select(EditionRow).where(col(EditionRow.variant) == "full")
    stored = desk.look(lambda act: act.session.scalars(whole).one())
    neutral = stored.html.replace(Slot.SALUTATION.marker, TO_ANYBODY)
    neutral = neutral.replace(Slot.PREFERENCES.marker, "/preferences")
    assert framed(page.text) == neutral.replace(Slot.UNSUBSCRIBE.marker, "#abbestellen")
    assert "allow-scripts" not in page.text
    assert "allow-same-origin" not in page.text


def test_the_page_shows_all_that_an_approver_asks(
    browser: TestClient, desk: Desk, link: str
) -> None:
    page = html.unescape(browser.get(link).text)
    for said in (
        "redaktion bittet Dr. Erika Beispiel um die Freigabe",
        "Montag, 23.11.2026, 09:00 Uhr",  # asked
        "Donnerstag, 26.11.2026, 09:00 Uhr",  # until
        "Clusterplattform Deutschland <newsletter@clusterplattform.example>",
        "q1, Lichtwerk Havelbogen e. V.",
        "Hinweis:",
        requests(desk)[0].content_hash,
        'value="approve"',
        'value="changes"',
        'value="decline"',
    ):
        assert said in page, said


def test_what_the_other_newsletters_issue_has_too_is_marked(
    browser: TestClient, desk: Desk, link: str
) -> None:
    assert "unverändert" not in browser.get(link).text
    desk.filled("go-cluster")
    assert "steht unverändert auch in „go-cluster“" in browser.get(link).text
    desk.do(queue.edit, "q1", news(title="Neu"), 1)
    desk.do(issues.add, "go-cluster-2026-12", ["q1"])
    assert "unverändert" not in browser.get(link).text


def test_the_page_is_kept_and_listed_nowhere(browser: TestClient, link: str) -> None:
    page = browser.get(link)
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    assert page.headers["referrer-policy"] == "no-referrer"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_changes_nothing(browser: TestClient, desk: Desk, link: str, method: str) -> None:
    before = events(desk)
    for _ in range(3):
        browser.request(method, f"{link}?answer=approve&name=Erika")
    assert events(desk) == before
    assert desk.issue("clusterplattform-2026-12").state is IssueState.IN_APPROVAL
    assert letters(desk, "approval_answer") == []


def test_a_button_decides_and_the_page_says_so(
    browser: TestClient, desk: Desk, key: str, link: str
) -> None:
    done = browser.post(link, data=say("approve", comment="Schön geworden."))
    assert (done.status_code, done.headers["location"]) == (303, link)
    page = browser.get(link)
    assert page.status_code == 200
    assert f"{ERIKA} hat diese Ausgabe am Montag, 23.11.2026, 09:00 Uhr freigegeben" in page.text
    assert "Schön geworden." in page.text
    assert "<form" not in page.text
    assert "srcdoc" not in page.text
    assert desk.issue(key).state is IssueState.APPROVED


def test_the_second_click_is_told_who_decided(
    browser: TestClient, desk: Desk, key: str, link: str
) -> None:
    browser.post(link, data=say("changes", comment="Bitte kürzen."))
    again = browser.post(link, data=say("approve", "Max Muster"))
    assert again.status_code == 409
    assert f"{ERIKA} hat am" in again.text
    assert "Bitte kürzen." in again.text
    assert desk.issue(key).state is IssueState.DRAFT


def test_what_was_typed_is_not_lost(browser: TestClient, desk: Desk, key: str, link: str) -> None:
    page = browser.post(link, data=say("changes", "<Erika> & Co", ""))
    assert page.status_code == 422
    assert "Bitte schreiben Sie, was geändert werden soll." in page.text
    assert 'value="&lt;Erika&gt; &amp; Co"' in page.text
    page = browser.post(link, data=say("approve", "", "Gut so"))
    assert page.status_code == 422
    assert ">Gut so</textarea>" in page.text
    assert browser.post(link, data=say("", ERIKA)).status_code == 422
    assert desk.issue(key).state is IssueState.IN_APPROVAL


def test_enter_in_a_field_does_not_approve(browser: TestClient, link: str) -> None:
    form = browser.get(link).text.partition("<form")[2]
    first = re.search(r"<button[^>]*>", form)
    assert first
    assert "disabled" in first[0]


def test_a_form_from_elsewhere_decides_nothing(
    browser: TestClient, desk: Desk, key: str, link: str
) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://anderswo.example"}
    assert browser.post(link, data=say("approve"), headers=foreign).status_code == 403
    assert desk.issue(key).state is IssueState.IN_APPROVAL


def test_whoever_asked_is_refused(browser: TestClient, desk: Desk, key: str, link: str) -> None:
    page = browser.post(link, data=say("approve", "Redaktion"))
    assert page.status_code == 403
    assert "selbst angefragt" in page.text
    assert desk.issue(key).state is IssueState.IN_APPROVAL


@pytest.mark.parametrize("token", ["AAAAAAAAAAAAAAAAAAAAAA", "x", "%00", "ä"])
def test_a_wrong_link_is_not_found(browser: TestClient, link: str, token: str) -> None:
    for page in (
        browser.get(f"/approval/{token}"),
        browser.post(f"/approval/{token}", data=say("approve")),
    ):
        assert page.status_code == 404
        assert "Diesen Link gibt es nicht" in page.text
    assert link


def test_after_the_deadline_the_link_shows_nothing(
    browser: TestClient, desk: Desk, clock: Clock, link: str
) -> None:
    clock.forward(days=4)
    page = browser.get(link)
    assert page.status_code == 410
    assert "Die Frist ist am Donnerstag, 26.11.2026, 09:00 Uhr abgelaufen" in page.text
    assert "srcdoc" not in page.text
    assert browser.post(link, data=say("approve")).status_code == 409
    assert letters(desk, "approval_answer") == []


def test_an_older_version_says_so_keeps_the_comments_and_links_nothing_secret(
    browser: TestClient, desk: Desk, key: str, link: str
) -> None:
    browser.post(link, data=say("decline", comment="Bitte ohne die zweite Meldung."))
    second = f"/approval/{asked(desk, key)}"
    assert "Bitte ohne die zweite Meldung." in browser.get(second).text
    third = f"/approval/{asked(desk, key)}"
    page = browser.get(second)
    assert page.status_code == 410
    assert "eine neuere Fassung" in page.text
    assert "Bitte ohne die zweite Meldung." in page.text
    for secret in ("Silber-Label", third, "/media/", "srcdoc"):
        assert secret not in page.text


def test_an_edited_issue_cannot_be_approved_from_an_open_tab(
    browser: TestClient, desk: Desk, key: str, link: str
) -> None:
    browser.get(link)
    desk.do(issues.move, key, "q1", section="programm")
    page = browser.post(link, data=say("approve"))
    assert page.status_code == 409
    assert "Diese Fassung gibt es so nicht mehr" in page.text
    assert desk.issue(key).state is IssueState.DRAFT


def test_members_items_and_embargoes_stand_under_a_banner(browser: TestClient, desk: Desk) -> None:
    until = desk.clock() + timedelta(days=10)
    item = desk.accepted(
        news(title=SECRET, targets=["go-cluster"], embargo_until=until.isoformat())
    )
    key = desk.new("go-cluster")
    desk.do(issues.add, key, [item])
    link = f"/approval/{asked(desk, key)}"
    page = browser.get(link).text
    assert "Nur für Mitglieder." in page
    assert f"„{SECRET}“ darf bis Donnerstag, 03.12.2026, 09:00 Uhr nirgends erscheinen" in page
    browser.post(link, data=say("decline", comment="Noch nicht."))
    assert SECRET not in browser.get(link).text


def test_an_item_cannot_break_out_of_the_frame(browser: TestClient, desk: Desk) -> None:
    desk.accepted(news(title='Titel"><script>alert(1)</script>'))
    page = browser.get(f"/approval/{asked(desk, desk.filled())}").text
    assert "<script" not in page
    assert "<script" not in framed(page)


def test_no_token_reaches_the_log(
    browser: TestClient, link: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser.get(link)
    browser.post(link, data=say("approve"))
    ours = [record.getMessage() for record in caplog.records if "newsletter" in record.name]
    assert any("/approval/{token}" in line for line in ours)
    assert not any(link.removeprefix("/approval/") in line for line in ours)


def test_the_page_brings_its_styles(browser: TestClient, link: str) -> None:
    found = re.search(r'href="(/static/approval.css[^"]*)"', browser.get(link).text)
    assert found
    assert "@media print" in browser.get(found[1]).text
