"""An editor that crashes, saves nothing or is none, and Ctrl-C: nothing that was typed is lost."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from newsletter.commands import texteditor
from newsletter.errors import Refused
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk
from tests.program import clean

__all__ = ["desk", "newsletter"]

TYPED = "---\ntitle: Lange getippt\n---\nText.\n"


def script(folder: Path, words: str) -> str:
    path = folder / "mein editor.sh"
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)
    return f'"{path}" --warten'


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('echo mehr >> "$2"; kill -SEGV $$', "endete mit Code -11; Ihr Text liegt in"),
        ('echo mehr >> "$2"; exit 3', "endete mit Code 3; Ihr Text liegt in"),
        ('printf "mehr \\377" >> "$2"', "ist nicht lesbar (kein Text in UTF-8)."),
        ('mv "$2" "$2.neu"', "ist nicht lesbar (Datei oder Ordner gibt es nicht)."),
    ],
)
def test_what_an_editor_leaves_behind_is_named_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, said: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", script(tmp_path, words))
    with pytest.raises(Refused) as refused:
        texteditor.opened(TYPED, tmp_path / "entwurf.md")
    assert said in str(refused.value)
    assert str(tmp_path / "entwurf.md") in str(refused.value)
    (kept,) = tmp_path.glob("entwurf.md*")
    assert kept.read_bytes().startswith(TYPED.encode())


def test_an_editor_that_is_none_is_named_with_the_text_it_should_have_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for none in (str(tmp_path / "gibt-es-nicht"), 'code "--wait'):
        monkeypatch.setenv("VISUAL", none)
        with pytest.raises(Refused, match=r"EDITOR prüfen\. Ihr Text liegt in"):
            texteditor.opened(TYPED, tmp_path / "entwurf.md")
    assert (tmp_path / "entwurf.md").read_text() == TYPED


def test_who_never_chose_an_editor_gets_nano_and_one_line_how_to_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    nano = tmp_path / "nano"
    nano.write_text('#!/bin/sh\ncp "$1" "$1.gesehen"\n')
    nano.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    texteditor.opened(TYPED, tmp_path / "entwurf.md")
    first, __, rest = (tmp_path / "entwurf.md.gesehen").read_text().partition("\n")
    assert first.startswith("#! Speichern: Strg+O")
    assert rest == TYPED


def interrupted(home: Path, prompt: str, *words: str, editor: str = "true") -> tuple[int, str]:
    """The program at a terminal of its own; at the prompt somebody presses Ctrl-C.

    By ``setsid``, not ``pty.fork``: what a fork of a process with threads does in Python before
    it becomes another program may wait for ever.
    """
    command = [sys.executable, "-m", "newsletter", "--home", str(home), "--as", "redaktion", *words]
    terminal, theirs = pty.openpty()
    child = subprocess.Popen(
        ["setsid", "--ctty", *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=clean(EDITOR=editor, VISUAL=""),
    )
    os.close(theirs)
    said, end, pressed = b"", time.monotonic() + 30, 0.0
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                said += os.read(terminal, 4096)
            except OSError:  # it has ended
                break
        elif prompt in said.decode(errors="ignore") and time.monotonic() > pressed + 3:
            os.write(terminal, b"\x03")  # again, if it came before anybody listened
            pressed = time.monotonic()
    os.close(terminal)
    return child.wait(timeout=10), said.decode()


@pytest.mark.sqlite("a key reaches no database")
def test_ctrl_c_at_a_question_ends_with_a_word_and_loses_nothing(
    newsletter: Newsletter, desk: Desk, home: Path, tmp_path: Path
) -> None:
    key = desk.new(number="2026-12")
    code, said = interrupted(home, "wirklich absagen?", "issue", "cancel", key)
    assert (code, "Abgebrochen." in said, "Traceback" in said) == (1, True, False), said
    assert newsletter("issue", "status", key, "--json").json["state"] == "draft"
    typing = script(tmp_path, 'sed -i "s/^teaser:/teaser: Lange getippt./" "$2"')
    add = ("queue", "add", "--source", "BMWE")
    code, said = interrupted(home, "Noch einmal öffnen?", *add, editor=typing)
    assert (code, "Ihr Text liegt in" in said, "Traceback" in said) == (1, True, False), said
    (draft,) = (home / "drafts").iterdir()
    assert "teaser: Lange getippt." in draft.read_text()
