"""``newsletter issue status --watch``: an issue on its way, refreshed until it has arrived."""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import typer

from newsletter.commands import issue_progress
from newsletter.commands.context import invocation, say, suggest
from newsletter.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from rich.console import RenderableType
    from rich.live import Live

    from newsletter.dispatch.progress import Progress, Provider
    from newsletter.models.issue import Issue

_EVERY = 1.0  # seconds between two looks at least
_SHARE = 20  # a look may cost a twentieth of the time: with a million rows they are rarer
_PROVIDERS_EVERY = 5.0  # seconds at least; they cost more
_STILL_AFTER = 60.0  # seconds without anything moving
_CLOSE = timedelta(minutes=2)  # next tries that need no line of their own
_BETWEEN = 2  # blanks after a column
_SHORTEST_NAME = 12
_AWAY_WAIT = 2.0  # seconds until a database that is away is asked again


class View(Protocol):
    """What an issue's progress is shown by."""

    def show(self, it: Progress, hint: str) -> None:
        """One more look; ``hint`` says what keeps it from moving, if anything does."""

    def note(self, text: str) -> None:
        """Something to know."""


def watch(key: str) -> None:
    """Show an issue until it is sent, held or stopped; typer.Exit(1) if it is not sent then."""
    sight = _Sight(key)
    try:
        with _view() as view:
            last = sight.follow(view)
    except KeyboardInterrupt:  # only the display ends
        raise typer.Exit(130) from None
    _ended(last)


def _ended(it: Progress) -> None:
    """What came of it, and the next step."""
    from newsletter import issues
    from newsletter.commands.issue_shown import after
    from newsletter.dispatch import accounts, ledger

    with invocation.look() as session:
        issue = issues.find(session, it.issue)
        sentence = accounts.sentence(issue.recipients or 0, ledger.by_reason(session, issue))
        reason = issues.reasons(session, [issue.id]).get((issue.id, it.state.value))
    why = reason.why if reason else None
    state = _(issues.STATE_WORDS[it.state])
    if why:
        said = _("{issue} ist jetzt „{state}“: {why}")
        say(said.format(issue=it.issue, state=state, why=_(why)))
    else:
        say(_("{issue} ist jetzt „{state}“.").format(issue=it.issue, state=state))
    if issue.recipients is not None:
        say(sentence)
    if it.counts.get("unknown"):
        suggest(f"issue resolve {it.issue}")
    elif following := after(it.state.value, it.issue, brake=reason.brake if reason else None):
        suggest(following)
    if it.state != "sent":
        raise typer.Exit(1)


# -- looking --------------------------------------------------------------------------------


class _Sight:
    """Looks at an issue, as often as it is cheap."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._cost = self._providers_cost = 0.0  # seconds that the last look took
        self._providers: Mapping[str, Provider] = {}
        self._providers_at = float("-inf")
        self._stood: object = None
        self._moved_at = time.monotonic()

    def follow(self, view: View) -> Progress:
        """Show one look after the other; the one at which it was over."""
        from newsletter.database import DatabaseAway

        while True:
            try:
                it = self._look()
            except DatabaseAway as away:
                view.note(_("{reason} Ich warte, bis sie wieder antwortet.").format(reason=away))
                _wait(_AWAY_WAIT)
                continue
            view.show(it, self._hint(it))
            if it.over:
                return it
            _wait(max(_EVERY, _SHARE * self._cost))

    def _look(self) -> Progress:
        from dataclasses import replace

        from newsletter import issues
        from newsletter.history import now

        begun = time.monotonic()
        with invocation.look() as session:
            issue = issues.find(session, self._key)
            it = issue_progress.seen(session, issue, now())
        self._cost = time.monotonic() - begun
        stands = (it.state, it.recipients, it.done, it.deferred)
        if stands != self._stood:  # rows that are claimed and given back are no progress
            self._stood, self._moved_at = stands, time.monotonic()
        return replace(it, providers=self._by_provider(issue, at_once=it.over))

    def _by_provider(self, issue: Issue, *, at_once: bool) -> Mapping[str, Provider]:
        from newsletter.dispatch import ledger, pace, progress

        begun = time.monotonic()
        every = 0.0 if at_once else max(_PROVIDERS_EVERY, _SHARE * self._providers_cost)
        if issue.recipients is None or begun - self._providers_at < every:
            return self._providers
        with invocation.look() as session:
            domains = ledger.by_domain(session, issue.id)
        operators = pace.Operators(invocation.settings.sending.providers)
        self._providers = progress.providers(domains, operators)
        self._providers_at = time.monotonic()
        self._providers_cost = self._providers_at - begun
        return self._providers

    def _hint(self, it: Progress) -> str:
        """Why nothing may be moving: somebody who watches must not wait for nothing."""
        from newsletter.dispatch import obstacles

        known = " – ".join(obstacles.told(it, invocation.settings.zone))
        still = time.monotonic() - self._moved_at
        only_put_off = it.deferred and not it.waiting  # till when, stands beside it
        if known or not it.going or only_put_off or still < _STILL_AFTER:
            return known
        minutes = int(still // 60)
        if it.sender:
            said = n_(
                "Seit einer Minute kam nichts voran; der Versand läuft.",
                "Seit {n} Minuten kam nichts voran; der Versand läuft.",
                minutes,
            )
        else:
            said = n_(
                "Seit einer Minute kam nichts voran. Läuft „newsletter run“?",
                "Seit {n} Minuten kam nichts voran. Läuft „newsletter run“?",
                minutes,
            )
        return said.format(n=minutes)


def _wait(seconds: float) -> None:
    time.sleep(seconds)


# -- showing --------------------------------------------------------------------------------


@contextmanager
def _view() -> Iterator[View]:
    if invocation.json:
        yield _Objects()
    elif invocation.plain or not sys.stdout.isatty():
        yield _Lines()
    else:
        from rich.live import Live

        with Live(auto_refresh=False, transient=True) as live:
            yield _Screen(live)


class _Objects:
    """One JSON object a line, whenever something has changed."""

    def __init__(self) -> None:
        self._last: dict[str, Any] = {}

    def show(self, it: Progress, hint: str) -> None:
        from dataclasses import asdict

        from newsletter.dispatch import progress

        facts = {
            "id": it.issue,
            "state": it.state.value,
            "recipients": it.recipients,
            "deliveries": dict(it.counts),
            "providers": {name: asdict(one) for name, one in it.providers.items()},
            "hint": hint or None,
            "done": it.done,
        }
        if facts != self._last:
            self._last = facts
            line = {"at": it.at.isoformat()} | facts | progress.facts(it)
            print(json.dumps(line, ensure_ascii=False), flush=True)

    def note(self, text: str) -> None:
        from newsletter.commands.context import warn

        warn(text)


class _Lines:
    """A line at the beginning, for each change of state, and for each tenth."""

    def __init__(self) -> None:
        self._said: object = None
        self._next_try: datetime | None = None

    def show(self, it: Progress, hint: str) -> None:
        tenth = it.percent // 10
        if not it.over and (self._said != (it.state, tenth, hint) or self._later(it)):
            self._said = (it.state, tenth, hint)
            self._next_try = it.again
            clock = it.at.astimezone(invocation.settings.zone)
            say(f"{clock:%H:%M:%S}  {' – '.join(filter(None, [_standing(it), hint]))}")

    def _later(self, it: Progress) -> bool:
        """Whether all that is left waits, and for another moment than was said; each of many
        has its own, so moments that lie close together are one.
        """
        if it.waiting or it.again is None or it.again <= it.at:
            return False
        return self._next_try is None or abs(it.again - self._next_try) > _CLOSE

    def note(self, text: str) -> None:
        if self._said != text:
            self._said = text
            say(text)


def _standing(it: Progress) -> str:
    """State and progress in one line."""
    from newsletter import issues, rhythm
    from newsletter.dispatch import progress

    zone = invocation.settings.zone
    state = _(issues.STATE_WORDS[it.state])
    if it.overdue:
        return it.issue  # the hint says since when
    if it.state == "scheduled" and it.starts:
        return f"{it.issue}  {state}: {rhythm.in_words(it.starts, zone)}"
    if it.recipients is None:
        return f"{it.issue}  {state}"
    return f"{it.issue}  {state}: {progress.told(it, zone)}"


class _Screen:
    """The same place of the terminal, refreshed."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def show(self, it: Progress, hint: str) -> None:
        from rich.console import Group
        from rich.text import Text

        parts: list[RenderableType] = [Text(_standing(it), style="bold")]
        if it.recipients:
            parts += [_bar(it), _states(it), _by_provider(it, self._live.console.width)]
        if hint:
            parts.append(Text(hint, style="yellow"))
        parts.append(Text(_("Strg+C beendet nur diese Anzeige."), style="dim"))
        self._live.update(Group(*parts), refresh=True)

    def note(self, text: str) -> None:
        from rich.text import Text

        self._live.update(Text(text, style="yellow"), refresh=True)


def _bar(it: Progress) -> RenderableType:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    line = Table.grid()  # a bar alone does not end its line
    line.add_row(ProgressBar(total=it.recipients or 0, completed=it.done, width=60))
    return line


def _states(it: Progress) -> RenderableType:
    from rich.table import Table

    from newsletter.commands.issue_shown import delivery_words
    from newsletter.dispatch.accounts import number
    from newsletter.models.delivery import DeliveryState

    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right")
    for state in DeliveryState:  # in the order of a copy's road
        if count := it.counts.get(state):
            grid.add_row(number(count), delivery_words(state, count))
    return grid


def _by_provider(it: Progress, width: int) -> RenderableType:
    """So wide that no heading is cut; what is left is for the names."""
    from rich.table import Table

    from newsletter.dispatch.accounts import number

    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    shown.add_column(_("Postfächer bei"), no_wrap=True)
    heads = (_("Adressen"), _("erledigt"), _("übergeben"), _("zurückgestellt"), _("abgelehnt"))
    for head in heads:
        shown.add_column(head, justify="right", no_wrap=True)
    for_names = width - sum(len(head) + _BETWEEN for head in heads) - _BETWEEN
    names = told_apart(list(it.providers), for_names)
    for name, one in it.providers.items():
        counts = (one.addresses, one.done, one.accepted, one.deferred, one.refused)
        shown.add_row(names[name], *map(number, counts))
    return shown


def told_apart(names: Sequence[str], width: int) -> dict[str, str]:
    """Domains so short that they fit, in the middle; where that makes several alike, up to
    where they differ.
    """
    width = max(width, _SHORTEST_NAME)
    short = {name: _shortened(name, width) for name in names}
    for name in names:
        alike = [other for other in names if short[other] == short[name]]
        if len(alike) > 1:
            columns = enumerate(zip(*alike, strict=False))
            differ = next((at for at, letters in columns if len({*letters}) > 1), 0)
            for other in alike:
                rest = other[max(0, differ - 2) :]
                short[other] = f"{other[:3]}…{rest}"[:width]
    return short


def _shortened(name: str, width: int) -> str:
    if len(name) <= width:
        return name
    end = (width - 1) // 2
    return f"{name[: width - 1 - end]}…{name[-end:]}"
