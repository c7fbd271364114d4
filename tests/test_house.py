"""The house keeps its own rules: rooms, sizes, names, and no address of a registry."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
ROOMS = [*(CHECKOUT / "newsletter").iterdir()]
SKINS = {
    "__main__",
    "__init__",
    "__pycache__",
    "commands",
    "demo",
    "desk",
    "migrations",
    "translations",
    "web",
}
PURE = {
    *("texts", "calendar", "likeness", "rhythm", "content", "links", "rendering", "checks"),
    *("brought", "almanac"),
}


def modules() -> list[Path]:
    found = [CHECKOUT / "cli.py"]
    for package in ("newsletter", "subscribers"):
        found += sorted((CHECKOUT / package).rglob("*.py"))
    return [path for path in found if "migrations/versions" not in path.as_posix()]


def contracts() -> dict[str, dict[str, list[str]]]:
    facts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    return {each["id"]: each for each in facts["tool"]["importlinter"]["contracts"]}


def test_rooms_import_only_what_stands_below_them() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(linter), "--no-logo", "--no-cache"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_every_room_but_the_skins_is_held_to_silence_and_every_pure_one_to_purity() -> None:
    rooms = {path.stem for path in ROOMS} - SKINS
    silent = {name.removeprefix("newsletter.") for name in contracts()["silent"]["source_modules"]}
    pure = {name.removeprefix("newsletter.") for name in contracts()["pure"]["source_modules"]}
    assert silent == rooms
    assert pure == rooms & PURE


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_a_module_fits_into_one_head(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 400
    assert path.stem not in {"utils", "util", "helpers", "helper", "manager", "misc", "common"}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [CHECKOUT / name for name in listed.stdout.split("\0") if name]


def test_no_file_names_a_package_registry() -> None:
    registries = [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("crates", "io")]
    forbidden = re.compile("|".join(rf"\b{name}\.{end}\b" for name, end in registries))
    for path in tracked():
        if path.is_file() and path.suffix not in {".jpg", ".png"}:
            found = forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
            assert not found, f"{path}: {found}"


def test_nothing_is_left_to_do_later() -> None:
    """An unfinished thing is an issue, not a comment."""
    later = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
    for path in modules():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            comment = line.partition("#")[2]
            assert not later.search(comment), f"{path}:{number}"
