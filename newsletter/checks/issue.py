"""What is wrong with an issue as it is put together."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from newsletter.content import Finding, IssueContent, Level
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


def _edit(content: IssueContent) -> str:
    return f"Bitte ändern: newsletter issue edit {content.issue_id}"


def _empty(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    if not content.items:
        mend = f"Füllen: newsletter issue fill {content.issue_id}"
        yield _found("empty", Level.ERROR, f"In der Ausgabe steht noch kein Beitrag. {mend}")


def _number_of_items(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    count = len(content.items)
    if count > ITEMS_HINT:
        level = Level.WARNING if count > ITEMS_WARNING else Level.HINT
        yield _found(
            "items",
            level,
            f"Die Ausgabe hat {count} Beiträge; gelesen werden höchstens {ITEMS_HINT} gern."
            f" Herausnehmen: newsletter issue remove {content.issue_id} q…",
        )


def _subject(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    length = len(content.subject)
    if not content.subject.strip():
        yield _found("subject", Level.ERROR, f"Der Betreff fehlt. {_edit(content)}")
    elif length > SUBJECT_HINT:
        level = Level.WARNING if length > SUBJECT_WARNING else Level.HINT
        level = Level.ERROR if length > SUBJECT_MOST else level
        yield _found(
            "subject-length",
            level,
            f"Der Betreff hat {length} Zeichen; ab {SUBJECT_WARNING} wird er meist abgeschnitten,"
            f" gut sind höchstens {SUBJECT_HINT}. {_edit(content)}",
        )


def _preheader(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    length = len(content.preheader)
    if length < PREHEADER_LEAST:
        wrong = f"Die Vorschauzeile hat {length} Zeichen; gut sind {PREHEADER_LEAST} und mehr."
        yield _found("preheader-length", Level.HINT, f"{wrong} {_edit(content)}")
    elif length > PREHEADER_MOST:
        wrong = f"Die Vorschauzeile hat {length} Zeichen; gut sind höchstens {PREHEADER_MOST}."
        yield _found("preheader-length", Level.WARNING, f"{wrong} {_edit(content)}")


def _words(content: IssueContent) -> tuple[tuple[str, str], ...]:
    return (
        ("Betreff", content.subject),
        ("Vorschauzeile", content.preheader),
        ("Begrüßung", content.opening),
    )


def _placeholder(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    for name, text in _words(content):
        left = placeholder(text)
        if not left and (slot := re.search(r"\{\w+\}", text)):
            left = slot[0]
        if left:
            wrong = f"{name}: Hier steht noch der Platzhalter „{left}“."
            yield _found("placeholder", Level.ERROR, f"{wrong} {_edit(content)}")


def _links(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    used, halves = links(content.opening)
    for half in halves:
        wrong = f"Begrüßung: „{half}“ sieht nach einem missglückten Link aus."
        yield _found(
            "link", Level.ERROR, f"{wrong} So geht es: [Worte](https://…). {_edit(content)}"
        )
    for address, _ in used:
        if why := wrong_with(address):
            wrong = f"Begrüßung: Der Link „{address}“ geht nicht: {why}"
            yield _found("link", Level.ERROR, f"{wrong} {_edit(content)}")


def _audience(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    if facts.audience not in {None, content.masthead.audience}:
        yield _found(
            "audience",
            Level.ERROR,
            f"Die Ausgabe wurde für „{facts.audience}“ angelegt, in newsletter.toml steht für"
            f' {content.masthead.slug} jetzt audience = "{content.masthead.audience}".'
            " Bitte dort zurückstellen oder die Ausgabe absagen und neu anlegen.",
        )


def _duplicates(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    for words, field, level in (
        ("denselben Titel", "title", Level.WARNING),
        ("denselben Link", "link", Level.HINT),
    ):
        for twins in _twins(content, field):
            wrong = f"{' und '.join(twins)} haben {words}. Ist es derselbe Beitrag?"
            mend = f"Dann: newsletter issue remove {content.issue_id} {twins[-1]}"
            yield _found("duplicate", level, f"{wrong} {mend}")


def _twins(content: IssueContent, field: str) -> list[list[str]]:
    """The references of items that have the same value there, value by value."""
    holders: dict[str, list[str]] = {}
    for item in content.items:
        holders.setdefault((getattr(item, field) or "").casefold(), []).append(item.reference)
    return [twins for value, twins in holders.items() if value and len(twins) > 1]


def _language(content: IssueContent, _facts: Facts) -> Iterator[Finding]:
    foreign = [it.reference for it in content.items if it.language != content.language]
    if foreign:
        yield _found(
            "language",
            Level.HINT,
            f"In anderer Sprache als die Ausgabe: {', '.join(foreign)}. Das wird im Mail-Code"
            " gekennzeichnet, damit es richtig vorgelesen wird.",
        )


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
        wrong = f"Im Impressum fehlt: {', '.join(missing)}."
        yield _found("imprint", facts.demand, f"{wrong} Bitte ergänzen: {where}")
    if re.search(r"\bPostfach\b", " ".join(imprint.address)):
        wrong = "Das Impressum braucht eine ladungsfähige Anschrift, kein Postfach."
        yield _found("imprint", facts.demand, f"{wrong} Bitte ändern: {where}")


def _privacy(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    for key, value in (
        ("privacy_url", content.masthead.privacy_url),
        ("accessibility_url", content.masthead.accessibility_url),
    ):
        if not value:
            yield _found(key.replace("_", "-"), facts.demand, f"newsletter.toml: {key} fehlt.")


def _reserved_names(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    masthead = content.masthead
    ours = {
        "Absender": masthead.sender_address,
        "Antwortadresse": masthead.reply_to,
        "List-Id": masthead.list_id,
        "Impressum": masthead.imprint.email,
        "Datenschutz": urlsplit(masthead.privacy_url).hostname or "",
        "Barrierefreiheit": urlsplit(masthead.accessibility_url).hostname or "",
    }
    named = [name for name, host in ours.items() if _RESERVED.search(host)]
    named += [it.reference for it in content.items if it.link and _RESERVED.search(_host(it.link))]
    if named:
        yield _found(
            "reserved-name",
            facts.demand,
            f"Unter Namen, die es im Netz nicht gibt (.example und ähnliche): {', '.join(named)}."
            " Vor dem echten Versand bitte in newsletter.toml und in den Beiträgen ändern.",
        )


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # the check "link" names it
        return ""


def _base_address(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    if facts.loopback:
        yield _found(
            "base-address",
            Level.HINT,
            f"Links und Bilder führen auf {content.masthead.home_url}, also nur auf diesen Rechner."
            " Vor dem echten Versand bitte base_url in newsletter.toml setzen.",
        )


def _send_time(_content: IssueContent, facts: Facts) -> Iterator[Finding]:
    if facts.fixed and facts.send_at and facts.send_at < facts.now:
        when = in_words(facts.send_at, facts.zone)
        yield _found("send-time", Level.HINT, f"Der geplante Zeitpunkt ({when}) ist vorbei.")


_CHECKS: tuple[Callable[[IssueContent, Facts], Iterator[Finding]], ...] = (
    _empty,
    _audience,
    _subject,
    _placeholder,
    _links,
    _imprint,
    _privacy,
    _preheader,
    _number_of_items,
    _duplicates,
    _language,
    _reserved_names,
    _base_address,
    _send_time,
)
