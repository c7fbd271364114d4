"""Which addresses may be opened (pure): WB-32, line by line."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from newsletter import texts
from newsletter.language import _

from .errors import NotOpened

PORT = 443
# All of IPv6 that is given out to the public (RFC 4291 §2.4). Python also takes a house's own
# fec0::/10 for public, and what is translated into IPv4 that nobody has looked at.
_UNICAST = ipaddress.IPv6Network("2000::/3")
_BUT_NOT = tuple(
    map(ipaddress.IPv6Network, ("2002::/16", "2001::/32", "3fff::/20"))  # 6to4, Teredo, RFC 9637
)
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be asked for, if its host turns out to be public."""

    url: str
    host: str  # ASCII
    path: str  # with the query


def target(url: str, base: str = "") -> Target:
    """The address as it is asked for; NotOpened, with a sentence, unless it is plain https."""
    whole = _joined(base, url.strip())
    scheme = whole.partition(":")[0].lower()
    if scheme != "https":
        said = _("Wir lesen nur Seiten, deren Adresse mit https:// beginnt.")
        raise NotOpened(why=said)
    try:
        parts = urlsplit(texts.link(whole))
        port = parts.port
    except ValueError as exc:
        raise NotOpened(why=str(exc)) from exc
    host = (parts.hostname or "").rstrip(".")
    if port not in {None, PORT}:
        said = _("Wir lesen nur Seiten am üblichen Anschluss. Bitte die Adresse ohne „:{port}“.")
        raise NotOpened(why=said.format(port=port))
    if ":" in host or _NUMBER.fullmatch(host.rpartition(".")[2]) or "." not in host:
        said = _("Bitte den Namen der Website angeben, keine Nummer und keinen Rechner im Haus.")
        raise NotOpened(why=said)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(f"https://{host}{path}", host, path)


def _joined(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError:  # https://[::1
        return ""


def is_public(address: str) -> bool:
    """Whether an address belongs to the public network: not ours, not the machine's, not a
    group's, and none that is translated into another.
    """
    try:
        it = ipaddress.ip_address(address)
    except ValueError:  # with a scope: fe80::1%eth0
        return False
    if isinstance(it, ipaddress.IPv6Address) and (
        it not in _UNICAST or any(it in network for network in _BUT_NOT)
    ):
        return False
    inside = it.is_private or it.is_loopback or it.is_link_local or it.is_multicast
    return it.is_global and not (inside or it.is_reserved or it.is_unspecified)


def require_public(host: str, addresses: Iterable[str]) -> list[str]:
    """The addresses of a host, all of them public; NotOpened if a single one is not."""
    found = list(dict.fromkeys(addresses))
    if not all(is_public(each) for each in found):
        said = _("„{host}“ liegt nicht im öffentlichen Netz; solche Seiten öffnen wir nicht.")
        raise NotOpened(why=said.format(host=host))
    return found


def require_allowed(host: str, allowed: Iterable[str]) -> None:
    """NotOpened unless a host, or a name above it, stands on the list."""
    if not any(host == each or host.endswith(f".{each}") for each in allowed):
        said = _(
            "Seiten von „{host}“ darf dieses Programm nicht öffnen. Wer es betreibt, kann das"
            " erlauben: in newsletter.toml unter [network] bei allow „{name}“ ergänzen und neu"
            " starten. Bitten Sie die Redaktion darum; bis dahin tippen oder kopieren Sie die"
            " Angaben bitte."
        )
        raise NotOpened(why=said.format(host=host, name=host.removeprefix("www.")))
