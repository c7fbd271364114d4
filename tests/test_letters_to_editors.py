"""What editors hear by letter: new items, answers, what was sent, and what went wrong."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col

from newsletter import database, editors, issues, queue, rhythm, schedule, submissions
from newsletter.dispatch import accounts, ledger
from newsletter.history import SYSTEM, acting
from newsletter.issues import Answer
from newsletter.language import speaking
from newsletter.models.delivery import Delivery, DeliveryState, Letter
from newsletter.models.event import Event
from newsletter.models.issue import ISSUE, Issue, IssueState
from newsletter.settings import Digest, Relay, Settings
from tests.approval_situations import ERIKA, token_in, with_approver
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN, Clock, type_of_act
from tests.desk_situations import Desk, desk, fair, news
from tests.dispatch_situations import at_work, opened, readers, scheduled
from tests.smtp_server import Received, Scripted

__all__ = ["desk", "newsletter"]  # the fixtures

pytestmark = pytest.mark.skin

BOTH = ["freigabe@go-cluster.example", "redaktion@go-cluster.example"]
D = DeliveryState


def letters(engine: Engine, name: str) -> list[Letter]:
    with database.reading(engine) as session:
        found = select(Letter).where(col(Letter.name) == name).order_by(col(Letter.id))
        return list(session.scalars(found))


def one(engine: Engine, name: str) -> Letter:
    """The letter that both editors got."""
    found = letters(engine, name)
    assert sorted(letter.to_email for letter in found) == BOTH
    assert len({(letter.subject, letter.text) for letter in found}) == 1
    return found[0]


def without(settings: Settings, *names: str) -> Settings:
    """A home where "redaktion" wants no letters about this, and "freigabe" wants none at all."""
    first, second = settings.editors
    wanted = tuple(about for about in first.letters if about not in names)
    changed = (
        first.model_copy(update={"letters": wanted}),
        second.model_copy(update={"letters": ()}),
    )
    return settings.model_copy(update={"editors": changed})


# -- new items ------------------------------------------------------------------------------


def announced(engine: Engine, settings: Settings, clock: Clock) -> Sequence[Letter]:
    """What the clock's job posts now."""
    before = len(letters(engine, "new_items"))
    schedule.announce(engine, settings, clock)
    return letters(engine, "new_items")[before:]


def test_new_items_come_in_one_letter_a_quarter_of_an_hour_after_the_first(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    first = desk.hand_in()
    clock.forward(minutes=10)
    second = desk.hand_in(fair(clock() + timedelta(days=40), targets=["go-cluster"]))
    assert announced(engine, settings, clock) == []
    clock.forward(minutes=5)
    assert len(announced(engine, settings, clock)) == 2
    letter = one(engine, "new_items")
    assert letter.subject == f"2 neue Beiträge: {first}, {second}"
    assert "Termin von Lichtwerk Havelbogen e. V., für go-cluster" in letter.text
    assert f"    newsletter queue show {second}\n" in letter.text
    assert "In der Warteschlange: 2 neu." in letter.text
    assert "Fachtagung „Licht &amp; Messen“" in letter.html


def test_nobody_hears_twice_of_an_item_and_the_next_letter_waits_two_hours(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    desk.hand_in()
    clock.forward(minutes=20)
    assert len(announced(engine, settings, clock)) == 2
    clock.forward(hours=5)
    assert announced(engine, settings, clock) == []
    clock.forward(hours=-4, minutes=-30)
    desk.hand_in()
    clock.forward(minutes=20)
    assert announced(engine, settings, clock) == []
    clock.forward(minutes=70)
    assert len(announced(engine, settings, clock)) == 2


def test_what_was_decided_or_is_the_editors_own_is_no_news_to_them(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    desk.accepted()
    desk.do(queue.add, news(), source="BMWE")
    clock.forward(hours=1)
    assert announced(engine, settings, clock) == []


def test_the_sender_announces_what_is_new_by_itself(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "_RING_EVERY", 1)
    desk.hand_in()
    clock.forward(hours=1)

    async def working(relay: Scripted) -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()

        def heard(_: Received) -> None:
            if len(relay.script.messages) == 2:  # the receipt, and one of two digests
                loop.call_soon_threadsafe(stop.set)

        relay.script.on_message = heard
        to_relay = {"relays": (Relay(url=SecretStr(relay.url)),)}
        here = settings.model_copy(update=to_relay)
        await asyncio.wait_for(schedule.keep_sending(engine, here, stop, clock), 30)

    with Scripted() as relay:
        asyncio.run(working(relay))
    assert "redaktion@go-cluster.example" in {mail.rcpt for mail in relay.script.messages}


@pytest.mark.parametrize(
    ("came", "last", "heard"),
    [
        ("2026-11-23T09:00", None, "2026-11-23T09:15"),
        ("2026-11-23T09:00", "2026-11-23T08:30", "2026-11-23T10:30"),
        ("2026-11-23T17:50", None, "2026-11-24T08:00"),  # after work: next morning
        ("2026-11-23T03:00", None, "2026-11-23T08:00"),  # at night
        ("2026-11-27T19:00", None, "2026-11-30T08:00"),  # Friday evening: Monday
        ("2026-12-24T10:00", None, "2026-12-28T08:00"),  # Christmas Eve, then a weekend
    ],
)
def test_editors_hear_of_new_items_in_working_hours(
    came: str, last: str | None, heard: str, settings: Settings
) -> None:
    zone = settings.zone
    first = datetime.fromisoformat(came).replace(tzinfo=zone).astimezone(UTC)
    before = datetime.fromisoformat(last).replace(tzinfo=zone) if last else None
    moment = rhythm.digest_time(first, before, Digest(), settings.almanac)
    assert f"{moment:%Y-%m-%dT%H:%M}" == heard


def test_an_editor_who_wants_no_letters_gets_none(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    desk.hand_in()
    clock.forward(hours=1)
    schedule.announce(engine, without(settings, "items"), clock)
    assert letters(engine, "new_items") == []
    schedule.announce(engine, without(settings, "answers"), clock)
    assert [letter.to_email for letter in letters(engine, "new_items")] == BOTH[1:]


# -- answers --------------------------------------------------------------------------------


def test_an_answer_comes_with_its_question(desk: Desk, engine: Engine) -> None:
    reference = desk.hand_in()
    desk.do(queue.ask, reference, "Wer ist auf dem Bild?")
    (asked,) = letters(engine, "question")
    token = re.findall(r"/s/(\S+)", asked.text)[0]
    desk.do(submissions.answer, token, "Frau Muster.\n<b>Herr Beispiel.</b>")
    letter = one(engine, "answered")
    assert letter.subject.startswith(f"Antwort zu {reference}: Lichtwerk Havelbogen")
    for words in ("Wer ist auf dem Bild?", "Frau Muster.", f"queue show {reference}"):
        assert words in letter.text
    assert "&lt;b&gt;Herr Beispiel." in letter.html


# -- approvals ------------------------------------------------------------------------------


def test_an_answer_to_somebody_who_has_left_the_desk_goes_to_all_editors(
    desk: Desk, engine: Engine, settings: Settings
) -> None:
    known = with_approver(settings)
    gone = known.model_copy(update={"editors": (*known.editors[:1],)})
    desk.accepted()
    key = desk.filled()
    with desk.act(BEN) as act:
        issues.request(replace(act, settings=known), key, "geprüft", ERIKA)
    token = token_in(desk)
    with desk.act(SYSTEM) as act:
        issues.decide(replace(act, settings=gone), token, Answer.APPROVE, ERIKA)
    (letter,) = letters(engine, "approval_answer")
    assert letter.to_email == "redaktion@go-cluster.example"
    assert "„freigabe“ die Freigabe angefragt hat" in letter.text


# -- what was sent --------------------------------------------------------------------------


def closed(act: type_of_act, engine: Engine) -> Letter:
    with act() as a:
        for issue_id, account in ledger.finished(a.session).items():
            ledger.close(a, issue_id, account)
    return one(engine, "account")


def settle(session: Session, *states: tuple[DeliveryState, str | None]) -> None:
    rows = session.scalars(select(Delivery).order_by(col(Delivery.id))).all()
    for row, (state, why) in zip(rows, states, strict=True):
        row.state, row.why, row.settled_at = state, why, row.settled_at or datetime.now(UTC)
        session.add(row)


def test_the_account_of_an_issue_names_everybody(
    act: type_of_act, engine: Engine, newsletter: Newsletter
) -> None:
    with act() as a:
        opened(a, "ada", "ben", "cleo", "dora")
        settle(
            a.session,
            (D.ACCEPTED, None),
            (D.SKIPPED, "unsubscribed"),
            (D.REFUSED, "550 5.1.1 <cleo@leser.example> gibt es nicht"),
            (D.UNKNOWN, "sender_died"),
        )
    letter = closed(act, engine)
    assert letter.subject == "Versendet: clusterplattform-2026-12"
    account = "4 = 1 übergeben + 1 abgelehnt + 1 unklar + 1 inzwischen abgemeldet. Niemand fehlt."
    assert account in " ".join(letter.text.split())
    for command in ("status", "resolve"):  # one copy waits for somebody to decide
        assert f"newsletter issue {command} clusterplattform-2026-12" in letter.text
    assert "/archive/clusterplattform/2026-12" in letter.text
    assert "leser.example" not in letter.text + letter.html
    assert account in newsletter("issue", "status", "2026-12", as_="").out


def test_an_account_that_does_not_add_up_raises_the_alarm(act: type_of_act, engine: Engine) -> None:
    with act() as a:
        opened(a, "ada", "ben")
        a.session.execute(delete(Delivery).where(col(Delivery.id) == 2))
        settle(a.session, (D.ACCEPTED, None))
    letter = closed(act, engine)
    assert letter.subject == "Abrechnung stimmt nicht: clusterplattform-2026-12"
    assert "2 ≠ 1 übergeben. 1 Adresse fehlt!" in letter.text
    with database.reading(engine) as session:
        events = session.scalars(select(Event).where(col(Event.to_state) == "sent")).all()
    assert [event.detail["alarm"] for event in events if event.detail] == ["2 <> 1"]


def test_large_accounts_are_written_as_people_write_them() -> None:
    sums = {(D.ACCEPTED, ""): 4790, (D.REFUSED, ""): 9, (D.SKIPPED, "unsubscribed"): 13}
    assert accounts.sentence(4812, sums) == (
        "4.812 = 4.790 übergeben + 9 abgelehnt + 13 inzwischen abgemeldet. Niemand fehlt."
    )
    assert accounts.sentence(4815, sums).endswith("3 Adressen fehlen!")
    with speaking("en"):
        assert accounts.sentence(4812, sums).startswith("4,812 = 4,790 ")


# -- what went wrong ------------------------------------------------------------------------


def test_an_issue_that_must_not_go_out_raises_the_alarm(
    desk: Desk, engine: Engine, settings: Settings
) -> None:
    reference = desk.accepted(fair(desk.clock() + timedelta(days=60)))
    key = desk.scheduled()
    desk.do(queue.cancel_date, reference)
    letter = one(engine, "issue_stopped")
    assert letter.subject == f"Wieder Entwurf: {key}"
    assert f"{reference}: der Termin ist jetzt „abgesagt“" in letter.text
    assert f"newsletter issue check {key}" in letter.text


def test_an_issue_that_is_paused_or_late_raises_the_alarm(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        readers(a.session, "ada")
        scheduled(a)
        opened(a, number="2026-11")
    clock.forward(hours=3)
    schedule.open_due(engine, settings, clock)
    with act() as a:
        paused = a.session.get_one(Issue, "clusterplattform-2026-11")
        a.move(paused, ISSUE, IssueState.PAUSED)
        editors.alarm(a, paused, "Der Grund.")
    late, paused_ = letters(engine, "issue_stopped")[0], letters(engine, "issue_stopped")[-1]
    assert late.subject == "Verspätet, wartet auf ein Ja: clusterplattform-2026-12"
    assert "newsletter issue schedule clusterplattform-2026-12 now" in late.text
    assert paused_.subject == "Versand angehalten: clusterplattform-2026-11"
    for command in ("resume", "stop"):
        assert f"newsletter issue {command} clusterplattform-2026-11" in paused_.text


def test_an_alarm_about_a_newsletter_that_is_configured_no_more_still_leaves(
    act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    with act() as a:
        at_work(a)
        readers(a.session, "ada")
        scheduled(a)
    kept = {slug: it for slug, it in settings.newsletters.items() if slug == "go-cluster"}
    schedule.open_due(engine, settings.model_copy(update={"newsletters": kept}), clock)
    assert "clusterplattform" in one(engine, "issue_stopped").text


def test_letters_to_editors_cause_no_letters(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    with acting(engine, settings, SYSTEM) as a:
        opened(a, "ada")
        settle(a.session, (D.ACCEPTED, None))
    closed(act, engine)
    with act() as a:
        for letter in a.session.scalars(select(Letter)).all():
            letter.state, letter.why, letter.settled_at = D.REFUSED, "550", a.now
            a.session.add(letter)
    schedule.tidy(engine, settings)
    assert len(letters(engine, "account")) == 2
