"""One address that people hand in: canonical, clickable, without tracking."""

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import idna

from newsletter.language import N_, _
from newsletter.links import untracked

from .characters import clean

LONGEST = 2_000  # characters; browsers and mail programs cut longer ones
_WELL_KNOWN_PORTS = {"http": 80, "https": 443}
_SAFE = "%/:@!$&'()*+,;=-._~"  # RFC 3986 pchar; % since what is encoded stays encoded


def link(url: str) -> str:
    """The canonical form of an ``https`` or ``http`` address.

    The host is ASCII (A-labels), the rest percent-encoded, tracking parameters are gone,
    other parameters and the fragment stay. ValueError: a sentence that says how to mend it.
    """
    given = clean(url).strip()
    if re.search(r"\s", given):
        raise ValueError(_("Die Adresse enthält Leerzeichen. Bitte vollständig neu einfügen."))
    parts = _parts(given)
    host = _host(parts.hostname or "")
    try:
        port = parts.port
    except ValueError as exc:
        raise ValueError(_("Der Port in der Adresse ist keine Zahl bis 65535.")) from exc
    netloc = host if port in {None, _WELL_KNOWN_PORTS[parts.scheme]} else f"{host}:{port}"
    clean_url = urlunsplit(
        (
            parts.scheme,
            netloc,
            _encoded(parts.path, _SAFE),
            _encoded(untracked(parts.query), _SAFE + "?"),
            _encoded(parts.fragment, _SAFE + "?"),
        )
    )
    if len(clean_url) > LONGEST:
        raise ValueError(_("Die Adresse ist länger als {most} Zeichen.").format(most=LONGEST))
    return clean_url


def _parts(given: str) -> SplitResult:
    try:
        parts = urlsplit(given)
    except ValueError as exc:
        raise ValueError(_(_NOT_AN_ADDRESS)) from exc
    if parts.scheme not in {"https", "http"} or not parts.netloc:
        raise ValueError(_(_NOT_AN_ADDRESS))
    if "@" in parts.netloc:
        raise ValueError(
            _(
                "Die Adresse enthält ein @ vor dem Namen der Website; das verschleiert das Ziel."
                " Bitte die Adresse ohne diesen Teil angeben."
            )
        )
    return parts


_NOT_AN_ADDRESS = N_(
    "Das ist keine vollständige Webadresse. Bitte mit https:// beginnen,"
    " zum Beispiel https://www.cluster.example/aktuelles."
)


def _host(host: str) -> str:
    """The host with A-labels; a name of one label is a slip, but for ``localhost``."""
    if re.fullmatch(r"[0-9a-f:.]*:[0-9a-f:.]*", host):
        return f"[{host}]"
    try:
        name = idna.encode(host, uts46=True).decode("ascii").lower()
    except idna.IDNAError as exc:
        raise ValueError(
            _("„{host}“ ist kein gültiger Name einer Website.").format(host=host)
        ) from exc
    if "." not in name.rstrip(".") and name != "localhost":
        raise ValueError(_(_NOT_AN_ADDRESS))
    return name


def _encoded(part: str, safe: str) -> str:
    loose = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", part)
    return quote(loose, safe=safe)
