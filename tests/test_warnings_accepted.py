"""One reason for each kind of warning: given once, true for as long as nothing changes."""

import pytest

from newsletter import issues
from newsletter.errors import Invalid, Refused
from newsletter.issues import Plan
from tests.approval_situations import ERIKA, letters, requests
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, news
from tests.test_approval_link import settings

__all__ = ["desk", "newsletter", "settings"]

pytestmark = pytest.mark.sqlite("the request for approval is tried on both in test_approval_link")

SUBJECT = "Newsletter der Clusterplattform Deutschland mit einem sehr langen Betreff"
LONG, TWINS = "Der Name muss ganz dastehen.", "Es sind zwei Standorte."


@pytest.fixture
def key(desk: Desk) -> str:
    """An issue with warnings of two kinds: its subject is long, two items have one title."""
    desk.accepted()
    desk.accepted(news(link="https://www.lichtwerk.example/anderes"))
    key = desk.filled()
    reworded(desk, key, SUBJECT)
    return key


def reworded(desk: Desk, key: str, subject: str) -> None:
    issue = desk.issue(key)
    sections = {
        it.place.section
        for it in desk.look(
            lambda act: issues.placed(act.session, act.settings, issues.find(act.session, key))
        )
    }
    order = tuple((section, ("q1", "q2")) for section in sections)
    desk.do(issues.edit, key, Plan(subject, issue.preheader, issue.opening, order))


def accept(desk: Desk, key: str, check: str, text: str) -> None:
    desk.do(issues.accept, key, check, text)


def unanswered(desk: Desk, key: str) -> str:
    with pytest.raises(Refused, match="hat Warnungen") as refused:
        desk.do(issues.request, key)
    return str(refused.value)


def test_a_kind_of_warning_that_has_its_reason_needs_no_other(desk: Desk, key: str) -> None:
    accept(desk, key, "subject-length", LONG)
    said = unanswered(desk, key)
    assert "denselben Titel" in said
    assert "Der Betreff hat" not in said
    accept(desk, key, " Duplicate ", TWINS)
    asked = desk.do(issues.request, key, to=ERIKA)
    assert asked.issue.accepted_warnings is None
    (request,) = requests(desk)
    kept = {each["check"]: (each["reason"], each["by"]) for each in request.warnings or ()}
    assert kept == {"subject-length": (LONG, "redaktion"), "duplicate": (TWINS, "redaktion")}
    (letter,) = letters(desk, "approval_request")
    for part in (letter.text, letter.html):
        assert f"Dazu die Redaktion: {LONG}" in part
        assert f"Dazu die Redaktion: {TWINS}" in part


def test_a_reason_counts_while_finding_and_text_are_unchanged(desk: Desk, key: str) -> None:
    accept(desk, key, "subject-length", LONG)
    accept(desk, key, "duplicate", TWINS)
    reworded(desk, key, SUBJECT[:-1] + "s")  # as long as before, but another one
    assert "Der Betreff hat" in unanswered(desk, key)
    assert "denselben Titel" not in unanswered(desk, key)
    reworded(desk, key, SUBJECT)  # and it is the old one again
    asked = desk.do(issues.request, key)
    assert asked.issue.accepted_warnings is None


def test_what_has_no_reason_of_its_own_takes_the_general_one(desk: Desk, key: str) -> None:
    accept(desk, key, "duplicate", TWINS)
    issue = desk.do(issues.request, key, "Eilt sehr.").issue
    assert issue.accepted_warnings == "Eilt sehr."
    reasons = {each["check"]: each["reason"] for each in requests(desk)[0].warnings or ()}
    assert reasons == {"subject-length": "Eilt sehr.", "duplicate": TWINS}


def test_what_is_no_warning_takes_no_reason(desk: Desk, key: str) -> None:
    with pytest.raises(Refused, match=r"keine Warnung „size“. Zu begründen ist: .*subject-length"):
        accept(desk, key, "size", LONG)
    with pytest.raises(Refused, match="ist ein Hinweis"):
        accept(desk, key, "reserved-name", LONG)
    with pytest.raises(Invalid):
        accept(desk, key, "duplicate", "x" * 1_001)
    desk.do(issues.remove, key, ["q1", "q2"])
    with pytest.raises(Refused, match="ist ein Fehler; der lässt sich nicht begründen"):
        accept(desk, key, "empty", LONG)
    assert desk.look(lambda act: issues.list_(act.session))  # nothing is half done


def test_a_reason_is_for_a_draft(desk: Desk, key: str) -> None:
    desk.do(issues.request, key, "geprüft")
    with pytest.raises(Refused, match="zur Freigabe vorgelegt"):
        accept(desk, key, "duplicate", TWINS)


def test_reasons_are_given_and_taken_back_by_command(
    newsletter: Newsletter, desk: Desk, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    said = newsletter("issue", "check", key, "--accept", "duplicate", TWINS).out
    assert f"  begründet von redaktion: {TWINS}" in said
    assert f"newsletter issue request {key} --accept-warnings" in said
    found = newsletter("issue", "check", key, "--json", as_="").json["findings"]
    accepted = {each["check"]: each["accepted"] for each in found if each["level"] == "warning"}
    assert accepted == {"duplicate": TWINS, "subject-length": None}
    monkeypatch.setenv("NEWSLETTER_LANGUAGE", "en")  # another editor speaks English
    said = newsletter("issue", "check", key, "--accept", "subject-length", LONG).out
    assert f"reason given by redaktion: {TWINS}" in said
    assert said.endswith(f"newsletter issue request {key}\n")
    assert newsletter("issue", "request", key).code == 0
    kept = " ".join(each["text"] for each in requests(desk)[0].warnings or ())
    assert "denselben Titel" in kept  # the approver reads German
    assert newsletter("undo").code == 0
    monkeypatch.delenv("NEWSLETTER_LANGUAGE")
    said = newsletter("issue", "check", key, "--accept", "duplicate", "").out
    assert TWINS not in said
    assert LONG in said
    log = newsletter("log", "issue", key).out
    assert "Warnung begründet" in log
    assert "Begründung einer Warnung zurückgenommen" in log
    wrong = newsletter("issue", "check", key, "--accept", "reserved-name", LONG)
    assert (wrong.code, "ein Hinweis" in wrong.err) == (1, True)
