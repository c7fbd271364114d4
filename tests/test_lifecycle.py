"""The moves of a subscription, each with its line of evidence."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from newsletter import database
from subscribers import lifecycle, limits, roster
from subscribers.addresses import parse
from subscribers.imports import Imported, Newcomer, import_many
from subscribers.lifecycle import Confirmation, SignUp
from subscribers.models import (
    Consent,
    ConsentText,
    EndReason,
    Evidence,
    SignUpAttempt,
    Subscriber,
    Subscription,
    SubscriptionState,
    Suppression,
)
from subscribers.suppression import suppress
from tests.readers_situations import ENDED, reader, reads

SECRET = "k" * 43
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PUBLIC, MEMBERS = "clusterplattform", "go-cluster"
ADA = parse("ada@leser.example")


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with database.writing(engine) as session:
        yield session


def signs_up(
    session: Session, now: datetime = NOW, newsletter: str = PUBLIC, wording: str = "Ich möchte."
) -> tuple[SignUp, Subscription | None]:
    """Ada signs up, and gets a letter if one is due."""
    outcome, subscription = lifecycle.sign_up(
        session, now, SECRET, ADA, newsletter, language="de", wording=wording, channel="web"
    )
    if outcome is SignUp.TO_CONFIRM:
        lifecycle.confirmation_sent(session, now, subscription, f"letter.{now.timestamp()}@x")
    return outcome, subscription


def joins(session: Session, newsletter: str = PUBLIC) -> Subscription:
    """Ada signs up and confirms."""
    _, subscription = signs_up(session, newsletter=newsletter)
    lifecycle.confirm(session, NOW, subscription.id, subscription.confirm_nonce)
    return subscription


def is_imported(session: Session, newsletter: str = PUBLIC) -> Imported:
    """An operator tries to bring Ada in by a list."""
    newcomer = Newcomer(ADA, "Liste der Tagung, Ada Leser, 3. März 2026", "Ada Leser")
    return import_many(session, NOW, SECRET, newsletter, [newcomer], "redaktion")[0]


def evidence(session: Session) -> list[str]:
    return [line.event.value for line in session.scalars(select(Consent).order_by(Consent.id))]


def may_write(session: Session, newsletter: str = PUBLIC) -> bool:
    return bool(session.execute(roster.audience(newsletter, 0, 999)).all())


def test_signing_up_writes_to_nobody_until_the_person_confirms(session: Session) -> None:
    outcome, subscription = signs_up(session)
    assert outcome is SignUp.TO_CONFIRM
    assert subscription.state is SubscriptionState.PENDING
    assert not may_write(session)
    nonce = subscription.confirm_nonce
    assert lifecycle.confirm(session, NOW, subscription.id, nonce)[0] is Confirmation.CONFIRMED
    assert may_write(session)
    assert evidence(session) == ["signed_up", "confirm_sent", "confirmed"]


def test_the_wording_that_was_agreed_to_is_kept_once_and_found_by_its_hash(
    session: Session,
) -> None:
    signs_up(session, wording="Erste Fassung.")
    signs_up(session, wording="Erste Fassung.")
    signs_up(session, NOW, MEMBERS, wording="Zweite Fassung.")
    texts = session.scalars(select(ConsentText)).all()
    assert {kept.wording for kept in texts} == {"Erste Fassung.", "Zweite Fassung."}
    first = session.scalars(select(Consent).order_by(Consent.id)).first()
    assert session.get(ConsentText, first.text_sha256).wording == "Erste Fassung."


def test_a_wrong_or_late_confirmation_confirms_nothing(session: Session) -> None:
    _, subscription = signs_up(session)
    nonce = subscription.confirm_nonce
    assert lifecycle.confirm(session, NOW, subscription.id, "x")[0] is Confirmation.STALE
    late = NOW + timedelta(hours=48)
    assert lifecycle.confirm(session, late, subscription.id, nonce)[0] is Confirmation.STALE
    assert lifecycle.confirm(session, NOW, 4711, nonce)[0] is Confirmation.STALE
    assert not may_write(session)


def test_a_second_click_finds_it_done_and_leaves_no_second_evidence(session: Session) -> None:
    _, subscription = signs_up(session)
    nonce = subscription.confirm_nonce
    lifecycle.confirm(session, NOW, subscription.id, nonce)
    assert lifecycle.confirm(session, NOW, subscription.id, nonce)[0] is Confirmation.ALREADY
    assert evidence(session).count("confirmed") == 1


def test_who_left_cannot_come_back_by_an_old_confirmation_link(session: Session) -> None:
    _, subscription = signs_up(session)
    nonce = subscription.confirm_nonce
    lifecycle.confirm(session, NOW, subscription.id, nonce)
    lifecycle.end(session, NOW, subscription, EndReason.PERSON, "web")
    assert lifecycle.confirm(session, NOW, subscription.id, nonce)[0] is Confirmation.STALE
    assert not may_write(session)


def test_twenty_confirmations_at_once_make_one_line_of_evidence(engine: Engine) -> None:
    with database.writing(engine) as session:
        _, subscription = signs_up(session)
        key, nonce = subscription.id, subscription.confirm_nonce

    def press(_: int) -> Confirmation:
        with database.writing(engine) as session:
            return lifecycle.confirm(session, NOW, key, nonce)[0]

    with ThreadPoolExecutor(8) as people:
        outcomes = list(people.map(press, range(20)))
    assert outcomes.count(Confirmation.CONFIRMED) == 1
    assert outcomes.count(Confirmation.ALREADY) == 19
    with database.reading(engine) as session:
        assert evidence(session).count("confirmed") == 1


def test_letters_of_one_pending_life_share_a_link_and_are_three_at_most(session: Session) -> None:
    outcomes, nonces = [], set()
    for day in range(4):
        outcome, subscription = signs_up(session, NOW + timedelta(days=day))
        outcomes.append(outcome)
        nonces.add(subscription.confirm_nonce)
    assert outcomes == [SignUp.TO_CONFIRM] * 3 + [SignUp.CLOSED]
    assert len(nonces) == 1


def test_a_new_pending_life_begins_when_the_old_one_was_missed(session: Session) -> None:
    _, subscription = signs_up(session)
    first = subscription.confirm_nonce
    outcome, subscription = signs_up(session, NOW + timedelta(hours=49))
    assert outcome is SignUp.TO_CONFIRM
    assert subscription.confirm_nonce != first
    assert subscription.confirms_sent == 1
    assert evidence(session) == [
        "signed_up",
        "confirm_sent",
        "expired",
        "signed_up",
        "confirm_sent",
    ]


def test_an_active_reader_who_signs_up_again_stays_as_they_are(session: Session) -> None:
    joins(session)
    before = evidence(session)
    assert signs_up(session)[0] is SignUp.ALREADY
    assert evidence(session) == before


def test_leaving_ends_it_at_once_and_twice_is_once(session: Session) -> None:
    subscription = joins(session)
    assert lifecycle.end(session, NOW, subscription, EndReason.PERSON, "one-click")
    assert not lifecycle.end(session, NOW, subscription, EndReason.PERSON, "one-click")
    assert not may_write(session)
    assert evidence(session).count("ended") == 1


def test_of_two_who_end_the_same_subscription_only_one_does(engine: Engine) -> None:
    with database.writing(engine) as session:
        joins(session)
    with database.reading(engine) as stale:
        seen = stale.scalars(select(Subscription)).one()
    with database.writing(engine) as session:
        again = session.get_one(Subscription, seen.id)
        assert lifecycle.end(session, NOW, again, EndReason.PERSON, "web")
        session.expunge(again)
        session.add(seen)  # still shows "active"
        assert not lifecycle.end(session, NOW, seen, EndReason.COMPLAINT, "report")


@pytest.mark.parametrize(
    ("why", "refusal"),
    [
        (EndReason.PERSON, Imported.UNSUBSCRIBED),
        (EndReason.OPERATOR, Imported.UNSUBSCRIBED),
        (EndReason.BOUNCES, Imported.BOUNCED),
        (EndReason.COMPLAINT, Imported.COMPLAINED),
        (EndReason.REGISTER, Imported.LEFT_REGISTER),
    ],
)
def test_no_list_brings_back_who_has_left(
    session: Session, why: EndReason, refusal: Imported
) -> None:
    subscription = joins(session)
    lifecycle.end(session, NOW, subscription, why, "web")
    assert is_imported(session) is refusal
    assert not may_write(session)


def test_who_left_one_newsletter_can_still_be_brought_into_another(session: Session) -> None:
    lifecycle.end(session, NOW, joins(session), EndReason.PERSON, "web")
    assert is_imported(session, MEMBERS) is Imported.ADDED


@pytest.mark.parametrize(
    ("why", "back"),
    [
        (EndReason.PERSON, True),
        (EndReason.BOUNCES, True),
        (EndReason.COMPLAINT, False),
    ],
)
def test_only_the_persons_own_new_double_opt_in_lifts_what_it_may_lift(
    session: Session, why: EndReason, back: bool
) -> None:
    lifecycle.end(session, NOW, joins(session), why, "web")
    outcome, subscription = signs_up(session)
    assert (outcome is SignUp.TO_CONFIRM) is back
    if subscription is not None:
        assert not may_write(session)  # signing up alone lifts nothing
        lifecycle.confirm(session, NOW, subscription.id, subscription.confirm_nonce)
    assert may_write(session) is back


def test_a_banned_address_stores_nothing_when_it_signs_up(session: Session) -> None:
    person = joins(session)
    hash_ = session.get_one(Subscriber, person.subscriber_id).address_hash
    suppress(session, NOW, hash_, "*", "operator")
    lines = evidence(session)
    assert signs_up(session, newsletter=MEMBERS) == (SignUp.CLOSED, None)
    assert evidence(session) == lines


def test_a_ban_between_sign_up_and_confirmation_holds(session: Session) -> None:
    _, subscription = signs_up(session)
    hash_ = session.get_one(Subscriber, subscription.subscriber_id).address_hash
    suppress(session, NOW, hash_, "*", "operator")
    lifecycle.confirm(session, NOW, subscription.id, subscription.confirm_nonce)
    assert not may_write(session)


def test_a_ban_outweighs_a_goodbye_and_not_the_other_way_round(session: Session) -> None:
    for reason in ("unsubscribed", "complaint", "unsubscribed"):
        suppress(session, NOW, "h" * 64, PUBLIC, reason)
    assert [row.reason for row in session.scalars(select(Suppression))] == ["complaint"]


def test_an_erased_person_leaves_no_address_name_or_key(session: Session) -> None:
    is_imported(session)
    person = lifecycle.find(session, ADA.key)
    assert lifecycle.erase(session, NOW, person, "operator", "redaktion")
    assert not lifecycle.erase(session, NOW, person, "operator", "redaktion")
    assert not may_write(session)
    for table in (Subscriber, Subscription, Consent, Suppression):
        for row in session.scalars(select(table)):
            assert "ada" not in repr(row.model_dump()).lower().replace("redaktion", "")
    assert evidence(session) == ["imported", "ended"]
    assert is_imported(session) is Imported.ERASED


def test_evidence_that_does_not_name_the_person_outlives_an_erasure(session: Session) -> None:
    newcomer = Newcomer(ADA, "Anmeldeliste der Jahrestagung", "Ada Leser")
    import_many(session, NOW, SECRET, PUBLIC, [newcomer], "redaktion")
    lifecycle.erase(session, NOW, lifecycle.find(session, ADA.key), "operator")
    line = session.scalars(select(Consent).order_by(Consent.id)).first()
    assert line.evidence == "Anmeldeliste der Jahrestagung"


def test_an_erased_person_may_come_back_by_themselves(session: Session) -> None:
    joins(session)
    lifecycle.erase(session, NOW, lifecycle.find(session, ADA.key), "operator")
    joins(session)
    assert may_write(session)


def test_who_never_confirmed_is_forgotten_when_the_time_is_up(session: Session) -> None:
    signs_up(session)
    assert lifecycle.expire_pending(session, NOW + timedelta(hours=47)) == []
    person = lifecycle.find(session, ADA.key)
    assert lifecycle.expire_pending(session, NOW + timedelta(hours=48)) == [person.id]
    assert person.email is person.address_hash is None
    assert evidence(session) == ["signed_up", "confirm_sent", "expired"]
    assert session.scalars(select(Suppression)).all() == []


def test_who_reads_another_newsletter_is_not_forgotten_with_a_missed_sign_up(
    session: Session,
) -> None:
    joins(session, MEMBERS)
    signs_up(session)
    assert lifecycle.expire_pending(session, NOW + timedelta(hours=48)) == []
    assert may_write(session, MEMBERS)


def test_an_import_keeps_the_evidence_the_time_of_consent_and_who_did_it(
    session: Session,
) -> None:
    then = datetime(2025, 5, 2, 10, 0, tzinfo=UTC)
    newcomer = Newcomer(ADA, "Formular 17", "Ada Leser", "en", then)
    assert import_many(session, NOW, SECRET, PUBLIC, [newcomer], "redaktion") == [Imported.ADDED]
    line = session.scalars(select(Consent)).one()
    assert (line.event, line.evidence, line.consented_at, line.by) == (
        Evidence.IMPORTED,
        "Formular 17",
        then,
        "redaktion",
    )
    person = lifecycle.find(session, ADA.key)
    assert (person.email, person.name, person.language) == (ADA.email, "Ada Leser", "en")
    assert may_write(session)


def test_an_address_twice_in_a_list_is_one_reader(session: Session) -> None:
    rows = [Newcomer(parse(typed), "Liste") for typed in ("ada@leser.example", "ADA@Leser.example")]
    outcomes = import_many(session, NOW, SECRET, PUBLIC, rows, "redaktion")
    assert outcomes == [Imported.ADDED, Imported.ALREADY]
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 1


def test_a_list_with_evidence_makes_a_pending_sign_up_active(session: Session) -> None:
    signs_up(session)
    assert is_imported(session) is Imported.ADDED
    assert is_imported(session) is Imported.ALREADY
    assert may_write(session)


@pytest.mark.parametrize(
    ("state", "why", "outcome"),
    [
        (SubscriptionState.ACTIVE, None, Imported.ALREADY),
        (SubscriptionState.PAUSED, None, Imported.ALREADY),
        (SubscriptionState.RESTRICTED, None, Imported.ALREADY),
        (SubscriptionState.EXPIRED, None, Imported.EXPIRED),
        (ENDED, EndReason.ERASED, Imported.ERASED),
    ],
)
def test_an_import_changes_nothing_that_stands(
    session: Session, state: SubscriptionState, why: EndReason | None, outcome: Imported
) -> None:
    ada = reader(session, "ada")
    subscription = reads(session, ada, PUBLIC, state, why)
    assert is_imported(session) is outcome
    session.refresh(subscription)
    assert subscription.state is state
    assert evidence(session) == []


@pytest.mark.parametrize(
    ("visitor", "neighbour", "together"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("unix", "unix", True),
    ],
)
def test_a_household_has_five_tries_an_hour(
    session: Session, visitor: str, neighbour: str, together: bool
) -> None:
    def tries(network: str, now: datetime = NOW) -> bool:
        return limits.take(session, now, SECRET, limits.of_network(network))

    assert [tries(visitor) for _ in range(6)] == [True] * 5 + [False]
    assert tries(neighbour) is not together
    assert tries(visitor, NOW + timedelta(hours=1))


def test_tries_are_stored_as_hashes_and_forgotten_after_a_day(session: Session) -> None:
    limits.take(session, NOW, SECRET, [limits.of_mailbox("ada@leser.example", PUBLIC)])
    stored = session.scalars(select(col(SignUpAttempt.key_hash))).one()
    assert len(stored) == 64
    limits.forget_old(session, NOW + timedelta(hours=23))
    assert session.scalars(select(SignUpAttempt)).all()
    limits.forget_old(session, NOW + timedelta(hours=24))
    assert not session.scalars(select(SignUpAttempt)).all()
