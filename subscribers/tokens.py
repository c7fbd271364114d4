"""Signed tokens for the links in mails and for forms, each bound to one purpose.

A token holds a few short texts, readable by anybody, and a signature that only we can make:
HMAC-SHA-256 with a key of its own per purpose. No token expires by itself; where something is
valid for a while, the row that it names says so. Several keys: the newest signs, all verify.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from .errors import BadToken

LONGEST = 120  # characters, so that a List-Unsubscribe line stays short (WB-05)
_SEPARATOR = "\x1f"  # ASCII unit separator: shorter than JSON, and in no slug, id or nonce


class Purpose(StrEnum):
    """What a token is good for; one made for another is no token at all."""

    CONFIRM = "confirm"  # subscription id, nonce
    UNSUBSCRIBE = "unsubscribe"  # public id of the reader, newsletter
    PREFERENCES = "preferences"
    FORM = "form"  # moment of serving, in seconds


class _Parts:
    """Writes and reads a list of short texts; what itsdangerous calls a serializer."""

    @staticmethod
    def dumps(parts: Sequence[str | int]) -> str:
        text = _SEPARATOR.join(map(str, parts))
        if text.count(_SEPARATOR) != max(0, len(parts) - 1):
            raise ValueError("a part of a token holds the separator")
        return text

    @staticmethod
    def loads(text: str) -> list[str]:
        return text.split(_SEPARATOR)


def sign(purpose: Purpose, parts: Sequence[str | int], keys: Sequence[str]) -> str:
    """A token that holds ``parts``; ``keys`` oldest first, the last one signs."""
    payload = _base64(_Parts.dumps(parts).encode())
    seal = hmac.digest(_key(purpose, tuple(keys)), payload.encode(), "sha256")
    token = f"{payload}.{_base64(seal)}"
    if len(token) > LONGEST:
        raise ValueError(f"a token of {len(token)} characters is longer than {LONGEST}")
    return token


def verify(purpose: Purpose, token: str, keys: Sequence[str]) -> list[str]:
    """The parts of a token of ours, as texts. BadToken for anything else."""
    if len(token) > LONGEST or not token.isascii() or not _canonical(token):
        raise BadToken
    try:
        parts: list[str] = _serializer(purpose, tuple(keys)).loads(token)
    except BadData as exc:
        raise BadToken from exc
    return parts


def _canonical(token: str) -> bool:
    """Whether the signature is spelt as we spell it.

    32 bytes leave two spare bits in their last base64 character, so three other characters
    would decode to the same signature; one token has one spelling.
    """
    signature = token.rpartition(".")[2].encode()
    try:
        return hmac.compare_digest(base64_encode(base64_decode(signature)), signature)
    except BadData:
        return False


def _base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


@lru_cache(maxsize=16)
def _key(purpose: Purpose, keys: tuple[str, ...]) -> bytes:
    """What the newest key signs with, kept, since every mail signs a link.

    The library would derive it anew for each, and try to compress forty characters.
    """
    return _serializer(purpose, keys).make_signer().derive_key()


@lru_cache(maxsize=16)
def _serializer(purpose: Purpose, keys: tuple[str, ...]) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(keys),
        salt=f"newsletter.{purpose.value}.v1",
        serializer=_Parts,
        signer_kwargs={"key_derivation": "hmac", "digest_method": sha256},
    )
