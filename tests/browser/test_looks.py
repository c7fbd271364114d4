"""That the pictures of docs/looks.md can be taken anew, and that it shows them all."""

import io
import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.browser import looks
from tests.browser.screenshots import FOLDER, LARGEST, SHOTS, small, taken


def test_the_page_of_looks_shows_every_picture_and_each_is_small() -> None:
    text = (FOLDER.parent / "looks.md").read_text(encoding="utf-8")
    names = {f"{shot.name}.png" for shot in SHOTS}
    assert set(re.findall(r"\(looks/([^)]+)\)", text)) == names
    assert {path.name for path in FOLDER.iterdir()} == names
    assert max(path.stat().st_size for path in FOLDER.iterdir()) < 300_000


def test_a_picture_is_taken_of_the_examples(browser: Browser, tmp_path: Path) -> None:
    wanted = {"approval-360", "form-with-errors-360-dark", "clusterplattform-600-no-images"}
    with looks.built(tmp_path / "home") as stage:
        for shot in SHOTS:
            if shot.name in wanted:
                png = small(taken(browser, stage, shot))
                assert Image.open(io.BytesIO(png)).width == shot.width
                assert len(png) <= LARGEST
                wanted.remove(shot.name)
    assert not wanted
