"""The agenda: what is due, for whom, and what to type next."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, select
from sqlmodel import Session
from typer.main import get_command

import cli
from newsletter import agenda, database, issues, queue, submissions
from newsletter.agenda.entry import Entry, Urgency
from newsletter.agenda.facts import Ahead, Coming, Facts, Waiting
from newsletter.agenda.lines import entries
from newsletter.dispatch import home_guard
from newsletter.history import SYSTEM
from newsletter.issues import Reason
from newsletter.language import speaking
from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.issue import IssueState
from newsletter.settings import Settings
from tests.approval_situations import ERIKA, MAX, letters, with_approver
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock, type_of_act
from tests.desk_situations import Desk, desk, fair, news
from tests.dispatch_situations import opened, posted, readers, scheduled

__all__ = ["desk", "newsletter"]  # the fixtures

pytestmark = pytest.mark.skin

ZONE = ZoneInfo("Europe/Berlin")


def shown(engine: Engine, settings: Settings, clock: Clock) -> dict[str, Entry]:
    """The agenda at this moment, by kind (the most urgent of each)."""
    with database.reading(engine) as session:
        found = entries(agenda.fetch(session, settings, clock()))
    for entry in found:
        assert_can_be_typed(entry.command)
    return {entry.kind: entry for entry in reversed(found)}


def assert_can_be_typed(command: str) -> None:
    """Each command that an agenda names stands in the tree."""
    words = re.sub(r"^--as \S+ ", "", command).split()
    below = get_command(cli.app)
    while words and words[0] in getattr(below, "commands", {}):
        below = below.commands[words.pop(0)]  # type: ignore[attr-defined]
    assert not hasattr(below, "commands"), command


# -- the queue ------------------------------------------------------------------------------


def test_what_waits_for_a_decision_presses_after_two_days(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    first = desk.hand_in()
    assert shown(engine, settings, clock)["undecided"].command == f"queue show {first}"
    desk.hand_in()
    clock.forward(hours=1)
    waiting = shown(engine, settings, clock)["undecided"]
    assert waiting.urgency is Urgency.SOON
    assert waiting.text.startswith("2 Beiträge warten auf eine Entscheidung, der älteste seit")
    assert "Montag, 23.11.2026, 09:00 Uhr" in waiting.text
    assert waiting.command == "queue list"
    clock.forward(days=2)
    assert shown(engine, settings, clock)["undecided"].urgency is Urgency.NOW


def test_a_question_waits_for_its_contributor_and_its_answer_for_the_editors(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    reference = desk.hand_in()
    desk.do(queue.ask, reference, "Wer ist das?")
    open_ = shown(engine, settings, clock)["questions"]
    assert (open_.who, open_.urgency) == ("Ansprechpersonen", Urgency.LATER)
    assert "undecided" not in shown(engine, settings, clock)
    token = re.findall(r"/s/(\S+)", letters(desk, "question")[0].text)[0]
    desk.do(submissions.answer, token, "Frau Muster.")
    answered = shown(engine, settings, clock)
    assert answered["answered"].command == f"queue show {reference}"
    assert "questions" not in answered


def test_a_decision_can_be_taken_back_while_its_letter_waits(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    reference = desk.hand_in()
    desk.do(queue.decline, [reference], None, "passt nicht")
    entry = shown(engine, settings, clock)["undo"]
    assert (entry.command, entry.who) == (f"undo {reference}", "redaktion")
    assert "09:10 Uhr" in entry.text
    clock.forward(minutes=11)
    assert "undo" not in shown(engine, settings, clock)


def test_a_date_that_no_issue_reaches_is_named_and_can_be_published(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    soon, later = clock() + timedelta(days=9), clock() + timedelta(days=60)
    reference = desk.hand_in(fair(soon))
    desk.accepted(fair(later))
    assert shown(engine, settings, clock)["passing-date"].command == f"queue show {reference}"
    desk.accept(reference)
    passing = shown(engine, settings, clock)["passing-date"]
    assert passing.command == f"queue publish {reference}"
    assert "vor der nächsten Ausgabe" in passing.text
    desk.do(queue.publish, reference)
    assert "passing-date" not in shown(engine, settings, clock)


# -- issues ---------------------------------------------------------------------------------


def test_an_issue_says_at_every_step_what_it_still_needs(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    def step(kind: str) -> str:
        return shown(engine, settings, clock)[kind].command

    assert "issue new" in step("cut-off")
    key = desk.new()
    assert step("draft") == f"issue fill {key}"
    desk.accepted()
    desk.do(issues.fill, key)
    assert step("draft") == f"issue request {key}"
    for subject, command in (("", "check"), ("Ausgabe Dezember", "request")):
        with desk.act() as act:
            issue = issues.find(act.session, key)
            issue.subject = subject
            act.session.add(issue)
        assert step("draft") == f"issue {command} {key}"
    desk.do(issues.request, key, "geprüft")
    assert step("approval") == f"--as freigabe issue approve {key}"
    assert shown(engine, settings, clock)["approval"].who == "freigabe"


def test_who_was_asked_by_letter_is_named_with_the_deadline(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    known = with_approver(settings)
    desk.accepted()
    key = desk.filled()
    with desk.act() as act:
        issues.request(type(act)(act.session, known, act.actor, act.now), key, "geprüft", ERIKA)
    waiting = shown(engine, known, clock)["approval"]
    assert waiting.who == ERIKA
    assert "Frist: Donnerstag, 26.11.2026, 09:00 Uhr" in waiting.text
    assert "freigegeben, geht sie von selbst hinaus" not in waiting.text


def test_what_is_planned_for_the_moment_of_a_yes_is_said_and_everybody_who_is_missing(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    known = with_approver(settings)
    desk.accepted()
    key = desk.filled()
    leaves = clock() + timedelta(days=10, hours=1)
    desk.do(issues.schedule_when_approved, key, leaves, leaves + timedelta(hours=2))
    promised = (
        "; ist sie bis Donnerstag, 03.12.2026, 12:00 Uhr freigegeben, geht sie von selbst"
        " hinaus: Donnerstag, 03.12.2026, 10:00 Uhr"
    )
    assert shown(engine, known, clock)["draft"].text.endswith(promised)
    with desk.act() as act:
        mine = type(act)(act.session, known, act.actor, act.now)
        issues.request(mine, key, "geprüft", [ERIKA, MAX])
    waiting = shown(engine, known, clock)["approval"]
    assert waiting.text.endswith(promised)
    assert waiting.who == f"{ERIKA}, {MAX}"


def test_a_scheduled_issue_says_when_and_to_how_many_and_if_nobody_sends(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        readers(a.session, "ada", "ben")
        scheduled(a, send_at=clock() + timedelta(days=2))
    entry = shown(engine, settings, clock)["scheduled"]
    assert "geht am Mittwoch, 25.11.2026, 09:00 Uhr hinaus, an 2 Adressen" in entry.text
    clock.forward(days=2, minutes=5)
    missed = shown(engine, settings, clock)["not-sent"]
    assert (missed.urgency, missed.command) == (Urgency.NOW, "run")
    assert " fällig seit Mittwoch, 25.11.2026, 09:00 Uhr; es sendet niemand" in missed.text
    with home_guard.only_sender(settings.home, engine):
        assert "der Versand läuft" in shown(engine, settings, clock)["not-sent"].text


def test_an_issue_on_its_way_stands_with_what_is_now_and_says_if_nobody_sends(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        opened(a, "ada")
    stranded = shown(engine, settings, clock)["not-sent"]
    assert (stranded.urgency, stranded.command) == (Urgency.NOW, "run")
    assert stranded.text.endswith("ist im Versand, aber gerade sendet niemand")
    with home_guard.only_sender(settings.home, engine):
        going = shown(engine, settings, clock)["sending"]
    assert going.urgency is Urgency.NOW
    assert going.text.endswith("geht gerade hinaus")


def test_trouble_comes_first_until_something_went_out(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        issue = opened(a, "ada", "ben")
        unknown(a.session)
        a.record("sender", "relay", "trouble", why="relay nimmt gerade nichts an.")
    found = shown(engine, settings, clock)
    assert "nimmt gerade nichts an" in found["sender-trouble"].text
    assert "bei 2 Zustellungen ist unklar" in found["unknown-deliveries"].text
    assert found["unknown-deliveries"].command == f"issue resolve {issue.id}"
    clock.forward(minutes=5)
    with act(SYSTEM) as a:
        letter = posted(a)
        letter.state, letter.settled_at = DeliveryState.ACCEPTED, a.now
    assert "sender-trouble" not in shown(engine, settings, clock)


def unknown(session: Session) -> None:
    """Nobody knows of any delivery whether it arrived."""
    for row in session.scalars(select(Delivery)).all():
        row.state, row.why = DeliveryState.UNKNOWN, "sender_died"
        row.settled_at = Clock()()
        session.add(row)


def test_a_home_that_may_not_send_says_how_to_take_it_over(
    engine: Engine, settings: Settings, clock: Clock
) -> None:
    home_guard.write_mark(settings.home, 99)
    entry = shown(engine, settings, clock)["no-send"]
    assert (entry.urgency, entry.command) == (Urgency.NOW, "db adopt --reason GRUND")


def test_the_most_urgent_comes_first_then_what_is_due_first(clock: Clock) -> None:
    now = clock()
    facts = Facts(
        now,
        ZONE,
        undecided=[Waiting("q1", now - timedelta(days=3))],
        coming=[
            Coming("b", "2026-12", now + timedelta(days=22), now + timedelta(days=12)),
            Coming("a", "2026-12", now + timedelta(days=21), now + timedelta(days=11)),
        ],
        ahead=[Ahead("c-2026-12", IssueState.PAUSED, None, reason=Reason("Der Grund.", None))],
        unknown={"c-2026-11": 1},
    )
    kinds = [entry.kind for entry in entries(facts)]
    assert kinds == ["undecided", "paused", "unknown-deliveries", "cut-off", "cut-off"]
    assert [e.command for e in entries(facts)][-2:] == ["issue new a", "issue new b"]


def test_why_an_issue_waits_is_said_in_the_language_that_is_spoken(clock: Clock) -> None:
    ahead = [
        Ahead(
            "c-2026-12", state, None, reason=Reason("abgesagt", None)
        )  # history keeps it as it was written
        for state in (IssueState.PAUSED, IssueState.LATE)
    ]
    with speaking("en"):
        told = [entry.text for entry in entries(Facts(clock(), ZONE, ahead=ahead))]
    assert all("cancelled" in text for text in told)


def test_it_reads_as_little_with_a_hundred_items_as_with_one(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    def statements() -> int:
        with counted(engine) as said:
            shown(engine, settings, clock)
        return len(said)

    desk.hand_in()
    few = statements()
    with desk.act() as act:
        for number in range(30):
            queue.add(act, news(title=f"Meldung {number}"), source="BMWE")
    assert statements() == few


class counted:  # noqa: N801  (reads as a verb)
    """The statements that reach the database inside the block."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.said: list[str] = []

    def __enter__(self) -> list[str]:
        event.listen(self.engine, "before_cursor_execute", self._hear)
        return self.said

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._hear)

    def _hear(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.said.append(statement)


# -- the command ----------------------------------------------------------------------------


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def test_newsletter_alone_shows_the_agenda_in_a_home_and_help_elsewhere(
    newsletter: Newsletter, elsewhere: Path
) -> None:
    alone = newsletter(as_="")
    assert alone.code == 0
    assert "Redaktionsschluss für go-cluster-" in alone.out
    assert "Als Nächstes: newsletter issue new" in alone.out
    assert alone.out == newsletter("agenda", as_="").out
    help_ = newsletter("--home", str(elsewhere), as_="")
    assert "agenda" in help_.out + help_.err
    assert "Redaktionsschluss" not in help_.out


def test_the_agenda_in_json_and_plain_says_the_same(newsletter: Newsletter, desk: Desk) -> None:
    desk.hand_in()
    told = newsletter("agenda", "--json", as_="").json
    first = told["entries"][0]
    assert set(first) == {"urgency", "kind", "due", "for", "text", "command"}
    assert {entry["kind"] for entry in told["entries"]} == {"undecided", "cut-off"}
    plain = newsletter("agenda", "--plain", as_="").out
    for entry in told["entries"]:
        assert f"Befehl: {entry['command']}\n" in plain
        assert f"Was: {entry['text']}\n" in plain
