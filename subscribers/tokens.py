"""Signed tokens for the links in mails and for forms, each bound to one purpose.

A token holds a few short texts, readable by anybody, and a signature that only we can make:
HMAC-SHA-256 with a key of its own per purpose. No token expires by itself; where something is
valid for a while, the row that it names says so. Several keys: the newest signs, all verify.
"""

import hmac
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
        texts = [str(part) for part in parts]
        if any(_SEPARATOR in text for text in texts):
            raise ValueError("a part of a token holds the separator")
        return _SEPARATOR.join(texts)

    @staticmethod
    def loads(text: str) -> list[str]:
        return text.split(_SEPARATOR)


def sign(purpose: Purpose, parts: Sequence[str | int], keys: Sequence[str]) -> str:
    """A token that holds ``parts``; ``keys`` oldest first, the last one signs."""
    payload = base64_encode(_Parts.dumps(parts))
    seal = _seal(purpose, tuple(keys)).copy()
    seal.update(payload)
    token = f"{payload.decode()}.{base64_encode(seal.digest()).decode()}"
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


@lru_cache(maxsize=16)
def _seal(purpose: Purpose, keys: tuple[str, ...]) -> "hmac.HMAC":
    """The newest key's signature of nothing yet: to be copied, since every mail signs a link.

    The library would derive the key anew for each, and try to compress forty characters.
    """
    return hmac.new(_serializer(purpose, keys).make_signer().derive_key(), digestmod=sha256)


@lru_cache(maxsize=16)
def _serializer(purpose: Purpose, keys: tuple[str, ...]) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(keys),
        salt=f"newsletter.{purpose.value}.v1",
        serializer=_Parts,
        signer_kwargs={"key_derivation": "hmac", "digest_method": sha256},
    )
