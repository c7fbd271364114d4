"""Finding published items by their words; on SQLite and PostgreSQL alike, since we compare.

What an index keeps is derived from revisions, which never change; who is out is asked anew
each time. So nothing has to be written when an item comes out or goes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlmodel import Session, col

from newsletter import texts
from newsletter.content import Item, Kind
from newsletter.models.cluster import Cluster
from newsletter.models.submission import Credit, Revision
from newsletter.settings import Settings

from .folded import Asked, excerpt, fold, marked
from .published import Out, in_parts, items_of, published

PER_PAGE = 20
_MARKUP = re.compile(r"\]\([^()\s]*\)|[*\\`]")  # the addresses of links, emphasis, escapes
_WORDS = ("title", "teaser", "body", "location", "challenge", "solution", "result", "quote")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; nothing said: everything."""

    text: str = ""
    kind: Kind | None = None
    land: str = ""  # ISO 3166-2
    page: int = 1


@dataclass(frozen=True, slots=True)
class Hit:
    """An item with what was asked for in it, in pieces: each with whether it was."""

    out: Out
    item: Item
    title: list[tuple[str, bool]]
    teaser: list[tuple[str, bool]]
    body: list[tuple[str, bool]]  # some words around it; empty if the title or teaser has it


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found, newest first."""

    hits: Sequence[Hit]
    total: int
    page: int
    pages: int


@dataclass(slots=True)
class Index:
    """The words of revisions, folded; as many as have come out, about 3 kB each."""

    kept: dict[tuple[int, int], str] = field(default_factory=dict)

    def words_of(self, session: Session, outs: Sequence[Out]) -> dict[int, str]:
        """The words of each item, by id; reads what it does not know yet."""
        keys = {out.id: (out.id, out.revision) for out in outs}
        for part in in_parts([key for key in keys.values() if key not in self.kept]):
            self.kept |= _read(session, part)
        return {id_: self.kept[key] for id_, key in keys.items()}


def search(
    session: Session,
    settings: Settings,
    index: Index,
    slug: str,
    wanted: Wanted,
    now: datetime,
) -> Found:
    """What everybody may read and what has every word. NotHere unless the newsletter is public."""
    outs = published(session, settings, slug, now)
    asked = Asked.of(wanted.text)
    found = [
        out
        for out in of_land(session, outs, wanted.land)
        if wanted.kind is None or out.kind is wanted.kind
    ]
    if asked.terms:
        words, names = index.words_of(session, found), _names(session, found)
        found = [out for out in found if asked.within(words[out.id], names[out.id])]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(max(1, wanted.page), pages)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    items = items_of(session, settings, shown, now)
    return Found([_hit(out, items[out.id], asked) for out in shown], len(found), page, pages)


def _hit(out: Out, item: Item, asked: Asked) -> Hit:
    title, teaser = marked(item.title, asked), marked(item.teaser, asked)
    body = ""
    if asked.terms and not asked.within(fold(item.title), fold(item.teaser)):
        rest = (texts.to_text(item.body, 10_000), *(getattr(item, name) for name in _WORDS[3:]))
        body = excerpt("\n".join(filter(None, rest)), asked)
    return Hit(out, item, title, teaser, marked(body, asked))


def _read(session: Session, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
    columns = [col(getattr(Revision, name)) for name in ("submission_id", "number", *_WORDS)]
    its = tuple_(col(Revision.submission_id), col(Revision.number)).in_(keys)
    return {
        (id_, number): fold(_MARKUP.sub("", "\n".join(filter(None, words))))
        for id_, number, *words in session.execute(select(*columns).where(its))
    }


def of_land(session: Session, outs: Sequence[Out], land: str) -> Sequence[Out]:
    """Those from clusters at home in a Land ("DE-BY"); all of them if none is said."""
    if not land:
        return outs
    there = {id_ for id_, its in _members(session).items() if land in its.laender}
    credited = _credited(session)
    return [out for out in outs if there & {out.cluster_id, *credited.get(out.id, ())}]


def _names(session: Session, outs: Sequence[Out]) -> dict[int, str]:
    """From whom each item is, folded."""
    names = {id_: fold(its.name) for id_, its in _members(session).items()}
    credited = _credited(session)
    return {
        out.id: "\n".join(
            [
                fold(out.source),
                *(names[each] for each in (out.cluster_id, *credited.get(out.id, ())) if each),
            ]
        )
        for out in outs
    }


def _members(session: Session) -> dict[int | None, Cluster]:
    return {each.id: each for each in session.scalars(select(Cluster))}


def _credited(session: Session) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for each in session.scalars(select(Credit)):
        found.setdefault(each.submission_id, []).append(each.cluster_id)
    return found
