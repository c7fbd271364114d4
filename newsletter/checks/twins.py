"""What looks like the same item twice: in the issue, or in one before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

from newsletter.content import Finding, IssueContent, Item, Kind, Level
from newsletter.language import N_, _
from newsletter.likeness import WORDS, Likeness, Reason, Traits, keys, likeness

from .facts import Facts
from .names import found

_TITLE = N_("{items} haben denselben Titel. Ist es derselbe Beitrag?")
_LINK = N_("{items} haben denselben Link. Ist es derselbe Beitrag?")
_ALIKE = N_("{items} sind sich sehr ähnlich ({why}). Ist es derselbe Beitrag?")


@dataclass(frozen=True, slots=True)
class _Likened:
    reference: str
    kind: Kind
    traits: Traits
    keys: frozenset[str]
    issue_id: str = ""


def duplicates(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """Twins within the issue; those whose dates are on other days are two dates."""
    named: set[frozenset[str]] = set()
    for field, level, said in (("title", Level.WARNING, _TITLE), ("link", Level.HINT, _LINK)):
        for twins in _same(content.items, field):
            new = {frozenset(pair) for pair in combinations(twins, 2)} - named
            if new:
                named |= new
                yield _twins(content, twins, level, _(said))
    likened = [_likened(item, facts.zone) for item in content.items]
    for one, other in combinations(likened, 2):
        if {one.reference, other.reference} not in named and (how := _alike(one, other)):
            said = _(_ALIKE).replace("{why}", _why(how))
            yield _twins(content, [one.reference, other.reference], _grave(how), said)


def seen_before(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """Items of the last issues; a correction repeats what it corrects."""
    if content.corrects is not None or not facts.recent:
        return
    before = [
        _Likened(each.reference, each.kind, each.traits, keys(each.traits), each.issue_id)
        for each in facts.recent
    ]
    for item in content.items:
        mine = _likened(item, facts.zone)
        again = [each for each in before if each.reference == item.reference]
        if again and item.reference not in facts.agreed:
            level = Level.HINT if item.kind is Kind.DATE else Level.WARNING
            wrong = _("Der Beitrag stand schon in {issue}.").format(issue=again[0].issue_id)
            yield found("repeated", level, item.reference, wrong, _remove(content, item.reference))
        for other in () if again else before:
            if how := _alike(mine, other):
                wrong = _("Sehr ähnlich wie {other} aus {issue} ({why}). Ist es derselbe Beitrag?")
                its = {"other": other.reference, "issue": other.issue_id, "why": _why(how)}
                mend = _remove(content, item.reference)
                wrong = wrong.format(**its)
                yield found("duplicate", _grave(how), item.reference, wrong, mend)
                break


def traits(item: Item, zone: ZoneInfo) -> Traits:
    """What of an item is compared."""
    when = item.when
    return Traits(
        title=item.title,
        teaser=item.teaser,
        link=item.link,
        first_day=_day(when.starts, zone) if when else None,
        last_day=_day(when.ends, zone) if when and when.ends else None,
        place=item.location,
    )


def _day(when: datetime | date, zone: ZoneInfo) -> date:
    return when.astimezone(zone).date() if isinstance(when, datetime) else when


def _likened(item: Item, zone: ZoneInfo) -> _Likened:
    compared = traits(item, zone)
    return _Likened(item.reference, item.kind, compared, keys(compared))


def _alike(one: _Likened, other: _Likened) -> Likeness | None:
    """How alike two items are, if a person should be asked; most share nothing at all."""
    if one.kind is not other.kind or not one.keys & other.keys:
        return None
    how = likeness(one.traits, other.traits)
    return how if how.likely and how.reasons != (Reason.SAME_LINK,) else None


def _grave(how: Likeness) -> Level:
    """Two dates on one day in one town may well be two."""
    return Level.HINT if how.reasons == (Reason.SAME_DAY_AND_PLACE,) else Level.WARNING


def _why(how: Likeness) -> str:
    return ", ".join(_(WORDS[reason]) for reason in how.reasons)


def _twins(content: IssueContent, twins: list[str], level: Level, said: str) -> Finding:
    wrong = said.format(items=_(" und ").join(twins))
    return found("duplicate", level, twins[-1], wrong, _remove(content, twins[-1]))


def _remove(content: IssueContent, reference: str) -> str:
    mend = _("Dann: newsletter issue remove {issue} {last}")
    return mend.format(issue=content.issue_id, last=reference)


def _same(items: Sequence[Item], field: str) -> list[list[str]]:
    """The references of items that have the same value there, value by value."""
    holders: dict[str, list[str]] = {}
    for item in items:
        holders.setdefault((getattr(item, field) or "").casefold(), []).append(item.reference)
    return [twins for value, twins in holders.items() if value and len(twins) > 1]
