"""Somebody holds an issue, lets it go on, ends it; decides about copies that may have arrived."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from newsletter import database
from newsletter.dispatch import ledger
from newsletter.dispatch.ledger import deciding
from newsletter.dispatch.replies import Receipt, Stage, Unknown
from newsletter.history import SYSTEM
from newsletter.models.delivery import Delivery, DeliveryState, Letter
from newsletter.models.issue import Approval, Issue, IssueState
from subscribers.models import Subscriber
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock, type_of_act
from tests.dispatch_situations import at_work, opened, scheduled
from tests.test_commands_queue import run_at_a_terminal

__all__ = ["newsletter"]  # the fixture

KEY = "clusterplattform-2026-12"
D = DeliveryState
YES = Receipt("250 Ok", "relay.example")
LOST = Unknown(Stage.DOT, "Verbindung verloren", "relay.example")


@pytest.fixture
def clock() -> Clock:
    """Commands look at the real clock; an hour ago these issues began."""
    return Clock(datetime.now(UTC) - timedelta(hours=1))


def answer(act: type_of_act, *outcomes: Receipt | Unknown | None) -> None:
    """Send one copy after the other; with None the sender died before the answer."""
    with act(SYSTEM) as a:
        for outcome in outcomes:
            claim = ledger.claim(a, 1)
            assert claim is not None
            (row,) = claim.rows
            assert ledger.intend(a, row)
            if outcome is not None:
                ledger.settle(a, row, outcome)


@pytest.fixture
def going_out(act: type_of_act) -> None:
    """Ada has it; of Ben nobody knows; Cleo and Dora wait."""
    with act(SYSTEM) as a:
        at_work(a)
        opened(a, "ada", "ben", "cleo", "dora")
    answer(act, YES, LOST)


def counts(newsletter: Newsletter) -> dict[str, int]:
    status: dict[str, int] = newsletter("issue", "status", KEY, "--json").json["deliveries"]
    return status


def state(engine: Engine) -> IssueState:
    with database.reading(engine) as session:
        return session.get_one(Issue, KEY).state


def letters(session: Session) -> str:
    return "\n".join(each.text + each.html for each in session.scalars(select(Letter)))


@pytest.mark.usefixtures("going_out")
def test_an_issue_is_held_and_goes_on(newsletter: Newsletter, act: type_of_act) -> None:
    held = newsletter("issue", "pause", KEY, "--reason", "Rückfrage des Ministeriums")
    assert held.code == 0, held.err
    assert "An eine Person ist sie schon übergeben." in held.out
    assert "2 Zustellungen warten." in held.out
    assert "Eine ist unklar." in held.out
    assert f"Als Nächstes: newsletter issue resume {KEY}" in held.out
    with act(SYSTEM) as a:
        assert ledger.claim(a, 5) is None
    agenda = newsletter("agenda", as_="").out
    assert "angehalten: Rückfrage des Ministeriums" in agenda
    assert f"newsletter issue resume {KEY}" in agenda
    twice = newsletter("issue", "pause", KEY)
    assert (twice.code, f"newsletter issue resume {KEY}" in twice.err) == (1, True)
    resumed = newsletter("issue", "resume", KEY, "--json")
    assert (resumed.code, resumed.json["state"]) == (0, "sending")
    assert resumed.json["deliveries"] == {"accepted": 1, "unknown": 1, "queued": 2}
    again = newsletter("issue", "resume", KEY)
    assert (again.code, "Nur eine angehaltene Ausgabe" in again.err) == (1, True)


@pytest.mark.usefixtures("going_out")
def test_a_held_issue_goes_on_only_as_it_was_approved(
    newsletter: Newsletter, engine: Engine
) -> None:
    newsletter("issue", "pause", KEY)
    with database.writing(engine) as session:
        issue = session.get_one(Issue, KEY)
        issue.content_hash = "0" * 64
        session.add(issue)
    refused = newsletter("issue", "resume", KEY)
    assert refused.code == 1
    assert "Diese Versandfassung hat niemand freigegeben." in refused.err
    assert f"newsletter issue stop {KEY}" in refused.err
    assert state(engine) is IssueState.PAUSED


@pytest.mark.usefixtures("going_out")
def test_an_issue_held_after_its_last_copy_is_sent_once_it_goes_on(
    newsletter: Newsletter, act: type_of_act, engine: Engine
) -> None:
    answer(act, YES, YES)
    with database.reading(engine) as session:
        finished = ledger.finished(session)
    newsletter("issue", "pause", KEY)
    with act(SYSTEM) as a:
        assert not ledger.close(a, KEY, finished[KEY])  # the sender had counted before
        assert not letters(a.session)
    newsletter("issue", "resume", KEY)
    with act(SYSTEM) as a:
        assert ledger.close(a, KEY, ledger.finished(a.session)[KEY])
    assert state(engine) is IssueState.SENT


@pytest.mark.usefixtures("going_out")
@pytest.mark.parametrize("decision", ["--resend", "--leave"])
def test_sums_that_were_counted_before_a_decision_are_not_kept(
    newsletter: Newsletter, act: type_of_act, decision: str
) -> None:
    answer(act, YES, YES)
    with act(SYSTEM) as a:
        finished = ledger.finished(a.session)
    newsletter("issue", "resolve", KEY, decision)
    with act(SYSTEM) as a:
        assert not ledger.close(a, KEY, finished[KEY])
        assert not letters(a.session)


def test_a_decision_about_very_many_is_made_in_short_steps_and_told_once(
    newsletter: Newsletter, act: type_of_act, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "AT_ONCE", 2)
    with act(SYSTEM) as a:
        at_work(a)
        opened(a, *"abcde")
    answer(act, *[LOST] * 5)
    done = newsletter("issue", "resolve", KEY, "--resend", "--json")
    assert (done.json["resent"], done.json["unknown"]) == (5, 0)
    answer(act, *[LOST] * 5)
    assert newsletter("issue", "resolve", KEY, "--leave", "--json").json["left"] == 5
    protocol = newsletter("log", "issue", KEY, "--json", as_="").json
    decided = [(e["what"], e["detail"]) for e in protocol if e["what"] in {"resend", "leave"}]
    assert decided == [("resend", {"rows": 5}), ("leave", {"rows": 5})]


@pytest.mark.usefixtures("going_out")
def test_a_stopped_issue_names_how_many_got_it_and_skips_the_rest(
    newsletter: Newsletter, engine: Engine, act: type_of_act
) -> None:
    done = newsletter("issue", "stop", KEY)
    assert done.code == 0, done.err
    assert "An eine Person wurde sie übergeben." in done.out
    assert "2 Zustellungen werden übersprungen." in done.out
    assert "Eine ist unklar." in done.out
    assert counts(newsletter) == {"accepted": 1, "unknown": 1, "skipped": 2}
    again = newsletter("issue", "stop", KEY)
    assert (again.code, "nichts mehr abzubrechen" in again.err) == (1, True)
    refused = newsletter("issue", "resolve", KEY, "--resend")
    assert (refused.code, "wurde abgebrochen" in refused.err) == (1, True)
    with act(SYSTEM) as a:
        finished = ledger.finished(a.session)
        ledger.close(a, KEY, finished[KEY])
        told = letters(a.session)
    assert "durch den Abbruch übersprungen" in told
    assert "leser.example" not in told


def test_an_issue_stopped_while_its_audience_is_fixed_still_adds_up(
    newsletter: Newsletter, act: type_of_act, engine: Engine
) -> None:
    with act(SYSTEM) as a:
        opened(a, "ada", "ben", number="2026-11")  # so that both read it
        ledger.open_issue(a, scheduled(a))
        ledger.fill_audience(a, KEY, at_once=1)
    assert newsletter("issue", "stop", KEY).code == 0
    with database.reading(engine) as session:
        assert session.get_one(Issue, KEY).recipients == 1
    assert counts(newsletter) == {"skipped": 1}


def test_what_is_not_going_out_is_neither_held_nor_stopped(
    newsletter: Newsletter, act: type_of_act
) -> None:
    with act() as a:
        scheduled(a)
    for verb, mend in (("pause", "unschedule"), ("stop", "cancel")):
        refused = newsletter("issue", verb, KEY)
        assert (refused.code, f"newsletter issue {verb} " in refused.err) == (1, False)
        assert f"newsletter issue {mend} {KEY}" in refused.err


# -- copies that may have arrived -----------------------------------------------------------


@pytest.mark.usefixtures("going_out")
def test_an_unclear_copy_is_shown_with_all_that_is_known_of_it(newsletter: Newsletter) -> None:
    status = newsletter("issue", "status", KEY, as_="").out
    assert f"Als Nächstes: newsletter issue resolve {KEY}" in status
    assert "leser.example" not in status
    assert newsletter("issue", "resolve", KEY, as_="niemand").code == 1
    shown = newsletter("issue", "resolve", KEY)
    assert shown.code == 0, shown.err
    for known in ("Ben <ben@leser.example>", "1 Versuch", "relay.example", "Verbindung verloren"):
        assert known in shown.out
    assert "ada@" not in shown.out
    assert f"newsletter issue resolve {KEY} --resend" in shown.out
    assert f"newsletter issue resolve {KEY} --leave" in shown.out
    (row,) = newsletter("issue", "resolve", KEY, "--json").json["unknown"]
    assert (row["email"], row["attempts"], row["relay"]) == ("ben@leser.example", 1, YES.relay)
    assert row["since"] < row["resend_from"]


@pytest.mark.usefixtures("going_out")
def test_an_unclear_copy_is_sent_again_with_its_message_id(
    newsletter: Newsletter, engine: Engine
) -> None:
    before = newsletter("issue", "resolve", KEY, "--json").json["unknown"][0]
    done = newsletter("issue", "resolve", KEY, "--resend", "--json")
    assert (done.code, done.json["resent"], done.json["unknown"]) == (0, 1, 0)
    assert counts(newsletter) == {"accepted": 1, "queued": 3}
    with database.reading(engine) as session:
        row = session.get_one(Delivery, before["delivery"])
        assert (row.message_id, row.state) == (before["message_id"], D.QUEUED)
    again = newsletter("issue", "resolve", KEY, "--resend")
    assert (again.code, "Keine Zustellung ist unklar" in again.out) == (0, True)


@pytest.mark.usefixtures("going_out")
def test_an_unclear_copy_is_left_and_the_account_says_so(
    newsletter: Newsletter, act: type_of_act
) -> None:
    done = newsletter("issue", "resolve", KEY, "--leave")
    assert (done.code, f"{KEY}: Eine Zustellung bleibt, wie sie ist." in done.out) == (0, True)
    assert counts(newsletter) == {"accepted": 1, "left": 1, "queued": 2}
    assert "unklar" not in newsletter("agenda", as_="").out
    assert "so belassen" in newsletter("log", "issue", KEY, as_="").out


@pytest.mark.usefixtures("going_out")
def test_a_copy_is_not_sent_again_while_an_answer_may_still_come(
    newsletter: Newsletter, act: type_of_act, clock: Clock
) -> None:
    newsletter("issue", "resolve", KEY, "--leave")
    clock.moment = datetime.now(UTC) - timedelta(minutes=14)
    answer(act, LOST)
    refused = newsletter("issue", "resolve", KEY, "--resend")
    assert refused.code == 1
    assert "geht ab" in refused.err
    assert counts(newsletter) == {"accepted": 1, "left": 1, "unknown": 1, "queued": 1}
    clock.moment = datetime.now(UTC) - timedelta(minutes=16)
    answer(act, LOST)
    half = newsletter("issue", "resolve", KEY, "--resend")
    assert "Eine Zustellung geht noch einmal hinaus." in half.out
    assert "Eine ist noch unklar" in half.out


def test_a_copy_that_is_being_sent_is_nobodys_to_decide(
    newsletter: Newsletter, act: type_of_act
) -> None:
    with act(SYSTEM) as a:
        at_work(a)
        opened(a, "ada")
    answer(act, None)
    assert "Eine wird gerade übergeben" in newsletter("issue", "resolve", KEY).out
    assert "Eine wird gerade noch übergeben." in newsletter("issue", "pause", KEY).out
    refused = newsletter("issue", "resolve", KEY, "--resend")
    assert (refused.code, "Lebenszeichen" in refused.err) == (1, True)
    newsletter("issue", "resolve", KEY, "--leave")
    assert counts(newsletter) == {"sending": 1}


@pytest.mark.usefixtures("going_out")
def test_what_is_invalid_by_now_is_not_sent_again(newsletter: Newsletter, engine: Engine) -> None:
    with database.writing(engine) as session:
        session.delete(session.scalars(select(Approval)).one())
    refused = newsletter("issue", "resolve", KEY, "--resend")
    assert refused.code == 1
    assert "Diese Versandfassung hat niemand freigegeben." in refused.err
    assert f"newsletter issue resolve {KEY} --leave" in refused.err


@pytest.mark.usefixtures("going_out")
def test_at_a_terminal_nobody_decides_by_accident(
    home: Path, tmp_path: Path, engine: Engine, newsletter: Newsletter
) -> None:
    before = counts(newsletter)
    for words in (("stop", KEY), ("resolve", KEY, "--resend"), ("resolve", KEY, "--leave")):
        code, said = run_at_a_terminal(home, tmp_path, "issue", *words, answers="\n")
        assert (code, "[j/N]" in said) == (1, True), said
    assert counts(newsletter) == before
    code, said = run_at_a_terminal(home, tmp_path, "issue", "stop", KEY, answers="j\n")
    assert (code, state(engine)) == (0, IssueState.STOPPED), said


def test_a_person_erased_meanwhile_is_not_named(
    newsletter: Newsletter, act: type_of_act, going_out: None
) -> None:
    with act() as a:
        ben = a.session.scalars(select(Subscriber).where(col(Subscriber.name) == "Ben")).one()
        ben.erased_at, ben.name = a.now, None
        ben.email = ben.address_key = ben.address_hash = None
        a.session.add(ben)
    assert "(gelöschte Person)" in newsletter("issue", "resolve", KEY).out
    both = newsletter("issue", "resolve", KEY, "--resend", "--leave")
    assert (both.code, "entweder" in both.err) == (2, True)
