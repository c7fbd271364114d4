"""The command tree in a file of the person's own cache: building it takes longer than a blink."""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

_PROGRAM = Path(__file__).resolve().parents[1]


def tree(
    make: Callable[[str], dict[str, Any]], language: str, environment: Mapping[str, str]
) -> dict[str, Any]:
    """The tree as it was kept, if the program is still the same; else made anew, and kept."""
    stamp = _stamp()
    file = _folder(environment) / f"commands-{language}.json"
    with suppress(OSError, ValueError):
        kept = json.loads(file.read_text("utf-8"))
        if kept["stamp"] == stamp:
            found: dict[str, Any] = kept["tree"]
            return found
    made = make(language)
    with suppress(OSError):
        _keep(file, {"stamp": stamp, "tree": made})
    return made


def _folder(environment: Mapping[str, str]) -> Path:
    cache = environment.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    return Path(cache) / "cluster-newsletter"


def _stamp() -> str:
    """Which program this is: where it lies, and when its commands or words changed last."""
    newest = 0
    for folder in (_PROGRAM / "commands", _PROGRAM / "translations" / "en" / "LC_MESSAGES"):
        with os.scandir(folder) as files:
            newest = max([newest, *(it.stat().st_mtime_ns for it in files if it.is_file())])
    return f"{_PROGRAM} {newest}"


def _keep(file: Path, kept: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
    fresh.replace(file)
