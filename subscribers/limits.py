"""How often something may be tried: counts of keyed hashes, forgotten after a day (WB-06).

What is counted (a mailbox, a network) is stored only as a hash with our key, so that no list
of addresses or of visitors arises here.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from .addresses import hashed
from .models import SignUpAttempt

KEPT_FOR = timedelta(days=1)  # the longest window below


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` tries of ``what`` within ``window``."""

    what: str
    count: int
    window: timedelta


def of_mailbox(mailbox: str, newsletter: str) -> Limit:
    """One confirmation letter per mailbox, newsletter and day."""
    return Limit(f"mailbox {mailbox} {newsletter}", 1, timedelta(hours=24))


def of_network(address: str) -> list[Limit]:
    """Five an hour per address (IPv6: per /64, which is one household), 20 per IPv4 /24."""
    hour = timedelta(hours=1)
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # a proxy that hides its clients: they share one count
        return [Limit(f"network {address}", 5, hour)]
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if ip.version == 6:
        return [Limit(f"network {ipaddress.ip_network((ip, 64), strict=False)}", 5, hour)]
    neighbours = ipaddress.ip_network((ip, 24), strict=False)
    return [Limit(f"network {ip}", 5, hour), Limit(f"network {neighbours}", 20, hour)]


def take(session: Session, now: datetime, secret: str, limits: Sequence[Limit]) -> bool:
    """Count one try against every limit, or against none if one of them is used up."""
    keys = [hashed(limit.what, secret) for limit in limits]
    for limit, key in zip(limits, keys, strict=True):
        if _tries(session, key, now - limit.window) >= limit.count:
            return False
    session.add_all(SignUpAttempt(key_hash=key, at=now) for key in keys)
    session.flush()
    return True


def forget_old(session: Session, now: datetime) -> None:
    """Delete tries that no limit looks at any more."""
    session.execute(delete(SignUpAttempt).where(col(SignUpAttempt.at) <= now - KEPT_FOR))


def _tries(session: Session, key: str, after: datetime) -> int:
    return session.execute(
        select(func.count())
        .select_from(SignUpAttempt)
        .where(col(SignUpAttempt.key_hash) == key, col(SignUpAttempt.at) > after)
    ).scalar_one()
