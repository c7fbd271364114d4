"""What people's hands do in the story: post JSON, upload a picture, fill in a form.

Plain HTTP from outside, as a cluster's own program and a browser would speak it; never through
a proxy, since everything stands on loopback.
"""

import json
import secrets
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin

from newsletter.errors import Refused
from newsletter.language import N_

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_SECONDS = 30


class Unwelcome(Refused):
    """The application answered with an error where the story expects none."""

    sentence = N_("{method} {url} wurde mit {status} beantwortet: {text}")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    url: str
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def facts(self) -> dict[str, Any]:
        """Of a JSON answer."""
        read: dict[str, Any] = json.loads(self.body)
        return read


def get(url: str) -> Answer:
    """Fetch a page. Unwelcome unless it is there."""
    return _send(urllib.request.Request(url))  # noqa: S310  (our own addresses)


def post_json(url: str, facts: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Hand in facts as a cluster's own program does."""
    data = json.dumps(facts, ensure_ascii=False).encode()
    return _post(url, data, "application/json", key).facts


def post_picture(url: str, picture: Path, key: str) -> str:
    """Upload a picture; its id is given."""
    kind = "image/png" if picture.suffix == ".png" else "image/jpeg"
    return str(_post(url, picture.read_bytes(), kind, key).facts["id"])


def post_one_click(url: str) -> Answer:
    """Leave as a mail program does on a click (RFC 8058)."""
    data = urlencode({"List-Unsubscribe": "One-Click"}).encode()
    return _post(url, data, "application/x-www-form-urlencoded")


@dataclass
class Form:
    """The one form of a page: where it goes, and what a browser would send untouched."""

    action: str
    multipart: bool = False
    fields: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)  # also of what is sent only if chosen

    def submit(self, **typed: str | list[str]) -> Answer:
        """Fill in and send, as a browser does. Unwelcome if a field is not in the form."""
        if unknown := typed.keys() - self.names:
            raise Unwelcome(method="POST", url=self.action, status="–", text=sorted(unknown))
        filled = self.fields | {
            name: value if isinstance(value, list) else [value] for name, value in typed.items()
        }
        if self.multipart:
            return _post(self.action, *multipart(filled))
        data = urlencode(filled, doseq=True).encode()
        return _post(self.action, data, "application/x-www-form-urlencoded")


def form_on(page: Answer) -> Form:
    """Read the form of a page."""
    reader = _FormReader(page.url)
    reader.feed(page.text)
    return reader.form


class _FormReader(HTMLParser):
    """Collects what a browser would send: ``value``s, what is checked, what is selected."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.form = Form(url)
        self._url = url
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        name = facts.get("name", "")
        match tag:
            case "form":
                self.form.action = urljoin(self._url, facts.get("action") or self._url)
                self.form.multipart = facts.get("enctype") == "multipart/form-data"
            case "input" if facts.get("type") in {"checkbox", "radio"}:
                self._offer(name, facts.get("value", "on"), "checked" in facts)
            case "input" if facts.get("type") not in {"submit", "file"}:
                self._offer(name, facts.get("value", ""), True)
            case "textarea":
                self._offer(name, "", True)
            case "select":
                self._select = name
            case "option":
                self._offer(self._select, facts.get("value", ""), "selected" in facts)

    def _offer(self, name: str, value: str, sent: bool) -> None:
        if name:
            self.form.names.add(name)
            if sent:
                self.form.fields.setdefault(name, []).append(value)


def multipart(fields: Mapping[str, list[str]]) -> tuple[bytes, str]:
    """A multipart/form-data body and its media type."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, values in fields.items()
        for value in values
    ]
    body = "".join([*parts, f"--{boundary}--\r\n"]).encode()
    return body, f"multipart/form-data; boundary={boundary}"


def _post(url: str, data: bytes, media_type: str, key: str | None = None) -> Answer:
    headers = {"Content-Type": media_type}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return _send(urllib.request.Request(url, data, headers))  # noqa: S310


def _send(request: urllib.request.Request) -> Answer:
    try:
        with _opener.open(request, timeout=_SECONDS) as answer:
            return Answer(answer.url, answer.status, answer.headers, answer.read())
    except HTTPError as exc:
        raise Unwelcome(
            method=request.get_method(),
            url=request.full_url,
            status=exc.code,
            text=exc.read().decode(errors="replace")[:2000],
        ) from exc
