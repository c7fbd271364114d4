"""Several people asked about one issue, and several issues behind one link."""

import html
import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from newsletter import issues, undoing
from newsletter.errors import Refused
from newsletter.history import PUBLIC
from newsletter.issues import Answer, Standing
from newsletter.models.issue import IssueState
from newsletter.settings import Settings
from tests.approval_situations import ERIKA, MAX, letters, requests
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN
from tests.desk_situations import Desk, desk
from tests.test_approval_link import NOTE, decide, seen, settings
from tests.test_approver_changes import TITLE, Page, approved, key
from tests.test_web_approval import browser, framed

__all__ = ["browser", "desk", "key", "newsletter", "settings"]

ANSWER = "approval_answer"
RULES = pytest.mark.sqlite("the first test tries both databases; these are rules")


def tokens(desk: Desk) -> dict[str, str]:
    """The newest token in each person's letters."""
    found = {}
    for letter in letters(desk, "approval_request"):
        token = re.search(r"/approval/(\S+)", letter.text)
        assert token
        found[letter.to_name or ""] = token[1]
    return found


def both_asked(desk: Desk, key: str) -> tuple[str, str]:
    desk.do(issues.request, key, None, [ERIKA, MAX])
    found = tokens(desk)
    return found[ERIKA], found[MAX]


# -- several people -----------------------------------------------------------------------


def test_an_issue_is_approved_when_each_of_them_has_said_yes(desk: Desk, key: str) -> None:
    desk.do(issues.schedule_when_approved, key)
    erikas, maxs = both_asked(desk, key)
    decide(desk, erikas)
    assert desk.issue(key).state is IssueState.IN_APPROVAL
    assert f"Es fehlt noch die Zusage von: {MAX}." in letters(desk, "approval_answer")[0].text
    facts = desk.look(lambda act: issues.status(act.session, key))
    assert facts["waiting_for"] == [MAX]
    decide(desk, maxs, Answer.APPROVE, MAX)
    assert desk.issue(key).state is IssueState.SCHEDULED
    record = desk.look(lambda act: issues.record_of(act.session, act.settings, key))
    assert [yes.who for yes in record.yes] == [ERIKA, MAX]


@RULES
def test_one_no_is_enough(desk: Desk, key: str) -> None:
    erikas, maxs = both_asked(desk, key)
    decide(desk, erikas)
    decide(desk, maxs, Answer.DECLINE, MAX, "So nicht.")
    assert f'issue request {key} --to "{ERIKA}" --to "{MAX}"' in letters(desk, ANSWER)[-1].text
    assert desk.issue(key).state is IssueState.DRAFT
    assert seen(desk, erikas).standing is Standing.CHANGED
    assert [each.state.value for each in requests(desk)] == ["void", "declined"]


@RULES
def test_after_the_deadline_everybody_who_did_not_answer_is_named(desk: Desk, key: str) -> None:
    both_asked(desk, key)
    desk.clock.forward(days=4)
    assert desk.do(issues.lapse) == [key]
    (told,) = letters(desk, ANSWER)
    for part in (told.text, told.html):
        words = " ".join(html.unescape(part).split())
        assert f"Gefehlt hat die Antwort von: {ERIKA}, {MAX}" in words
        assert f'issue request {key} --to "{ERIKA}" --to "{MAX}"' in words


@RULES
def test_each_answers_for_themselves(
    desk: Desk, newsletter: Newsletter, settings: Settings, key: str
) -> None:
    before, _maxs = both_asked(desk, key)
    with pytest.raises(Refused, match=f"warten wir von {ERIKA} und {MAX}, nicht von freigabe"):
        desk.do(issues.approve, key, who=BEN)
    desk.do(issues.approve_by_evidence, key, ERIKA, NOTE, who=BEN)
    with pytest.raises(Refused, match=f'--received-from "{MAX}"'):
        desk.do(issues.approve, key, who=BEN)
    assert f"Es fehlt noch die Zusage von: {MAX}" in newsletter("issue", "record", key).out
    said = newsletter("issue", "status", key).out
    assert f"Gefragt ist {MAX}, per Link" in said
    assert f"Gefragt ist {ERIKA}" not in said
    issue = desk.issue(key)
    falls = desk.look(lambda act: issues.at_stake(act.session, settings, issue))
    assert f"bei {MAX} angefragt, zugesagt hat schon: {ERIKA}; das alles" in (falls or "")
    (falls,) = desk.look(lambda act: undoing.foreseen(act.session, settings, BEN, None)).at_stake
    assert falls == f"{ERIKA} wird noch einmal gefragt, mit einem neuen Link."
    (undone,) = desk.do(undoing.undo, who=BEN)
    assert f"Die Zusage von {ERIKA} zählt nicht mehr" in undone.said
    assert seen(desk, before).standing is Standing.CHANGED
    assert seen(desk, tokens(desk)[ERIKA]).standing is Standing.OPEN
    with pytest.raises(Refused, match="bisher nichts getan"):
        desk.do(undoing.undo, who=BEN)
    desk.do(issues.approve_by_evidence, key, ERIKA, NOTE, who=BEN)
    desk.do(issues.approve_by_evidence, key, MAX, NOTE, who=BEN)
    assert desk.issue(key).state is IssueState.APPROVED


@RULES
def test_what_one_of_them_changes_the_other_sees_and_is_asked_about(
    browser: TestClient, desk: Desk, key: str
) -> None:
    erikas, maxs = both_asked(desk, key)
    his = Page(browser, f"/approval/{maxs}")
    approved(Page(browser, f"/approval/{erikas}"), q1__title=TITLE)
    issue = desk.issue(key)
    assert issue.state is IssueState.IN_APPROVAL
    his.press("approve", name=MAX, comment="Gut.")  # of the version that he has open
    assert his.status == 409
    assert "hat jemand anderes, der auch gefragt ist, Sätze geändert" in his.text
    assert f"{ERIKA} ist auch gefragt und hat am" in his.text
    assert his.fields["comment"] == "Gut."
    assert TITLE in framed(his.text)
    his.press("approve")
    issue = desk.issue(key)
    assert issue.state is IssueState.APPROVED
    assert {each.content_hash for each in requests(desk)} == {issue.content_hash}
    desk.do(issues.schedule, key)


@RULES
def test_who_said_yes_before_the_change_is_asked_again(
    browser: TestClient, desk: Desk, key: str
) -> None:
    erikas, maxs = both_asked(desk, key)
    decide(desk, erikas)
    approved(Page(browser, f"/approval/{maxs}"), q1__title=TITLE)
    assert desk.issue(key).state is IssueState.IN_APPROVAL
    again = tokens(desk)[ERIKA]
    assert again != erikas
    assert seen(desk, again).standing is Standing.OPEN
    assert seen(desk, erikas).shown is None
    decide(desk, again)
    assert desk.issue(key).state is IssueState.APPROVED


@RULES
def test_who_is_no_approver_any_more_holds_up_nobody_who_changes_a_sentence(
    desk: Desk, key: str
) -> None:
    erikas, maxs = both_asked(desk, key)
    decide(desk, erikas)
    with desk.act(PUBLIC) as known:
        act = replace(known, settings=known.settings.model_copy(update={"approvers": ()}))
        typed = {"q1.title": TITLE}
        it = issues.asked(act.session, act.settings, maxs, act.now)
        new = issues.reword(act.session, act.settings, it, typed, act.now)
        assert new
        issues.decide(act, maxs, Answer.APPROVE, MAX, typed=typed, seen=new.content_hash)
    assert desk.issue(key).state is IssueState.IN_APPROVAL
    assert f"Es fehlt noch die Zusage von: {ERIKA}." in letters(desk, ANSWER)[-1].text
    assert len(letters(desk, "approval_request")) == 2


# -- several issues -----------------------------------------------------------------------


@pytest.fixture
def pair(desk: Desk, key: str) -> tuple[str, str]:
    return desk.filled("go-cluster"), key


@RULES
def test_one_letter_and_one_link_ask_about_both(
    browser: TestClient,
    desk: Desk,
    newsletter: Newsletter,
    settings: Settings,
    pair: tuple[str, str],
) -> None:
    desk.do(issues.request_together, pair, None, [ERIKA])
    (letter,) = letters(desk, "approval_request")
    assert "Bitte um Freigabe von 2 Ausgaben: go-cluster" in letter.subject
    for part in (letter.text, letter.html):
        for name in ("go-cluster", "Clusterplattform Deutschland"):
            assert f"Die Ausgabe als Text: {name}" in part
        assert len(set(re.findall(r"/approval/[\w-]+", part))) == 1
    page = Page(browser, f"/approval/{tokens(desk)[ERIKA]}")
    assert "Ihnen liegen 2 Ausgaben vor" in page.text
    second = re.search(r'<a href="(/approval/[^"]+)">Clusterplattform', page.text)
    assert second
    page.press("approve", name=ERIKA)
    assert [desk.issue(each).state.value for each in pair] == ["approved", "in_approval"]
    other = Page(browser, second[1])
    assert "Alle 2 Ausgaben" not in other.text
    other.press("changes", name=ERIKA, comment="Bitte kürzen.")
    assert [desk.issue(each).state.value for each in pair] == ["approved", "draft"]
    assert "(freigegeben)" in Page(browser, second[1]).text


@RULES
def test_both_are_approved_at_once_or_none(
    browser: TestClient, desk: Desk, settings: Settings, pair: tuple[str, str]
) -> None:
    desk.do(issues.request_together, pair, None, [ERIKA])
    page = Page(browser, f"/approval/{tokens(desk)[ERIKA]}")
    assert "Alle 2 Ausgaben freigeben" in page.text
    desk.do(issues.move, pair[1], "q1", section="programm")
    page.press("approve_all", name=ERIKA)
    assert page.status == 409
    assert "deshalb wurde keine freigegeben" in html.unescape(page.text)
    assert desk.issue(pair[0]).state is IssueState.IN_APPROVAL
    desk.do(issues.request_together, pair, None, [ERIKA])
    page = Page(browser, f"/approval/{tokens(desk)[ERIKA]}")
    page.press("approve_all", name=ERIKA, q1__title=TITLE)
    assert (page.status, page.fields["q1.title"]) == (422, TITLE)
    other = Page(browser, page.link).press("approve_all", name=ERIKA, seen_all="another")
    assert (other.status, desk.issue(pair[0]).state) == (409, IssueState.IN_APPROVAL)
    page = Page(browser, page.link).press("approve_all", name=ERIKA)
    assert {desk.issue(each).state for each in pair} == {IssueState.APPROVED}
    assert len(letters(desk, "approval_answer")) == 2


@RULES
def test_one_reminder_brings_one_link_to_both(
    browser: TestClient, desk: Desk, settings: Settings, pair: tuple[str, str]
) -> None:
    desk.do(issues.request_together, pair, None, [ERIKA])
    desk.clock.forward(days=2, hours=1)
    assert desk.do(issues.remind_approvers) == [ERIKA]
    (letter,) = letters(desk, "approval_reminder")
    assert "Ebenso: Clusterplattform Deutschland, Ausgabe Dezember 2026" in letter.text
    link = re.search(r"/approval/\S+", letter.text)
    assert link
    assert "Ihnen liegen 2 Ausgaben vor" in Page(browser, link[0]).text


@RULES
def test_if_one_cannot_be_asked_about_none_is(
    desk: Desk, newsletter: Newsletter, settings: Settings, pair: tuple[str, str]
) -> None:
    desk.do(issues.remove, pair[1], ["q1"])
    refused = newsletter("issue", "request", *pair)
    assert (refused.code, f"{pair[1]} hat Fehler" in refused.err) == (1, True)
    assert desk.issue(pair[0]).state is IssueState.DRAFT
    desk.do(issues.add, pair[1], ["q1"])
    asked = newsletter("issue", "request", *pair, "--json").json
    assert [each["id"] for each in asked["issues"]] == list(pair)
    desk.do(issues.cancel, pair[1])


@RULES
def test_a_made_up_sibling_is_nothing(
    browser: TestClient, desk: Desk, key: str, settings: Settings
) -> None:
    desk.do(issues.request, key, None, ERIKA)
    token = tokens(desk)[ERIKA]
    assert browser.get(f"/approval/{token}-2").status_code == 404
    with pytest.raises(Refused):
        desk.do(issues.decide_all, token, ERIKA, "", seen="", who=PUBLIC)
