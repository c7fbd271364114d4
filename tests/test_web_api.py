"""The JSON endpoint, as a cluster's own system meets it."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select

from newsletter import clusters, database, submissions
from newsletter.demo.site import reserved, serving
from newsletter.models.delivery import Letter
from newsletter.models.submission import Submission
from newsletter.settings import Settings
from newsletter.web.app import create_app
from tests.conftest import Clock, type_of_act
from tests.intake_situations import DATE, NEWS, jpeg, png
from tests.web_situations import api, keys

__all__ = ["api", "keys"]  # the fixtures

SUBMISSIONS, IMAGES = "/api/v1/submissions", "/api/v1/images"


def refused(answer: Any, status: int) -> dict[str, Any]:
    """The problem document of an answer."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document


def stored(engine: Engine) -> int:
    with database.reading(engine) as session:
        return session.scalar(select(func.count()).select_from(Submission)) or 0


def test_an_item_comes_in_and_its_status_page_opens(api: TestClient) -> None:
    answer = api.post(SUBMISSIONS, json=NEWS)
    assert answer.status_code == 201
    document = answer.json()
    assert (document["id"], document["status"]) == ("q1", "received")
    page = api.get(document["status_url"])
    assert page.status_code == 200
    assert NEWS["title"] in page.text


def test_the_letter_goes_to_the_registered_contact(api: TestClient, engine: Engine) -> None:
    api.post(SUBMISSIONS, json=NEWS | {"contact_email": "fremd@boese.example"})
    with database.reading(engine) as session:
        assert session.scalars(select(Letter)).one().to_email == "presse@lichtwerk.example"


def test_a_cluster_sees_its_own_and_nothing_else(api: TestClient, keys: dict[str, str]) -> None:
    api.post(SUBMISSIONS, json=DATE)
    other = {"Authorization": f"Bearer {keys['boje']}"}
    api.post(SUBMISSIONS, json=NEWS, headers=other)
    (mine,) = api.get(SUBMISSIONS).json()
    assert mine["id"] == "q1"
    assert mine["newsletters"] == {"clusterplattform": "asked"}
    whole = api.get(f"{SUBMISSIONS}/q1").json()
    assert whole["submission"]["starts_at"].startswith("2027-03-16T08:30:00")
    refused(api.get(f"{SUBMISSIONS}/q2"), 404)
    refused(api.get(f"{SUBMISSIONS}/q99"), 404)
    refused(api.get(f"{SUBMISSIONS}/nix"), 404)


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer falsch"}, {"Authorization": "Basic YTpi"}]
)
def test_without_a_valid_key_nothing_is_said(
    settings: Settings, engine: Engine, clock: Clock, headers: dict[str, str]
) -> None:
    client = TestClient(create_app(settings, engine, clock), base_url="http://127.0.0.1:8000")
    for answer in (
        client.post(SUBMISSIONS, json=NEWS, headers=headers),
        client.post(SUBMISSIONS, content=b"{", headers=headers),
        client.get(SUBMISSIONS, headers=headers),
        client.get(f"{SUBMISSIONS}/q1", headers=headers),
        client.post(IMAGES, content=jpeg(), headers=headers),
    ):
        refused(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.sqlite("what is not read reaches no database")
@pytest.mark.parametrize("path", [SUBMISSIONS, IMAGES])
@pytest.mark.parametrize("key", ["", "Bearer falsch"])
def test_a_stranger_is_refused_before_anything_long_is_read(
    settings: Settings, engine: Engine, clock: Clock, path: str, key: str
) -> None:
    with reserved() as listener, serving(create_app(settings, engine, clock), listener):
        connection = HTTPConnection(*listener.getsockname()[:2], timeout=10)
        connection.putrequest("POST", path)
        kind = "application/json" if path == SUBMISSIONS else "image/png"
        for name, value in (("Content-Type", kind), ("Content-Length", "900000")):
            connection.putheader(name, value)
        connection.putheader("Authorization", key)
        connection.endheaders(b"{")
        assert connection.getresponse().status == 401  # and we have sent one byte
        connection.close()


def test_a_deactivated_cluster_is_locked_out(api: TestClient, act: type_of_act) -> None:
    with act() as a:
        clusters.deactivate(a, "lichtwerk")
    refused(api.post(SUBMISSIONS, json=NEWS), 401)


def test_all_problems_come_at_once_each_at_its_field(api: TestClient, engine: Engine) -> None:
    bad = NEWS | {
        "kind": "meldung",
        "title": "",
        "targets": ["portal"],
        "rights_confirmed": False,
        "link": "javascript:alert(1)",
        "titel": "x",
        "contact_email": "jörn@x.example",
    }
    document = refused(api.post(SUBMISSIONS, json=bad), 422)
    assert {each["field"] for each in document["errors"]} == {
        *("kind", "title", "targets", "rights_confirmed", "link", "titel", "contact_email")
    }
    assert all(each["message"].endswith((".", "?")) for each in document["errors"])
    assert stored(engine) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_at": "2027-03-15T09:00:00+01:00"}, "ends_at"),
        ({"starts_at": "2024-03-16T09:30:00+01:00", "ends_at": None}, "starts_at"),
        ({"starts_at": "2027-03-16T09:30:00"}, "starts_at"),
        ({"kind": "termin"}, "kind"),
        ({"rights_confirmed": None}, "rights_confirmed"),
        ({"image": "nirgends"}, "image"),
    ],
)
def test_bad_dates_and_missing_rights_are_told(
    api: TestClient, change: dict[str, Any], field: str
) -> None:
    document = refused(api.post(SUBMISSIONS, json=DATE | change), 422)
    assert field in {each["field"] for each in document["errors"]}


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"", b"\xff\xfe", b'{"title": NaN}', b"[" * 50_000, b'{"a":' * 50_000),
        b"{'title': 1}",
    ],
)
def test_broken_json_is_named_as_such(api: TestClient, body: bytes) -> None:
    kind = {"Content-Type": "application/json"}
    assert "JSON" in refused(api.post(SUBMISSIONS, content=body, headers=kind), 400)["detail"]


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"3"])
def test_json_that_is_no_object_is_told(api: TestClient, body: bytes) -> None:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    document = refused(api.post(SUBMISSIONS, content=body, headers=kind), 422)
    assert "Objekt" in document["errors"][0]["message"]


def test_another_media_type_is_refused(api: TestClient) -> None:
    refused(api.post(SUBMISSIONS, data={"title": "x"}), 415)
    refused(api.post(SUBMISSIONS, content=json.dumps(NEWS)), 415)
    refused(api.post(IMAGES, content=b"GIF89a", headers={"Content-Type": "image/gif"}), 415)


def test_a_body_of_a_megabyte_is_refused(api: TestClient, engine: Engine) -> None:
    refused(api.post(SUBMISSIONS, json=NEWS | {"body": "x" * 1_000_000}), 413)
    assert stored(engine) == 0


def test_a_megabyte_that_does_not_say_its_size_is_refused_too(api: TestClient) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"body": "'
        for _ in range(12):
            yield b"x" * 100_000

    kind = {"Content-Type": "application/json"}
    refused(api.post(SUBMISSIONS, content=parts(), headers=kind), 413)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nirgends", 404),
        ("GET", "/api/", 404),
        ("DELETE", SUBMISSIONS, 405),
        ("PUT", f"{SUBMISSIONS}/q1", 405),
        ("GET", IMAGES, 405),
        ("OPTIONS", SUBMISSIONS, 405),
    ],
)
def test_what_does_not_exist_below_api_is_a_problem_document(
    api: TestClient, method: str, path: str, status: int
) -> None:
    refused(api.request(method, path), status)


def test_what_an_address_can_do_is_named_whole(api: TestClient) -> None:
    answer = api.request("PATCH", SUBMISSIONS)
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert "Allow" in answer.json()["detail"]  # and nobody is told to open it in a browser


def test_another_host_is_a_problem_document_too(api: TestClient) -> None:
    refused(api.get(SUBMISSIONS, headers={"Host": "boese.example"}), 421)


# -- pictures -------------------------------------------------------------------------------


def test_a_picture_is_uploaded_raw_or_as_a_file_and_used(api: TestClient) -> None:
    raw = api.post(IMAGES, content=jpeg(), headers={"Content-Type": "image/jpeg"})
    form = api.post(IMAGES, files={"file": ("../../x.php", png(), "image/png")})
    for answer in (raw, form):
        assert answer.status_code == 201
        with_picture = NEWS | {"image": answer.json()["id"], "image_alt": "Ein Saal"}
        assert api.post(SUBMISSIONS, json=with_picture).status_code == 201
    assert (raw.json()["width"], form.json()["width"]) == (600, 300)


def test_a_picture_of_another_cluster_cannot_be_used(api: TestClient, keys: dict[str, str]) -> None:
    other = {"Authorization": f"Bearer {keys['boje']}", "Content-Type": "image/jpeg"}
    theirs = api.post(IMAGES, content=jpeg(), headers=other).json()["id"]
    document = refused(api.post(SUBMISSIONS, json=NEWS | {"image": theirs}), 422)
    assert document["errors"][0]["field"] == "image"


@pytest.mark.parametrize("data", [b"GIF89a", b"<svg/>", b"", jpeg()[:2000], b"%PDF-1.7"])
def test_what_is_no_picture_is_told(api: TestClient, data: bytes) -> None:
    answer = api.post(IMAGES, content=data, headers={"Content-Type": "image/png"})
    assert refused(answer, 422)["errors"][0]["field"] == "image"


def test_a_picture_form_without_a_file_or_broken_is_told(api: TestClient) -> None:
    refused(api.post(IMAGES, files={"bild": ("x.jpg", jpeg(), "image/jpeg")}), 422)
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    refused(api.post(IMAGES, content=b"--x\r\nkaputt", headers=kind), 422)
    refused(api.post(IMAGES, content=b"x", headers={"Content-Type": "multipart/form-data"}), 400)


# -- the description ------------------------------------------------------------------------


def test_the_description_is_public_and_shows_the_api_only(api: TestClient) -> None:
    described = api.get("/openapi.json", headers={"Authorization": ""}).json()
    published = "/api/v1/public/{newsletter}/items"
    theirs = {SUBMISSIONS, f"{SUBMISSIONS}/{{reference}}", IMAGES}
    assert set(described["paths"]) == {*theirs, published}
    schema = described["paths"][SUBMISSIONS]["post"]["requestBody"]["content"]
    body = schema["application/json"]["schema"]
    assert set(body["properties"]) == set(submissions.SubmissionForm.model_fields)
    assert body["additionalProperties"] is False
    for path in ("/docs", "/redoc"):
        assert api.get(path).status_code == 404


def test_the_examples_of_the_description_are_taken(api: TestClient) -> None:
    described = api.get("/openapi.json").json()
    schema = described["paths"][SUBMISSIONS]["post"]["requestBody"]["content"]
    examples = [each["value"] for each in schema["application/json"]["examples"].values()]
    assert {each["kind"] for each in examples} == {"news", "date", "success_story"}
    for example in examples:
        assert api.post(SUBMISSIONS, json=example).status_code == 201
