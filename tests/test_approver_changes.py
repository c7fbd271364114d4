"""An approver changes sentences on the page, sees the new edition, and says yes to that one."""

import html
import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlmodel import col

from newsletter import issues, queue, submissions
from newsletter.history import Act
from newsletter.models.issue import EditionRow, IssueState, Placement
from newsletter.models.submission import Revision
from tests.approval_situations import ERIKA, asked, letters, requests
from tests.conftest import Clock
from tests.desk_situations import Desk, desk, news
from tests.test_approval_link import settings
from tests.test_web_approval import browser, framed

__all__ = ["browser", "desk", "settings"]

RULES = pytest.mark.sqlite("the first test tries both databases; these are rules")
TITLE = "Lichtwerk Havelbogen: Silber-Label bestätigt"


@pytest.fixture
def key(desk: Desk) -> str:
    desk.accepted()
    return desk.filled()


class Page:
    """The page as a browser has it: its form's fields, and what somebody changes in them."""

    def __init__(self, browser: TestClient, link: str) -> None:
        self.browser, self.link = browser, link
        self.take(browser.get(link))

    def take(self, answer: Any) -> "Page":
        self.status, self.text = answer.status_code, answer.text
        form = self.text[self.text.find('id="entscheiden"') :]
        found = re.findall(
            r'<input type="(?:text|hidden)"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form
        )
        found += re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?([^<]*)</textarea>', form)
        self.fields = {name: html.unescape(value) for name, value in found}
        return self

    def press(self, answer: str, **changes: str) -> "Page":
        words = {key.replace("__", "."): text for key, text in changes.items()}
        sent = {name: text.replace("\n", "\r\n") for name, text in (self.fields | words).items()}
        return self.take(self.browser.post(self.link, data={**sent, "answer": answer}))


def opened(browser: TestClient, desk: Desk, key: str, to: str = ERIKA) -> Page:
    return Page(browser, f"/approval/{asked(desk, key, to)}")


def approved(page: Page, **changes: str) -> Page:
    page.press("reword", name=ERIKA, **changes)
    assert page.status == 200, page.text
    return page.press("approve")


def test_the_yes_is_to_the_edition_with_the_changed_sentences(
    browser: TestClient, desk: Desk, key: str
) -> None:
    """The new edition stands on the page before, and nothing is kept until the yes."""
    other = desk.filled("go-cluster")
    desk.do(issues.schedule_when_approved, key)
    page = opened(browser, desk, key)
    before = requests(desk)[0].content_hash
    assert "steht unverändert auch in" in page.text
    page.press("reword", name=ERIKA, subject="Neues im Dezember", q1__title=TITLE)
    assert "unverändert" not in page.text
    assert "Die neue Fassung mit Ihren Änderungen" in page.text
    assert TITLE in framed(page.text)
    assert desk.issue(key).subject != "Neues im Dezember"
    assert requests(desk)[0].content_hash == before
    new = page.fields["seen"]
    assert new != before
    page.press("approve")
    issue, (request,) = desk.issue(key), requests(desk)
    # the plan to schedule it at once has lapsed: the editors have the last word
    assert (issue.state, issue.subject) == (IssueState.APPROVED, "Neues im Dezember")
    assert (issue.content_hash, request.content_hash, request.asked_hash) == (new, new, before)
    stored = desk.look(
        lambda act: act.session.scalars(
            select(EditionRow).where(
                col(EditionRow.content_hash) == new, col(EditionRow.variant) == "full"
            )
        ).one()
    )
    assert TITLE in stored.html
    desk.do(issues.schedule, key)
    made = desk.look(
        lambda act: act.session.scalars(
            select(Revision).where(col(Revision.submission_id) == 1, col(Revision.number) == 2)
        ).one()
    )
    assert (made.title, made.made_by) == (TITLE, f"{ERIKA} (Freigabe)")
    pins = desk.look(
        lambda act: {
            name: issues.placed(act.session, act.settings, issues.find(act.session, name))[0]
            for name in (key, other)
        }
    )
    assert (pins[key].place.revision, pins[other].place.revision) == (2, 1)


@RULES
def test_editors_get_the_difference_by_letter(browser: TestClient, desk: Desk, key: str) -> None:
    desk.do(issues.schedule_when_approved, key)
    approved(opened(browser, desk, key), q1__title=TITLE, comment="Kürzer.")
    told = {each.to_email: each for each in letters(desk, "approval_answer")}
    assert set(told) == {"redaktion@go-cluster.example", "freigabe@go-cluster.example"}
    text = told["redaktion@go-cluster.example"].text
    assert "- Lichtwerk Havelbogen: Silber-Label erneut bestätigt" in text
    assert f"+ {TITLE}" in text
    assert "Kürzer." in text
    assert f"newsletter issue schedule {key}" in text
    struck = "".join(told["freigabe@go-cluster.example"].html.split())
    assert f'none">{TITLE}</ins>'.replace(" ", "") in struck
    assert "wurden Sätze geändert" in letters(desk, "plan_lapsed")[0].text


@RULES
def test_a_yes_to_what_nobody_has_seen_shows_it_first(
    browser: TestClient, desk: Desk, key: str
) -> None:
    page = opened(browser, desk, key).press("approve", name=ERIKA, q1__title=TITLE)
    assert page.status == 409
    assert "noch nicht gesehen" in page.text
    assert TITLE in framed(page.text)
    assert desk.issue(key).state is IssueState.IN_APPROVAL
    page.press("approve", q1__title=TITLE + "!")  # and again another one
    assert page.status == 409
    page.press("approve")
    assert desk.issue(key).state is IssueState.APPROVED
    assert f"{TITLE}!" in (requests(desk)[0].changes or [{}])[0]["after"]


@RULES
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_lost(
    browser: TestClient, desk: Desk, key: str
) -> None:
    page = opened(browser, desk, key)
    page.press("reword", name=ERIKA, subject=" ", q1__title="", q1__teaser="x" * 1_200)
    assert page.status == 422
    for said in ("Der Betreff fehlt.", "geben Sie einen Titel an", "1200 Zeichen"):
        assert said in page.text, said
    assert page.fields["q1.teaser"] == "x" * 1_200
    assert page.press("reword", subject="Gut", q1__title=TITLE, q1__teaser="Kurz.").status == 200
    assert page.press("reword", subject="{month} TODO").text.count("So lässt sich") == 1
    assert page.press("approve").status == 409
    assert desk.issue(key).state is IssueState.IN_APPROVAL
    nothing = Page(browser, page.link).press("reword", name=ERIKA)
    assert (nothing.status, "Noch ist kein Satz geändert." in nothing.text) == (422, True)


@RULES
def test_what_an_editor_wrote_meanwhile_stays_beside_the_approvers_words(
    browser: TestClient, desk: Desk, key: str
) -> None:
    """The issue shows what was approved; the newest revision has both."""
    page = opened(browser, desk, key)
    before = desk.look(_facts)
    desk.do(queue.edit, "q1", before | {"body": "Neu geschrieben.", "teaser": "Neu."}, 1)
    approved(page, q1__title=TITLE, q1__teaser="Kurz.")
    newest = desk.look(_facts)
    assert (newest["title"], newest["body"], newest["teaser"]) == (
        TITLE,
        "Neu geschrieben.",
        "Neu.",
    )
    pinned = desk.look(lambda act: act.session.scalars(select(col(Placement.revision))).one())
    shown = desk.look(lambda act: _facts(act, pinned))
    assert (shown["title"], shown["body"], shown["teaser"]) == (TITLE, before["body"], "Kurz.")


def _facts(act: Act, number: int | None = None) -> dict[str, Any]:
    item = submissions.by_reference(act.session, "q1")
    return submissions.facts_of(act.session, item, number)


@RULES
def test_sentences_without_a_yes_are_wishes(browser: TestClient, desk: Desk, key: str) -> None:
    page = opened(browser, desk, key).press("changes", name=ERIKA, q1__title=TITLE)
    assert "<form" not in Page(browser, page.link).text
    (request,) = requests(desk)
    assert request.comment == f"Vorgeschlagen ist:\n\nq1, Titel:\n{TITLE}"
    assert desk.issue(key).state is IssueState.DRAFT
    assert desk.look(lambda act: submissions.by_reference(act.session, "q1").revision) == 1


@RULES
def test_what_was_typed_while_it_was_superseded_can_be_carried_over(
    browser: TestClient, desk: Desk, clock: Clock, key: str
) -> None:
    page = opened(browser, desk, key)
    page.press("reword", name=ERIKA, q1__title=TITLE)
    desk.accepted(news(title="Noch eine Meldung"))
    desk.do(issues.add, key, ["q2"])
    late = page.press("approve")
    assert late.status == 409
    assert "Diese Fassung gibt es so nicht mehr" in late.text
    assert "Sie sind aufgehoben" in late.text
    assert TITLE in late.text
    second = opened(browser, desk, key)
    assert "Ihre Sätze aus der vorigen Fassung" in second.text
    taken = second.text[second.text.index('id="uebernehmen"') :].partition("</form>")[0]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', taken))
    assert hidden == {"q1.title": TITLE}
    second.take(browser.post(second.link, data={**hidden, "answer": "reword"}))
    assert TITLE in framed(second.text)
    second.press("approve", name=ERIKA)
    assert desk.issue(key).state is IssueState.APPROVED
    assert "Ihre Sätze aus der vorigen Fassung" not in Page(browser, second.link).text


@RULES
def test_an_issue_that_comes_back_shows_what_changed_and_the_whole_below(
    browser: TestClient, desk: Desk, key: str
) -> None:
    first = opened(browser, desk, key)
    assert "Was neu ist" not in first.text
    first.press("changes", name=ERIKA, comment="Bitte kürzen.")
    facts = desk.look(
        lambda act: submissions.facts_of(act.session, submissions.by_reference(act.session, "q1"))
    )
    desk.do(
        lambda act: submissions.revise(
            act,
            submissions.by_reference(act.session, "q1"),
            facts | {"title": TITLE},
            by="redaktion",
        )
    )
    desk.do(issues.add, key, ["q1"])
    page = opened(browser, desk, key).text
    new = page[page.index('id="neu"') : page.index("</section>", page.index('id="neu"'))]
    assert f"zu der {ERIKA} am Montag, 23.11.2026, 09:00 Uhr geantwortet hat" in new
    assert "<strong>erneut</strong>" in new
    assert "Das Clustermanagement ist zum dritten Mal" not in new
    assert "Das Clustermanagement ist zum dritten Mal" in framed(page)
    letter = letters(desk, "approval_request")[-1]
    assert "steht auf der Seite zuerst (Stellen: " in " ".join(letter.text.split())


@RULES
def test_a_form_that_somebody_made_up_changes_nothing(
    browser: TestClient, desk: Desk, key: str
) -> None:
    page = opened(browser, desk, key)
    made_up = {
        "read_key": "x",
        "q99.title": "x",
        "q1.link": "https://boese.example",
        "marks": "[1]",
    }
    answer = browser.post(page.link, data={**made_up, "name": ERIKA, "answer": "approve"})
    assert answer.status_code in {200, 303}
    assert requests(desk)[0].changes is None
    assert json.loads(page.fields["marks"])["subject"]
