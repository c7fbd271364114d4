"""Which of the items that wait go into an issue, where, and why (pure).

The rules are those of newsletter.toml (``Filling`` and the sections). Where there is no room for
all, an item comes first whose last chance this issue is, then the first item of each cluster
before the second of any, then who has waited longest.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from newsletter.content import Kind
from newsletter.language import N_, _, dated, n_, weekday
from newsletter.settings import Filling, SectionSettings


@dataclass(frozen=True, slots=True)
class Candidate:
    """An accepted item that might be placed, and all that the choice depends on."""

    reference: str
    kind: Kind
    received_at: datetime
    clusters: tuple[str, ...] = ()  # names; the first one handed it in. Empty: from a source
    starts: datetime | None = None
    register_by: datetime | None = None
    current_until: datetime | None = None
    pictured: bool = False
    shown_in: tuple[str, ...] = ()  # issues of this newsletter that hold it already
    wish: str | None = None  # the number of an issue
    urgent: str = ""  # why it should still be taken after the cut-off
    hindrance: str = ""  # what keeps it out, whatever the rules
    notes: tuple[str, ...] = ()  # reasons for it that are known already
    prefers: str | None = None  # the section it has in the other newsletter's issue


@dataclass(frozen=True, slots=True)
class Situation:
    """The issue that is filled: its rules, its moment, what stands in it."""

    issue: str
    number: str
    sections: Sequence[SectionSettings]
    filling: Filling
    leaves: datetime
    following: datetime  # when the next one leaves by the rhythm
    zone: ZoneInfo
    closes: datetime | None = None  # the cut-off; None: it has none
    standing: Mapping[str, int] = field(default_factory=dict)  # items by section
    held: Mapping[str, Sequence[str]] = field(default_factory=dict)  # references by cluster
    this_year: Mapping[str, int] = field(default_factory=dict)  # items by cluster
    lead: str | None = None  # the reference that an editor wants on top


@dataclass(frozen=True, slots=True)
class Choice:
    """An item with its section, or None; and why."""

    reference: str
    section: str | None
    why: str


def sections_for(
    sections: Iterable[SectionSettings], kind: Kind, *, from_source: bool
) -> list[SectionSettings]:
    """The sections that take such an item, as configured."""
    return [
        section
        for section in sections
        if kind in section.kinds and section.sources in {None, from_source}
    ]


def choose(candidates: Sequence[Candidate], it: Situation) -> dict[str, Choice]:
    """What becomes of each candidate, by reference."""
    kept_out = [(each, _kept_out(each, it)) for each in candidates]
    found = {c.reference: Choice(c.reference, None, why) for c, why in kept_out if why}
    open_ = [each for each, why in kept_out if not why]
    room = _Room(it)
    lead = _lead(open_, it, room)
    if lead:
        found[lead.reference] = room.top(lead)
    for each in _by_rank(open_, it):
        if each is not lead:
            found[each.reference] = room.take(each)
    return found


# -- what keeps an item out ---------------------------------------------------------------


def _kept_out(candidate: Candidate, it: Situation) -> str:
    rules = (_second_time, _outdated, _not_wished, _late)
    said = (rule(candidate, it) for rule in rules)
    return candidate.hindrance or next(filter(None, said), "")


def _second_time(candidate: Candidate, it: Situation) -> str:
    """A date that stood in an issue waits for the last one before it."""
    last = _last_chance(candidate, it)
    if not candidate.shown_in or last is None or _is_last(candidate, it):
        return ""
    said = _(
        "Stand schon in {before}; der zweite Auftritt ist in der letzten Ausgabe davor ({day})."
    )
    before, day = ", ".join(candidate.shown_in), _day(last[0], it.zone)
    return said.format(before=before, day=day)


def _outdated(candidate: Candidate, it: Situation) -> str:
    until = candidate.current_until
    if until is None or until >= it.leaves:
        return ""
    said = _("Aktuell war der Beitrag nur bis {day}.")
    return said.format(day=_day(until, it.zone))


def _not_wished(candidate: Candidate, it: Situation) -> str:
    if it.filling.only_wished and candidate.wish != it.number:
        return _("In diese Ausgabe kommt nur, was für sie gewünscht ist (only_wished).")
    if not candidate.wish or candidate.wish <= it.number:
        return ""
    said = _("Gewünscht ist die Ausgabe {wish}.")
    return said.format(wish=candidate.wish)


def _came_late(candidate: Candidate, it: Situation) -> bool:
    """Whether a cluster handed it in too late; an editor's own item is as late as they please."""
    return bool(candidate.clusters and it.closes and candidate.received_at > it.closes)


def _late(candidate: Candidate, it: Situation) -> str:
    if not it.filling.carry_late or candidate.urgent or not _came_late(candidate, it):
        return ""
    said = _("Kam nach dem Redaktionsschluss ({day}) und wartet auf die nächste Ausgabe.")
    return said.format(day=_day(it.closes or it.leaves, it.zone))


# -- where it goes ------------------------------------------------------------------------


class _Room:
    """How much room is left, and whose items stand already."""

    def __init__(self, it: Situation) -> None:
        self.it = it
        self.count = Counter(it.standing)
        self.held = {cluster: list(references) for cluster, references in it.held.items()}

    def top(self, candidate: Candidate) -> Choice:
        """The lead, with what speaks for it."""
        (section,) = (each for each in self.it.sections if each.lead)
        return self._put(candidate, section, _of_the_lead(candidate, self.it))

    def take(self, candidate: Candidate) -> Choice:
        """A place in the first section that fits and has room; or none, and why."""
        if why := self.enough_of(candidate):
            return Choice(candidate.reference, None, why)
        fits = _for(candidate, self.it)
        section = next((each for each in fits if self._has_room(each)), None)
        if section is not None:
            return self._put(candidate, section, ())
        said = _(
            "Die Rubrik „{section}“ ist voll (Höchstzahl {most}); der Beitrag wartet auf die"
            " nächste Ausgabe."
        )
        its = {"section": fits[0].title, "most": fits[0].most}
        return Choice(candidate.reference, None, said.format(**its))

    def enough_of(self, candidate: Candidate) -> str:
        """Why its cluster has enough items in this issue; "" if it has not."""
        most = self.it.filling.per_cluster
        there = self.held.get(candidate.clusters[0], []) if candidate.clusters else []
        if most is None or len(there) < most:
            return ""
        said = n_(
            "Von {cluster} steht schon {n} Beitrag in der Ausgabe ({there}); mehr sieht"
            " newsletter.toml nicht vor.",
            "Von {cluster} stehen schon {n} Beiträge in der Ausgabe ({there}); mehr sieht"
            " newsletter.toml nicht vor.",
            len(there),
        )
        its = {"cluster": candidate.clusters[0], "n": len(there), "there": ", ".join(there)}
        return said.format(**its)

    def free_lead(self) -> SectionSettings | None:
        return next((s for s in self.it.sections if s.lead and self._has_room(s)), None)

    def _has_room(self, section: SectionSettings) -> bool:
        return section.most is None or self.count[section.key] < section.most

    def _put(self, candidate: Candidate, section: SectionSettings, more: Sequence[str]) -> Choice:
        self.count[section.key] += 1
        for cluster in candidate.clusters:
            self.held.setdefault(cluster, []).append(candidate.reference)
        why = [*more, *_reasons(candidate, self.it)]
        waits = _("wartet seit {day}").format(day=_day(candidate.received_at, self.it.zone))
        return Choice(candidate.reference, section.key, "; ".join(why) or waits)


def _for(candidate: Candidate, it: Situation) -> list[SectionSettings]:
    """Where it may stand: the section into which somebody put it in the other newsletter's issue,
    then those that fit; never on top, which is a choice.
    """
    from_source = not candidate.clusters
    fits = sections_for(it.sections, candidate.kind, from_source=from_source)
    there = [each for each in it.sections if each.key == candidate.prefers]
    below = [each for each in dict.fromkeys([*there, *fits]) if not each.lead]
    return below or fits


def _by_rank(open_: Sequence[Candidate], it: Situation) -> list[Candidate]:
    """Who comes first where there is no room for all."""
    seen = Counter({cluster: len(references) for cluster, references in it.held.items()})
    ranked = []
    for each in sorted(open_, key=lambda c: (not _is_last(c, it), c.received_at)):
        turn = seen[each.clusters[0]] if each.clusters else 0
        seen.update(each.clusters)
        ranked.append(((not _is_last(each, it), not each.prefers, turn, each.received_at), each))
    return [each for __, each in sorted(ranked, key=lambda pair: pair[0])]


def _lead(open_: Sequence[Candidate], it: Situation, room: _Room) -> Candidate | None:
    """The item for the top: the one an editor named, else with a picture, no date, and from the
    cluster that appeared least this year.
    """
    section = room.free_lead()
    if section is None:
        return None
    able = [
        each
        for each in open_
        if section in sections_for(it.sections, each.kind, from_source=not each.clusters)
        and not room.enough_of(each)
    ]
    if named := [each for each in able if each.reference == it.lead]:
        return named[0]
    return min(able, key=lambda each: _unfit_to_lead(each, section, it), default=None)


def _unfit_to_lead(
    candidate: Candidate, section: SectionSettings, it: Situation
) -> tuple[object, ...]:
    this_year = it.this_year.get(candidate.clusters[0], 0) if candidate.clusters else 0
    is_date = candidate.kind is Kind.DATE
    leads_there = candidate.prefers == section.key
    return (not leads_there, not candidate.pictured, is_date, this_year, candidate.received_at)


# -- what speaks for it -------------------------------------------------------------------


def _of_the_lead(candidate: Candidate, it: Situation) -> list[str]:
    if candidate.reference == it.lead:
        return [_("Aufmacher, wie gewünscht")]
    why = [
        _("Aufmacher: mit Bild")
        if candidate.pictured
        else _("Aufmacher: kein Beitrag hat ein Bild")
    ]
    if candidate.clusters:
        cluster, count = candidate.clusters[0], it.this_year.get(candidate.clusters[0], 0)
        said = n_(
            "von {cluster} erschien in diesem Jahr erst {n} Beitrag",
            "von {cluster} erschienen in diesem Jahr {n} Beiträge",
            count,
        )
        why.append(said.format(cluster=cluster, n=count))
    return why


def _reasons(candidate: Candidate, it: Situation) -> list[str]:
    why = list(candidate.notes)
    last = _last_chance(candidate, it)
    if candidate.shown_in and last:
        why.append(_("zweiter Auftritt: {last}").format(last=_said(last, it)))
    elif last and _is_last(candidate, it):
        why.append(_said(last, it))
    elif it.filling.dates_twice and candidate.starts:
        why.append(_("erster Auftritt; der zweite in der letzten Ausgabe davor"))
    if candidate.wish == it.number:
        why.append(_("gewünscht für diese Ausgabe"))
    if _came_late(candidate, it) and candidate.urgent:
        said = _("kam nach dem Redaktionsschluss, ist aber eilig: {why}")
        why.append(said.format(why=candidate.urgent))
    elif _came_late(candidate, it):
        why.append(_("kam nach dem Redaktionsschluss"))
    return why


_Last = tuple[datetime, str]


def _last_chance(candidate: Candidate, it: Situation) -> _Last | None:
    """Until when readers can use it, and how that is said (marked); None: no such moment ahead."""
    if candidate.starts and candidate.register_by and candidate.register_by > it.leaves:
        return candidate.register_by, N_("letzte Ausgabe vor dem Anmeldeschluss am {day}")
    if candidate.starts and candidate.starts > it.leaves:
        return candidate.starts, N_("letzte Ausgabe vor dem Termin am {day}")
    if candidate.current_until and candidate.current_until > it.leaves:
        return candidate.current_until, N_("letzte Ausgabe, solange er aktuell ist (bis {day})")
    return None


def _is_last(candidate: Candidate, it: Situation) -> bool:
    """Whether no later issue by the rhythm comes in time for it."""
    last = _last_chance(candidate, it)
    return last is not None and last[0] <= it.following


def _said(last: _Last, it: Situation) -> str:
    return _(last[1]).format(day=_day(last[0], it.zone))


def _day(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return _("{weekday}, {day}").format(weekday=weekday(local), day=dated(local))
