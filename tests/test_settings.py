"""newsletter.toml: what ``init`` writes can be read, and every mistake is named at its line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter import home_folder
from newsletter.content import Audience
from newsletter.errors import BadConfiguration, WrongUsage
from newsletter.settings import DATABASE_FILE, FILE, SECRET_FILE, Settings, load


def test_a_new_home_can_be_read_and_has_both_newsletters(settings: Settings) -> None:
    assert list(settings.newsletters) == ["go-cluster", "clusterplattform"]
    assert settings.newsletters["go-cluster"].audience is Audience.MEMBERS
    assert not settings.newsletters["go-cluster"].open_sign_up
    assert settings.newsletters["clusterplattform"].open_sign_up
    assert [editor.name for editor in settings.editors] == ["redaktion", "freigabe"]
    assert settings.base_url == "http://127.0.0.1:8000"


def test_the_secret_of_a_new_home_is_readable_by_its_owner_alone(home: Path) -> None:
    assert (home / SECRET_FILE).stat().st_mode & 0o777 == 0o600


def test_a_secret_that_others_may_read_is_refused(home: Path) -> None:
    (home / SECRET_FILE).chmod(0o644)
    with pytest.raises(WrongUsage, match="chmod 600"):
        _ = load(home, {}).secrets


def test_a_folder_with_somebodys_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(home_folder.NotEmpty):
        home_folder.make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


MISTAKES = {
    # old text in the file: (new text, words of the complaint)
    'language = "de"': ('language = "fr"', "„fr“ geht nicht"),
    "connections = 8": ("connections = 0", "mindestens 1"),
    'url = "smtp://127.0.0.1:25"': ('url = "smtp://mail.example:25"', "allow_plain"),
    'audience = "public"': ('audience = "publik"', "„publik“ geht nicht"),
    "people = 2": ("peple = 2", "vertippt"),
    'timezone = "Europe/Berlin"': ('timezone = "Europe/Bonn"', "Europe/Bonn"),
    'base_url = "http://127.0.0.1:8000"': ('base_url = "http://x.example"', "https://"),
    "[sending]": ("[sending", r"kein gültiges TOML (die schließende Klammer ] fehlt"),
    "per_second = 5": ("per_second = 5\nhelo = haus", "Text steht zwischen Anführungszeichen"),
    'list_id = "mitglieder.newsletter.go-cluster.example"': ('list_id = "a b"', "list_id"),
    '# laender = ["BE", "NW"]': (
        '[holidays]\nlaender = ["BE", "XX"]',
        "das Land „XX“ gibt es nicht",
    ),
    '# also = ["24.12.", "31.12."]': ('[holidays]\nalso = ["30.2."]', "„30.2.“ ist kein Tag"),
    'sender_address = "newsletter@go-cluster.example"': (
        'sender_address = "müller@go-cluster.example"',
        "keine E-Mail-Adresse",
    ),
}


@pytest.mark.parametrize("right", MISTAKES)
def test_a_mistake_is_named_with_file_line_and_cure(home: Path, right: str) -> None:
    wrong, words = MISTAKES[right]
    path = home / FILE
    text = path.read_text(encoding="utf-8")
    line = text[: text.index(right)].count("\n") + 1
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(BadConfiguration) as refusal:
        load(home, {})
    assert words in str(refusal.value)
    assert str(refusal.value).startswith(f"{path}, Zeile ")
    named = int(str(refusal.value).removeprefix(f"{path}, Zeile ").partition(":")[0])
    assert abs(named - line) <= 2  # a whole table is named at its head


def test_two_mistakes_are_named_together(home: Path) -> None:
    path = home / FILE
    text = path.read_text(encoding="utf-8").replace("connections = 8", "connections = 0")
    path.write_text(text.replace('language = "de"', 'language = "fr"'), encoding="utf-8")
    with pytest.raises(BadConfiguration) as refusal:
        load(home, {})
    head, first, second = str(refusal.value).splitlines()
    assert head == "2 Einstellungen stimmen nicht:"
    assert (first.startswith(f"  1. {path}"), "„fr“ geht nicht" in first) == (True, True)
    assert (second.startswith(f"  2. {path}"), "mindestens 1" in second) == (True, True)


HOUSE = """[[relays]]
name = "haus"
newsletters = "go-cluster"
per_minute = 0
weight = -1
url = "smtp://mail.example:25"

[[relays]]
tls = true
url = "smtp://127.0.0.1"
"""


def test_a_mistake_in_a_list_is_named_at_its_line_with_its_table(home: Path) -> None:
    path = home / FILE
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\n[[relays]]", f"\n{HOUSE}\n[[relays]]", 1), encoding="utf-8")
    first = text[: text.index("\n[[relays]]\n")].count("\n") + 2
    with pytest.raises(BadConfiguration) as refusal:
        load(home, {})
    named = [line.partition(", Zeile ")[2] for line in str(refusal.value).splitlines()[1:]]
    assert named == [
        f"{first + 2}: [[relays]] „haus“: newsletters: erwartet eine Liste:"
        ' newsletters = ["go-cluster"]',
        f"{first + 3}: [[relays]] „haus“: per_minute: mehr als 0, hier steht „0“.",
        f"{first + 4}: [[relays]] „haus“: weight: mindestens 0, hier steht „-1“.",
        f"{first + 8}: 2. [[relays]]: „tls“ kennen wir nicht; ist es vertippt?",
    ]
    mended = "".join(HOUSE.splitlines(keepends=True)[:2]) + HOUSE.splitlines()[5]
    path.write_text(text.replace("\n[[relays]]", f"\n{mended}\n[[relays]]", 1), encoding="utf-8")
    with pytest.raises(BadConfiguration, match=f"Zeile {first + 2}: .*„haus“: url: smtp:// ohne"):
        load(home, {})


def test_the_environment_wins_over_the_file(home: Path) -> None:
    settings = load(
        home,
        {
            "NEWSLETTER_BASE_URL": "https://newsletter.cluster.example/",
            "NEWSLETTER_RELAY": "smtp+starttls://user:p%40ss@mail.example:587",
            "NEWSLETTER_DATABASE_URL": "sqlite:////nowhere/else.sqlite",
            "NEWSLETTER_EDITOR": "redaktion",
        },
    )
    (relay,) = settings.relays
    assert settings.base_url == "https://newsletter.cluster.example"
    assert (relay.tls, relay.host, relay.port, relay.user) == (
        "starttls",
        "mail.example",
        587,
        "user",
    )
    assert relay.password is not None
    assert relay.password.get_secret_value() == "p@ss"
    assert settings.acting_editor == "redaktion"


def test_a_wrong_environment_variable_is_named_itself(home: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"^NEWSLETTER_RELAY: "):
        load(home, {"NEWSLETTER_RELAY": "mail.example:25"})


def test_a_password_never_shows_in_a_complaint_or_a_representation(home: Path) -> None:
    relay = {"NEWSLETTER_RELAY": "smtp://user:hunter2@127.0.0.1:25"}
    with pytest.raises(BadConfiguration) as refusal:
        load(home, relay)
    assert "hunter2" not in str(refusal.value)
    good = load(home, {"NEWSLETTER_RELAY": "smtps://user:hunter2@127.0.0.1:465"})
    assert "hunter2" not in repr(good)


def test_outside_a_home_the_way_in_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="newsletter init"):
        load(tmp_path, {})


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "ftp://x.example", "https://x.example/?a=b"])
def test_a_base_address_is_a_web_address(
    home: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadConfiguration, match="NEWSLETTER_BASE_URL"):
        load(home, {"NEWSLETTER_BASE_URL": address})


Change = Callable[[str], str]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda t: t.replace("open_sign_up = false", "open_sign_up = true"),
            "keine offene Anmeldung",
        ),
        (lambda t: t.replace('key = "cluster"', 'key = "programm"', 1), "denselben key"),
        (lambda t: t.replace('name = "freigabe"', 'name = "Redaktion"'), "denselben Namen"),
    ],
)
def test_what_does_not_go_together_is_refused(home: Path, change: Change, words: str) -> None:
    path = home / FILE
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(BadConfiguration, match=words):
        load(home, {})


def test_a_file_in_another_encoding_is_named_with_its_line(home: Path) -> None:
    path = home / FILE
    text = path.read_text(encoding="utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if not row.isascii())
    path.write_bytes(text.encode("cp1252", "replace"))
    with pytest.raises(BadConfiguration, match=f"Zeile {line}: .*UTF-8"):
        load(home, {})


def test_the_mark_that_some_editors_put_first_is_no_mistake(home: Path) -> None:
    path = home / FILE
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(home, {}).language == "de"


def test_nobody_else_of_the_machine_reads_a_new_home(home: Path) -> None:
    files = [path for path in home.iterdir() if path.is_file()]
    assert {FILE, SECRET_FILE} < {path.name for path in files} | {DATABASE_FILE}
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_a_lost_secret_is_to_come_from_the_backup(home: Path) -> None:
    (home / SECRET_FILE).unlink()
    with pytest.raises(WrongUsage, match="Sicherung"):
        _ = load(home, {}).secrets
