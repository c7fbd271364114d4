"""An issue's account as people read it: everybody who was to get it, and what became of each.

4.812 = 4.790 übergeben + 9 abgelehnt + 13 inzwischen abgemeldet. Niemand fehlt.
"""

from collections.abc import Iterator, Mapping

from newsletter import editors, rhythm
from newsletter.content import Audience
from newsletter.history import Act
from newsletter.language import N_, _, n_, speaking, spoken
from newsletter.models.delivery import DeliveryState
from newsletter.models.issue import Issue, IssueState

_D = DeliveryState
Sums = Mapping[tuple[DeliveryState, str], int]  # by state, and why if skipped ("" otherwise)

_WORDS = {
    _D.ACCEPTED: N_("{count} übergeben"),
    _D.REFUSED: N_("{count} abgelehnt"),
    _D.EXPIRED: N_("{count} nach vielen Versuchen aufgegeben"),
    _D.FAILED: N_("{count} nicht zusammengesetzt"),
    _D.UNKNOWN: N_("{count} unklar"),
    _D.LEFT: N_("{count} unklar belassen"),
    _D.SKIPPED: N_("{count} übersprungen"),
    _D.QUEUED: N_("{count} wartend"),
    _D.CLAIMED: N_("{count} in Arbeit"),
    _D.SENDING: N_("{count} unterwegs"),
    _D.DEFERRED: N_("{count} zurückgestellt"),
}
_SKIPPED = {
    "unsubscribed": N_("{count} inzwischen abgemeldet"),
    "suppressed": N_("{count} inzwischen gesperrt"),
    "bounced": N_("{count} inzwischen unzustellbar"),
    "complained": N_("{count} nach einer Beschwerde übersprungen"),
    "left_register": N_("{count} inzwischen ausgetreten"),
    "erased": N_("{count} inzwischen gelöscht"),
    "paused": N_("{count} inzwischen pausiert"),
    "restricted": N_("{count} inzwischen eingeschränkt"),
    "no_dates": N_("{count} ohne Termine übersprungen"),
    "stopped": N_("{count} durch den Abbruch übersprungen"),
}


def sums_of(account: Mapping[str, int], skipped: Mapping[str, int]) -> Sums:
    """The sums from how many are in which state, and why those were skipped that were."""
    found = {(_D(state), ""): n for state, n in account.items() if state != _D.SKIPPED}
    told = {(_D.SKIPPED, why): n for why, n in skipped.items()}
    untold = account.get(_D.SKIPPED, 0) - sum(skipped.values())
    return found | told | ({(_D.SKIPPED, ""): untold} if untold else {})


def facts(sums: Sums) -> dict[str, dict[str, int]]:
    """For JSON: how many in each state, and why those were skipped that were."""
    deliveries: dict[str, int] = {}
    for (state, _why), count in sums.items():
        deliveries[state.value] = deliveries.get(state.value, 0) + count
    skipped = {why: count for (state, why), count in sums.items() if why}
    return {"deliveries": deliveries, "skipped": skipped}


def number(n: int) -> str:
    """„4.812“, in English "4,812"."""
    return f"{n:,}" if spoken() == "en" else f"{n:,}".replace(",", ".")


def parts(sums: Sums) -> Iterator[str]:
    """How many, and what became of them: „4.790 übergeben“; in the order of the words above."""
    order = list(_WORDS)
    for (state, why), count in sorted(sums.items(), key=lambda it: (order.index(it[0][0]), it[0])):
        word = _SKIPPED.get(why) if state is _D.SKIPPED else None
        yield _(word or _WORDS[state]).format(count=number(count))


def in_words(account: Mapping[str, int]) -> str:
    """How many are in which state: „38 übergeben, 2 abgelehnt“."""
    found = {state: count for state, count in account.items() if count}
    return ", ".join(parts(sums_of(found, {}))) or _("niemand auf der Liste")


def missing(recipients: int, sums: Sums) -> int:
    """How many addresses have no row; negative: there are more rows than addresses."""
    return recipients - sum(sums.values())


def sentence(recipients: int, sums: Sums) -> str:
    """The account in one sentence; it says plainly whether anybody is missing."""
    told = " + ".join(parts(sums))
    lost = missing(recipients, sums)
    if not recipients and not lost:
        return _("Niemand stand auf der Liste.")
    if lost > 0:
        end = n_("{n} Adresse fehlt!", "{n} Adressen fehlen!", lost)
    elif lost < 0:
        end = n_("{n} Zustellung ist zu viel!", "{n} Zustellungen sind zu viel!", -lost)
    else:
        end = _("Niemand fehlt.")
    sign = "≠" if lost else "="
    return f"{number(recipients)} {sign} {told or 0}. " + end.format(n=number(abs(lost)))


def tell(act: Act, issue: Issue, sums: Sums, *, again: bool) -> None:
    """Post the account to the editors; a wrong one is an alarm."""
    with speaking(act.settings.language):
        _tell(act, issue, sums, again=again)


def _tell(act: Act, issue: Issue, sums: Sums, *, again: bool) -> None:
    recipients = issue.recipients or 0
    settings, wrong = act.settings, missing(recipients, sums) != 0
    public = issue.audience is Audience.PUBLIC
    editors.tell(
        act,
        "alarms" if wrong else "issues",
        "account",
        issue.newsletter,
        issue=issue,
        stopped=issue.state is IssueState.STOPPED,
        wrong=wrong,
        again=again,
        account=sentence(recipients, sums),
        began=rhythm.in_words(issue.opened_at, settings.zone) if issue.opened_at else "",
        ended=rhythm.in_words(act.now, settings.zone),
        unknown=sum(n for (state, _why), n in sums.items() if state is _D.UNKNOWN),
        archive=settings.links.archive(issue.newsletter, issue.number) if public else "",
    )
