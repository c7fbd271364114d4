"""The ledger against the mail server's own log; promises 1, 2 and 5 (DESIGN §5)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from newsletter import database
from newsletter.models.delivery import UNFINISHED, Delivery, DeliveryState
from newsletter.models.issue import Issue, IssueState

from .witness import Suffered, Witness
from .worlds import CONNECTIONS, ISSUE, World, address_of

_D = DeliveryState


@dataclass(frozen=True)
class Account:
    """What the ledger says, what the server says, and what is wrong between them."""

    readers: int
    rows: dict[str, tuple[str, DeliveryState]]  # by message id: address, state
    issue: Issue
    lines: list[tuple[str, str, str]]
    suffered: Suffered

    @classmethod
    def of(cls, world: World, log: Witness, suffered: Suffered, readers: int) -> "Account":
        """Read both."""
        log.look()
        with database.reading(world.engine) as session:
            found = session.execute(
                select(col(Delivery.message_id), col(Delivery.subscriber_id), col(Delivery.state))
            )
            rows = {key: (address_of(person - 1), state) for key, person, state in found}
            issue = session.get_one(Issue, ISSUE)
        return cls(readers, rows, issue, log.lines, suffered)

    @property
    def states(self) -> Counter[DeliveryState]:
        """How many rows are in which state."""
        return Counter(state for _, state in self.rows.values())

    @property
    def taken(self) -> Counter[str]:
        """How often the server took which message."""
        return Counter(key for what, key, _ in self.lines if what == "took")

    @property
    def unanswered(self) -> int:
        """Final dots that got no answer, the server says."""
        return sum(what == "unanswered" for what, _, _ in self.lines)

    @property
    def bound(self) -> int:
        """How many rows may be unknown at most."""
        it = self.suffered
        return it.kills * CONNECTIONS + self.unanswered + it.in_hand + it.adopted

    def _in(self, state: DeliveryState) -> set[str]:
        return {key for key, (_, each) in self.rows.items() if each is state}

    @property
    def lost(self) -> list[str]:
        """Readers without a row, and those who were promised a copy that the server has not."""
        addresses = {address for address, _ in self.rows.values()}
        nowhere = [address_of(n) for n in range(self.readers) if address_of(n) not in addresses]
        return nowhere + [self.rows[key][0] for key in self._in(_D.ACCEPTED) - set(self.taken)]

    @property
    def twice(self) -> list[str]:
        """Messages that the server has more than once, though nobody called them unknown."""
        doubled = {key for key, times in self.taken.items() if times > 1}
        return sorted(doubled - self._in(_D.UNKNOWN))

    @property
    def after_goodbye(self) -> list[str]:
        """Who left before their copy was intended, and got it all the same."""
        early = {address_of(g.number): g.seen for g in self.suffered.gone if g.before_intent}
        return [
            address
            for place, (what, _, address) in enumerate(self.lines)
            if what == "took" and place >= early.get(address, len(self.lines))
        ]

    def findings(self, *, resent: bool = False) -> Iterator[str]:
        """What is wrong. ``resent``: a person had the unknown ones sent again."""
        taken, unknown = set(self.taken), self._in(_D.UNKNOWN)
        wrong = {
            "lost": self.lost,
            "nobody's messages": taken - set(self.rows),
            "written to after they had left": self.after_goodbye,
            "said in plain where TLS is required": self._noted("plain"),
            "the mail server is broken": self._noted("broken"),
            "rows left in": UNFINISHED & set(self.states),
        }
        if not resent:  # else a second copy is what the person wanted; or the reader has left
            wrong["delivered twice"] = self.twice
            wrong["taken, and neither accepted nor unknown"] = (
                taken - self._in(_D.ACCEPTED) - unknown
            )
        yield from (f"{what}: {sorted(found)[:5]}" for what, found in wrong.items() if found)
        if len(unknown) > self.bound:
            yield f"{len(unknown)} unknown, at most {self.bound} are allowed"
        yield from self._sums()

    def _noted(self, what: str) -> set[str]:
        return {key for noted, key, _ in self.lines if noted == what}

    def _sums(self) -> Iterator[str]:
        sums = {state.value: count for state, count in self.states.items()}
        if len(self.rows) != self.readers:
            yield f"{len(self.rows)} rows for {self.readers} readers"
        if self.issue.state is not IssueState.SENT:
            yield f"the issue is {self.issue.state}"
        if self.issue.recipients != self.readers:
            yield f"{self.issue.recipients} recipients instead of {self.readers}"
        if self.issue.account != sums:
            yield f"the account says {self.issue.account}, the rows {sums}"

    def report(self) -> Iterator[str]:
        """The figures, for people."""
        it, taken = self.suffered, self.taken
        trials = ", ".join(f"{trial.value} {n}" for trial, n in it.trials.items() if n)
        yield f"killed {it.kills} times in {it.starts} starts ({it.early} while starting up)"
        yield f"and: {trials}"
        yield (
            f"gave way {it.gave_way} times, refused {it.refused} times, resumed after a brake"
            f" {it.braked} times; {len(it.gone)} readers left meanwhile"
        )
        yield f"{self.readers} readers = {self.in_words()}"
        arrived = len(self._in(_D.UNKNOWN) & set(taken))
        yield f"the server took {taken.total()} messages; of the unknown it has {arrived}"
        yield f"lost {len(self.lost)}; delivered twice {len(self.twice)} (0 is what we promise)"
        yield self.unclear()
        early = sum(g.before_intent for g in it.gone)
        yield f"{early} left before their intent; of these {len(self.after_goodbye)} got a copy"

    def in_words(self) -> str:
        """How many rows are in which state."""
        return " + ".join(f"{count} {state.value}" for state, count in self.states.most_common())

    def unclear(self) -> str:
        """The unknown rows, and the bound on them."""
        it = self.suffered
        adopted = f" + {it.adopted} not final at the adoption" if it.adopted else ""
        return (
            f"unknown {self.states[_D.UNKNOWN]} <= {self.bound} = {it.kills} kills x {CONNECTIONS}"
            f" connections + {self.unanswered} dots unanswered + {it.in_hand} in hand at a power"
            f" loss{adopted}"
        )
