"""Whether everybody can read the mail: headings, languages, tables, colours (STANDARDS AX, HT)."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from newsletter.content import Edition, Finding, IssueContent, Level
from newsletter.language import _

from .anatomy import Contrast, anatomy
from .colours import LEAST, LEAST_LARGE, as_hex, contrast
from .mends import in_template
from .names import found

_UNREADABLE = 3.0  # a ratio below is nobody's taste


def _headings(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    headings = anatomy(edition.html).headings
    wrong = []
    if (tops := sum(level == 1 for level, __ in headings)) != 1:
        wrong.append(
            _("Die Mail hat {n} Überschriften der ersten Ebene statt einer.").format(n=tops)
        )
    for (above, __), (level, text) in pairwise(headings):
        if level > above + 1:
            said = _("Auf eine Überschrift der Ebene {above} folgt „{text}“ auf Ebene {level}.")
            wrong.append(said.format(above=above, level=level, text=text[:60]))
    wrong += [_("Eine Überschrift ist leer.") for __, text in headings if not text]
    for each in wrong[:3]:
        yield found("headings", Level.WARNING, "issue", each, in_template(content))


def _languages(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    said = anatomy(edition.html).languages
    missing = [f"<{name}>" for name in ("html", "body") if not said.get(name)]
    if missing and edition.html:
        wrong = _("Die Sprache ist nicht genannt ({where}); vorgelesen wird dann, wie es kommt.")
        wrong = wrong.format(where=", ".join(missing).replace("<body>", _("Kind von <body>")))
        yield found("mail-language", Level.WARNING, "issue", wrong, in_template(content))


def _tables(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    if count := anatomy(edition.html).tables_without_role:
        wrong = _("Tabellen ohne role: {n}. Sie werden als Daten vorgelesen, Zelle für Zelle.")
        wrong = wrong.format(n=count)
        yield found("table-role", Level.WARNING, "issue", wrong, in_template(content))


def _forbidden(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    if tags := sorted(set(anatomy(edition.html).forbidden)):
        wrong = _("In der Mail steht, was Postfächer nicht zeigen oder abweisen: {tags}.")
        wrong = wrong.format(tags=", ".join(f"<{tag}>" for tag in tags))
        yield found("forbidden-element", Level.ERROR, "issue", wrong, in_template(content))


def _contrast(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    seen = anatomy(edition.html).contrasts.values()
    weak = [each for each in seen if _ratio(each) < _least(each)]
    if not weak:
        return
    worst = min(weak, key=_ratio)
    level = Level.ERROR if _ratio(worst) < _UNREADABLE else Level.WARNING
    wrong = _("Zu schwacher Kontrast {ratio} statt {least}: „{text}“, {ink} auf {ground}.").format(
        ratio=f"{_ratio(worst):.1f}",
        least=_least(worst),
        text=worst.text,
        ink=as_hex(worst.ink),
        ground=as_hex(worst.ground),
    )
    yield found("contrast", level, "issue", wrong, in_template(content))


def _ratio(it: Contrast) -> float:
    return contrast(it.ink, it.ground)


def _least(it: Contrast) -> float:
    return LEAST_LARGE if it.large else LEAST


READING: tuple[Callable[[IssueContent, Edition], Iterator[Finding]], ...] = (
    _headings,
    _languages,
    _tables,
    _forbidden,
    _contrast,
)
