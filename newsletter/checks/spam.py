"""What a spam filter makes of the mail; its answer is handed in (pure)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from newsletter.content import Finding, Level
from newsletter.language import _

from .names import found

MOST = 1.0  # points; filters refuse from 5 on, and add some for what is ours to mend nowhere


@dataclass(frozen=True, slots=True)
class Spam:
    """The points of each rule that hit; what speaks for a mail has negative ones."""

    rules: Mapping[str, float]

    @property
    def points(self) -> float:
        """What speaks against it alone: another filter may not know what speaks for it."""
        return round(sum(each for each in self.rules.values() if each > 0), 1)


def findings(spam: Spam) -> Iterator[Finding]:
    """A hint, with the rules that count, from one point on."""
    if spam.points < MOST:
        return
    heavy = sorted(spam.rules.items(), key=lambda it: -it[1])
    rules = ", ".join(f"{name} {points:.1f}" for name, points in heavy if points >= 0.1)
    wrong = _("SpamAssassin gibt der Mail {points} Punkte: {rules}.")
    mend = _("Was die Regeln meinen, steht in der Dokumentation von SpamAssassin; meist ein Wort.")
    said = wrong.format(points=f"{spam.points:.1f}", rules=rules)
    yield found("spam-score", Level.HINT, "issue", said, mend)
