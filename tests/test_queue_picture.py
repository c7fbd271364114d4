"""A picture for an item: from a file, or by a page that takes one upload."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import Engine, func, select

from newsletter import database, pictures, queue, submissions
from newsletter.errors import NewsletterError
from newsletter.models.cluster import Picture
from newsletter.settings import Settings
from newsletter.web.app import create_app
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, news
from tests.intake_situations import jpeg
from tests.test_web_drafts import value
from tests.web_situations import OURS

__all__ = ["desk", "newsletter"]  # the fixtures


def facts_of(desk: Desk, reference: str) -> dict[str, object]:
    found: dict[str, object] = desk.look(
        lambda act: submissions.facts_of(
            act.session, submissions.by_reference(act.session, reference)
        )
    )
    return found


def test_an_editor_elsewhere_uploads_one_picture_by_a_link_that_goes_once(
    desk: Desk, newsletter: Newsletter, settings: Settings, engine: Engine
) -> None:
    reference = desk.accepted()
    key = desk.filled()
    assert newsletter("queue", "picture", reference, "--link", as_="fremd").code == 1
    made = newsletter("queue", "picture", reference, "--link", "--json").json
    path = made["url"].removeprefix("http://127.0.0.1:8000")
    gone = settings.model_copy(update={"editors": settings.editors[1:]})
    with TestClient(create_app(gone, engine), base_url="http://127.0.0.1:8000") as browser:
        assert browser.get(path).status_code == 410  # whoever edits no more uploads no more
    app = create_app(settings, engine)  # the command's clock is the real one
    with TestClient(app, base_url="http://127.0.0.1:8000", headers=OURS) as browser:
        assert "silber-label" in browser.get(path).text.lower()
        assert browser.get(path).headers["x-robots-tag"] == "noindex"
        said = {"image_alt": "Drei Personen halten eine Urkunde", "image_credit": "Kim Beispiel"}
        svg = {"image": ("b.jpg", b"<svg onload='x'/>", "image/jpeg")}
        wrong = browser.post(path, data=said, files=svg)
        assert (wrong.status_code, "Datei der Art SVG" in wrong.text) == (422, True)
        assert 'value="Kim Beispiel"' in wrong.text
        assert "wählen Sie ein Bild" in browser.post(path, data=said).text
        photo = {"image": ("../../b.jpg", jpeg(), "image/jpeg")}
        wordless = browser.post(path, data={}, files=photo)
        assert 'id="image_alt-wrong"' in wordless.text
        assert 'id="image_credit-wrong"' in wordless.text
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert browser.post(path, data=said, files=photo, headers=elsewhere).status_code == 403
        kept = value(wordless.text, "image_key")  # the picture need not be chosen again
        assert browser.post(path, data=said | {"image_key": "x" * 22}).status_code == 422
        done = browser.post(path, data=said | {"image_key": kept})
        assert "hat damit Fassung 2" in done.text
        assert f"newsletter issue add {key} {reference}" in done.text
        shown = re.search(r'src="(/media/[^"]+)"', done.text)
        assert shown
        assert browser.get(shown[1]).headers["content-type"] == "image/jpeg"
        assert browser.post(path, data=said, files=photo).status_code == 410
        assert browser.get(path).status_code == 410
        assert browser.get(path[:-1]).status_code == 410
    assert facts_of(desk, reference)["image_alt"] == said["image_alt"]
    with database.reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Picture)) == 1  # nothing half-done
        assert session.scalars(select(Picture)).one().taken_in_by == "redaktion"


def test_a_picture_from_a_file_needs_words_and_credit(
    desk: Desk, newsletter: Newsletter, tmp_path: Path
) -> None:
    reference = desk.accepted()
    file = tmp_path / "b.jpg"
    file.write_bytes(jpeg())
    assert newsletter("queue", "picture", reference).code == 2
    assert newsletter("queue", "picture", reference, str(tmp_path / "nix.jpg")).code == 1
    bare = newsletter("queue", "picture", reference, str(file))
    assert (bare.code, "nur schmückt" in bare.err) == (1, True)
    words = ("--alt", "Drei Personen", "--credit", "Kim Beispiel")
    done = newsletter("queue", "picture", reference, str(file), *words)
    assert (done.code, f"{reference} hat das Bild, als Fassung 2" in done.out) == (0, True)
    assert facts_of(desk, reference)["image_credit"] == "Kim Beispiel"


def test_a_picture_is_cropped_and_its_words_stay(desk: Desk, newsletter: Newsletter) -> None:
    with desk.act() as act:
        key = pictures.take_in(act, jpeg(), cluster_id=None, by="redaktion").key
    reference = desk.accepted()
    desk.do(queue.edit, reference, news(image=key, image_alt="Drei", image_credit="K. B."), 1)
    before = facts_of(desk, reference)
    for wrong, why in (
        ("20", "ist kein Ausschnitt"),
        ("top=0", "ist kein Ausschnitt"),
        ("top=x", "ist kein Ausschnitt"),
        ("top=60,bottom=40", "müssen je 10 Prozent übrig bleiben"),
    ):
        said = newsletter("queue", "picture", reference, "--crop", wrong)
        assert (said.code, why in said.err) == (2, True)
    done = newsletter("queue", "picture", reference, "--crop", "top=50, left=25")
    assert (done.code, f"{reference} hat das Bild, als Fassung 3" in done.out) == (0, True)
    after = facts_of(desk, reference)
    assert after == before | {"image": after["image"]}
    whole, cut = (_size(desk, str(facts["image"])) for facts in (before, after))
    assert cut == (whole[0] - whole[0] // 4, whole[1] - whole[1] // 2)
    assert newsletter("undo").code == 0
    assert facts_of(desk, reference) == before
    bare = newsletter("queue", "picture", desk.hand_in(news(title="Ohne")), "--crop", "top=5")
    assert (bare.code, "hat kein Bild" in bare.err) == (1, True)


def _size(desk: Desk, key: str) -> tuple[int, int]:
    path = desk.look(lambda act: pictures.file_of(act.settings, key, "archive.jpg"))
    with Image.open(path) as image:
        return image.size


WORDS = ("--alt", "Drei Personen", "--credit", "Kim Beispiel")


def test_a_picture_is_cropped_around_what_matters_and_comes_back_whole(
    desk: Desk, newsletter: Newsletter, settings: Settings, tmp_path: Path
) -> None:
    """What is red at the top of one, and at the right of the other, is all that is left of it."""

    def shown(reference: str) -> Image.Image:
        key = facts_of(desk, reference)["image"]
        return Image.open(settings.media / str(key) / "archive.png")

    def cropped(*words: str) -> str:
        done = newsletter("queue", "picture", reference, *words)
        assert (done.code, done.out) == (1, "")
        return done.err

    reference = desk.accepted()
    assert f"{reference} hat kein Bild" in cropped("--crop", "16:9")
    key = desk.filled()
    for size, red, keep, comes_out in (
        ((800, 1200), (0, 0, 800, 450), "top", (600, 338)),
        ((1200, 450), (750, 0, 1200, 450), "100,3", (450, 450)),
    ):
        picture = Image.new("RGB", size, "navy")
        picture.paste("red", red)
        picture.save(tmp_path / "b.png")
        assert newsletter("queue", "picture", reference, str(tmp_path / "b.png"), *WORDS).code == 0
        before = facts_of(desk, reference)
        shape = "16:9" if size[1] > size[0] else "1:1"
        done = newsletter("queue", "picture", reference, "--crop", shape, "--keep", keep)
        assert f"{comes_out[0]} × {comes_out[1]} Pixel groß" in done.out
        assert f"{key} zeigt noch die alte Fassung" in done.out
        assert shown(reference).getcolors() == [((red[2] - red[0]) * 450, (255, 0, 0))]
        changed = facts_of(desk, reference)
        assert before == changed | {"image": before["image"]}, "words and rights stay"
        assert "hat diese Form schon" in cropped("--crop", shape)
        assert "mindestens 200 × 100" in cropped("--crop", "top=60,bottom=20")
        assert newsletter("undo", reference).code == 0
        assert facts_of(desk, reference) == before
    percents = newsletter("queue", "picture", reference, "--crop", "top=20, right=50")
    assert "Das Bild ist in der Mail jetzt 600 × 360 Pixel groß." in percents.out
    assert f"newsletter issue add {key} {reference}" in percents.out
    assert "Bild beschnitten" in newsletter("log", reference).out
    seen = desk.look(lambda act: queue.picture_of(act.session, settings, reference))
    newsletter("queue", "picture", reference, str(tmp_path / "b.png"), *WORDS)
    part = queue.cut_out(seen, queue.crop_of("4:3"))
    with pytest.raises(NewsletterError, match="inzwischen bearbeitet"):
        desk.do(queue.crop, seen, part)  # another one came meanwhile
    for words in (
        ("--crop", "quer"),
        ("--crop", "16:9", "--keep", "vorn"),
        ("--crop", "top=5", "--keep", "top"),
        ("--crop", "16:9", "--alt", "x"),
        ("--crop", "16:9", "--link"),
        ("b.png", "--keep", "top"),
    ):
        assert newsletter("queue", "picture", reference, *words).code == 2, words
    for file in (settings.media / str(facts_of(desk, reference)["image"])).iterdir():
        file.write_bytes(b"kaputt")
    assert "Das Bild ist beschädigt" in cropped("--crop", "16:9")
