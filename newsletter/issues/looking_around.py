"""What other people's servers say about an issue: whether its links lead anywhere, what the DNS
holds for its sender.

They are asked before a transaction, never within one, and only by somebody who waits for it at a
terminal. What they said is kept (``kept_answers``).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from newsletter import database, outside
from newsletter.models.probe import Probe
from newsletter.outside import Fetcher, Reach, Record
from newsletter.settings import Settings

from . import kept_answers
from .contents import content_of
from .register import find

_FINE_FOR = timedelta(days=1)
_WRONG_FOR = timedelta(minutes=10)  # whoever has it mended looks again soon
_FINE = {Reach.THERE, Record.THERE}


@dataclass(frozen=True, slots=True)
class Around:
    """How many were asked; ``offline``: none of them answered, which says nothing of them."""

    asked: int = 0
    offline: bool = False


def look_around(
    engine: Engine,
    settings: Settings,
    keys: Iterable[str],
    now: datetime,
    *,
    begin: Callable[[int], None] | None = None,
    fetcher: Fetcher | None = None,
) -> Around:
    """Ask about these issues what was not asked lately, for 15 seconds at most; NotFound.

    Nobody is asked while the base address is this machine's, nor about names that nobody can own
    (``.example``). ``begin`` hears how many will be asked.
    """
    if settings.links.loopback:
        return Around()
    with database.reading(engine) as session:
        questions = _open_questions(session, settings, keys, now)
    if not questions.count:
        return Around()
    if begin is not None:
        begin(questions.count)
    answers = _asked(settings, questions, fetcher)
    offline = bool(questions.pages) and not set(answers.values()) - {Reach.SILENT}
    if not offline:
        kept_answers.keep(engine, answers, now)
    return Around(questions.count, offline)


@dataclass(frozen=True, slots=True)
class _Questions:
    pages: list[str]
    domains: list[tuple[str, str]]  # of a sender, and of its envelope

    @property
    def count(self) -> int:
        return len(self.pages) + len(self.domains)


def _open_questions(
    session: Session, settings: Settings, keys: Iterable[str], now: datetime
) -> _Questions:
    """What these issues depend on and nobody has asked lately."""
    found = [content_of(session, settings, find(session, key), now) for key in keys]
    pages = {page for content in found for page in kept_answers.pages(content, settings)}
    domains = {kept_answers.domains(content, settings): None for content in found}
    named = {pair: kept_answers.names(*pair) for pair in domains}
    known = kept_answers.known(session, pages.union(*named.values()))

    def is_open(what: str) -> bool:
        return _to_be_asked(known.get(what), now)

    return _Questions(
        sorted(filter(is_open, pages)),
        [pair for pair, names in named.items() if any(map(is_open, names))],
    )


def _asked(
    settings: Settings, questions: _Questions, fetcher: Fetcher | None
) -> dict[str, Reach | Record]:
    fetcher = fetcher or Fetcher(settings.network, settings.agent)
    answers: dict[str, Reach | Record] = {**fetcher.reach(questions.pages)}
    for pair in questions.domains:
        said = outside.sender_records(*pair, settings.sending.dns_server)
        answers |= {
            what: said[name]
            for what in kept_answers.names(*pair)
            if (name := what.partition(" ")[0]) in said
        }
    return answers


def _to_be_asked(known: Probe | None, now: datetime) -> bool:
    if known is None:
        return True
    return now - known.asked_at >= (_FINE_FOR if known.answer in _FINE else _WRONG_FOR)
