"""What goes wrong at the form and at the JSON endpoint is answered in words, at its place."""

import io
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import Engine, func, select

from newsletter import clusters, database
from newsletter.models.submission import Submission
from newsletter.settings import Settings
from newsletter.web.app import create_app
from tests.conftest import Clock, type_of_act
from tests.intake_situations import DATE, NEWS, jpeg, registered
from tests.web_situations import OURS, at_once

TYPED = {name: NEWS[name] for name in ("kind", "title", "teaser", "targets")} | {
    "rights_confirmed": "ja"
}


def fresh(
    settings: Settings, engine: Engine, clock: Clock, act: type_of_act, language: str = "de"
) -> tuple[TestClient, str, dict[str, str]]:
    """A site, the path of a form, and the header with a key."""
    with act() as a:
        registered(a)
        form = clusters.link(a, "lichtwerk", "presse@lichtwerk.example")
        key = clusters.key(a, "lichtwerk")
    app = create_app(settings.model_copy(update={"language": language}), engine, clock)
    http = TestClient(app, base_url=settings.base_url, follow_redirects=False)
    return http, form.removeprefix(settings.base_url), {"Authorization": f"Bearer {key}"}


def count(engine: Engine) -> int:
    with database.reading(engine) as session:
        return session.scalar(select(func.count()).select_from(Submission)) or 0


def huge() -> bytes:
    """A picture of a few kB and 36 million pixels."""
    out = io.BytesIO()
    Image.new("1", (6_000, 6_000)).save(out, "PNG")
    return out.getvalue()


PICTURES = [
    ("bombe.png", huge(), "25 Millionen", "25 million"),
    ("halb.jpg", jpeg()[:4_000], "beschädigt", "damaged"),
    ("bild.png", b"<!DOCTYPE html><script>alert(1)</script>", "SVG", "SVG"),
    ("../../etc/passwd", b"root:x:0:0", "kein Bild", "not a picture"),
    ("leer.png", b"", "leer", "empty"),
    ("gross.jpg", b"\xff\xd8\xff" + b"x" * 10_500_000, "größer als 10 MB", "larger than 10 MB"),
]
# (field, value, a word of the German sentence, one of the English)
FIELDS: list[tuple[str, Any, str, str]] = [
    ("link", "javascript:alert(1)", "https", "https"),
    ("link", "JaVa\tscript:alert(1)", "", ""),
    ("link", "//boese.example", "", ""),
    ("link", "https://gut.example@boese.example/", "", ""),
    ("title", "x" * 161, "161", "161"),
    ("body", "Zeile\n\n" * 10_000, "viel zu lang", "much too long"),
    ("starts_at", "2027-03-28T02:30:00", "Zeitzone", "time zone"),
    ("starts_at", "2026-02-30", "Form", "2027-03-16"),
    ("starts_at", "1970-01-01T00:00:00Z", "1970", "1970"),
    ("starts_at", "2031-03-16T09:00:00+01:00", "zwei Jahre", "two years"),
]
TAMED = [
    ("title", "Neu\r\nBcc: opfer@boese.example", "Neu Bcc: opfer@boese.example"),
    ("title", "Rech\u202enung\u2066 2027", "Rechnung 2027"),
    ("title", "{{7*7}} ${7*7} %%ABMELDELINK%%", "{{7*7}} ${7*7} %%ABMELDELINK%%"),
    ("teaser", "<!--[if mso]><b>Nur Outlook</b><![endif]-->", None),
]


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_bad_picture_is_told_at_its_field_by_form_and_by_json(
    settings: Settings, engine: Engine, clock: Clock, act: type_of_act, language: str
) -> None:
    http, form, key = fresh(settings, engine, clock, act, language)
    for name, data, german, english in PICTURES:
        word = german if language == "de" else english
        page = http.post(form, data=TYPED, files={"image": (name, data, "image/png")}, headers=OURS)
        assert page.status_code == 422, name
        assert 'href="#image"' in page.text
        assert word in page.text, name
        assert NEWS["title"] in page.text  # nothing that was typed is lost
        answer = http.post("/api/v1/images", files={"file": (name, data)}, headers=key)
        assert answer.status_code == 422, name
        (problem,) = answer.json()["errors"]
        assert problem["field"] == "image"
        assert word in problem["message"]
    camera = {"image": ("x.png", b"x" * 12_100_000)}
    answer = http.post("/api/v1/images", files=camera, headers=key)
    assert answer.status_code == 413
    assert "10 MB" in answer.text
    page = http.post(form, data=TYPED, files=camera, headers=OURS)  # at its field, nothing lost
    assert (page.status_code, 'href="#image"' in page.text) == (422, True)
    assert "10 MB" in page.text
    assert NEWS["title"] in page.text
    assert count(engine) == 0
    assert not list(settings.media.iterdir())


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_bad_field_is_told_in_words(
    settings: Settings, engine: Engine, clock: Clock, act: type_of_act, language: str
) -> None:
    http, _form, key = fresh(settings, engine, clock, act, language)
    for field, value, german, english in FIELDS:
        facts = (
            {k: v for k, v in DATE.items() if k != "ends_at"} if field == "starts_at" else NEWS
        ) | {field: value}
        answer = http.post("/api/v1/submissions", json=facts, headers=key)
        assert answer.status_code == 422, (field, value)
        said = {each["field"]: each["message"] for each in answer.json()["errors"]}
        assert set(said) == {field}, (field, said)
        assert (german if language == "de" else english) in said[field], said
    assert count(engine) == 0


# (field, value, another field's value, a word of the sentence at the field)
FORMS = [
    ("body", "Zeile\n\n" * 60_000, {}, "zu "),
    ("more_days", "31.12.9999", {"ends_on": "17.3.2027"}, "kein Tag"),
    ("more_days", "1.4.2027\n" * 5_000, {}, "5000"),
    ("starts_on", "0001-01-01", {"starts_time": "0:10"}, "kein Tag"),
]


@pytest.mark.sqlite("it is read before anything is stored")
def test_a_form_that_cannot_be_read_comes_back_with_all_that_was_typed(
    settings: Settings, engine: Engine, clock: Clock, act: type_of_act
) -> None:
    http, form, _key = fresh(settings, engine, clock, act)
    date = TYPED | {"kind": "date", "starts_on": "16.3.2027", "location": "Musterhavel"}
    for field, value, more, said in FORMS:
        for path in (form, f"{form}/preview", *([f"{form}/draft"] if field == "body" else [])):
            page = http.post(path, data=date | {field: value} | more, headers=OURS)
            assert page.status_code == 422, (field, path)
            wrong = re.search(rf'id="{field}-wrong">([^<]*)', page.text)
            assert wrong, (field, path)
            assert said in wrong[1]
            assert value[:40] in page.text
            assert NEWS["title"] in page.text
    assert count(engine) == 0


def test_what_is_merely_strange_is_tamed(
    settings: Settings, engine: Engine, clock: Clock, act: type_of_act
) -> None:
    http, _form, key = fresh(settings, engine, clock, act)
    for field, value, tame in TAMED:
        answer = http.post("/api/v1/submissions", json=NEWS | {field: value}, headers=key)
        assert answer.status_code == 201, answer.text
        kept = http.get(f"/api/v1/submissions/{answer.json()['id']}", headers=key).json()
        assert kept["submission"][field] == (value if tame is None else tame)
        page = http.get(answer.json()["status_url"]).text
        assert "<!--[if mso]" not in page
        assert ">49<" not in page


def test_the_same_form_sent_twenty_times_at_once_is_one_item(
    settings: Settings, engine: Engine, clock: Clock, act: type_of_act
) -> None:
    http, form, _key = fresh(settings, engine, clock, act)
    answers = at_once(20, lambda _: http.post(form, data=TYPED, headers=OURS))
    assert count(engine) == 1
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 303
    assert set(statuses) <= {303, 409}  # „Ist es dieser?“, with the way to its status page
