"""``newsletter clusters``, as an editor types it."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from newsletter import clusters, database
from newsletter.models.delivery import Letter
from newsletter.settings import Settings
from tests.command_situations import Newsletter, typing

CSV = """slug,name,land,contact_email
lichtwerk,Lichtwerk e. V.,DE-BB,presse@lichtwerk.example
x y,,,
boje,Boje,DE-MV,team@boje.example
"""


@pytest.fixture
def newsletter(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Newsletter:
    """``newsletter clusters …``."""
    return typing(home, monkeypatch, capsys, "clusters")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "cluster.csv"
    path.write_text(CSV, encoding="utf-8")
    return str(path)


def test_an_import_takes_the_good_rows_names_the_bad_and_ends_with_one(
    newsletter: Newsletter, file: str
) -> None:
    done = newsletter("import", file)
    assert done.code == 1
    assert "2 neu" in done.out
    assert "1 abgelehnt" in done.out
    assert "Zeile 3, slug:" in done.err
    listed = newsletter("list", "--json")
    assert [each["slug"] for each in listed.json] == ["boje", "lichtwerk"]


def test_an_import_as_json_tells_the_refused_rows(newsletter: Newsletter, file: str) -> None:
    done = newsletter("import", file, "--json")
    assert done.json["new"] == ["lichtwerk", "boje"]
    assert done.json["refused"][0]["where"] == "Zeile 3"


def test_a_missing_file_is_a_sentence_not_a_trace(newsletter: Newsletter) -> None:
    done = newsletter("import", "fehlt.csv")
    assert done.code == 1
    assert "nicht lesbar" in done.err


def test_a_cluster_is_added_shown_and_deactivated(newsletter: Newsletter) -> None:
    added = newsletter(
        *("add", "lichtwerk", "--name", "Lichtwerk e. V.", "--land", "DE-BB", "--land", "Berlin"),
        *("--label", "Silber", "--label-until", "2029-11-30"),
        *("--contact-email", "presse@lichtwerk.example"),
    )
    assert added.code == 0
    assert "newsletter clusters link lichtwerk presse@lichtwerk.example" in added.out
    shown = newsletter("show", "lichtwerk", "--json", as_="").json
    assert shown["land"] == ["DE-BB", "DE-BE"]
    assert shown["people"] == [{"email": "presse@lichtwerk.example", "name": None}]
    assert "Silber bis 30.11.2029" in newsletter("show", "lichtwerk").out
    assert newsletter("deactivate", "lichtwerk").code == 0
    assert "stillgelegt" in newsletter("list").out
    assert newsletter("key", "lichtwerk").code == 1


def test_a_link_and_a_key_are_given_once_and_work(
    newsletter: Newsletter, file: str, settings: Settings
) -> None:
    newsletter("import", file)
    url = newsletter("link", "lichtwerk", "presse@lichtwerk.example", "--json").json["url"]
    key = newsletter("key", "lichtwerk", "--json").json["key"]
    assert url.startswith("http://127.0.0.1:8000/submit/")
    engine = database.connect(settings.database_url)
    with database.reading(engine) as session:
        found = clusters.by_key(session, key)
        assert found is not None
        assert found.slug == "lichtwerk"
    engine.dispose()
    assert key not in newsletter("key", "lichtwerk").out


def test_a_link_is_sent_to_the_person_and_to_nobody_else(
    newsletter: Newsletter, file: str, settings: Settings
) -> None:
    newsletter("import", file)
    words = ("link", "lichtwerk", "presse@lichtwerk.example", "--send")
    assert "/submit/" not in newsletter(*words).out
    done = newsletter(*words, "--json").json
    assert newsletter("link", "lichtwerk", "wer@fremd.example", "--send").code == 1
    engine = database.connect(settings.database_url)
    with database.reading(engine) as session:
        letters = session.scalars(select(Letter).order_by(col(Letter.id))).all()
        assert [letter.to_email for letter in letters] == ["presse@lichtwerk.example"] * 2
        assert done["url"] in letters[1].text.splitlines()
        assert done["url"] in letters[1].html
        access = clusters.by_link(session, done["url"].rpartition("/")[2], letters[1].posted_at)
        assert access.cluster.slug == "lichtwerk"
        assert letters[0].text != letters[1].text
    engine.dispose()


def test_people_come_and_go(newsletter: Newsletter, file: str) -> None:
    newsletter("import", file)
    added = newsletter("people", "add", "boje", "kim@boje.example", "--name", "Kim Beispiel")
    assert "Kim Beispiel <kim@boje.example>" in added.out
    assert newsletter("people", "remove", "boje", "kim@boje.example").code == 0
    again = newsletter("people", "remove", "boje", "kim@boje.example")
    assert again.code == 1
    assert "nicht eingetragen" in again.err


@pytest.mark.parametrize(
    "words",
    [
        ("add", "x", "--name", "X"),
        ("link", "x", "a@b.example"),
        ("key", "x"),
        ("deactivate", "x"),
        ("people", "add", "x", "a@b.example"),
    ],
)
def test_who_changes_something_must_be_an_editor(
    newsletter: Newsletter, words: tuple[str, ...]
) -> None:
    done = newsletter(*words, as_="fremd")
    assert done.code == 1
    assert "[[editors]]" in done.err


@pytest.mark.parametrize(
    "words",
    [("show", "nix"), ("link", "nix", "a@b.example"), ("key", "nix"), ("deactivate", "nix")],
)
def test_an_unknown_cluster_is_a_sentence(newsletter: Newsletter, words: tuple[str, ...]) -> None:
    done = newsletter(*words)
    assert done.code == 1
    assert "clusters list" in done.err


def test_an_empty_register_says_what_comes_next(newsletter: Newsletter) -> None:
    done = newsletter("list")
    assert done.code == 0
    assert "clusters import" in done.out


@pytest.mark.sqlite("what is said of feeds, the database has no part in")
def test_a_feed_is_entered_listed_with_its_trouble_and_removed(newsletter: Newsletter) -> None:
    newsletter("add", "boje", "--name", "Boje")
    assert "clusters feed add SLUG ADRESSE" in newsletter("feed", "list").out
    wrong = newsletter("feed", "add", "boje", "http://www.boje.example/feed")
    assert (wrong.code, "mit https:// beginnt" in wrong.err) == (1, True)
    url = "https://boje.invalid/feed"  # RFC 6761: nobody answers for it
    assert newsletter("feed", "add", "boje", url, "--json").json == {"slug": "boje", "url": url}
    assert newsletter("feed", "add", "boje", url).code == 0
    assert newsletter("feed", "add", "nix", url).code == 1
    listed = newsletter("feed", "list", "boje", "--json").json
    assert [(each["url"], each["read_at"], each["open"]) for each in listed] == [(url, None, 0)]
    assert newsletter("feed", "remove", "boje", url).code == 0
    assert newsletter("feed", "read", "boje").code == 0
    gone = newsletter("feed", "remove", "boje", url)
    assert "newsletter clusters feed list boje" in gone.err
