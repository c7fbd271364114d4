"""Subject and preheader: what a reader sees of an issue before opening it."""

import re
from collections.abc import Iterator

from newsletter.content import Finding, IssueContent, Item, Level
from newsletter.language import N_, _

from .facts import Facts
from .mends import edit, edit_issue
from .names import found
from .slips import EMOJI, REPLIES, SHOUTS, STRESSES

SUBJECT_HINT, SUBJECT_WARNING, SUBJECT_MOST = 50, 60, 150  # the last: HD-13
PREHEADER_LEAST, PREHEADER_MOST = 40, 100
_STYLE = (
    (SHOUTS, N_("{field}: „{piece}“ in Großbuchstaben liest sich wie Werbung.")),
    (STRESSES, N_("{field}: „{piece}“ liest sich wie Werbung; ein Zeichen genügt.")),
    (EMOJI, N_("{field}: „{piece}“ wird vorgelesen oder fehlt; Worte kommen überall an.")),
)


def subject(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    mend = edit_issue(content)
    length = len(content.subject)
    if not content.subject.strip():
        yield found("subject", Level.ERROR, "issue", _("Der Betreff fehlt."), mend)
    elif length > SUBJECT_HINT:
        level = Level.WARNING if length > SUBJECT_WARNING else Level.HINT
        level = Level.ERROR if length > SUBJECT_MOST else level
        wrong = _(
            "Der Betreff hat {length} Zeichen; ab {cut} wird er meist abgeschnitten, gut sind"
            " höchstens {most}."
        ).format(length=length, cut=SUBJECT_WARNING, most=SUBJECT_HINT)
        yield found("subject-length", level, "issue", wrong, mend)
    before = facts.before
    if before and _plain(before.subject) == _plain(content.subject) and content.subject.strip():
        wrong = _("Der Betreff ist derselbe wie bei {other}.").format(other=before.issue_id)
        yield found("subject-repeated", Level.WARNING, "issue", wrong, mend)
    for wrong in _of_style(_("Betreff"), content.subject):
        yield found("subject-style", Level.HINT, "issue", wrong, mend)
    if REPLIES.match(content.subject):
        wrong = _("Der Betreff gibt sich als Antwort aus; das werten Postfächer als Täuschung.")
        yield found("subject-style", Level.HINT, "issue", wrong, mend)


def preheader(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    mend = edit_issue(content)
    length = len(content.preheader)
    if length < PREHEADER_LEAST:
        wrong = _("Die Vorschauzeile hat {length} Zeichen; gut sind {least} und mehr.")
        wrong = wrong.format(length=length, least=PREHEADER_LEAST)
        yield found("preheader-length", Level.HINT, "issue", wrong, mend)
    elif length > PREHEADER_MOST:
        wrong = _("Die Vorschauzeile hat {length} Zeichen; gut sind höchstens {most}.")
        wrong = wrong.format(length=length, most=PREHEADER_MOST)
        yield found("preheader-length", Level.WARNING, "issue", wrong, mend)
    said, above = _plain(content.preheader), _plain(content.subject)
    if above and said.startswith(above):
        wrong = _("Die Vorschauzeile wiederholt den Betreff, der schon darüber steht.")
        yield found("preheader-repeated", Level.HINT, "issue", wrong, mend)
    elif said and facts.before and _plain(facts.before.preheader) == said:
        wrong = _("Die Vorschauzeile ist dieselbe wie bei {other}.")
        wrong = wrong.format(other=facts.before.issue_id)
        yield found("preheader-repeated", Level.HINT, "issue", wrong, mend)


def title(item: Item, _facts: Facts) -> Iterator[Finding]:
    for wrong in _of_style(_("Titel"), item.title):
        yield found("title-style", Level.HINT, item.reference, wrong, edit(item))


def _of_style(field: str, text: str) -> Iterator[str]:
    for pattern, wrong in _STYLE:
        if piece := pattern.search(text):
            yield _(wrong).format(field=field, piece=piece[0])


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
