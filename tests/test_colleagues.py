"""Colleagues come in over ssh, each by a key of their own: one program, one name, no files."""

import base64
import os
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from newsletter.commands import ssh, texteditor
from newsletter.commands.context import invocation
from newsletter.editors import over_ssh, ssh_keys
from newsletter.errors import NewsletterError
from newsletter.history import Actor
from tests.command_situations import Done, Newsletter, newsletter
from tests.desk_situations import Desk, desk
from tests.test_command_tree import LEAVES

__all__ = ["desk", "newsletter"]  # the fixtures


def public(kind: str = "ssh-ed25519", more: int = 32) -> str:
    """A public key as a .pub file has it."""
    blob = len(kind).to_bytes(4) + kind.encode() + more.to_bytes(4) + b"#" * more
    return f"{kind} {base64.b64encode(blob).decode()} anna@laptop"


KEY = public()
FINGERPRINT = ssh_keys.public_key(KEY).fingerprint


@pytest.fixture
def anna(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The second editor is Anna, who has a key."""
    config = home / "newsletter.toml"
    text = config.read_text("utf-8").replace(
        'name = "freigabe"', f'name = "anna"\nssh_key = "{FINGERPRINT}"'
    )
    config.write_text(text, "utf-8")
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")
    monkeypatch.delenv("SSH_USER_AUTH", raising=False)
    return home


@pytest.fixture
def over(anna: Path, newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What sshd runs when Anna types something behind „ssh newsletter@server“."""

    def typed(line: str, typed: str = "", editor: str = "anna") -> Done:
        monkeypatch.setenv("SSH_ORIGINAL_COMMAND", line)
        return newsletter("ssh", "--editor", editor, as_="", typed=typed)

    return typed


def test_what_to_paste_lets_a_colleague_in_under_one_name(
    newsletter: Newsletter, home: Path
) -> None:
    name = 'Käthe O\'Hara "K"'
    done = newsletter("editors", "add", name, "k@redaktion.example", "--key", KEY, as_="")
    given = newsletter(
        "editors", "add", name, "k@redaktion.example", "--key", "-", "--json", as_="", typed=KEY
    ).json
    assert given["toml"] in done.out
    assert given["authorized_keys"] in done.out
    (block,) = tomllib.loads(given["toml"])["editors"]
    assert block == {"name": name, "email": "k@redaktion.example", "ssh_key": FINGERPRINT}
    command, rest = re.fullmatch(
        r'command="((?:[^"\\]|\\")*)",(.*)', given["authorized_keys"]
    ).groups()  # type: ignore[union-attr]
    words = shlex.split(command.replace('\\"', '"'))
    assert words[1:] == ["--home", str(home.resolve()), "ssh", "--editor", name]
    assert rest.startswith(f"restrict,pty {KEY.rpartition(' ')[0]} ")
    text = (home / "newsletter.toml").read_text("utf-8")
    (home / "newsletter.toml").write_text(f"{text}\n{given['toml']}\n", "utf-8")
    listed = newsletter("editors", "list", as_="").out
    assert f"ssh-Schlüssel {FINGERPRINT}" in listed
    assert "Als Nächstes: newsletter editors add redaktion --key" in listed
    again = newsletter("editors", "add", "freigabe", "--key", KEY, as_="").out
    assert "den Abschnitt von „freigabe“ so schreiben" in again
    assert 'email = "freigabe@go-cluster.example"' in again


@pytest.mark.sqlite("it has no part in it")
@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", "privater Schlüssel"),
        ("ssh-ed25519 kein+base64!", "kein öffentlicher"),
        ("ssh-rsa " + KEY.split()[1], "kein öffentlicher"),
        (KEY + "\n" + KEY, "kein öffentlicher"),
        (public("ssh-rsa", 128), "zu kurz"),
        ("", "kein öffentlicher"),
    ],
)
def test_what_is_no_public_key_is_refused(newsletter: Newsletter, key: str, why: str) -> None:
    done = newsletter("editors", "add", "x", "x@redaktion.example", "--key", "-", typed=key)
    assert (done.code, why in done.err) == (1, True)
    assert newsletter("editors", "add", "x", "--key", "/gibt/es/nicht").code == 2
    assert newsletter("editors", "add", "x", "keine adresse").code == 2


def test_over_ssh_an_editor_is_who_the_key_says_and_four_eyes_are_real(
    over: Any, desk: Desk, newsletter: Newsletter
) -> None:
    desk.accepted()
    key = desk.filled()
    desk.do(lambda act: None, who=Actor("redaktion"))
    assert over("newsletter queue comment q1 'Schon gut; rm -rf $HOME'").code == 0
    assert over("queue assign q1").out.startswith("q1  liegt jetzt bei anna")
    assert "anna (mit ssh-Schlüssel belegt)" in newsletter("log", "q1").out
    last = newsletter("log", "q1", "--json").json[-1]
    assert (last["login"], last["proven"]) == (f"ssh {FINGERPRINT}", True)
    assert newsletter("queue", "show", "q1", "--json").json["comments"][0]["text"].endswith("$HOME")
    newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    stolen = newsletter("issue", "approve", key, as_="anna")
    assert (stolen.code, "arbeitet nur über ssh" in stolen.err) == (1, True)
    assert over(f"issue approve {key}").code == 0
    assert newsletter("issue", "status", key, "--json").json["approved_by"] == "anna"
    assert "Jetzt" in over("").out or "Demnächst" in over("").out  # no terminal: the agenda
    assert [it["id"] for it in over("queue list --mine --json").json] == ["q1"]
    assert over("queue assign - redaktion", typed="q1").out.startswith("q1  liegt jetzt bei red")
    assert over("log q1 --help").out.startswith("Aufruf: newsletter log")
    evidence = "subscribers add x@leser.example --newsletter go-cluster --evidence 'Am 3.5.'"
    assert over(evidence).code == 0
    document = over("queue show q1 --document").out
    assert over("queue edit q1 -", typed=document.replace("title:", "title: Neu,")).code == 0
    wrong = over("queue edit q1 -", typed=document.replace("link:", "link: javascript:x #"))
    assert (wrong.code, "#! " in wrong.out) == (1, True)  # the text comes back to its writer


REFUSED = [
    ("queue list --as redaktion", "--as geht über ssh nicht"),
    ("--home=/ queue list", "--home geht über ssh nicht"),
    ("db upgrade", "„db“ geht über ssh nicht"),
    ("ssh --editor redaktion", "„ssh“ geht über ssh nicht"),
    ("editors list", "„editors“ geht über ssh nicht"),
    ("init /tmp/x", "„init“ geht über ssh nicht"),
    ("-- init /tmp/x", "„--“ geht über ssh nicht"),
    ("queue -- add /etc/passwd", "„queue --“ geht über ssh nicht"),
    ("queue add /etc/passwd -- --help", "keine Dateien des Servers"),
    ("report 2026 --html --help --csv neu.csv", "keine Dateien des Servers"),  # a file „--help“
    ("issue preview x --port --link", "nur als Link"),
    ("sh -c 'newsletter queue list'", "„sh“ geht über ssh nicht"),
    ("queue list; sh", "Den Befehl „list;“ gibt es nicht."),
    ("queue add /etc/passwd", "keine Dateien des Servers (hier: /etc/passwd)"),
    ("queue edit q1 ./newsletter.toml", "keine Dateien des Servers"),
    ("queue add --from=/etc/passwd --cluster lichtwerk", "keine Dateien des Servers"),
    ("clusters share --csv raus.csv", "keine Dateien des Servers"),
    ("issue preview", "nur als Link"),
    ('queue comment q1 "offen', "vermutlich fehlt ein Anführungszeichen"),
]


@pytest.mark.sqlite("it has no part in it")
def test_over_ssh_nothing_else_goes(over: Any, desk: Desk) -> None:
    desk.hand_in()
    for line, why in REFUSED:
        refused = over(line)
        assert refused.code in {1, 2}, line
        assert why in refused.err, line
        assert refused.out == ""


def test_no_file_of_the_server_is_read_by_the_way(over: Any, desk: Desk, anna: Path) -> None:
    desk.hand_in()
    over(f"queue comment q1 {anna}/newsletter.toml")
    assert over("queue show q1 --json").json["comments"][0]["text"] == f"{anna}/newsletter.toml"
    document = over("queue show q1 --document").out
    picture = document.replace("image:", f"image: {anna}/media/x.jpg", 1)
    assert "Über ssh geht kein Bild vom Server" in over("queue edit q1 -", typed=picture).err
    kept = next((anna / "drafts").iterdir())
    kept.write_text(document.replace("title:", "title: Aus dem Entwurf,"), "utf-8")
    assert over(f"queue edit q1 {kept}").code == 0
    beside = f"{anna}/drafts/../newsletter.toml"
    assert "keine Dateien" in over(f"queue edit q1 {beside}").err
    assert "Mit Terminal: ssh -t … queue edit q1" in over("queue edit q1").err


@pytest.mark.sqlite("it has no part in it")
def test_over_ssh_only_one_editor_opens_and_it_opens_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nano = tmp_path / "nano"
    nano.write_text('#!/bin/sh\necho "$@" > "$0.words"\n')
    nano.chmod(0o755)
    monkeypatch.setenv("VISUAL", "/bin/sh")
    monkeypatch.setattr(invocation, "over_ssh", "anna")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    texteditor.opened("Text", tmp_path / "q1.md")
    said = (tmp_path / "nano.words").read_text().split()
    assert said == ["--restricted", "--ignorercfiles", str(tmp_path / "q1.md")]
    monkeypatch.setenv("PATH", str(tmp_path / "leer"))
    with pytest.raises(NewsletterError, match="Auf dem Server fehlt der Editor nano"):
        texteditor.opened("Text", tmp_path / "q1.md")


def test_sshd_alone_lets_people_in(
    over: Any, newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "keinen ssh_key" in over("queue list", editor="redaktion").err
    assert "keinen ssh_key" in over("queue list", editor="niemand").err
    told = tmp_path / "auth"
    monkeypatch.setenv("SSH_USER_AUTH", str(told))
    told.write_text(f"publickey {public(more=33).rpartition(' ')[0]}\n")
    assert "mit einem anderen Schlüssel" in over("queue list").err
    told.write_text(f"keyboard-interactive\npublickey {KEY.rpartition(' ')[0]}\n")
    assert over("queue list").code == 0
    assert newsletter("ssh", "--editor", "anna", as_="redaktion").code == 1
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert "gehört einem anderen Konto" in over("queue list").err
    monkeypatch.delenv("SSH_CONNECTION")
    assert "ruft sshd auf" in over("queue list").err


def test_who_goes_hands_over_and_is_taken_out(
    anna: Path, desk: Desk, newsletter: Newsletter
) -> None:
    desk.hand_in()
    newsletter("queue", "assign", "q1", "anna")
    done = newsletter("editors", "retire", "Anna", as_="")
    assert "anna ist noch zugewiesen: q1" in done.out
    assert "die Zeile löschen, in der steht: --editor anna" in done.out
    assert "zu wenige für eine Freigabe zu zweit" in done.out
    first, last = newsletter("editors", "retire", "anna", "--json", as_="").json["lines"]
    lines = (anna / "newsletter.toml").read_text("utf-8").splitlines()
    rest = "\n".join([*lines[: first - 1], *lines[last:]])
    assert [it["name"] for it in tomllib.loads(rest)["editors"]] == ["redaktion"]
    moved = newsletter("editors", "retire", "anna", "--to", "redaktion")
    assert moved.out.startswith("q1  liegt jetzt bei redaktion")
    assert newsletter("editors", "retire", "niemand").code == 1


@pytest.mark.sqlite("it has no part in it")
def test_every_parameter_that_names_a_file_is_known_as_one() -> None:
    opened = {name: it for name, it in LEAVES.items() if name.split()[0] in over_ssh.OPEN}
    assert len(opened) > 40
    for name, command in opened.items():
        for parameter in command.params:
            if re.search(r"DATEI|ORDNER", parameter.metavar or "") or parameter.name == "file":
                assert parameter.name in ssh.FILES, f"{name}: {parameter.name}"


@trying(max_examples=200, deadline=None)
@given(st.text(max_size=60))
@example("queue --as=x list -- --home")
@example("newsletter newsletter init")
def test_whatever_is_typed_only_our_commands_come_out(line: str) -> None:
    try:
        words = over_ssh.typed(line).words
    except NewsletterError:
        return
    assert not words or words[0] in over_ssh.OPEN | {"--help"}
    before = words[: words.index("--")] if "--" in words else words
    assert not [word for word in before if word.startswith(("--as=", "--home="))]
    assert not {"--as", "--home"} & {*before}
