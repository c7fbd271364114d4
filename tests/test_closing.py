"""What stands at the end of an issue: a word to the readers, and the logos that are valid."""

import io
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import Engine

from newsletter import logos
from newsletter.settings import load
from newsletter.web.app import create_app
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock
from tests.desk_situations import Desk, desk
from tests.rendering_situations import soup

__all__ = ["desk", "newsletter"]
pytestmark = pytest.mark.sqlite("what is configured is no matter of the database")
NAME = "Bundesministerium für Muster"
NOT_BELOW = '[[newsletters.clusterplattform.logos]]\nfile = "../secret.png"\nname = "Nein"'


def configured(home: Path, text: str) -> None:
    """Newsletter.toml with more about the public newsletter."""
    file = home / "newsletter.toml"
    before = "[newsletters.clusterplattform.rhythm]"
    file.write_text(file.read_text().replace(before, f"{text}\n{before}", 1), encoding="utf-8")


def png(width: int = 640, height: int = 160) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(out, "PNG")
    return out.getvalue()


def with_logo(home: Path, more: str = "") -> Path:
    """A logo in configuration and folder."""
    configured(
        home,
        "[[newsletters.clusterplattform.logos]]\n"
        f'file = "ministerium.png"\nname = "{NAME}"\nlink = "https://ministerium.example/"\n{more}',
    )
    (home / "logos").mkdir()
    path = home / "logos" / "ministerium.png"
    path.write_bytes(png())
    return path


def test_a_logo_stands_in_both_parts_and_has_one_address_for_all(
    home: Path, desk: Desk, newsletter: Newsletter, engine: Engine, clock: Clock, tmp_path: Path
) -> None:
    path = with_logo(home)
    desk.accepted()
    key = desk.filled()
    newsletter("issue", "preview", key, "--write", str(tmp_path / "ansicht"))
    html = next((tmp_path / "ansicht").glob("*.html")).read_text(encoding="utf-8")
    page = soup(html)
    (seen,) = page.select(".block-logos img")
    assert (seen["alt"], seen["width"], seen["height"]) == (NAME, "160", "40")
    assert seen.parent
    assert seen.parent["href"] == "https://ministerium.example/"
    settings = load(home, {})
    assert str(seen["src"]).startswith(f"{settings.base_url}/logos/")
    web = TestClient(create_app(settings, engine, clock), base_url=settings.base_url)
    got = web.get(str(seen["src"]))
    assert (got.content, got.headers["content-type"]) == (path.read_bytes(), "image/png")
    path.write_bytes(png(320))
    assert web.get(str(seen["src"])).status_code == 404  # other bytes than those approved
    assert web.get(f"{settings.base_url}/logos/x/..%2Fsecret").status_code == 404


@pytest.mark.parametrize(
    ("more", "printed"),
    [
        ("from = 2026-12-16", False),
        ("from = 2026-12-15\nto = 2026-12-15", True),
        ("to = 2026-12-14", False),
    ],
)
def test_a_logo_is_printed_on_the_days_it_is_valid(home: Path, more: str, printed: bool) -> None:
    with_logo(home, more)
    found = logos.shown_on(load(home, {}), "clusterplattform", "2026-12", date(2026, 12, 15))
    assert bool(found) is printed


def damaged(image: bytes) -> bytes:
    """Its pixels say a wrong length of themselves, as after a copy that went wrong."""
    at = image.index(b"IDAT") - 1
    return image[:at] + bytes([image[at] - 1]) + image[at + 1 :]


def test_what_is_wrong_with_a_logo_stops_the_issue_with_its_mend(
    home: Path, desk: Desk, newsletter: Newsletter
) -> None:
    path = with_logo(home)
    desk.accepted()
    key = desk.filled()
    assert newsletter("issue", "check", key).code == 0
    for data, said in (
        (b"GIF89a", f"{path} ist kein PNG. Bitte als PNG speichern."),
        (damaged(png()), f"{path} ist kein PNG. Bitte als PNG speichern."),
        (png() + b"x" * 200_000, "hat 200 kB; höchstens 200 kB gehen. Bitte verkleinern."),
        (None, f"{path} fehlt. Bitte die Datei dorthin legen oder den Eintrag löschen."),
    ):
        path.write_bytes(data) if data else path.unlink()
        done = newsletter("issue", "check", key)
        assert (done.code, said in " ".join(done.out.split())) == (1, True), done.out
    configured(home, NOT_BELOW)
    assert "logos" in newsletter("issue", "check", key).err


def test_members_are_asked_for_contributions_unless_the_configuration_says_no(
    home: Path,
) -> None:
    def asked(slug: str) -> str | None:
        settings = load(home, {})
        callout = settings.masthead(slug).callout
        return callout and (callout.title or "our words") + " " + callout.url

    assert asked("go-cluster") == "our words http://127.0.0.1:8000/submit"
    assert asked("clusterplattform") is None
    configured(home, '[newsletters.clusterplattform.callout]\nshow = true\ntitle = "Und Sie?"')
    assert str(asked("clusterplattform")).startswith("Und Sie?")
    file = home / "newsletter.toml"
    off = "[newsletters.go-cluster.callout]\nshow = false\n\n[newsletters.go-cluster.rhythm]"
    file.write_text(file.read_text().replace("[newsletters.go-cluster.rhythm]", off, 1))
    assert asked("go-cluster") is None
