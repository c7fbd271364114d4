"""Setting up: ``newsletter init``, the Makefile, the locks, the wheel."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from newsletter import database, home_folder, settings
from newsletter.errors import NewsletterError

CHECKOUT = Path(__file__).resolve().parent.parent
PROGRAM = Path(sys.executable).with_name("newsletter")


def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if "NEWSLETTER" not in name}
    return subprocess.run(
        [str(PROGRAM), *words], capture_output=True, text=True, env=clean | more, check=False
    )


def test_init_makes_everything_that_a_home_needs(tmp_path: Path) -> None:
    home = tmp_path / "neu" / "redaktion"
    done = run("init", str(home))
    assert done.returncode == 0, done.stderr
    assert f"Als Nächstes: newsletter --home {home}" in done.stdout
    assert (home / "secret").stat().st_mode & 0o777 == 0o600
    assert (home / "media").is_dir()
    made = settings.load(home, {})
    assert made.base_url == "http://127.0.0.1:8000"
    assert list(made.newsletters) == ["go-cluster", "clusterplattform"]
    assert [editor.name for editor in made.editors] == ["redaktion", "freigabe"]
    engine = database.connect(made.database_url)
    database.require_current(engine)
    engine.dispose()


def test_two_homes_have_two_secrets(tmp_path: Path) -> None:
    for name in "ab":
        home_folder.make(tmp_path / name)
    assert (tmp_path / "a" / "secret").read_text() != (tmp_path / "b" / "secret").read_text()


def test_init_without_a_folder_takes_the_home_and_says_where(tmp_path: Path) -> None:
    done = run("init", "--json", "--home", str(tmp_path))
    assert json.loads(done.stdout) == {"home": str(tmp_path)}
    assert (tmp_path / "newsletter.toml").is_file()


def test_init_leaves_a_folder_with_things_in_it_alone(tmp_path: Path) -> None:
    (tmp_path / "brief.txt").write_text("meins")
    done = run("init", str(tmp_path))
    assert done.returncode == 1
    assert "nicht leer" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["brief.txt"]


@pytest.mark.parametrize(
    ("address", "code"),
    [("quatsch", 2), ("mysql://u:geheim@h/x", 2), ("sqlite:////nirgends/x.sqlite", 3)],
)
def test_a_home_is_made_whole_or_not_at_all(tmp_path: Path, address: str, code: int) -> None:
    home = tmp_path / "neu"
    done = run("init", str(home), NEWSLETTER_DATABASE_URL=address)
    assert done.returncode == code
    assert done.stderr.startswith("Fehler: ")
    assert "geheim" not in done.stderr
    assert not home.exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "datei").write_text("")
    with pytest.raises(NewsletterError, match="lässt sich nicht einrichten"):
        home_folder.make(tmp_path / "datei" / "drin")


def test_the_program_starts_fast_because_it_imports_late() -> None:
    """Start time is ruled by what the help imports; seconds would depend on the machine."""
    heavy = {"sqlmodel", "sqlalchemy", "fastapi", "pydantic", "jinja2", "alembic", "aiosmtplib"}
    seen = subprocess.run(
        [sys.executable, "-c", "import sys, cli; print(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert heavy.isdisjoint(seen.stdout.split())


# -- the checkout -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "test"])
def test_a_lock_pins_every_package_by_hash_and_names_no_address(name: str) -> None:
    lock = (CHECKOUT / "requirements" / f"{name}.lock").read_text()
    assert "://" not in lock
    assert not re.search(r"^-", lock, re.MULTILINE), "an option, such as an index"
    pins = re.split(r"\n(?=\S)", lock.strip())
    assert len(pins) > 30
    for pin in pins:
        assert re.match(r"[a-z0-9._\[\]-]+==\S+", pin), pin
        assert "--hash=sha256:" in pin, pin


def make(folder: Path, *words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    shutil.copy(CHECKOUT / "Makefile", folder)
    (folder / "requirements").mkdir()
    for name in ("requirements/run.lock", "requirements/test.lock", "pyproject.toml"):
        (folder / name).write_text("")
    return subprocess.run(
        ["/usr/bin/env", "make", "--directory", str(folder), *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | ({"PATH": path} if path else {}) | {"MAKEFLAGS": ""},
    )


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with make and a shell's basics, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("make", "sh", "env", "echo", "touch", "rm"):
        (folder / name).symlink_to(shutil.which(name) or "")
    return folder


def test_make_says_what_to_do_where_no_python_is_new_enough(tmp_path: Path, tools: Path) -> None:
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = make(tmp_path, "demo", "PYTHONS=python3", path=str(tools))
    assert done.returncode != 0
    assert "Python 3.11 or newer" in done.stderr
    assert "apt-get install" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_make_prints_the_one_line_where_python_lacks_venv(tmp_path: Path, tools: Path) -> None:
    """As on Debian, where venv is a package of its own."""
    bare = tools / "python3"
    bare.write_text(
        f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"\n'
    )
    bare.chmod(0o755)
    done = make(tmp_path, "demo", "PYTHONS=python3", path=str(tools))
    version = "{}.{}".format(*sys.version_info[:2])
    assert done.returncode != 0
    assert f"apt-get install python{version}-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_wheel_brings_templates_and_examples(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(tmp_path / "in")])
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "cli.py",
        "newsletter_templates/home/newsletter.toml",
        "newsletter_examples/clusters.json",
    } <= names
    made = subprocess.run(
        [sys.executable, "-P", "-c", "import cli; cli.main()", "init", str(tmp_path / "home")],
        env={"PYTHONPATH": str(tmp_path / "in")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
