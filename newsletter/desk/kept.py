"""Text that was typed and not sent yet: kept in the home, whatever becomes of the terminal."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FOLDER = "drafts"


@dataclass(frozen=True, slots=True)
class Kept:
    """The unsent texts of one editor, one small file each."""

    home: Path
    editor: str

    def read(self, what: str, about: str) -> str:
        """What was typed and not sent, for example of a question about q12; else nothing."""
        try:
            return self._file(what, about).read_text(encoding="utf-8")
        except OSError:
            return ""

    def write(self, what: str, about: str, text: str) -> Path:
        """Keep it; an empty one is forgotten. OSError if the disk says no."""
        file = self._file(what, about)
        if not text.strip():
            file.unlink(missing_ok=True)
            return file
        file.parent.mkdir(exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)
        return file

    def forget(self, what: str, about: str) -> None:
        """It was sent."""
        self.write(what, about, "")

    def all(self) -> Iterator[tuple[str, str]]:
        """What waits to be sent, and about which item."""
        mine = re.compile(rf"desk-{re.escape(_plain(self.editor))}-([a-z]+)-(.+)\.txt")
        folder = self.home / _FOLDER
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if found := mine.fullmatch(file.name):
                yield found[1], found[2]

    def subjects(self) -> list[str]:
        """What the waiting texts are about, each once."""
        return list(dict.fromkeys(about for __, about in self.all()))

    def _file(self, what: str, about: str) -> Path:
        name = f"desk-{_plain(self.editor)}-{what}-{_plain(about)}.txt"
        return self.home / _FOLDER / name


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "_"
