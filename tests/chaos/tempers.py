"""How the hostile mail server behaves, connection by connection; pure, drawn from one seed.

A connection has a temper (what it promises and how it begins); each message on it has a fate.
Both follow from the seed, the server's generation (it is restarted) and the connection's number.
"""

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any


class Act(StrEnum):
    """What the server does instead of its usual answer."""

    DROP = "drop"  # resets the connection
    SILENCE = "silence"  # says nothing any more, keeps the line
    SLOW = "slow"  # answers late
    TWICE = "twice"  # says its answer two times
    HALF = "half"  # the first line of an answer that never ends
    GARBAGE = "garbage"  # no answer that RFC 5321 knows
    DRIP = "drip"  # an answer of several lines, in pieces
    EARLY = "early"  # answers what was not said yet


@dataclass(frozen=True, slots=True)
class Fate:
    """At a stage of a message: an act, or a reply of this text. ``taken``: it keeps the message."""

    stage: str  # MAIL, RCPT, DATA, TEXT, DOT, AFTER
    act: Act | None = None
    reply: str = ""
    taken: bool = False
    then_drop: bool = False


# In a thousand messages, so many have this fate. After a 421 the sender goes slowly for a while,
# so these are few.
FATES: tuple[tuple[float, Fate], ...] = (
    (0.5, Fate("MAIL", reply="451 4.3.0 not now")),
    (0.5, Fate("MAIL", reply="421 4.3.2 closing", then_drop=True)),
    (1.0, Fate("MAIL", Act.DROP)),
    (8.0, Fate("RCPT", reply="450 4.2.1 greylisted")),
    (2.0, Fate("RCPT", reply="452 4.2.2 mailbox full")),
    (0.5, Fate("RCPT", reply="421 4.7.0 too many", then_drop=True)),
    (6.0, Fate("RCPT", reply="550 5.1.1 no such user")),
    (3.0, Fate("RCPT", Act.DROP)),
    (0.5, Fate("RCPT", Act.SILENCE)),
    (3.0, Fate("DATA", reply="451 4.3.0 not now")),
    (0.5, Fate("DATA", reply="421 4.3.2 closing", then_drop=True)),
    (2.0, Fate("DATA", Act.DROP)),
    (1.0, Fate("DATA", Act.EARLY)),
    (3.0, Fate("TEXT", Act.DROP)),
    (1.0, Fate("TEXT", reply="421 4.3.2 closing", then_drop=True)),
    (6.0, Fate("DOT", reply="451 4.3.0 not now")),
    (2.0, Fate("DOT", reply="452 4.3.1 no space")),
    (1.0, Fate("DOT", reply="554 5.7.1 spam")),
    (1.0, Fate("DOT", reply="421 4.3.2 closing", then_drop=True)),
    (4.0, Fate("DOT", Act.DROP, taken=True)),
    (2.0, Fate("DOT", Act.DROP)),
    (0.5, Fate("DOT", Act.SILENCE, taken=True)),
    (0.3, Fate("DOT", Act.SILENCE)),
    (0.5, Fate("DOT", Act.HALF, taken=True)),
    (1.0, Fate("DOT", Act.GARBAGE, taken=True)),
    (8.0, Fate("DOT", Act.SLOW, taken=True)),
    (4.0, Fate("DOT", Act.TWICE, taken=True)),
    (4.0, Fate("DOT", Act.DRIP, taken=True)),
    (4.0, Fate("AFTER", Act.DROP, taken=True)),
    (3.0, Fate("AFTER", reply="421 4.4.2 idle", taken=True)),
)
USUAL = Fate("")


WELCOME = "220 relay.example ESMTP"


@dataclass(frozen=True, slots=True)
class Temper:
    """What a connection promises, and how it begins."""

    greeting: str | Act = WELCOME
    ehlo: bool = True  # else only HELO
    pipelining: bool = True
    groups: bool = True  # False: offers groups and reads but the first command of each
    size: str | None = "10000000"
    wants_all: bool = False  # asks for the text although it has refused the reader
    starttls: str = "yes"  # stripped, refused, plain (says yes, goes on without), injected


# Of a thousand connections, so many begin like this. What the sender cannot work with ends a
# run, so these are few.
_BEGINNINGS: tuple[tuple[float, str | Act], ...] = (
    (5, "421 4.3.2 busy"),
    (3, "554 5.3.2 no service here"),
    (5, Act.DROP),
    (2, Act.SILENCE),
)


def stream(seed: int, generation: int, connection: int) -> Random:
    """The chance that rules one connection."""
    return Random(f"{seed}/{generation}/{connection}")


def temper(rng: Random) -> Temper:
    """A connection's temper."""
    return Temper(
        greeting=_one(rng, _BEGINNINGS, WELCOME),
        ehlo=rng.random() > 0.01,
        pipelining=rng.random() < 0.7,
        groups=rng.random() > 0.005,
        size=_one(rng, ((3, "100"), (100, None), (50, ""), (50, "0")), "10000000"),
        wants_all=rng.random() < 0.5,
        starttls=_one(
            rng, ((30, "stripped"), (15, "refused"), (15, "plain"), (15, "injected")), "yes"
        ),
    )


def fate(rng: Random) -> Fate:
    """What becomes of the next message on a connection."""
    found: Fate = _one(rng, FATES, USUAL)
    return found


def _one(rng: Random, choices: tuple[tuple[float, Any], ...], usual: Any) -> Any:
    at = rng.random() * 1000
    for weight, choice in choices:
        at -= weight
        if at < 0:
            return choice
    return usual
