"""Each look that one should have seen before a mail leaves: on the page, and as pictures."""

import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import Engine

from newsletter import issues
from newsletter.settings import Settings
from newsletter.web import preview_here, preview_shots
from newsletter.web.preview_looks import LOOKS, Look, drawn
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock
from tests.desk_situations import Desk, desk, fair
from tests.preview_situations import ALT, KEY, with_picture

__all__ = ["desk", "newsletter"]  # the fixtures

pytestmark = pytest.mark.sqlite("how an issue is shown is no matter of the database")


@pytest.fixture
def here(settings: Settings, engine: Engine, clock: Clock, desk: Desk) -> Iterator[TestClient]:
    """The preview of an issue with a news item, its picture, and a date."""
    desk.accepted(fair(clock().replace(month=12, day=30)))
    address = "http://127.0.0.1:8025"
    app = preview_here.create_app(
        settings, engine, with_picture(desk), address=address, clock=clock
    )
    with TestClient(app, base_url=address) as client:
        yield client


def frames(page: str) -> list[tuple[str, str]]:
    """Title and address of each mail on the page."""
    found = re.findall(r'<iframe[^>]* title="([^"]*)"[^>]* src="([^"]*)"', page)
    return [(unescape(title), unescape(address)) for title, address in found]


def test_all_looks_stand_on_one_page_and_each_leads_to_its_own_by_a_link(
    here: TestClient,
) -> None:
    page = here.get("/?view=all").text
    shown = frames(page)
    assert [title for title, __ in shown] == [it.words for it in LOOKS if it.look.view == "mail"]
    for title, address in shown:
        mail = here.get(address).text
        assert ALT in mail
        assert ("<style" in mail) is ("Stilvorlage" not in title)
    links = dict(re.findall(r'id="to-([^"]+)" href="([^"]*)"', page))
    assert list(links) == [it.name for it in LOOKS]
    narrow = here.get(unescape(links["320-light"])).text
    assert [title for title, __ in frames(narrow)] == ["Die Mail, 320 Pixel breit"]
    plain = here.get(unescape(links["360-no-styles"])).text
    assert all("plain=1" in address for __, address in frames(plain))
    assert 'id="plain" href="/?plain=1" data-show aria-current="true"' in plain
    assert '<pre class="columns">' in here.get(unescape(links["text"])).text


def test_the_other_editions_are_looked_at_by_their_own_switch(here: TestClient) -> None:
    page = here.get("/?edition=dates").text
    assert "Termine: Clusterplattform Deutschland" in page
    ((__, address), *_) = frames(page)
    mail = here.get(address).text
    assert "Fachtagung" in mail
    assert ALT not in mail
    only_text = here.get("/?edition=text").text
    assert frames(only_text) == []
    assert "Der Textteil" in only_text
    assert "multipart" not in here.get("/message?edition=text").text
    assert here.get("/?edition=nichts").text == here.get("/").text


def test_without_its_style_sheets_a_mail_keeps_what_stands_at_its_elements() -> None:
    mail = '<head><style>a{}</style><STYLE media="x">b</STYLE ></head><p style="color:red">x</p>'
    assert drawn(mail, Look(styles=False)) == '<head></head><p style="color:red">x</p>'
    assert drawn(mail, Look()) == mail


def test_the_looks_lie_in_a_folder_as_pictures_as_wide_as_they_say(
    desk: Desk, newsletter: Newsletter, tmp_path: Path
) -> None:
    key, folder = with_picture(desk), tmp_path / "bilder"
    done = newsletter("issue", "preview", key, "--screenshots", str(folder), as_="")
    assert done.code == 0
    taken = {path.name: Image.open(BytesIO(path.read_bytes())) for path in folder.iterdir()}
    assert set(taken) == {f"{KEY}-{it.name}.png" for it in LOOKS}
    for it in LOOKS:
        picture = taken[f"{KEY}-{it.name}.png"]
        assert picture.width == it.width
        assert picture.height > 800
    by_day, by_night, bare = (
        taken[f"{KEY}-600-{name}.png"].convert("L") for name in ("light", "dark", "no-images")
    )
    assert (brightness(by_day) > 200, brightness(by_night) < 60) == (True, True)
    assert by_day.getcolors() != bare.getcolors()  # there is a picture on the one


def brightness(picture: Image.Image) -> int:
    return int(picture.getpixel((5, 5)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chromium", "said"),
    [
        ("/nirgends/chromium", "sudo apt-get install chromium-headless-shell"),
        ("/bin/true", "Chromium (/bin/true) macht keine Bilder: es hat sich beendet"),
    ],
)
def test_without_a_chromium_that_works_it_says_what_to_do(
    desk: Desk,
    newsletter: Newsletter,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    chromium: str,
    said: str,
) -> None:
    key = with_picture(desk)
    monkeypatch.setenv("CHROMIUM", chromium)
    done = newsletter("issue", "preview", key, "--screenshots", str(tmp_path / "b"), as_="")
    assert (done.code, said in " ".join(done.err.split())) == (3, True)
    both = newsletter("issue", "preview", key, "--screenshots", "a", "--link", as_="")
    assert (both.code, "nur eines davon" in both.err) == (2, True)


def test_what_was_submitted_is_shown_in_its_editions_as_they_are_stored(
    desk: Desk, here: TestClient
) -> None:
    desk.do(issues.request, KEY, "geprüft")
    frozen = frames(here.get("/?edition=dates").text)[0][1]
    assert "Fachtagung" in here.get(frozen).text
    assert "die zur Freigabe vorliegt" in here.get("/?edition=dates").text


def test_a_logo_is_shown_on_the_page_and_in_the_pictures(
    home: Path, desk: Desk, settings: Settings, engine: Engine, clock: Clock
) -> None:
    (home / "logos").mkdir()
    Image.new("RGB", (40, 20), "#c00000").save(home / "logos" / "haus.png")
    entry = '[[newsletters.clusterplattform.logos]]\nfile = "haus.png"\nname = "Haus"\n\n'
    config = home / "newsletter.toml"
    imprint = "[newsletters.clusterplattform.imprint]"
    config.write_text(config.read_text("utf-8").replace(imprint, entry + imprint, 1), "utf-8")
    key, address = with_picture(desk), "http://127.0.0.1:8025"
    app = preview_here.create_app(settings, engine, key, address=address, clock=clock)
    with TestClient(app, base_url=address) as client:
        shown = re.search(r'src="(/logos/[^"]+)"', client.get("/mail").text)
        assert shown
        assert client.get(shown[1]).headers["content-type"] == "image/png"
        made = app.state.watched.sheet()
        drawing = preview_shots.document(app.state.watched.settings, made, LOOKS[0])
        assert drawing.count("data:image/png;base64,") == 1
        assert drawing.count("data:image/jpeg;base64,") == 1
        assert 'src="http' not in drawing
