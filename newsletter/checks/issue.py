"""What is wrong with an issue as it is put together."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from newsletter.content import Finding, IssueContent, Level
from newsletter.language import N_, _, n_
from newsletter.rhythm import in_words

from .facts import Facts
from .words import links, placeholder, wrong_with

SUBJECT_HINT, SUBJECT_WARNING, SUBJECT_MOST = 50, 60, 150  # the last: HD-13
PREHEADER_LEAST, PREHEADER_MOST = 40, 100
ITEMS_HINT, ITEMS_WARNING = 12, 20
# Names nobody can own (RFC 2606, RFC 6761): good for rehearsals, useless to readers.
_RESERVED = re.compile(
    r"(?:^|[.@])(?:example|test|invalid|localhost|example\.(?:com|net|org))$", re.IGNORECASE
)


def findings(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """Everything that is wrong with an issue, but for its items and its edition."""
    for check in _CHECKS:
        yield from check(content, facts)


def _found(check: str, level: Level, text: str) -> Finding:
    return Finding(check, level, "issue", text)


def _edit(content: IssueContent, wrong: str) -> str:
    mend = _("Bitte ändern: newsletter issue edit {issue}").format(issue=content.issue_id)
    return f"{wrong} {mend}"


def _empty(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    letter = content.corrects is not None and content.corrects.letter
    if not content.items and not letter:
        wrong = _("In der Ausgabe steht noch kein Beitrag. Füllen: newsletter issue fill {issue}")
        yield _found("empty", Level.ERROR, wrong.format(issue=content.issue_id))


def _unchanged(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """For the rest of a stopped issue, which never had it, that may be meant."""
    if facts.unchanged and content.corrects is not None:
        wrong = _(
            "Die Korrektur sagt dasselbe wie die erste Ausgabe. Berichtigten Beitrag aufnehmen:"
            " newsletter issue add {issue} q…; Begrüßung: newsletter issue edit {issue}"
        )
        level = Level.WARNING if content.corrects.to_the_rest else Level.ERROR
        yield _found("unchanged", level, wrong.format(issue=content.issue_id))


def _number_of_items(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    count = len(content.items)
    if count > ITEMS_HINT:
        level = Level.WARNING if count > ITEMS_WARNING else Level.HINT
        said = _(
            "Die Ausgabe hat {count} Beiträge; gelesen werden höchstens {most} gern."
            " Herausnehmen: newsletter issue remove {issue} q…"
        )
        said = said.format(count=count, most=ITEMS_HINT, issue=content.issue_id)
        yield _found("items", level, said)


def _numbers_of_sections(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    if content.corrects is not None:  # it takes what the first issue had, or little of it
        return
    there = {section.key: len(section.items) for section in content.sections}
    for section in facts.sections:
        count = there.get(section.key, 0)
        its = {"section": section.title, "n": count, "issue": content.issue_id, "key": section.key}
        if count < section.minimum:
            wrong = n_(
                "In der Rubrik „{section}“ steht {n} Beitrag, vorgesehen sind mindestens {least}."
                " Aufnehmen: newsletter issue add {issue} q… --section {key}",
                "In der Rubrik „{section}“ stehen {n} Beiträge, vorgesehen sind mindestens"
                " {least}. Aufnehmen: newsletter issue add {issue} q… --section {key}",
                count,
            )
            wrong = wrong.format(**its, least=section.minimum)
            yield _found("section-minimum", Level.WARNING, wrong)
        elif section.most is not None and count > section.most:
            wrong = _(
                "In der Rubrik „{section}“ stehen {n} Beiträge, vorgesehen sind höchstens {most}."
                " Herausnehmen: newsletter issue remove {issue} q…"
            )
            yield _found("section-maximum", Level.HINT, wrong.format(**its, most=section.most))


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
                " höchstens {most}. Herausnehmen: newsletter issue remove {issue} {last}"
            )
            its = {"cluster": cluster, "n": len(items), "items": ", ".join(items)}
            its |= {"most": facts.per_cluster, "issue": content.issue_id, "last": items[-1]}
            yield _found("per-cluster", Level.HINT, said.format(**its))


def _subject(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    length = len(content.subject)
    if not content.subject.strip():
        yield _found("subject", Level.ERROR, _edit(content, _("Der Betreff fehlt.")))
    elif length > SUBJECT_HINT:
        level = Level.WARNING if length > SUBJECT_WARNING else Level.HINT
        level = Level.ERROR if length > SUBJECT_MOST else level
        wrong = _(
            "Der Betreff hat {length} Zeichen; ab {cut} wird er meist abgeschnitten, gut sind"
            " höchstens {most}."
        ).format(length=length, cut=SUBJECT_WARNING, most=SUBJECT_HINT)
        yield _found("subject-length", level, _edit(content, wrong))


def _preheader(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    length = len(content.preheader)
    if length < PREHEADER_LEAST:
        wrong = _("Die Vorschauzeile hat {length} Zeichen; gut sind {least} und mehr.")
        wrong = wrong.format(length=length, least=PREHEADER_LEAST)
        yield _found("preheader-length", Level.HINT, _edit(content, wrong))
    elif length > PREHEADER_MOST:
        wrong = _("Die Vorschauzeile hat {length} Zeichen; gut sind höchstens {most}.")
        wrong = wrong.format(length=length, most=PREHEADER_MOST)
        yield _found("preheader-length", Level.WARNING, _edit(content, wrong))


def _words(content: IssueContent) -> tuple[tuple[str, str], ...]:
    return (
        (_("Betreff"), content.subject),
        (_("Vorschauzeile"), content.preheader),
        (_("Begrüßung"), content.opening),
    )


def _placeholder(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    for name, text in _words(content):
        left = placeholder(text)
        if not left and (slot := re.search(r"\{\w+\}", text)):
            left = slot[0]
        if left:
            wrong = _("{field}: Hier steht noch der Platzhalter „{left}“.")
            wrong = wrong.format(field=name, left=left)
            yield _found("placeholder", Level.ERROR, _edit(content, wrong))


def _links(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    used, halves = links(content.opening)
    for half in halves:
        wrong = _(
            "{field}: „{half}“ sieht nach einem missglückten Link aus."
            " So geht es: [Worte](https://…)."
        ).format(field=_("Begrüßung"), half=half)
        yield _found("link", Level.ERROR, _edit(content, wrong))
    for address, __ in used:
        if why := wrong_with(address):
            wrong = _("{field}: Der Link „{address}“ geht nicht: {why}")
            wrong = wrong.format(field=_("Begrüßung"), address=address, why=why)
            yield _found("link", Level.ERROR, _edit(content, wrong))


def _audience(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    if facts.audience not in {None, content.masthead.audience}:
        wrong = _(
            "Die Ausgabe wurde für „{then}“ angelegt, in newsletter.toml steht für {newsletter}"
            ' jetzt audience = "{now}". Bitte dort zurückstellen oder die Ausgabe absagen und'
            " neu anlegen."
        )
        its = content.masthead
        wrong = wrong.format(then=facts.audience, newsletter=its.slug, now=its.audience)
        yield _found("audience", Level.ERROR, wrong)


_SAME = (
    (
        "title",
        Level.WARNING,
        N_(
            "{items} haben denselben Titel. Ist es derselbe Beitrag?"
            " Dann: newsletter issue remove {issue} {last}"
        ),
    ),
    (
        "link",
        Level.HINT,
        N_(
            "{items} haben denselben Link. Ist es derselbe Beitrag?"
            " Dann: newsletter issue remove {issue} {last}"
        ),
    ),
)


def _duplicates(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    for field, level, said in _SAME:
        for twins in _twins(content, field):
            names = _(" und ").join(twins)
            wrong = _(said).format(items=names, issue=content.issue_id, last=twins[-1])
            yield _found("duplicate", level, wrong)


def _twins(content: IssueContent, field: str) -> list[list[str]]:
    """The references of items that have the same value there, value by value."""
    holders: dict[str, list[str]] = {}
    for item in content.items:
        holders.setdefault((getattr(item, field) or "").casefold(), []).append(item.reference)
    return [twins for value, twins in holders.items() if value and len(twins) > 1]


def _language(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    foreign = [it.reference for it in content.items if it.language != content.language]
    if foreign:
        said = _(
            "In anderer Sprache als die Ausgabe: {items}. Das wird im Mail-Code gekennzeichnet,"
            " damit es richtig vorgelesen wird."
        )
        yield _found("language", Level.HINT, said.format(items=", ".join(foreign)))


def _imprint(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    imprint = content.masthead.imprint
    needed = {
        "name": imprint.name,
        "address": "".join(imprint.address),
        "representative": imprint.representative,
        "email": imprint.email,
        "phone": imprint.phone,  # the second fast contact that DDG §5 wants
        "responsible": imprint.responsible,
    }
    where = f"newsletter.toml, [newsletters.{content.masthead.slug}.imprint]"
    missing = [name for name, value in needed.items() if not value.strip()]
    if missing:
        wrong = _("Im Impressum fehlt: {missing}. Bitte ergänzen: {where}")
        wrong = wrong.format(missing=", ".join(missing), where=where)
        yield _found("imprint", facts.demand, wrong)
    if re.search(r"\bPostfach\b", " ".join(imprint.address)):
        wrong = _(
            "Das Impressum braucht eine ladungsfähige Anschrift, kein Postfach."
            " Bitte ändern: {where}"
        )
        yield _found("imprint", facts.demand, wrong.format(where=where))


def _privacy(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    for key, value in (
        ("privacy_url", content.masthead.privacy_url),
        ("accessibility_url", content.masthead.accessibility_url),
    ):
        if not value:
            wrong = _("newsletter.toml: {key} fehlt.").format(key=key)
            yield _found(key.replace("_", "-"), facts.demand, wrong)


def _reserved_names(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    masthead = content.masthead
    ours = {
        _("Absender"): masthead.sender_address,
        _("Antwortadresse"): masthead.reply_to,
        _("List-Id"): masthead.list_id,
        _("Impressum"): masthead.imprint.email,
        _("Datenschutz"): urlsplit(masthead.privacy_url).hostname or "",
        _("Barrierefreiheit"): urlsplit(masthead.accessibility_url).hostname or "",
    }
    named = [name for name, host in ours.items() if _RESERVED.search(host)]
    named += [it.reference for it in content.items if it.link and _RESERVED.search(_host(it.link))]
    if named:
        wrong = _(
            "Unter Namen, die es im Netz nicht gibt (.example und ähnliche): {names}."
            " Vor dem echten Versand bitte in newsletter.toml und in den Beiträgen ändern."
        )
        yield _found("reserved-name", facts.demand, wrong.format(names=", ".join(named)))


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # the check "link" names it
        return ""


def _base_address(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    if facts.loopback:
        said = _(
            "Links und Bilder führen auf {address}, also nur auf diesen Rechner."
            " Vor dem echten Versand bitte base_url in newsletter.toml setzen."
        )
        said = said.format(address=content.masthead.home_url)
        yield _found("base-address", Level.HINT, said)


def _send_time(_content: IssueContent, facts: Facts) -> Iterator[Finding]:
    if facts.fixed and facts.send_at and facts.send_at < facts.now:
        wrong = _("Der geplante Zeitpunkt ({when}) ist vorbei.")
        wrong = wrong.format(when=in_words(facts.send_at, facts.zone))
        yield _found("send-time", Level.HINT, wrong)


_CHECKS: tuple[Callable[[IssueContent, Facts], Iterator[Finding]], ...] = (
    _empty,
    _unchanged,
    _audience,
    _subject,
    _placeholder,
    _links,
    _imprint,
    _privacy,
    _preheader,
    _number_of_items,
    _numbers_of_sections,
    _one_clusters_items,
    _duplicates,
    _language,
    _reserved_names,
    _base_address,
    _send_time,
)
