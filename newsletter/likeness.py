"""Is this the same item as that one? A score, and the reasons in words (pure).

People hand in twice: by form and by mail, the press office and the management, two clusters
that invite to one event. What looks alike is named, never decided: a person says whether it is
the same. So dates on different days are two dates, whatever else they share (the round table
of each month), and „3. Lichttag“ is not „4. Lichttag“.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache
from urllib.parse import urlsplit

import idna
from rapidfuzz import fuzz

from newsletter.language import N_
from newsletter.links import untracked

LIKELY = 50  # from this score on, somebody is asked
_SIMILAR = 90  # of titles, 0 to 100: a slip of the pen, another order of words
_SIMILAR_TEASER = 85
_ENOUGH_WORDS = 3  # a title inside a longer one says something from here on
_ENOUGH_TEASER = 30  # characters; „Mehr dazu im Link.“ says nothing
_WORDS_KEPT = 12  # of a title, to look for others by: the longest
MOST_KEYS = _WORDS_KEPT + 3  # besides link, whole title, day
_LONGEST_WORD = 40


class Reason(StrEnum):
    """Why two items look alike."""

    SAME_LINK = "same_link"
    SAME_TITLE = "same_title"
    SIMILAR_TITLE = "similar_title"
    SIMILAR_TEASER = "similar_teaser"
    SAME_DAY_AND_PLACE = "same_day_and_place"
    SAME_DAY = "same_day"


WORDS = {
    Reason.SAME_LINK: N_("gleicher Link"),
    Reason.SAME_TITLE: N_("gleicher Titel"),
    Reason.SIMILAR_TITLE: N_("Titel sehr ähnlich"),
    Reason.SIMILAR_TEASER: N_("Teaser sehr ähnlich"),
    Reason.SAME_DAY_AND_PLACE: N_("gleicher Tag und Ort"),
    Reason.SAME_DAY: N_("gleicher Tag"),
}
# How much each says by itself; together they say more, and never 100.
_WEIGHTS = {
    Reason.SAME_LINK: 0.7,
    Reason.SAME_TITLE: 0.6,
    Reason.SIMILAR_TITLE: 0.55,
    Reason.SIMILAR_TEASER: 0.45,
    Reason.SAME_DAY_AND_PLACE: 0.5,
    Reason.SAME_DAY: 0.2,
}
_OTHER_PAGE = 0.8  # of it is left, where both have a link and not the same


@dataclass(frozen=True)
class Traits:
    """What of an item is compared."""

    title: str
    teaser: str = ""
    link: str | None = None
    first_day: date | None = None  # of a date, where it takes place
    last_day: date | None = None  # None: the first one
    place: str | None = None

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The title's words, plain."""
        return tuple(_plain(self.title).split())

    @cached_property
    def in_order(self) -> str:
        """The title's words, whatever their order was."""
        return " ".join(sorted(self.words))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The words with a digit: „3.“ or „2027“ in one title tells it from another."""
        return frozenset(_WITH_DIGIT.findall(self.in_order))

    @cached_property
    def said(self) -> str:
        """The teaser's words."""
        return _plain(self.teaser)

    @cached_property
    def where(self) -> str:
        """The place's words."""
        return _plain(self.place or "")

    @cached_property
    def page(self) -> str:
        """The linked page, if it can tell one item from another."""
        return telling_page(self.link or "")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like two items are: 0 to 99, and why."""

    score: int
    reasons: tuple[Reason, ...]

    @property
    def likely(self) -> bool:
        """Whether a person should be asked: is it this one?"""
        return self.score >= LIKELY


def likeness(one: Traits, other: Traits) -> Likeness:
    """Compare two items; the order of the two does not matter."""
    if _on_other_days(one, other):
        return Likeness(0, ())
    reasons = tuple(_reasons(one, other))
    if reasons and _teasers_alike(one, other):  # says little by itself, and takes long
        reasons = (*reasons, Reason.SIMILAR_TEASER)
    doubt = 1.0
    for reason in reasons:
        doubt *= 1 - _WEIGHTS[reason]
    sure = 1 - doubt
    met = Reason.SAME_DAY_AND_PLACE in reasons and _in_one_house(one, other)
    if one.page and other.page and one.page != other.page and not met:
        sure *= _OTHER_PAGE
    return Likeness(round(100 * sure), reasons)


def next_of_series(one: Traits, other: Traits) -> bool:
    """Whether two items bear one name but for their numbers: „3. Lichttag 2025“, „4. Lichttag“."""
    mine, theirs = (
        " ".join(word for word in each.words if not any(letter.isdigit() for letter in word))
        for each in (one, other)
    )
    return bool(mine) and fuzz.token_sort_ratio(mine, theirs) >= _SIMILAR


def keys(traits: Traits) -> frozenset[str]:
    """What a likely twin shares one of: link, whole title, day, words of the title.

    Short and ASCII, to be kept and looked up in a database (100 characters at most).
    """
    longest = sorted(set(traits.words), key=lambda word: (-len(word), word))[:_WORDS_KEPT]
    found = {f"word {_ascii(word)[:_LONGEST_WORD]}" for word in longest}
    if traits.page:
        found.add(f"link {_digest(traits.page)}")
    found.add(f"title {_digest(traits.in_order or traits.title)}")
    if traits.first_day:
        found.add(f"day {traits.first_day.isoformat()}")
    return frozenset(found)


# -- the link -------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def canonical(link: str) -> str:
    """One form for the addresses of one page; "" for what is none.

    Scheme, ``www.``, case of the host, the scheme's own port, a trailing slash, tracking
    parameters, the order of parameters and the fragment do not tell pages apart.
    """
    try:
        parts = urlsplit(link.strip())
        port = parts.port
        host = idna.encode(parts.hostname or "", uts46=True).decode("ascii").lower()
    except ValueError:  # IDNAError is one
        return ""
    if parts.scheme not in {"https", "http"} or not host or re.search(r"\s", link.strip()):
        return ""
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    here = host.rstrip(".") if port in {None, 80, 443} else f"{host.rstrip('.')}:{port}"
    query = "&".join(sorted(filter(None, untracked(parts.query).split("&"))))
    return f"https://{here}{parts.path.rstrip('/')}{'?' if query else ''}{query}"


def telling_page(link: str) -> str:
    """The canonical address, unless it is a front page: many items link to that."""
    page = canonical(link)
    parts = urlsplit(page)
    return page if parts.path or parts.query else ""


# -- the reasons ----------------------------------------------------------------------------


def _reasons(one: Traits, other: Traits) -> Iterator[Reason]:
    if one.page and one.page == other.page:
        yield Reason.SAME_LINK
    if one.title == other.title or (one.words and one.in_order == other.in_order):
        yield Reason.SAME_TITLE
    elif _titles_alike(one, other):
        yield Reason.SIMILAR_TITLE
    if one.first_day and one.first_day == other.first_day:
        yield Reason.SAME_DAY_AND_PLACE if _together(one, other) else Reason.SAME_DAY


def _together(one: Traits, other: Traits) -> bool:
    """One place says no more than the other, whatever stands between: street, number, postcode."""
    here, there = set(one.where.split()), set(other.where.split())
    return bool(here and there) and (here <= there or there <= here)


def _in_one_house(one: Traits, other: Traits) -> bool:
    """The place is more than a town: co-hosts of one event have a page each."""
    return min(len(one.where.split()), len(other.where.split())) > 1


def _on_other_days(one: Traits, other: Traits) -> bool:
    if one.first_day is None or other.first_day is None:
        return False
    last, others_last = one.last_day or one.first_day, other.last_day or other.first_day
    return last < other.first_day or others_last < one.first_day


def _titles_alike(one: Traits, other: Traits) -> bool:
    """Nearly the same words, or all of one title inside the other; and no other number."""
    if one.numbers != other.numbers and one.numbers and other.numbers:
        return False
    if fuzz.ratio(one.in_order, other.in_order, score_cutoff=_SIMILAR):
        return True
    few = min(len(set(one.words)), len(set(other.words))) < _ENOUGH_WORDS
    return not few and bool(
        fuzz.token_set_ratio(one.in_order, other.in_order, score_cutoff=_SIMILAR)
    )


def _teasers_alike(one: Traits, other: Traits) -> bool:
    if min(len(one.teaser), len(other.teaser)) < _ENOUGH_TEASER:
        return False
    return fuzz.token_sort_ratio(one.said, other.said) >= _SIMILAR_TEASER


# -- words ----------------------------------------------------------------------------------

_DIAERESIS = "\u0308"
_ACCENTS = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")
_WITH_DIGIT = re.compile(r"\S*\d\S*")


def _plain(text: str) -> str:
    """Lower case, umlauts as two letters, no other accents, nothing but letters and digits."""
    folded = text.casefold()
    if not folded.isascii():
        apart = unicodedata.normalize("NFKD", folded).replace(_DIAERESIS, "e")
        folded = _ACCENTS.sub("", apart)
    return " ".join(_WORD.findall(folded))


def _ascii(word: str) -> str:
    return word if word.isascii() else _digest(word)


def _digest(text: str) -> str:
    """Short, for equality only."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
