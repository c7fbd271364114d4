"""The person's own editor: whatever it does, what was typed lies in its file."""

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsletter.commands.context import invocation
from newsletter.errors import Refused, unreadable
from newsletter.language import N_, _

REMARK = "#!"  # begins a line of ours, which reading drops
_EDITORS = ("nano", "vim", "vi")
_HOW_TO_SAVE = {  # for whoever never chose an editor
    "nano": N_(
        "Speichern: Strg+O und Eingabe; schließen: Strg+X. Ungespeichert bleibt alles, wie es ist."
    ),
    "vim": N_("Speichern und schließen: Esc, dann :wq und Eingabe. Verwerfen: Esc, dann :q!"),
}


class NoEditor(Refused):
    sentence = N_("Kein Editor gefunden. Bitte EDITOR setzen oder eine Datei angeben.")


class NoEditorThere(Refused):
    sentence = N_(
        "Auf dem Server fehlt der Editor nano. Ohne ihn: das Dokument holen (show ID --document),"
        " bei sich ändern und zurückgeben (edit ID - < datei)."
    )


class EditorFailed(Refused):
    sentence = N_("Der Editor „{editor}“ endete mit Code {code}; Ihr Text liegt in {file}")


class NoSuchEditor(Refused):
    sentence = N_(
        "Der Editor „{editor}“ lässt sich nicht starten ({why}). Bitte EDITOR prüfen."
        " Ihr Text liegt in {file}"
    )


class UnreadableNow(Refused):
    sentence = N_(
        "Was der Editor „{editor}“ hinterließ, ist nicht lesbar ({why}). Es liegt in {file}"
    )


def opened(text: str, path: Path) -> str:
    """What a person makes of ``text``; it lies in the file until it is taken.

    EditorFailed, NoSuchEditor, UnreadableNow; each says where the text lies.
    """
    editor, hint = _editor()
    path.write_text(f"{REMARK} {hint}\n{text}" if hint else text, encoding="utf-8")
    try:
        with _interrupted_only_there():
            done = subprocess.run([*editor, str(path)], check=False)  # noqa: S603  (their own)
    except OSError as error:
        raise NoSuchEditor(editor=editor[0], why=unreadable(error), file=path) from error
    if done.returncode != 0:
        raise EditorFailed(editor=editor[0], code=done.returncode, file=path)
    return _left_by(editor[0], path)


def _left_by(editor: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        why = _("kein Text in UTF-8")
        raise UnreadableNow(editor=editor, why=why, file=path) from error
    except OSError as error:
        raise UnreadableNow(editor=editor, why=unreadable(error), file=path) from error


@contextmanager
def _interrupted_only_there() -> Iterator[None]:
    """Ctrl-C is the editor's own key while it is open, and does not end us with it."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _restricted(nano: str | None) -> list[str]:
    """The one editor that opens over ssh: it reads no other file, and starts no other program.

    NoEditorThere without it.
    """
    if nano is None:
        raise NoEditorThere
    return [nano, "--restricted", "--ignorercfiles"]


def _editor() -> tuple[list[str], str]:
    """How it is called; and how to save, if nobody chose it."""
    if invocation.over_ssh is not None:
        return _restricted(shutil.which("nano")), _how_to_save("nano")
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if chosen:
        return _words(chosen), ""
    name = next((name for name in _EDITORS if shutil.which(name)), None)
    if name is None:
        raise NoEditor
    return [name], _how_to_save(name)


def _how_to_save(editor: str) -> str:
    said = _HOW_TO_SAVE.get(editor, _HOW_TO_SAVE["vim"])
    return _(said)


def _words(chosen: str) -> list[str]:
    try:
        return shlex.split(chosen) or [chosen]
    except ValueError:  # a quotation mark without its other half
        return [chosen]
