"""Facts -> entries: what is due, for whom, with the command that goes on (pure)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from shlex import quote

from newsletter.language import _, dated, n_
from newsletter.models.issue import IssueState
from newsletter.rhythm import in_words

from .entry import SENDING, Entry, Urgency, by_time
from .facts import Coming, Facts, PassingDate
from .of_issues import about_issues

_OVERDUE = timedelta(days=2)  # so long an item may wait for somebody to look (DOMAIN §2)
_NAMED = 5  # references in a line


def entries(facts: Facts) -> list[Entry]:
    """The agenda, most urgent first, then what is due first."""
    found = [entry for part in _PARTS for entry in part(facts)]  # each keeps its own order
    # What goes well stands below what wants somebody.
    return sorted(found, key=lambda it: (it.urgency, it.kind == SENDING, it.due or facts.now))


# -- sending --------------------------------------------------------------------------------


def _home(facts: Facts) -> Iterator[Entry]:
    if facts.may_not_send:
        said = _("Aus diesem Ordner wird nichts gesendet: {why}").format(why=facts.may_not_send)
        yield Entry(Urgency.NOW, "no-send", said, "db adopt --reason GRUND")


def _trouble(facts: Facts) -> Iterator[Entry]:
    if facts.trouble:
        since, what = facts.trouble
        said = _("Der Versand kam zuletzt nicht durch ({when}): {what}")
        text = said.format(when=in_words(since, facts.zone), what=what)
        yield Entry(Urgency.NOW, "sender-trouble", text, "dispatch --until-empty", since)


def _unknown(facts: Facts) -> Iterator[Entry]:
    for issue, count in facts.unknown.items():
        said = n_(
            "{issue}: bei {n} Zustellung ist unklar, ob sie ankam; jemand muss entscheiden",
            "{issue}: bei {n} Zustellungen ist unklar, ob sie ankamen; jemand muss entscheiden",
            count,
        )
        text = said.format(issue=issue, n=count)
        yield Entry(Urgency.NOW, "unknown-deliveries", text, f"issue resolve {issue}")


# -- issues -------------------------------------------------------------------------------


def _cut_offs(facts: Facts) -> Iterator[Entry]:
    for coming in facts.coming:
        yield from _left_out(coming)
        if coming.begun in {None, IssueState.DRAFT}:
            yield from _cut_off(facts, coming)


def _cut_off(facts: Facts, coming: Coming) -> Iterator[Entry]:
    when = in_words(coming.closes, facts.zone)
    command = f"issue new {coming.newsletter}"
    if coming.to_name:
        command += f" --number {coming.number}"
    if coming.begun:
        command = f"issue fill {coming.issue}"
    if coming.closes > facts.now:
        said = _("Redaktionsschluss für {issue}: {when}")
        closes = ", ".join(filter(None, [when, coming.closes_moved]))
        text = "; ".join([said.format(issue=coming.issue, when=closes), *_details(facts, coming)])
        urgency = max(by_time(facts, coming.closes), Urgency.SOON)
        yield Entry(urgency, "cut-off", text, command, coming.closes)
    elif coming.begun is None:
        said = _("{issue} ist noch nicht begonnen; Redaktionsschluss war {when}")
        text = said.format(issue=coming.issue, when=when)
        yield Entry(Urgency.NOW, "cut-off-over", text, command, coming.leaves)


def _details(facts: Facts, coming: Coming) -> Iterator[str]:
    """When the issue leaves, and when it begins by itself."""
    leaves = ", ".join(filter(None, [in_words(coming.leaves, facts.zone), coming.leaves_moved]))
    yield _("Versand: {when}").format(when=leaves)
    if coming.begun is None and coming.drafted and coming.drafted > facts.now:
        said = _("der Entwurf entsteht von selbst: {when}")
        yield said.format(when=in_words(coming.drafted, facts.zone))


def _left_out(coming: Coming) -> Iterator[Entry]:
    for number_, why in coming.leaves_out:
        said = _("{issue} fällt aus: {why}")
        text = said.format(issue=f"{coming.newsletter}-{number_}", why=why)
        yield Entry(Urgency.LATER, "left-out", text, f"issue unskip {coming.newsletter} {number_}")


# -- the queue ------------------------------------------------------------------------------


def _undecided(facts: Facts) -> Iterator[Entry]:
    if not facts.undecided:
        return
    oldest = facts.undecided[0]
    said = n_(
        "{n} Beitrag wartet auf eine Entscheidung, seit {since}",
        "{n} Beiträge warten auf eine Entscheidung, der älteste seit {since}",
        len(facts.undecided),
    )
    text = said.format(n=len(facts.undecided), since=in_words(oldest.since, facts.zone))
    urgency = Urgency.NOW if facts.now - oldest.since >= _OVERDUE else Urgency.SOON
    command = f"queue show {oldest.reference}" if len(facts.undecided) == 1 else "queue list"
    yield Entry(urgency, "undecided", text, command, oldest.since)


def _theirs(facts: Facts) -> Iterator[Entry]:
    for each in facts.theirs:
        references = ", ".join(it.reference for it in each.items[:_NAMED])
        if len(each.items) > _NAMED:
            references += " …"
        said = n_(
            "{references} ist zugewiesen und noch zu entscheiden",
            "{n} zugewiesene Beiträge sind noch zu entscheiden: {references}",
            len(each.items),
        )
        text = said.format(n=len(each.items), references=references)
        command = f"--as {quote(each.editor)} queue list --mine"
        since = each.items[0].since
        yield Entry(Urgency.SOON, "assigned", text, command, since, each.editor)


def _answered(facts: Facts) -> Iterator[Entry]:
    if facts.answered:
        said = n_(
            "{references}: die Antwort auf die Rückfrage ist da",
            "{references}: die Antworten auf die Rückfragen sind da",
            len(facts.answered),
        )
        yield _of_items("answered", said, facts.answered, "queue show")


def _changes(facts: Facts) -> Iterator[Entry]:
    if facts.changes:
        said = n_(
            "{references}: ein Änderungswunsch wartet",
            "{references}: Änderungswünsche warten",
            len(facts.changes),
        )
        yield _of_items("changes", said, facts.changes, "queue change")


def _of_items(kind: str, said: str, references: Sequence[str], command: str) -> Entry:
    text = said.format(references=", ".join(references))
    return Entry(Urgency.SOON, kind, text, f"{command} {references[0]}")


def _asking(facts: Facts) -> Iterator[Entry]:
    if facts.asking:
        oldest = facts.asking[0]
        said = n_(
            "{n} Person bittet um Zugang zum Formular, seit {since}",
            "{n} Personen bitten um Zugang zum Formular, die erste seit {since}",
            len(facts.asking),
        )
        text = said.format(n=len(facts.asking), since=in_words(oldest.since, facts.zone))
        urgency = Urgency.NOW if facts.now - oldest.since >= _OVERDUE else Urgency.SOON
        yield Entry(urgency, "access", text, "clusters requests list", oldest.since)


def _questions(facts: Facts) -> Iterator[Entry]:
    if not facts.questions:
        return
    oldest = facts.questions[0]
    said = n_(
        "{n} Rückfrage ist offen, seit {since}",
        "{n} Rückfragen sind offen, die älteste seit {since}",
        len(facts.questions),
    )
    text = said.format(n=len(facts.questions), since=in_words(oldest.since, facts.zone))
    who = _("Ansprechpersonen")
    yield Entry(
        Urgency.LATER, "questions", text, f"queue show {oldest.reference}", oldest.since, who
    )


def _undoable(facts: Facts) -> Iterator[Entry]:
    for decision in facts.undoable:
        said = _("die Entscheidung zu {reference} lässt sich bis {when} zurücknehmen")
        text = said.format(reference=decision.reference, when=in_words(decision.until, facts.zone))
        command = f"undo {decision.reference}"
        # last: it is there if wanted, and never what somebody ought to do
        yield Entry(Urgency.LATER, "undo", text, command, decision.until, decision.by)


def _passing(facts: Facts) -> Iterator[Entry]:
    leaves: dict[str, Sequence[datetime]] = {}
    for coming in facts.coming:
        leaves[coming.newsletter] = [coming.leaves]
    for item in facts.passing:
        starts = _moment(item.starts, facts)
        times = [moment for slug in item.newsletters for moment in leaves.get(slug, ())]
        if starts > facts.now and all(starts <= moment for moment in times):
            yield _passes(facts, item, starts)


def _passes(facts: Facts, item: PassingDate, starts: datetime) -> Entry:
    when = in_words(starts, facts.zone)
    said = _("{reference} „{title}“ findet am {when} statt, vor der nächsten Ausgabe")
    text = said.format(reference=item.reference, title=item.title, when=when)
    command = f"queue show {item.reference}"
    if item.decided and item.public:
        command = f"queue publish {item.reference}"
    urgency = min(by_time(facts, starts), Urgency.SOON)
    return Entry(urgency, "passing-date", text, command, starts)


def _moment(starts: datetime | date, facts: Facts) -> datetime:
    if isinstance(starts, datetime):
        return starts
    return datetime.combine(starts, time.min, facts.zone)


def _statement(facts: Facts) -> Iterator[Entry]:
    if not facts.to_assess:
        return
    said = _(
        "Die Erklärung zur Barrierefreiheit nennt noch keine Prüfung. In newsletter.toml ergänzen:"
        " [site.accessibility], assessed_on"
    )
    if facts.assessed_on:
        said = _(
            "Die Erklärung zur Barrierefreiheit wurde zuletzt am {day} geprüft; nötig ist das jedes"
            " Jahr. Danach in newsletter.toml ändern: [site.accessibility], assessed_on"
        ).format(day=dated(facts.assessed_on))
    yield Entry(Urgency.LATER, "accessibility-statement", said, "doctor")


_PARTS: Sequence[Callable[[Facts], Iterator[Entry]]] = (
    _home,
    _trouble,
    about_issues,
    _unknown,
    _undecided,
    _theirs,
    _answered,
    _changes,
    _asking,
    _passing,
    _cut_offs,
    _questions,
    _statement,
    _undoable,
)
