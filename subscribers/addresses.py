"""What an address is that we can deliver to, and when two addresses are the same reader's.

Pure: no name server is asked. Whether a mailbox exists, the mail server says later.
"""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass

from email_validator import (
    SPECIAL_USE_DOMAIN_NAMES,
    EmailNotValidError,
    validate_email,
)

from .errors import N_, NotAnAddress

# What nine of ten addresses look like. The library accepts all of these unchanged (a property
# test compares them), and takes 45 µs to say so, which is most of what an import costs.
_PLAIN = re.compile(
    r"[a-z0-9_-]+(?:[.+][a-z0-9_-]+)*"
    r"@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,63}"
)
_LONGEST_PLAIN = 63  # so short that no limit of any part is near
_RESERVED = tuple(f".{name}" for name in SPECIAL_USE_DOMAIN_NAMES)

LONGEST_LOCAL_PART = 64  # octets, RFC 5321 §4.5.3.1.1
_GOOGLE = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True, slots=True)
class Address:
    """One address in its two forms (STANDARDS SM-06, SM-07).

    ``email`` is what we send to: ASCII, the domain as A-labels, the local part as typed.
    ``key`` tells readers apart: NFC, lower case, the domain readable, so that ``A@Müller.de``
    and ``a@xn--mller-kva.de`` are one person.
    """

    email: str
    key: str


def parse(text: str) -> Address:
    """The address that somebody typed. NotAnAddress says what is wrong with it and the cure.

    Letters beyond ASCII before the @ are refused: they need SMTPUTF8 (RFC 6531) on every
    server of the way, and without it the mail is lost for good.
    """
    typed = text.strip()
    if _plain(typed):
        return Address(typed, typed)
    try:
        found = validate_email(typed, strict=True, allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError as exc:
        raise _not_an_address(typed) from exc
    if found.ascii_email is None:  # only with allow_smtputf8
        raise _not_an_address(typed)
    return Address(found.ascii_email, unicodedata.normalize("NFC", found.normalized.lower()))


def hashed(key: str, secret: str) -> str:
    """The keyed hash of an address key: HMAC-SHA-256, hex (LA-13)."""
    return hmac.new(secret.encode(), key.encode(), hashlib.sha256).hexdigest()


def mailbox(key: str) -> str:
    """The mailbox behind an address key, for limits only: without ``+tag``, without Gmail's dots.

    Whoever floods a stranger's mailbox with confirmation letters varies exactly these (WB-06).
    """
    local, _, domain = key.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GOOGLE:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def masked(email: str) -> str:
    """``m***@d***.de``: enough for its owner to recognise, too little for a stranger."""
    local, _, domain = email.rpartition("@")
    host, _, top = domain.rpartition(".")
    return f"{local[:1]}***@{host[:1]}***.{top}"


def _plain(typed: str) -> bool:
    return (
        len(typed) <= _LONGEST_PLAIN
        and _PLAIN.fullmatch(typed) is not None
        and not typed.endswith(_RESERVED)
    )


def _not_an_address(typed: str) -> NotAnAddress:
    return NotAnAddress(_why(typed), longest=LONGEST_LOCAL_PART)


def _why(typed: str) -> str:
    """Say in one sentence what is wrong; the library's own sentences are English."""
    local, at, domain = typed.rpartition("@")
    if not typed:
        return N_("Bitte geben Sie eine E-Mail-Adresse an.")
    if not at or not local or not domain:
        return N_("Eine E-Mail-Adresse hat die Form name@anbieter.example.")
    if "@" in local or any(letter.isspace() or letter in "<>,;" for letter in typed):
        return N_("Bitte geben Sie genau eine E-Mail-Adresse an, ohne Namen und Leerzeichen.")
    if not local.isascii():
        return N_(
            "Vor dem @ stehen Umlaute oder Sonderzeichen; solche Adressen können wir leider"
            " nicht beliefern. Bitte geben Sie eine Adresse ohne Umlaute vor dem @ an."
        )
    if len(local) > LONGEST_LOCAL_PART:
        return N_("Der Teil vor dem @ ist länger als {longest} Zeichen.")
    return _why_the_domain(domain) or N_(
        "Vor dem @ stehen Zeichen, die dort nicht erlaubt sind. Bitte prüfen Sie die Schreibweise."
    )


def _why_the_domain(domain: str) -> str | None:
    try:
        validate_email(f"a@{domain}", strict=True, check_deliverability=False)
    except EmailNotValidError:
        return N_(
            "Der Teil nach dem @ ist kein Name, an den Post zugestellt werden kann."
            " Bitte prüfen Sie die Schreibweise."
        )
    return None
