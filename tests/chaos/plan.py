"""What is done to the sender, life after life; pure, drawn from one seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

_FEW, _LAST = 50, 10
HOURS = 40  # that pass in all: an issue is given up after 72


class Trial(StrEnum):
    """What happens in the middle of a life; its end is kill -9 in any case."""

    NONE = "nothing else"
    RELAY = "relay restarted"
    FULL = "disk full"
    POWER = "power loss"
    CUT = "backends killed"
    RESTART = "database restarted"
    SECOND = "second sender"


_WEIGHTS = {
    "sqlite": {
        Trial.NONE: 64,
        Trial.RELAY: 12,
        Trial.FULL: 14,
        Trial.POWER: 4,  # each costs up to 500 rows, which then are unknown
        Trial.SECOND: 6,
    },
    "postgresql": {
        Trial.NONE: 54,
        Trial.RELAY: 10,
        Trial.FULL: 4,
        Trial.POWER: 6,
        Trial.CUT: 14,
        Trial.RESTART: 6,
        Trial.SECOND: 6,
    },
}


@dataclass(frozen=True, slots=True)
class Life:
    """One life of the sender, from its start to its kill."""

    number: int
    forward: float  # minutes that the clock is put forward before it; some are backward
    tls: bool  # through the relay that has STARTTLS
    early: float | None  # killed so many seconds after its start, whatever it does by then
    share: float  # of what falls to a life on average: so much is sent before the kill
    middle: float  # of that, so much before the trial
    trial: Trial
    lasts: float  # seconds: how long the trial lasts
    until_death: bool  # it lasts until the kill
    goodbyes: tuple[int, ...]  # numbers of readers who leave meanwhile
    erasures: tuple[int, ...]  # and of those who are erased
    jitter: float  # seconds between the last thing waited for and the kill


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it. The last life's database comes back from a backup made lives before."""

    seed: int
    readers: int
    database: str
    lives: tuple[Life, ...]
    backup_before: int  # the number of the life


def drawn(
    seed: int, readers: int, kills: int, database: str, without: frozenset[Trial] = frozenset()
) -> Plan:
    """The plan of this seed. Every kind of trial occurs, where there are lives enough."""
    rng = Random(f"{seed}/{readers}/{kills}/{database}")
    weights = {t: w for t, w in _WEIGHTS[database].items() if t not in without}
    trials = _trials(rng, weights, kills)
    who = iter(rng.sample(range(readers), min(readers, kills * 8)))
    lives = tuple(_life(rng, number, kills, trial, who) for number, trial in enumerate(trials))
    return Plan(seed, readers, database, lives, max(0, kills - rng.randint(2, 4)))


def _trials(rng: Random, weights: dict[Trial, int], kills: int) -> list[Trial]:
    each = [trial for trial in weights if trial is not Trial.NONE][:kills]
    rest = rng.choices(list(weights), list(weights.values()), k=kills - len(each))
    trials = [*each, *rest]
    rng.shuffle(trials)
    # A power loss may leave nothing more to be sent: neither of a small audience, nor for the
    # backup that is made in one of the last lives.
    if kills < _FEW:
        trials.sort(key=lambda trial: trial is Trial.POWER)
    else:
        while Trial.POWER in trials[-_LAST:]:
            rng.shuffle(trials)
    return trials


def _life(rng: Random, number: int, kills: int, trial: Trial, who: Iterator[int]) -> Life:
    minutes = HOURS * 60 / kills
    return Life(
        number=number,
        forward=-3.0 if rng.random() < 0.05 else rng.uniform(0, 2) * min(minutes, 12),
        tls=rng.random() < 0.25,
        early=rng.uniform(0, 0.3) if rng.random() < 0.1 and trial is Trial.NONE else None,
        share=rng.uniform(0.2, 1.8),
        middle=rng.uniform(0.2, 0.8),
        trial=trial,
        lasts=rng.uniform(0.05, 0.8),
        until_death=rng.random() < 0.3,
        goodbyes=tuple(next(who) for _ in range(rng.randint(0, 5))),
        erasures=tuple(next(who) for _ in range(rng.randint(0, 2))),
        jitter=rng.uniform(0, 0.03),
    )
