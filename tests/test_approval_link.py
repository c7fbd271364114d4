"""Approval by link, approval that came by e-mail, and test mails: what the verbs promise."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import col

from newsletter import issues, schedule
from newsletter.content import SLOT_OPEN, Slot
from newsletter.dispatch.copies import Copies
from newsletter.errors import Invalid, NewsletterError, NotAllowed, Refused, WrongUsage
from newsletter.history import PUBLIC
from newsletter.issues import Answer, Standing
from newsletter.models.event import Event
from newsletter.models.issue import ApprovalState, EditionRow, How, IssueState
from newsletter.settings import ApprovalRule, Settings, load
from tests.approval_situations import (
    ERIKA,
    MAX,
    asked,
    letters,
    requests,
    token_in,
    with_approver,
)
from tests.command_situations import Newsletter, newsletter
from tests.conftest import ADA, BEN, type_of_act
from tests.desk_situations import Desk, desk, fair

__all__ = ["desk", "newsletter"]

pytestmark = pytest.mark.skin

APPROVE, CHANGES, DECLINE = Answer.APPROVE, Answer.CHANGES, Answer.DECLINE
NOTE = issues.Evidence("zusage.eml", b"Ja, so kann es raus.")


@pytest.fixture
def settings(home: Path) -> Settings:
    return with_approver(load(home, {}))


@pytest.fixture
def key(desk: Desk) -> str:
    desk.accepted()
    return desk.filled()


def decide(desk: Desk, token: str, answer: Answer = APPROVE, *words: str) -> Any:
    return desk.do(issues.decide, token, answer, *(words or (ERIKA,)), who=PUBLIC)


def seen(desk: Desk, token: str) -> issues.Asked:
    it: issues.Asked = desk.look(
        lambda act: issues.asked(act.session, act.settings, token, act.now)
    )
    return it


# -- asking -------------------------------------------------------------------------------


def test_the_approver_gets_the_issue_as_text_and_a_link(desk: Desk, key: str) -> None:
    token = asked(desk, key)
    (letter,) = letters(desk, "approval_request")
    assert (letter.to_email, letter.to_name) == ("erika@ministerium.example", ERIKA)
    for part in (letter.text, letter.html):
        assert "Silber-Label erneut bestätigt" in part
        assert f"http://127.0.0.1:8000/approval/{token}" in part
        assert SLOT_OPEN not in part
    (request,) = requests(desk)
    assert request.asked == ERIKA
    assert letter.expires_at == request.until
    assert len(token) == 22  # 128 bits
    assert token not in repr(request.model_dump())


def test_a_deputy_is_asked_by_name(desk: Desk, key: str) -> None:
    asked(desk, key, "max muster")
    (letter,) = letters(desk, "approval_request")
    assert (letter.to_email, letter.to_name) == ("max@ministerium.example", MAX)


def test_nobody_else_is_asked(desk: Desk, key: str) -> None:
    with pytest.raises(WrongUsage, match="Erika Beispiel, Redaktionsleitung, Max Muster"):
        desk.do(issues.request, key, None, "Fremd")
    assert desk.issue(key).state is IssueState.DRAFT


def test_an_approver_with_the_requesters_address_is_not_asked(desk: Desk, key: str) -> None:
    with pytest.raises(NotAllowed, match="dieselbe Person"):
        desk.do(issues.request, key, None, "Redaktionsleitung")


def test_the_deadline_is_three_working_days_from_now(desk: Desk, key: str) -> None:
    desk.clock.moment = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)  # a Friday
    asked(desk, key)
    assert requests(desk)[0].until == datetime(2026, 12, 2, 9, 0, tzinfo=UTC)


def test_the_deadline_is_two_hours_before_the_issue_leaves(desk: Desk, key: str) -> None:
    desk.clock.moment = datetime(2026, 12, 14, 9, 0, tzinfo=UTC)  # it leaves on the 15th at 10:00
    asked(desk, key)
    assert requests(desk)[0].until == datetime(2026, 12, 15, 7, 0, tzinfo=UTC)


def test_a_deadline_that_is_past_is_refused(desk: Desk, key: str) -> None:
    with pytest.raises(Refused, match="schon vorbei"):
        desk.do(issues.request, key, None, ERIKA, desk.clock())


# -- deciding -----------------------------------------------------------------------------


def test_a_yes_by_link_approves_exactly_these_bytes(desk: Desk, key: str) -> None:
    token = asked(desk, key)
    decide(desk, token, APPROVE, "Erika  Beispiel", "Schön.")
    (request,) = requests(desk)
    assert request.state is ApprovalState.APPROVED
    assert (request.decided_by, request.how, request.comment) == (
        "Erika Beispiel",
        How.LINK,
        "Schön.",
    )
    assert desk.issue(key).state is IssueState.APPROVED
    desk.do(issues.schedule, key)  # nothing else is missing
    (answer,) = letters(desk, "approval_answer")
    assert answer.to_email == "redaktion@go-cluster.example"
    assert "Freigegeben" in answer.subject
    assert "Schön." in answer.text


@pytest.mark.parametrize(
    ("answer", "subject"), [(CHANGES, "Änderungen gewünscht"), (DECLINE, "Nicht freigegeben")]
)
def test_a_no_makes_it_a_draft_and_tells_who_asked(
    desk: Desk, key: str, answer: Answer, subject: str
) -> None:
    token = asked(desk, key)
    decide(desk, token, answer, ERIKA, "Bitte die zweite Meldung\nkürzen.")
    issue = desk.issue(key)
    assert (issue.state, issue.content_hash) == (IssueState.DRAFT, None)
    (letter,) = letters(desk, "approval_answer")
    assert subject in letter.subject
    assert "zweite Meldung\nkürzen." in letter.text
    why = desk.look(
        lambda act: act.session.scalars(
            select(col(Event.why)).where(col(Event.noun) == "issue", col(Event.to_state) == "draft")
        ).all()
    )
    assert why == ["Bitte die zweite Meldung\nkürzen."]
    assert seen(desk, token).remarks[0].answer is answer


def test_a_no_without_a_word_is_no_help(desk: Desk, key: str) -> None:
    token = asked(desk, key)
    with pytest.raises(Invalid) as wrong:
        decide(desk, token, CHANGES, " ", " \n")
    assert [problem.field for problem in wrong.value.problems] == ["name", "comment"]
    assert desk.issue(key).state is IssueState.IN_APPROVAL


def test_a_link_is_good_for_one_decision(desk: Desk, key: str) -> None:
    token = asked(desk, key)
    decide(desk, token)
    with pytest.raises(issues.LinkIsOver):
        decide(desk, token, DECLINE, MAX, "doch nicht")
    it = seen(desk, token)
    assert (it.standing, it.shown) == (Standing.APPROVED, None)
    assert [(r.who, r.answer) for r in it.remarks] == [(ERIKA, APPROVE)]
    assert len(letters(desk, "approval_answer")) == 1


def test_of_two_at_once_one_decides(desk: Desk, key: str, act: type_of_act) -> None:
    token = asked(desk, key)
    start = threading.Barrier(4)
    done: list[str] = []

    def one(answer: Answer) -> None:
        start.wait()
        try:
            with act(PUBLIC) as a:
                issues.decide(a, token, answer, ERIKA, "so")
            done.append("yes")
        except NewsletterError as error:
            done.append(type(error).__name__)

    threads = [threading.Thread(target=one, args=(each,)) for each in (APPROVE, DECLINE) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done.count("yes") == 1, done
    assert set(done) <= {"yes", "LinkIsOver", "Overtaken"}
    (request,) = requests(desk)
    approved = request.state is ApprovalState.APPROVED
    assert desk.issue(key).state is (IssueState.APPROVED if approved else IssueState.DRAFT)
    assert len(letters(desk, "approval_answer")) == 1


@pytest.mark.parametrize("name", ["redaktion", " REDAKTION ", "Redaktionsleitung"])
def test_whoever_asked_does_not_decide_by_the_link(desk: Desk, key: str, name: str) -> None:
    token = asked(desk, key)
    with pytest.raises(NotAllowed, match="selbst angefragt"):
        decide(desk, token, APPROVE, name)
    assert desk.issue(key).state is IssueState.IN_APPROVAL


def test_an_approver_who_became_the_requester_does_not_decide(
    desk: Desk, key: str, settings: Settings, act: type_of_act
) -> None:
    token = asked(desk, key)
    erika = settings.approvers[0].model_copy(update={"email": "redaktion@go-cluster.example"})
    changed = settings.model_copy(update={"approvers": (erika,)})
    with pytest.raises(NotAllowed), act(PUBLIC) as a:
        issues.decide(type(a)(a.session, changed, a.actor, a.now), token, APPROVE, "Jemand")


def test_working_alone_must_be_written_down(
    desk: Desk, key: str, settings: Settings, act: type_of_act
) -> None:
    token = asked(desk, key)
    alone = settings.model_copy(update={"approval": ApprovalRule(people=1)})
    with act(PUBLIC) as a:
        issues.decide(type(a)(a.session, alone, a.actor, a.now), token, APPROVE, "redaktion")
    assert requests(desk)[0].alone


# -- what ends a link ---------------------------------------------------------------------


def test_after_the_deadline_nobody_decides(desk: Desk, key: str) -> None:
    token = asked(desk, key)
    desk.clock.forward(days=4)
    with pytest.raises(issues.LinkIsOver):
        decide(desk, token)
    with pytest.raises(Refused, match="Frist"):
        desk.do(issues.approve, key, who=BEN)
    assert seen(desk, token).standing is Standing.LAPSED


def test_a_request_that_lapsed_is_taken_back_and_told(desk: Desk, key: str) -> None:
    token = asked(desk, key)
    assert desk.do(issues.lapse) == []
    desk.clock.forward(days=4)
    assert desk.do(issues.lapse) == [key]
    assert desk.do(issues.lapse) == []
    assert desk.issue(key).state is IssueState.DRAFT
    (letter,) = letters(desk, "approval_answer")
    assert "Frist abgelaufen" in letter.subject
    assert seen(desk, token).standing is Standing.LAPSED


def test_the_sender_takes_it_back_by_itself(
    desk: Desk, key: str, engine: Engine, settings: Settings
) -> None:
    asked(desk, key)
    desk.clock.forward(days=4)
    schedule.tidy(engine, settings, desk.clock)
    assert desk.issue(key).state is IssueState.DRAFT


def test_one_may_ask_again_after_the_deadline(desk: Desk, key: str) -> None:
    asked(desk, key)
    desk.clock.forward(days=4)
    desk.do(issues.request, key)
    assert [r.state for r in requests(desk)] == [ApprovalState.VOID, ApprovalState.OPEN]


def test_a_new_request_revokes_the_link_and_keeps_the_comments(desk: Desk, key: str) -> None:
    first = asked(desk, key)
    decide(desk, first, CHANGES, ERIKA, "Bitte kürzen.")
    second = asked(desk, key)
    third = asked(desk, key, MAX)
    assert seen(desk, second).standing is Standing.NEWER
    assert seen(desk, second).shown is None
    with pytest.raises(issues.LinkIsOver):
        decide(desk, second)
    for token in (second, third):
        (remark,) = seen(desk, token).remarks
        assert (remark.comment, remark.this_version) == ("Bitte kürzen.", False)
    decide(desk, third, APPROVE, MAX)
    assert desk.issue(key).state is IssueState.APPROVED


def test_an_edit_revokes_the_link(desk: Desk, key: str) -> None:
    token = asked(desk, key)
    desk.do(issues.move, key, "q1", section="programm")
    with pytest.raises(issues.LinkIsOver):
        decide(desk, token)
    assert seen(desk, token).standing is Standing.CHANGED
    assert desk.issue(key).state is IssueState.DRAFT


def test_an_approval_by_link_is_void_after_an_edit(desk: Desk, key: str) -> None:
    token = asked(desk, key)
    decide(desk, token)
    desk.do(issues.move, key, "q1", section="programm")
    it = seen(desk, token)
    assert (it.standing, it.shown) == (Standing.CHANGED, None)
    assert it.remarks[0].who == ERIKA


def test_a_cancelled_issue_is_not_approved(desk: Desk, key: str) -> None:
    token = asked(desk, key)
    desk.do(issues.cancel, key)
    with pytest.raises(issues.LinkIsOver):
        decide(desk, token)
    assert seen(desk, token).standing is Standing.CANCELLED


def test_a_version_that_is_gone_is_not_approved(desk: Desk) -> None:
    desk.accepted(fair(desk.clock() + timedelta(days=40)))
    key = desk.filled()
    token = asked(desk, key)
    desk.do(  # behind our back: what is stored is not what was asked for
        lambda act: act.session.execute(update(EditionRow).values(text="Etwas anderes"))
    )
    assert seen(desk, token).standing is Standing.CHANGED
    with pytest.raises(issues.LinkIsOver):
        decide(desk, token)


def test_an_item_that_is_over_meanwhile_is_not_approved(desk: Desk) -> None:
    desk.accepted(fair(desk.clock() + timedelta(days=30)))
    key = desk.filled()
    desk.do(issues.request, key, "x", ERIKA, desk.clock() + timedelta(days=60))
    desk.clock.forward(days=31)
    with pytest.raises(issues.VersionGone, match="neue Fassung"):
        decide(desk, token_in(desk))
    assert requests(desk)[0].state is ApprovalState.OPEN


def test_a_guessed_link_is_nothing(desk: Desk, key: str) -> None:
    asked(desk, key)
    with pytest.raises(issues.UnknownLink):
        seen(desk, "AAAAAAAAAAAAAAAAAAAAAA")


# -- a yes that came by e-mail or phone ---------------------------------------------------


def test_a_yes_by_mail_is_filed_with_its_evidence(desk: Desk, key: str) -> None:
    desk.do(issues.request, key)
    desk.do(issues.approve_by_evidence, key, MAX, NOTE, who=BEN)
    (request,) = requests(desk)
    assert (request.decided_by, request.how) == (MAX, How.EVIDENCE)
    assert (request.evidence_name, request.evidence) == NOTE
    assert desk.issue(key).state is IssueState.APPROVED
    filed = desk.look(
        lambda act: act.session.scalars(
            select(Event).where(col(Event.noun) == "approval", col(Event.to_state) == "approved")
        ).one()
    )
    assert filed.actor == BEN.name


def test_whoever_asked_does_not_file_the_yes(desk: Desk, key: str) -> None:
    desk.do(issues.request, key)
    with pytest.raises(NotAllowed, match="jemand anders"):
        desk.do(issues.approve_by_evidence, key, ERIKA, NOTE, who=ADA)
    with pytest.raises(NotAllowed, match="dieselbe Person"):
        desk.do(issues.approve_by_evidence, key, "Redaktionsleitung", NOTE, who=BEN)


@pytest.mark.parametrize("data", [b"", b"x" * (issues.LARGEST_EVIDENCE + 1)], ids=["no", "huge"])
def test_evidence_is_a_file_of_some_size(desk: Desk, key: str, data: bytes) -> None:
    desk.do(issues.request, key)
    with pytest.raises(Refused, match="10 MB"):
        desk.do(
            issues.approve_by_evidence, key, ERIKA, issues.Evidence("zusage.eml", data), who=BEN
        )


def test_only_an_approvers_yes_is_filed(desk: Desk, key: str) -> None:
    desk.do(issues.request, key)
    with pytest.raises(WrongUsage, match="approvers"):
        desk.do(issues.approve_by_evidence, key, "Fremd", NOTE, who=BEN)


# -- test mails ---------------------------------------------------------------------------


def test_a_test_mail_is_a_marked_letter_without_list_headers(
    desk: Desk, key: str, settings: Settings
) -> None:
    wanted = ["Erika@ministerium.example", "max@ministerium.example", "freigabe@go-cluster.example"]
    posted = desk.do(issues.post_test, key, wanted)
    assert [letter.to_email for letter in posted] == [address.lower() for address in wanted]
    with desk.act() as act:
        message = Copies(settings).message(act.session.merge(posted[0]), act.now)
    assert message is not None
    head, _, body = message.data.decode("ascii").partition("\r\n\r\n")
    assert "[TEST]" in head.replace("_", " ") or "W1RFU1Rd" in head
    assert "\nList-" not in head
    assert "Precedence" not in head
    assert "Auto-Submitted: auto-generated" in head
    for slot in Slot:
        assert slot.marker not in posted[0].html + posted[0].text
    assert 'href="http://127.0.0.1:8000/"' in posted[0].html
    assert "/unsubscribe/" not in posted[0].html + posted[0].text
    assert "Silber-Label" in posted[0].text
    assert body
    assert desk.issue(key).state is IssueState.DRAFT


def test_test_mails_stay_among_those_who_work_on_it(desk: Desk, key: str) -> None:
    with pytest.raises(NotAllowed, match="leser@irgendwo"):
        desk.do(issues.post_test, key, ["erika@ministerium.example", "leser@irgendwo.example"])
    assert letters(desk, "test") == []


def test_a_test_mail_shows_the_issue_as_it_is_now_and_voids_nothing(desk: Desk, key: str) -> None:
    desk.do(issues.request, key)
    desk.do(issues.post_test, key, ["redaktion@go-cluster.example"])
    assert desk.issue(key).state is IssueState.IN_APPROVAL
    desk.do(issues.approve, key, who=BEN)
    desk.do(issues.cancel, key)
    with pytest.raises(Refused, match="abgesagt"):
        desk.do(issues.post_test, key, ["redaktion@go-cluster.example"])


# -- at the command line ------------------------------------------------------------------


@pytest.fixture
def at_the_terminal(newsletter: Newsletter, home: Path) -> str:
    """An issue that can be asked about, in a home with an approver."""
    file = home / "newsletter.toml"
    erika = '[[approvers]]\nname = "Dr. Erika Beispiel"\nemail = "erika@ministerium.example"\n\n'
    text = file.read_text(encoding="utf-8").replace("[approval]", erika + "[approval]", 1)
    file.write_text(text, encoding="utf-8")
    item = Path(__file__).parent.parent / "examples" / "leitfaden.md"
    for words in (
        ["queue", "add", str(item)],
        ["queue", "accept", "q1"],
        ["issue", "new", "clusterplattform", "--number", "2027-12"],
        ["issue", "fill", "clusterplattform-2027-12"],
    ):
        done = newsletter(*words)
        assert done.code == 0, done.err
    return "clusterplattform-2027-12"


def test_the_commands_ask_by_letter_and_never_print_the_link(
    newsletter: Newsletter, at_the_terminal: str
) -> None:
    done = newsletter("issue", "request", at_the_terminal, "--to", "dr. erika beispiel")
    assert done.code == 0, done.err
    assert "Dr. Erika Beispiel erhält eine E-Mail" in done.out
    assert "/approval/" not in done.out
    again = newsletter(
        *("issue", "request", at_the_terminal, "--to", ERIKA),
        *("--until", "2030-12-01T10:00", "--json"),
    )
    assert again.json["until"].startswith("2030-12-01T10:00:00+01:00")
    assert "/approval/" not in again.out
    assert newsletter("issue", "request", at_the_terminal, "--until", "now").code == 2
    status = newsletter("issue", "status", at_the_terminal).out
    assert f"Gefragt ist {ERIKA}, per Link; Frist: Sonntag, 01.12.2030, 10:00 Uhr" in status


def test_the_commands_file_a_yes(
    newsletter: Newsletter, at_the_terminal: str, tmp_path: Path
) -> None:
    note = tmp_path / "zusage.eml"
    note.write_bytes(b"Ja.")
    newsletter("issue", "request", at_the_terminal)
    file = ("--received-from", ERIKA, "--evidence", str(note))
    assert newsletter("issue", "approve", at_the_terminal, *file).code == 1
    assert newsletter("issue", "approve", at_the_terminal, *file[:2], as_="freigabe").code == 2
    gone = (*file[:3], str(tmp_path / "fehlt.eml"))
    assert newsletter("issue", "approve", at_the_terminal, *gone, as_="freigabe").code == 1
    assert newsletter("issue", "approve", at_the_terminal, *file, as_="freigabe").code == 0
    status = newsletter("issue", "status", at_the_terminal, "--json").json
    assert (status["state"], status["approved_by"]) == ("approved", ERIKA)
    assert status["approved_how"] == "evidence"
    assert "der Nachweis ist abgelegt" in newsletter("issue", "status", at_the_terminal).out


def test_the_command_posts_test_mails(newsletter: Newsletter, at_the_terminal: str) -> None:
    done = newsletter("issue", "test", at_the_terminal, "freigabe@go-cluster.example", "--json")
    assert done.json["subject"].startswith("[TEST] Clusterplattform")
    assert newsletter("issue", "test", at_the_terminal, "x@fremd.example").code == 1
