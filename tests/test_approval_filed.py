"""Approvers are reminded, deputies stand in, and what was approved can be filed."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter import issues, schedule, undoing
from newsletter.errors import Refused
from newsletter.history import PUBLIC, Actor
from newsletter.issues import Answer, Standing
from newsletter.issues.nudging import remind_at
from newsletter.models.issue import IssueState
from newsletter.settings import Settings, load
from tests.approval_situations import ERIKA, MAX, asked, letters, requests
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN
from tests.desk_situations import Desk, desk
from tests.test_approval_link import NOTE, seen, settings
from tests.test_approver_changes import TITLE, Page, approved, key, opened
from tests.test_web_approval import browser

__all__ = ["browser", "desk", "key", "newsletter", "settings"]

RULES = pytest.mark.sqlite("the first test tries both databases; these are rules")


def test_who_does_not_answer_is_reminded_once_and_told_when_it_is_over(
    desk: Desk, key: str, engine: Engine, settings: Settings
) -> None:
    first = asked(desk, key)  # on a Monday at 9:00, until Thursday
    desk.clock.forward(days=1, hours=23)
    schedule.tidy(engine, settings, desk.clock)
    assert letters(desk, "approval_reminder") == []
    desk.clock.forward(hours=2)  # a working day before the deadline
    for _ in range(2):
        schedule.tidy(engine, settings, desk.clock)
    (letter,) = letters(desk, "approval_reminder")
    assert letter.to_email == "erika@ministerium.example"
    second = re.search(r"/approval/(\S+)", letter.text)
    assert second
    assert second[1] != first
    for token in (first, second[1]):  # both links are good
        assert seen(desk, token).standing is Standing.OPEN
    desk.clock.forward(days=1)
    schedule.tidy(engine, settings, desk.clock)
    over = letters(desk, "approval_reminder")[-1]
    assert "Frist abgelaufen" in over.subject
    assert "Sie müssen nichts tun" in over.html
    assert "/approval/" not in over.text
    for token in (first, second[1]):
        assert seen(desk, token).standing is Standing.LAPSED


@RULES
def test_who_has_answered_is_not_reminded(desk: Desk, key: str) -> None:
    desk.do(issues.decide, asked(desk, key), Answer.APPROVE, ERIKA, who=PUBLIC)
    desk.clock.forward(days=2, hours=1)
    assert desk.do(issues.remind_approvers) == []


@RULES
def test_a_reminder_comes_a_working_day_before(settings: Settings) -> None:
    friday = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    tuesday = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    assert remind_at(friday, tuesday, settings) == datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    assert remind_at(friday, friday + timedelta(hours=8), settings) == friday + timedelta(hours=4)
    assert remind_at(friday, friday + timedelta(hours=3), settings) is None


@RULES
def test_while_somebody_is_away_their_deputy_is_asked(
    home: Path, desk: Desk, newsletter: Newsletter, key: str
) -> None:
    config = home / "newsletter.toml"
    text = config.read_text("utf-8")

    def approver(more: str) -> None:
        erika = f'[[approvers]]\nname = "{ERIKA}"\nemail = "erika@ministerium.example"\n{more}\n\n'
        config.write_text(text.replace("\n[approval]", f"\n{erika}[approval]", 1), "utf-8")

    approver("away_from = 2026-01-01\naway_until = 2099-01-06")
    refused = newsletter("issue", "request", key, "--to", ERIKA)
    assert (refused.code, "eine Vertretung (deputy)" in refused.err) == (1, True)
    approver(f'deputy = "{MAX} <max@ministerium.example>"\naway_until = 2099-01-06')
    said = newsletter("issue", "request", key, "--to", ERIKA).out
    assert f"{ERIKA} ist zurzeit nicht da; gefragt wird die Vertretung." in said
    assert requests(desk)[0].asked == MAX
    approver("away_from = 2027-01-06\naway_until = 2026-01-06")
    assert "away_until liegt vor away_from." in newsletter("issue", "request", key).err
    approver("away_from = 2026-12-21")
    (erika,) = load(home, {}).approvers
    assert [erika.away(date(2026, 12, day)) for day in (20, 21, 31)] == [False, True, True]


# -- the record ---------------------------------------------------------------------------


@RULES
def test_the_record_says_who_when_what_and_how_we_know(
    browser: TestClient, desk: Desk, newsletter: Newsletter, home: Path, key: str
) -> None:
    page = opened(browser, desk, key).press("changes", name=MAX, comment="Bitte kürzen.")
    page = opened(browser, desk, key)
    approved(page, q1__title=TITLE, comment="Jetzt gut.", file_reference="VIIB4 – 80 17/3")
    (_first, request) = requests(desk)
    assert f"welche: newsletter issue record {key}" in newsletter("issue", "status", key).out
    said = newsletter("issue", "record", key).out
    for part in (
        "Aktenzeichen: VIIB4 – 80 17/3",
        f"Freigegeben von {ERIKA}, Montag, 23.11.2026, 09:00 Uhr",
        f"Über den persönlichen Link, der am Montag, 23.11.2026, 09:00 Uhr per E-Mail an {ERIKA}",
        "Angefragt von redaktion",
        f"Prüfsumme: {request.content_hash}",
        "Kommentar: Jetzt gut.",
        "Geändert: q1, Titel",
        f"+ {TITLE}",
        f"Frühere Fassung: nicht freigegeben von {MAX}",
    ):
        assert part in said, part
    file = home / "vermerk.html"
    assert newsletter("issue", "record", key, "--html", str(file)).code == 0
    whole = file.read_text("utf-8")
    assert request.asked_hash
    for part in ("VIIB4 – 80 17/3", request.content_hash, request.asked_hash, f"{TITLE}</ins>"):
        assert part in whole, part
    facts = newsletter("issue", "record", key, "--json").json
    assert facts["approved"][0]["how"] == "link"
    assert newsletter("issue", "record", key, "--html", str(home)).code == 1

    link = re.search(r'href="([^"]+/record)"', Page(browser, page.link).text)
    assert link
    public = browser.get(link[1]).text
    assert request.content_hash in public
    assert "q1, Titel" in public
    for secret in (TITLE, desk.issue(key).subject):
        assert secret not in public


@RULES
def test_the_record_of_a_yes_that_came_by_mail_names_the_evidence(
    desk: Desk, newsletter: Newsletter, settings: Settings, key: str
) -> None:
    with pytest.raises(Refused, match="noch keinen Vermerk"):
        desk.look(lambda act: issues.record_of(act.session, settings, key))
    desk.do(issues.request, key, file_reference="Az. 1")
    desk.do(issues.approve_by_evidence, key, MAX, NOTE, who=BEN)
    record = desk.look(lambda act: issues.record_of(act.session, settings, key))
    (yes,) = record.yes
    assert (yes.who, record.file_reference) == (MAX, "Az. 1")
    assert re.search(r"abgelegt von freigabe: zusage\.eml \(SHA-256 [0-9a-f]{64}\)", yes.known)


@RULES
def test_the_record_of_a_command_says_whether_the_name_is_proven(
    desk: Desk, newsletter: Newsletter, key: str
) -> None:
    newsletter("issue", "request", key)
    said = newsletter("issue", "approve", key, "--file-reference", "Az. 2", as_="freigabe").out
    assert f"newsletter issue record {key} --html vermerk.html" in said
    said = newsletter("issue", "record", key).out
    assert "Az. 2" in said
    assert "(Name nicht belegt)" in said
    desk.do(undoing.undo, who=Actor("freigabe"))
    newsletter("issue", "request", key)
    desk.do(issues.approve, key, who=Actor("anna", "ssh SHA256:abc", proven=True))
    said = newsletter("issue", "record", key).out
    assert "über ssh, mit dem eigenen Schlüssel SHA256:abc (belegt)" in " ".join(said.split())
    desk.do(issues.remove, key, ["q1"])
    assert desk.issue(key).state is IssueState.DRAFT
    gone = newsletter("issue", "record", key)
    assert (gone.code, "noch keinen Vermerk" in gone.err) == (1, True)
