"""Colleagues who come in over ssh: their public keys, and what to paste to let them in (pure).

A line in ``authorized_keys`` binds a key to one command, which sshd runs whatever the client
asks for: ``newsletter ssh --editor NAME``. The configuration names the key's fingerprint, so
that nobody else can act under the name, not even with ``--as`` at the server.
"""

import base64
import binascii
import hashlib
import json
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from newsletter.errors import Refused
from newsletter.language import N_

# sshd's own names (sshd(8), AUTHORIZED_KEYS FILE FORMAT); DSA is gone since OpenSSH 7.
_KINDS = re.compile(
    r"ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)"
    r"|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com"
)
_LEAST_RSA = 256  # bytes of the blob: shorter moduli than 2,048 bits are refused


class NoPublicKey(Refused):
    sentence = N_(
        "Das ist kein öffentlicher ssh-Schlüssel. Erwartet wird der Inhalt einer Datei wie"
        " ~/.ssh/id_ed25519.pub: ssh-ed25519 AAAA… (sie anlegen: ssh-keygen -t ed25519)."
    )


class PrivateKey(Refused):
    sentence = N_(
        "Das ist ein privater Schlüssel; den gibt man nicht aus der Hand. Gebraucht wird der"
        " öffentliche, aus der Datei mit der Endung .pub."
    )


class WeakKey(Refused):
    sentence = N_("Dieser RSA-Schlüssel ist zu kurz. Bitte einen neuen: ssh-keygen -t ed25519")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key as sshd knows it."""

    kind: str
    encoded: str

    @property
    def fingerprint(self) -> str:
        """As ``ssh-keygen -l`` says it: ``SHA256:…``."""
        digest = hashlib.sha256(base64.b64decode(self.encoded)).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def public_key(text: str) -> PublicKey:
    """The key that a ``.pub`` file holds. NoPublicKey, PrivateKey, WeakKey."""
    if "PRIVATE KEY" in text:
        raise PrivateKey
    words = text.split()
    if len(words) < 2 or not _KINDS.fullmatch(words[0]) or len(text.strip().splitlines()) != 1:
        raise NoPublicKey
    kind, encoded = words[:2]
    blob = _decoded(encoded)
    length = int.from_bytes(blob[:4])
    if blob[4 : 4 + length] != kind.encode():  # the key says itself of which kind it is
        raise NoPublicKey
    if kind == "ssh-rsa" and len(blob) < _LEAST_RSA:
        raise WeakKey
    return PublicKey(kind, encoded)


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise NoPublicKey from exc


def block(name: str, email: str, fingerprint: str = "", login: str = "") -> str:
    """What to paste into newsletter.toml."""
    facts = {"name": name, "email": email, "login": login, "ssh_key": fingerprint}
    told = [f"{key} = {json.dumps(it, ensure_ascii=False)}" for key, it in facts.items() if it]
    return "\n".join(["[[editors]]", *told])


def authorized_line(program: str, home: str, name: str, key: PublicKey) -> str:
    """What to paste into ``authorized_keys``: this key may do one thing, under one name."""
    words = [program, "--home", home, "ssh", "--editor", name]
    command = shlex.join(words).replace('"', '\\"')  # sshd unescapes \" and nothing else
    return f'command="{command}",restrict,pty {key.kind} {key.encoded} {_comment(name)}'


def _comment(name: str) -> str:
    return re.sub(r"\s+", "-", name)


def was_used(fingerprint: str, told: Iterable[str]) -> bool:
    """Whether sshd says that this key was used: lines of the file that ``ExposeAuthInfo`` names
    (``publickey ssh-ed25519 AAAA…``).
    """
    for line in told:
        method, __, key = line.partition(" ")
        if method == "publickey":
            try:
                if public_key(key).fingerprint == fingerprint:
                    return True
            except Refused:
                continue
    return False
