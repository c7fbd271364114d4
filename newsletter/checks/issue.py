"""What is wrong with an issue as it is put together."""

import re
from collections.abc import Callable, Iterator

from newsletter.content import Finding, IssueContent, Level
from newsletter.language import _, n_
from newsletter.rhythm import in_words

from . import dates, linked, sender, subject, twins
from .facts import Facts
from .mends import edit_issue
from .names import found
from .parts import words_of
from .words import placeholder

ITEMS_HINT, ITEMS_WARNING = 12, 20


def findings(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """Everything that is wrong with an issue, but for its items and its edition."""
    for check in _CHECKS:
        yield from check(content, facts)


def _empty(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    letter = content.corrects is not None and content.corrects.letter
    if not content.items and not letter:
        wrong = _("In der Ausgabe steht noch kein Beitrag.")
        mend = _("Füllen: newsletter issue fill {issue}").format(issue=content.issue_id)
        yield found("empty", Level.ERROR, "issue", wrong, mend)


def _unchanged(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """For the rest of a stopped issue, which never had it, that may be meant."""
    if facts.unchanged and content.corrects is not None:
        wrong = _("Die Korrektur sagt dasselbe wie die erste Ausgabe.")
        mend = _(
            "Berichtigten Beitrag aufnehmen: newsletter issue add {issue} q…;"
            " Begrüßung: newsletter issue edit {issue}"
        ).format(issue=content.issue_id)
        level = Level.WARNING if content.corrects.to_the_rest else Level.ERROR
        yield found("unchanged", level, "issue", wrong, mend)


def _number_of_items(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    count = len(content.items)
    if count > ITEMS_HINT:
        level = Level.WARNING if count > ITEMS_WARNING else Level.HINT
        said = _("Die Ausgabe hat {count} Beiträge; gelesen werden höchstens {most} gern.")
        said = said.format(count=count, most=ITEMS_HINT)
        yield found("items", level, "issue", said, _remove(content, "q…"))


def _numbers_of_sections(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    if content.corrects is not None:  # it takes what the first issue had, or little of it
        return
    there = {section.key: len(section.items) for section in content.sections}
    for section in facts.sections:
        count = there.get(section.key, 0)
        its = {"section": section.title, "n": count}
        if count < section.minimum:
            wrong = n_(
                "In der Rubrik „{section}“ steht {n} Beitrag, vorgesehen sind mindestens {least}.",
                "In der Rubrik „{section}“ stehen {n} Beiträge, vorgesehen sind mindestens"
                " {least}.",
                count,
            ).format(**its, least=section.minimum)
            mend = _("Aufnehmen: newsletter issue add {issue} q… --section {key}")
            mend = mend.format(issue=content.issue_id, key=section.key)
            yield found("section-minimum", Level.WARNING, "issue", wrong, mend)
        elif section.most is not None and count > section.most:
            wrong = _(
                "In der Rubrik „{section}“ stehen {n} Beiträge, vorgesehen sind höchstens {most}."
            ).format(**its, most=section.most)
            yield found("section-maximum", Level.HINT, "issue", wrong, _remove(content, "q…"))


def _one_clusters_items(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    whose: dict[str, list[str]] = {}
    for item in content.items:
        for origin in (item.origin, *item.more_origins):
            if origin.is_cluster:
                whose.setdefault(origin.name, []).append(item.reference)
    for cluster, items in whose.items():
        if facts.per_cluster is not None and len(items) > facts.per_cluster:
            said = _(
                "Von {cluster} stehen {n} Beiträge in der Ausgabe ({items}), vorgesehen sind"
                " höchstens {most}."
            )
            its = {"cluster": cluster, "n": len(items), "items": ", ".join(items)}
            said = said.format(**its, most=facts.per_cluster)
            yield found("per-cluster", Level.HINT, "issue", said, _remove(content, items[-1]))


def _remove(content: IssueContent, item: str) -> str:
    mend = _("Herausnehmen: newsletter issue remove {issue} {item}")
    return mend.format(issue=content.issue_id, item=item)


def _placeholder(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    for name, text in words_of(content):
        left = placeholder(text)
        if not left and (slot := re.search(r"\{\w+\}", text)):
            left = slot[0]
        if left:
            wrong = _("{field}: Hier steht noch der Platzhalter „{left}“.")
            wrong = wrong.format(field=name, left=left)
            yield found("placeholder", Level.ERROR, "issue", wrong, edit_issue(content))


def _audience(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    if facts.audience not in {None, content.masthead.audience}:
        wrong = _(
            "Die Ausgabe wurde für „{then}“ angelegt, in newsletter.toml steht für {newsletter}"
            ' jetzt audience = "{now}".'
        )
        its = content.masthead
        wrong = wrong.format(then=facts.audience, newsletter=its.slug, now=its.audience)
        mend = _("Bitte dort zurückstellen oder die Ausgabe absagen und neu anlegen.")
        yield found("audience", Level.ERROR, "issue", wrong, mend)


def _weekdays(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    mend = edit_issue(content)
    yield from dates.weekdays_in(words_of(content), "issue", mend, facts)


def _language(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    foreign = [it.reference for it in content.items if it.language != content.language]
    if foreign:
        said = _(
            "In anderer Sprache als die Ausgabe: {items}. Das wird im Mail-Code gekennzeichnet,"
            " damit es richtig vorgelesen wird."
        )
        yield found("language", Level.HINT, "issue", said.format(items=", ".join(foreign)))


def _send_time(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    if facts.fixed and facts.send_at and facts.send_at < facts.now:
        wrong = _("Der geplante Zeitpunkt ({when}) ist vorbei.")
        wrong = wrong.format(when=in_words(facts.send_at, facts.zone))
        mend = _("Neuer Zeitpunkt: newsletter issue schedule {issue}")
        mend = mend.format(issue=content.issue_id)
        yield found("send-time", Level.HINT, "issue", wrong, mend)


_CHECKS: tuple[Callable[[IssueContent, Facts], Iterator[Finding]], ...] = (
    _empty,
    _unchanged,
    _audience,
    subject.subject,
    subject.preheader,
    _placeholder,
    _weekdays,
    linked.links_of_issue,
    linked.unreachable,
    sender.imprint,
    sender.privacy,
    _number_of_items,
    _numbers_of_sections,
    _one_clusters_items,
    dates.sequence,
    twins.duplicates,
    twins.seen_before,
    _language,
    sender.reserved_names,
    sender.domains,
    sender.records,
    sender.base_address,
    _send_time,
)
