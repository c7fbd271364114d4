"""What editors give to name things, and how lists fit the window they are read in."""

import json
from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

import cli
from newsletter.commands import tree
from newsletter.commands.tables import NARROWEST, laid_out
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, news

__all__ = ["desk", "newsletter"]

KEY = "clusterplattform-2026-12"


def ids(newsletter: Newsletter, *words: str) -> list[str]:
    return [each["id"] for each in newsletter("queue", "list", *words, "--json").json]


def test_ids_come_from_a_pipe_as_words_or_as_what_json_printed(
    newsletter: Newsletter, desk: Desk
) -> None:
    first, second = desk.hand_in(), desk.hand_in(news(title="Zweite Meldung vom See"))
    listed = newsletter("queue", "list", "--new", "--json").out
    assert newsletter("queue", "accept", "-", typed=listed).code == 0
    assert ids(newsletter, "--state", "accepted") == [first, second]
    assert ids(newsletter, "--new") == []
    newsletter("issue", "new", "clusterplattform", "--number", "2026-12")
    assert newsletter("issue", "add", KEY, "-", typed=f"{first}, {second}\n").code == 0
    assert newsletter("issue", "remove", KEY, second, "-", typed=f"{first}\n").code == 0
    bad = newsletter("queue", "decline", first, "q99", second, "--reason", "Doppelt.")
    assert "„q99“ gibt es nicht" in bad.err
    assert "Auch mit den anderen ist nichts geschehen." in bad.err
    assert ids(newsletter, "--state", "declined") == []
    assert "anderen" not in newsletter("queue", "decline", "q99", "--reason", "Doppelt.").err
    nothing = newsletter("issue", "add", KEY, "-", typed="nichts dabei")
    assert (nothing.code, "keine Kennung" in nothing.err) == (2, True)


def test_who_decides_otherwise_than_somebody_just_did_is_told(
    newsletter: Newsletter, desk: Desk
) -> None:
    reference = desk.hand_in()
    assert newsletter("queue", "accept", reference, as_="freigabe").code == 0
    declined = newsletter("queue", "decline", reference, "--reason", "Zu werblich.").out
    assert "Bis eben angenommen, von freigabe" in declined
    assert f"Zurück: newsletter undo {reference}" in declined
    late = newsletter("queue", "accept", reference, as_="freigabe")
    assert (late.code, "abgelehnt" in late.err) == (1, True)
    newsletter("undo", reference)
    assert "Bis eben" not in newsletter("queue", "accept", reference).out


@pytest.mark.sqlite("which names there are is no question of the database")
def test_the_beginning_of_a_name_will_do_if_only_one_begins_so(
    newsletter: Newsletter, desk: Desk
) -> None:
    desk.cluster(slug="lichtblick", name="Lichtblick e. V.")
    begun = newsletter("issue", "new", "clusterp", "--number", "2026-12", "--json").json
    assert begun["id"] == KEY
    assert newsletter("issue", "show", "2026-12", "--json").json["id"] == KEY
    assert newsletter("clusters", "show", "lichtb", "--json").json["slug"] == "lichtblick"
    several = newsletter("clusters", "show", "licht")
    assert (several.code, "passt auf mehrere: lichtblick, lichtwerk" in several.err) == (1, True)
    assert "Bekannt: go-cluster, clusterplattform" in newsletter("issue", "new", "x").err
    newsletter("issue", "new", "go", "--number", "2026-12")
    both = newsletter("issue", "show", "2026-12")
    assert f"{KEY}, go-cluster-2026-12" in both.err


def test_what_came_after_the_cut_off_is_listed_by_itself(
    newsletter: Newsletter, desk: Desk
) -> None:
    early = desk.hand_in()
    desk.clock.forward(days=14)  # the December issue closed on Friday, 4 December
    late = desk.hand_in(news(title="Noch schnell vor Weihnachten"))
    with time_machine.travel(desk.clock() + timedelta(hours=1), tick=False):
        assert ids(newsletter) == [early, late]
        assert ids(newsletter, "--late") == [late]
        assert "nach Redaktionsschluss" in newsletter("queue", "list", "--late").out


WORDS = st.text(alphabet="abcdefgh ", max_size=40).map(str.strip)


@given(
    rows=st.lists(st.tuples(st.sampled_from(["q1", "q22"]), WORDS, WORDS, WORDS), max_size=4),
    most=st.integers(30, 160),
)
def test_a_table_fits_and_leaves_nothing_out(rows: list[tuple[str, ...]], most: int) -> None:
    lines = laid_out(["ID", "Art", "Titel", "Stand"], rows, most, lead=2)
    long = max([NARROWEST, *(len(word) for row in rows for cell in row for word in cell.split())])
    assert all(len(line) <= max(most, long + 4) for line in lines)
    told = " ".join(lines).split()
    for word in (word for row in rows for cell in row for word in cell.split()):
        assert word in told


def test_a_list_is_a_table_where_there_is_room_and_cards_where_there_is_none(
    newsletter: Newsletter, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hand_in()
    title = "Lichtwerk Havelbogen: Silber-Label erneut bestätigt"
    monkeypatch.setenv("COLUMNS", "160")
    wide = newsletter("queue", "list").out.splitlines()
    assert wide[0].split()[:4] == ["ID", "Art", "Von", "Titel"]
    assert title in wide[2]
    monkeypatch.setenv("COLUMNS", "40")
    narrow = newsletter("queue", "list").out.splitlines()
    assert narrow[0].startswith("q1  Lichtwerk Havelbogen:")
    assert all(len(line) <= 40 for line in narrow if "Als Nächstes" not in line)
    due = newsletter("agenda").out.splitlines()
    assert all(len(line) <= 40 for line in due if "newsletter " not in line)
    assert "  1 Beitrag wartet auf eine" in due
    assert f"Titel: {title}" in newsletter("queue", "list", "--plain").out.splitlines()
    monkeypatch.delenv("COLUMNS")
    assert json.dumps(title, ensure_ascii=False) in newsletter("queue", "list", "--json").out


@pytest.mark.sqlite("help knows no database")
def test_the_help_groups_commands_by_who_needs_them_how_often(newsletter: Newsletter) -> None:
    said = newsletter("--help").out
    headings = [line for line in said.splitlines() if line.endswith(":") and line[0] != " "]
    assert headings == ["Optionen:", "Jeden Tag:", "Abonnements und Mitgliedscluster:", "Betrieb:"]
    known = {name for __, names in tree.GROUPS for name in names}
    commands = tree.typer.main.get_command(cli.app).commands
    assert commands.keys() <= known, "a new command needs a group of the help"


@pytest.mark.sqlite("where bytes come from is no question of the database")
def test_a_file_may_come_from_a_pipe(newsletter: Newsletter, desk: Desk) -> None:
    rows = "slug;name;land;field;website;contact_email\nuferlicht;Uferlicht e. V.;DE-BB;Optik;"
    rows += "https://www.uferlicht.example;presse@uferlicht.example\n"
    assert newsletter("clusters", "import", "-", typed=rows).code == 0
    assert newsletter("clusters", "show", "ufer", "--json").json["slug"] == "uferlicht"
    assert "Standardeingabe" in newsletter("clusters", "import", "-", typed="{").err
    no_picture = newsletter("queue", "picture", desk.hand_in(), "-", typed="Text")
    assert "kein Bild" in no_picture.err
