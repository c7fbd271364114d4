"""``newsletter subscribers``, as an editor types it."""

from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter import database
from newsletter.models.event import Event
from newsletter.settings import Settings
from tests.command_situations import Newsletter, typing
from tests.test_commands_queue import run_at_a_terminal

LIST = (
    "email;name;language;evidence;consented_at\n"
    "ada@leser.example;Ada Leser;de;Bogen 7;12.05.2025\n"
    "keine-adresse;Ben;de;Bogen 8;\n"
    "cleo@leser.example;Cleo;de;;\n"
)


@pytest.fixture
def newsletter(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Newsletter:
    """``newsletter subscribers …``."""
    return typing(home, monkeypatch, capsys, "subscribers")


@pytest.fixture
def leser(tmp_path: Path) -> str:
    """A list with one good row and two bad ones."""
    path = tmp_path / "leser.csv"
    path.write_text(LIST, encoding="utf-8")
    return str(path)


def listed(newsletter: Newsletter, *words: str) -> list[tuple[str, str, str]]:
    rows = newsletter("list", "--json", *words).json
    return [(row["email"], row["newsletter"], row["state"]) for row in rows]


def test_an_import_takes_the_good_rows_and_names_the_others_by_line(
    newsletter: Newsletter, leser: str
) -> None:
    done = newsletter("import", leser, "--newsletter", "go-cluster")
    assert done.code == 1
    assert "Übernommen: 1, schon dabei: 0, nicht übernommen: 2" in done.out
    assert "Zeile 3 (keine-adresse): Eine E-Mail-Adresse hat die Form" in done.out
    assert "Zeile 4 (cleo@leser.example): Der Nachweis der Einwilligung fehlt." in done.out
    assert listed(newsletter) == [("ada@leser.example", "go-cluster", "active")]


def test_an_import_of_good_rows_only_ends_well_and_twice_does_no_harm(
    newsletter: Newsletter,
) -> None:
    text = "email\nada@leser.example\nben@leser.example\n"
    words = ("import", "-", "--newsletter", "clusterplattform", "--evidence", "Tagung", "--json")
    first, second = newsletter(*words, typed=text), newsletter(*words, typed=text)
    assert (first.code, second.code) == (0, 0)
    assert first.json == {
        "newsletter": "clusterplattform",
        "added": 2,
        "already": 0,
        "refused": [],
        "ignored_columns": [],
    }
    assert second.json["already"] == 2


def test_an_import_longer_than_a_batch_is_whole(newsletter: Newsletter) -> None:
    text = "email\n" + "".join(f"leser{number}@leser.example\n" for number in range(1203))
    done = newsletter(
        "import", "-", "--newsletter", "go-cluster", "--evidence", "x", "--json", typed=text
    )
    assert done.json["added"] == 1203
    assert len(listed(newsletter)) == 1203


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("import", "fehlt.csv", "--newsletter", "go-cluster"), 2, "fehlt.csv gibt es nicht"),
        (("import", "-", "--newsletter", "alt"), 2, "Bekannt: go-cluster, clusterplattform"),
        (("import", "-", "--newsletter", "go-cluster"), 1, "Sie ist leer"),
        (("list", "--newsletter", "alt"), 2, "Bekannt"),
        (("list", "--state", "dabei"), 2, "Möglich: pending, active"),
        (("show", "niemand@leser.example"), 1, "ist niemand gespeichert"),
        (("unsubscribe", "niemand@leser.example"), 1, "ist niemand gespeichert"),
        (("erase", "niemand"), 1, "hat die Form"),
        (("add", "x", "--newsletter", "go-cluster", "--evidence", "y"), 1, "hat die Form"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    newsletter: Newsletter, words: tuple[str, ...], code: int, sentence: str
) -> None:
    done = newsletter(*words)
    assert done.code == code
    assert sentence in done.err
    assert done.err.startswith("Fehler: ")


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("find", "ada"),
        ("show", "ada@leser.example"),
        ("unsubscribe", "ada@leser.example"),
        ("erase", "ada@leser.example"),
        ("import", "-", "--newsletter", "go-cluster"),
        ("add", "ada@leser.example", "--newsletter", "go-cluster", "--evidence", "x"),
    ],
)
def test_readers_data_are_shown_and_changed_only_for_somebody_known(
    newsletter: Newsletter, words: tuple[str, ...]
) -> None:
    done = newsletter(*words, as_="niemand", typed="email\nada@leser.example\n")
    assert done.code == 1
    assert "[[editors]]" in done.err
    assert done.out == ""


def test_a_person_is_added_shown_found_unsubscribed_and_erased(
    newsletter: Newsletter, settings: Settings
) -> None:
    words = ("--newsletter", "go-cluster", "--evidence", "Telefonat am 3. März", "--name", "Ada L.")
    assert "erhält jetzt „go-cluster“" in newsletter("add", "Ada@leser.example", *words).out
    assert "schon" in newsletter("add", "ada@leser.example", *words).out
    shown = newsletter("show", "ada@leser.example")
    assert "Telefonat am 3. März" in shown.out
    assert "redaktion" in shown.out
    facts = newsletter("show", "ada@leser.example", "--json").json
    assert facts["email"] == "Ada@leser.example"
    assert facts["subscriptions"][0]["evidence"][0]["event"] == "imported"
    assert "Ada@leser.example" in newsletter("find", "LESER.ex").out
    assert "Niemand mit „emil“" in newsletter("find", "emil").out
    left = newsletter("unsubscribe", "ada@leser.example", "--json").json
    assert left == {
        "email": "ada@leser.example",
        "unsubscribed": ["go-cluster"],
        "unchanged": [],
    }
    refused = newsletter("add", "ada@leser.example", *words)
    assert (refused.code, "hat sich abgemeldet" in refused.err) == (1, True)
    erased = newsletter("erase", "ada@leser.example")
    assert "Geblieben ist" in erased.out
    assert listed(newsletter) == []
    engine = database.connect(settings.database_url)
    with database.reading(engine) as session:
        events = session.scalars(select(Event).order_by(Event.id)).all()
    engine.dispose()
    whats = [event.what for event in events]
    assert whats == ["added", "shown", "shown", "unsubscribed", "erased", "listed"]
    assert {event.actor for event in events} == {"redaktion"}
    assert "leser" not in repr([event.model_dump() for event in events])


def test_at_a_terminal_an_erasure_is_asked_for_first(home: Path, newsletter: Newsletter) -> None:
    words = ("--newsletter", "go-cluster", "--evidence", "Telefonat am 3. März")
    newsletter("add", "ada@leser.example", *words)
    erase = ("subscribers", "erase", "ada@leser.example")
    code, said = run_at_a_terminal(home, home, *erase, answers="\n")
    assert (code, "wirklich löschen?" in said) == (1, True), said
    assert len(listed(newsletter)) == 1
    code, said = run_at_a_terminal(home, home, *erase, answers="j\n")
    assert (code, "ist gelöscht" in said) == (0, True), said
    assert listed(newsletter) == []


def test_a_list_shows_states_and_sums_by_newsletter(newsletter: Newsletter) -> None:
    text = "email\nada@leser.example\nben@leser.example\n"
    for slug in ("go-cluster", "clusterplattform"):
        newsletter("import", "-", "--newsletter", slug, "--evidence", "Tagung", typed=text)
    newsletter("unsubscribe", "ben@leser.example", "--newsletter", "go-cluster")
    done = newsletter("list", "--newsletter", "go-cluster")
    assert "go-cluster: 1 aktiv, 1 beendet" in done.out
    assert "Clusterplattform" not in done.out
    assert listed(newsletter, "--state", "ended") == [("ben@leser.example", "go-cluster", "ended")]
    assert listed(newsletter, "--state", "beendet") == listed(newsletter, "--state", "ended")
    assert len(listed(newsletter)) == 4


def test_an_empty_list_says_how_to_fill_it(newsletter: Newsletter) -> None:
    assert "subscribers import DATEI" in newsletter("list").out
