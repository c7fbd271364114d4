"""Sign-up, confirmation, goodbye and lists, as readers and editors meet them."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlmodel import Session

from newsletter import database, readers
from newsletter.errors import Invalid, NotFound, Refused, WrongUsage
from newsletter.history import PUBLIC as WEB
from newsletter.history import Act, now
from newsletter.models.delivery import DeliveryState, Letter
from newsletter.models.event import Event
from newsletter.readers import goodbyes, lists
from newsletter.settings import Settings, load
from subscribers import roster
from subscribers.lifecycle import Confirmation, new_public_id
from subscribers.models import Consent, SignUpAttempt, Subscriber, Subscription
from tests import databases
from tests.conftest import Clock

Acting = Callable[..., AbstractContextManager[Act]]
PUBLIC, MEMBERS = "clusterplattform", "go-cluster"
ADA = "ada@leser.example"


@pytest.fixture
def look(engine: Engine) -> Callable[[], AbstractContextManager[Session]]:
    return lambda: database.reading(engine)


def audience(session: Session, newsletter: str = PUBLIC) -> list[str]:
    ids = [row[1] for row in session.execute(roster.audience(newsletter, 0, 9999))]
    return [session.get_one(Subscriber, key).email or "" for key in ids]


def signs_up(act: Acting, email: str = ADA, network: str | None = None) -> None:
    with act(WEB) as a:
        readers.sign_up(a, PUBLIC, email, consented=True, network=network)


def letter_texts(session: Session) -> list[str]:
    return [letter.text for letter in session.scalars(select(Letter).order_by(Letter.id))]


def token_in(text: str, path: str) -> str:
    """The token of the link in a letter."""
    line = next(line for line in text.splitlines() if f"/{path}/" in line)
    return line.strip().rpartition("/")[2]


def joins(act: Acting, look: Callable[[], AbstractContextManager[Session]]) -> str:
    """Ada signs up and confirms; gives the token of her unsubscribe link."""
    signs_up(act)
    with look() as session:
        token = token_in(letter_texts(session)[-1], "confirm")
    with act(WEB) as a:
        assert readers.confirm(a, token) is Confirmation.CONFIRMED
        person = readers.known(a, ADA)
        return readers.unsubscribe_url(a.settings, person.public_id, PUBLIC).rpartition("/")[2]


def takes_in(act: Acting, text: str, newsletter: str = PUBLIC, evidence: str | None = "Liste"):
    with act() as a:
        return readers.import_csv(a, text.encode(), newsletter, evidence)


# --- sign-up ------------------------------------------------------------------------------


def test_a_readers_number_can_be_typed_after_a_command() -> None:
    """What begins with a dash is an option there. One of 64 would."""
    assert not [drawn for drawn in (new_public_id() for _ in range(3_000)) if drawn[0] == "-"]


def test_signing_up_asks_by_letter_and_the_confirmed_reader_is_in_the_audience(
    act: Acting, look
) -> None:
    signs_up(act)
    with look() as session:
        (letter,) = session.scalars(select(Letter)).all()
        assert audience(session) == []
    assert (letter.name, letter.to_email, letter.newsletter) == ("confirm", ADA, PUBLIC)
    assert letter.expires_at is not None
    with act(WEB) as a:
        assert readers.confirm(a, token_in(letter.text, "confirm")) is Confirmation.CONFIRMED
    with look() as session:
        assert audience(session) == [ADA]


def test_the_confirmation_letter_says_what_for_how_long_and_how_to_ignore_it(
    act: Acting, look, settings: Settings
) -> None:
    signs_up(act)
    with look() as session:
        (letter,) = session.scalars(select(Letter)).all()
    flat = " ".join(letter.text.split())
    for text in (flat, letter.html):
        assert "Mittwoch, 25.11.2026, 09:00 Uhr" in text
        assert "Waren Sie das nicht?" in text
        assert settings.newsletters[PUBLIC].consent.split(";")[0] in text
        assert settings.newsletters[PUBLIC].imprint.responsible in text
        assert settings.privacy_address in text
    assert "<img" not in letter.html
    prose = [line for line in letter.text.splitlines() if "://" not in line]
    assert max(map(len, prose)) <= 76
    hosts = {part.split("/")[2] for part in letter.html.split('"') if part.startswith("http")}
    assert hosts == {"127.0.0.1:8000"}


def test_a_hundred_sign_ups_of_one_address_make_one_letter(act: Acting, look) -> None:
    for number in range(100):
        signs_up(act, f"ada+{number}@leser.example" if number % 2 else "Ada@leser.example")
    with look() as session:
        assert len(letter_texts(session)) == 1
        assert session.scalar(select(func.count()).select_from(Subscriber)) == 1


def test_a_second_letter_comes_after_a_day_and_a_fourth_never(
    act: Acting, look, clock: Clock
) -> None:
    for _ in range(4):  # at the end of the fourth day a new pending life would begin
        signs_up(act)
        clock.forward(hours=24)
    with look() as session:
        assert len(letter_texts(session)) == 3


def test_one_network_gets_five_letters_an_hour_sent(act: Acting, look, clock: Clock) -> None:
    for number in range(8):
        signs_up(act, f"leser{number}@leser.example", network="2001:db8::7")
    with look() as session:
        assert len(letter_texts(session)) == 5
    clock.forward(hours=1)
    signs_up(act, "leser9@leser.example", network="2001:db8::7")
    with look() as session:
        assert len(letter_texts(session)) == 6


def test_a_reader_who_signs_up_again_is_told_so_by_letter_only(
    act: Acting, look, clock: Clock
) -> None:
    joins(act, look)
    clock.forward(days=2)
    signs_up(act)
    with look() as session:
        assert [letter.name for letter in session.scalars(select(Letter))] == ["confirm", "already"]
        token = token_in(letter_texts(session)[-1], "unsubscribe")
    with act(WEB) as a:
        assert readers.unsubscribe(a, token, "web").changed


def test_without_consent_or_with_a_wrong_address_nothing_is_stored(act: Acting, look) -> None:
    with pytest.raises(Invalid) as refused, act(WEB) as a:
        readers.sign_up(a, PUBLIC, "müller@leser.example", consented=False)
    assert [problem.field for problem in refused.value.problems] == ["email", "newsletter"]
    with look() as session:
        assert session.scalars(select(SignUpAttempt)).all() == []


@pytest.mark.parametrize("newsletter", [MEMBERS, "gibt-es-nicht"])
def test_nobody_signs_up_for_a_newsletter_without_open_sign_up(
    act: Acting, look, newsletter: str
) -> None:
    with pytest.raises(NotFound, match="keine offene Anmeldung"), act(WEB) as a:
        readers.sign_up(a, newsletter, ADA, consented=True)
    with look() as session:
        assert letter_texts(session) == []


def test_who_never_confirms_is_forgotten_and_so_is_the_letters_address(
    act: Acting, look, clock: Clock
) -> None:
    signs_up(act, network="192.0.2.7")
    clock.forward(hours=48)
    with act() as a:
        assert readers.expire_pending(a) == 1
        assert readers.expire_pending(a) == 0
    with look() as session:
        (letter,) = session.scalars(select(Letter)).all()
        assert letter.state is DeliveryState.SKIPPED
        for table in (Subscriber, Subscription, Consent, Letter, SignUpAttempt, Event):
            for row in session.scalars(select(table)):
                assert "leser" not in repr(row.model_dump())


# --- goodbye ------------------------------------------------------------------------------


def test_a_person_who_leaves_has_left_at_once_and_twice_is_no_error(act: Acting, look) -> None:
    token = joins(act, look)
    with act(WEB) as a:
        assert readers.unsubscribe(a, token, "one-click").changed
    with look() as session:
        assert audience(session) == []
    with act(WEB) as a:
        again = readers.unsubscribe(a, token, "one-click")
    assert (again.newsletter, again.changed) == ("Clusterplattform Deutschland", False)


def test_a_goodbye_of_somebody_unknown_erased_or_of_a_dropped_newsletter_is_no_error(
    act: Acting, look, settings: Settings
) -> None:
    token = joins(act, look)
    with act() as a:
        readers.erase(a, ADA)
    nobody = readers.unsubscribe_url(settings, "nobody", PUBLIC).rpartition("/")[2]
    dropped = readers.unsubscribe_url(settings, "nobody", "alt").rpartition("/")[2]
    with act(WEB) as a:
        for one in (token, nobody, dropped):
            assert not readers.unsubscribe(a, one, "one-click").changed


def test_a_wrong_signature_is_a_bad_link_for_every_verb(act: Acting, settings: Settings) -> None:
    confirm = readers.unsubscribe_url(settings, "x", PUBLIC).rpartition("/")[2]
    with act(WEB) as a:
        for verb in (
            lambda: readers.unsubscribe(a, "x", "web"),
            lambda: readers.confirm(a, confirm),  # signed, but for another purpose
        ):
            with pytest.raises(readers.BadLink):
                verb()


def test_an_editor_ends_one_or_all_subscriptions_and_no_list_brings_them_back(
    act: Acting, look
) -> None:
    takes_in(act, "email\nada@leser.example\nben@leser.example", PUBLIC)
    takes_in(act, "email\nada@leser.example\nben@leser.example", MEMBERS)
    with act() as a:
        one = readers.unsubscribe_address(a, ADA, PUBLIC)
        both = readers.unsubscribe_address(a, "BEN@leser.example", None)
    assert [goodbye.changed for goodbye in one + both] == [True, True, True]
    with look() as session:
        assert audience(session, PUBLIC) == []
        assert audience(session, MEMBERS) == [ADA]
        whats = [event.what for event in session.scalars(select(Event))]
        assert whats.count("unsubscribed") == 2
    report = takes_in(act, "email\nada@leser.example\nben@leser.example", PUBLIC)
    assert [refusal.line for refusal in report.refused] == [2, 3]


def test_an_unknown_address_cannot_be_ended_and_the_sentence_says_so(act: Acting) -> None:
    for verb in (
        lambda a: readers.unsubscribe_address(a, "nobody@leser.example", None),
        lambda a: readers.erase(a, "nobody@leser.example"),
    ):
        with pytest.raises(NotFound, match=r"nobody@leser\.example"), act() as a:
            verb(a)


def test_an_erased_address_is_nowhere_in_the_database_or_the_journal(
    act: Acting, look, home: Path
) -> None:
    takes_in(act, "email,name,evidence\nada@leser.example,Ada Leser,Bogen von Ada Leser\n")
    signs_up(act)  # a letter waits
    with act() as a:
        readers.erase(a, ADA)
    with look() as session:
        for letter in session.scalars(select(Letter)):
            assert letter.state is DeliveryState.SKIPPED
    assert "leser" not in (home / goodbyes.FILE).read_text().lower()
    with look() as session:
        tables = (Subscriber, Subscription, Consent, Letter, Event)
        rows = [row.model_dump() for table in tables for row in session.scalars(select(table))]
    assert "leser" not in repr(rows).lower()


# --- the journal --------------------------------------------------------------------------


def test_every_goodbye_is_in_the_journal_without_an_address(act: Acting, look, home: Path) -> None:
    token = joins(act, look)
    with act(WEB) as a:
        readers.unsubscribe(a, token, "one-click")
        readers.unsubscribe(a, token, "one-click")
    with act() as a:
        readers.erase(a, ADA)
    text = (home / goodbyes.FILE).read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["what"], line["newsletter"]) for line in lines] == [
        ("unsubscribe", PUBLIC),
        ("erase", "*"),
    ]
    assert "leser" not in text
    assert (home / goodbyes.FILE).stat().st_mode & 0o077 == 0


def test_a_goodbye_is_on_the_disk_before_the_database_knows(act: Acting, look, home: Path) -> None:
    token = joins(act, look)
    with pytest.raises(RuntimeError, match="power"), act(WEB) as a:
        readers.unsubscribe(a, token, "one-click")
        raise RuntimeError("power")
    with look() as session:
        assert audience(session) == [ADA]
    with act() as a:
        assert readers.replay_goodbyes(a) == 1
        assert readers.replay_goodbyes(a) == 0
    with look() as session:
        assert audience(session) == []


def test_who_left_after_the_backup_is_not_written_to_when_it_is_restored(
    act: Acting, look, home: Path, engine: Engine, clock: Clock
) -> None:
    takes_in(act, "email\nada@leser.example\nben@leser.example\ncleo@leser.example")
    engine.dispose()
    restore = databases.backed_up(load(home, {}), home.parent / "backup")
    clock.forward(days=1)
    takes_in(act, "email\ndora@leser.example")  # joined and left, both after the backup
    with act() as a:
        readers.unsubscribe_address(a, ADA, PUBLIC)
        readers.erase(a, "ben@leser.example")
        readers.unsubscribe_address(a, "dora@leser.example", None)
    engine.dispose()
    restore()
    with look() as session:
        assert ADA in audience(session)
    with act() as a:
        assert readers.replay_goodbyes(a) > 0
        assert readers.replay_goodbyes(a) == 0
    with look() as session:
        assert audience(session) == ["cleo@leser.example"]
        assert "ben@" not in repr([row.email for row in session.scalars(select(Subscriber))])
    report = takes_in(act, "email\nada@leser.example\nben@leser.example\ndora@leser.example")
    assert (report.added, len(report.refused)) == (0, 3)


def test_who_came_back_after_a_goodbye_stays_when_the_journal_is_replayed(
    act: Acting, look, clock: Clock
) -> None:
    token = joins(act, look)
    clock.forward(days=2)
    with act(WEB) as a:
        readers.unsubscribe(a, token, "web")
    clock.forward(days=2)
    joins(act, look)
    with act() as a:
        assert readers.replay_goodbyes(a) == 0
    with look() as session:
        assert audience(session) == [ADA]


def test_a_torn_line_costs_no_other_line(act: Acting, look, home: Path) -> None:
    token = joins(act, look)
    (home / goodbyes.FILE).write_text('{"at": "2026-11-2')
    with pytest.raises(RuntimeError), act(WEB) as a:
        readers.unsubscribe(a, token, "web")
        raise RuntimeError
    with act() as a:
        assert readers.replay_goodbyes(a) == 1


# --- lists --------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_list_is_read_as_spreadsheet_programs_write_it(
    act: Acting, look, mark: str, separator: str, newline: str
) -> None:
    rows = [
        ["E-Mail".replace("-", ""), " Name ", "LANGUAGE", "evidence", "consented_at", "edition"],
        ["ada@leser.example", '"Leser, Ada; Dr."', "en", "Bogen 7", "12.05.2025", "dates"],
        ["ben@leser.example", "", "", "", "2025-05-12T10:00:00+02:00", ""],
    ]
    text = mark + newline.join(separator.join(row) for row in rows) + newline
    report = takes_in(act, text)
    assert (report.added, report.refused, report.ignored) == (2, [], ())
    with look() as session:
        ada, ben = session.scalars(select(Subscriber).order_by(Subscriber.id)).all()
        assert (ada.name, ada.language, ben.name, ben.language) == (
            "Leser, Ada; Dr.",
            "en",
            None,
            "de",
        )
        first, second = session.scalars(select(Consent).order_by(Consent.id)).all()
        chosen = select(Subscription.edition).order_by(Subscription.subscriber_id)
        assert [it.value for it in session.scalars(chosen)] == ["dates", "full"]
    assert (first.evidence, second.evidence) == ("Bogen 7", "Liste")
    assert first.consented_at.isoformat() == "2025-05-11T22:00:00+00:00"
    assert second.consented_at.isoformat() == "2025-05-12T08:00:00+00:00"


def test_good_rows_are_in_and_bad_ones_are_named_by_line(act: Acting, look) -> None:
    report = takes_in(
        act,
        "email;name;language;evidence;consented_at;edition\n"
        "ada@leser.example;Ada;de;Bogen;2025-05-12\n"
        "keine-adresse;Ben;de;Bogen;\n"
        "\n"
        "cleo@leser.example;Cleo;de;;\n"
        "dora@leser.example;Dora;klingonisch;Bogen;\n"
        "emil@leser.example;Emil;de;Bogen;gestern\n"
        "fina@leser.example;Fina;de;Bogen;2126-01-01\n"
        "gero@leser.example;Gero;de;Bogen;;;zuviel\n"
        "hugo@leser.example\n"
        "ADA@leser.example;Ada;de;Bogen;\n"
        "ines@leser.example;Ines;de;Bogen;0001-01-01\n"
        "jana@leser.example;Jana;de;Bogen;\n"
        "karl@leser.example;Karl;de;Bogen;;halb\n",
        evidence=None,
    )
    assert (report.added, report.already) == (2, 1)
    assert {refusal.line: refusal.email for refusal in report.refused} == {
        3: "keine-adresse",
        5: "cleo@leser.example",
        6: "dora@leser.example",
        7: "emil@leser.example",
        8: "fina@leser.example",
        9: "gero@leser.example",
        10: "hugo@leser.example",
        12: "ines@leser.example",
        14: "karl@leser.example",
    }
    assert all(refusal.message.endswith(".") for refusal in report.refused)
    with look() as session:
        assert audience(session) == [ADA, "jana@leser.example"]


def test_a_forgotten_quotation_mark_is_named_with_its_line(act: Acting) -> None:
    report = takes_in(
        act,
        'email;name\nada@leser.example;"Ada\nben@leser.example;Ben\ncleo@leser.example;"Cleo"\n',
    )
    assert report.refused[0].line == 2
    assert "Anführungszeichen" in report.refused[0].message


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "leer"),
        (b"name;evidence\nAda;x\n", "email fehlt; gefunden: name, evidence"),
        (b"ada@leser.example\nben@leser.example\n", "nennt keine Spalten"),
        (b"email;EMAIL\nada@leser.example;x\n", "email steht zweimal da"),
        ("email;name\nada@leser.example;Müller\n".encode("cp1252"), "Zeile 2 .* UTF-8"),
        ("email\nada@leser.example\n".encode("utf-16"), "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole_with_the_cure(
    act: Acting, look, content: bytes, word: str
) -> None:
    with pytest.raises(Invalid, match=word), act() as a:
        readers.import_csv(a, content, PUBLIC, "Liste")
    with look() as session:
        assert session.scalars(select(Subscriber)).all() == []


def test_columns_we_have_no_use_for_are_named(act: Acting) -> None:
    report = takes_in(act, "ID;email;Firma\n7;ada@leser.example;Muster GmbH\n")
    assert (report.added, report.ignored) == (1, ("id", "firma"))


def test_an_import_stands_in_the_history_with_its_evidence(act: Acting, look) -> None:
    takes_in(act, "email\nada@leser.example\nx\n", evidence="Tagung 2025")
    with look() as session:
        event = session.scalars(select(Event)).one()
    assert (event.noun, event.key, event.what, event.why) == (
        "subscribers",
        PUBLIC,
        "imported",
        "Tagung 2025",
    )
    assert event.detail == {"added": 1, "already": 0, "refused": 1}


def test_a_list_for_an_unknown_newsletter_is_wrong_usage(act: Acting) -> None:
    with pytest.raises(WrongUsage, match="Bekannt"):
        takes_in(act, "email\nada@leser.example\n", "gibt-es-nicht")


def test_an_editor_adds_one_person_with_evidence(act: Acting, look) -> None:
    with act() as a:
        assert readers.add(a, MEMBERS, "Ada@leser.example", "Telefonat", " Ada  Leser ")
        assert not readers.add(a, MEMBERS, ADA, "Telefonat")
    with look() as session:
        assert audience(session, MEMBERS) == ["Ada@leser.example"]
        assert session.scalars(select(Subscriber)).one().name == "Ada Leser"
    with pytest.raises(Invalid, match="Nachweis"), act() as a:
        readers.add(a, MEMBERS, "ben@leser.example", " ")
    with act() as a:
        readers.unsubscribe_address(a, ADA, None)
    with pytest.raises(Refused, match="hat sich abgemeldet"), act() as a:
        readers.add(a, PUBLIC, ADA, "Telefonat")


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_a_file_holds_it_is_read_or_refused_with_a_sentence(content: bytes) -> None:
    frame = Settings.model_construct(language="de", timezone="Europe/Berlin")
    for body in (content, b"email;name;language;evidence;consented_at\n" + content):
        try:
            sheet = readers.read_csv(body, frame, "Liste", now())
        except Invalid:
            continue
        for row in sheet.rows:
            assert isinstance(row, lists.Row) or row.message.endswith((".", ")."))


def test_somebody_is_found_by_any_part_of_name_or_address_in_any_case(act: Acting, look) -> None:
    people = ("aenne@leser.example;Änne Öztürk", "ada-b@leser.example;Ada", "ad@a.example;")
    takes_in(act, "\n".join(("email;name", *people)))
    with look() as session:
        for text in ("ÄNNE", "öztü", "AENNE@"):
            assert [one.name for one in readers.find(session, text)] == ["Änne Öztürk"]
        assert readers.find(session, "%") == []
        everybody = [one.email for one in readers.find(session, "@")]
        assert everybody == sorted(everybody)
        assert len(everybody) == 3
