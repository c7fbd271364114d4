"""An issue as one document: its texts, and the order of its items section by section.

    ---
    version: 3
    subject: Clusterplattform Deutschland: Ausgabe Dezember 2026
    preheader: Meldungen, Erfolgsgeschichten und Termine.
    ---
    willkommen zur Ausgabe Dezember 2026.

    === Reihenfolge ===
    [cluster] Aus den Clustern
    - q12 Lichtwerk Havelbogen: Silber-Label erneut bestätigt

Of a line „- q12 …“ only the reference counts.
"""

import re
from collections.abc import Mapping, Sequence

from newsletter import issues
from newsletter.content import IssueContent
from newsletter.errors import Invalid, Problem
from newsletter.language import N_, _
from newsletter.models.issue import Issue

from .document import FENCE, Document, fact

ORDER = N_("=== Reihenfolge ===")
_ORDER = re.compile(r"=+\s*(?:Reihenfolge|Order)\s*=+", re.IGNORECASE)  # in either language
_SECTION = re.compile(r"\[\s*([^\]]*?)\s*\].*")
_ITEM = re.compile(r"[-*•]?\s*([qQ]?\d+)\b.*")
_KNOWN = {"version", "subject", "preheader", "note"}  # the last: of a correction


def written(issue: Issue, content: IssueContent, sections: Sequence[tuple[str, str]]) -> str:
    """The document of an issue; every configured section stands there, the empty ones too."""
    plan = issues.Plan(
        issue.subject,
        issue.preheader,
        issue.opening,
        tuple((it.key, tuple(item.reference for item in it.items)) for it in content.sections),
        content.corrects.note if content.corrects else None,
    )
    return planned(plan, issue.version, titles_in(content), sections)


def titles_in(content: IssueContent) -> dict[str, str]:
    """What items and sections are called, by reference and „[key]“."""
    titles = {item.reference: item.title for item in content.items}
    return titles | {f"[{section.key}]": section.title for section in content.sections}


def planned(
    plan: issues.Plan,
    version: int,
    titles: Mapping[str, str],
    sections: Sequence[tuple[str, str]],
    remarks: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """The document of a plan; ``remarks`` are lines above its subject, preheader or order."""
    above = remarks or {}
    facts = {"version": version, "subject": plan.subject, "preheader": plan.preheader}
    if plan.note is not None:
        facts["note"] = plan.note
    lines = [FENCE, "# " + _("Zeilen mit # erklären nur. Der Betreff: gut sind bis 50 Zeichen.")]
    for name, value in facts.items():
        lines += [*above.get(name, ()), fact(name, value)]
    lines += [FENCE, plan.opening, "", _(ORDER)]
    how = _("Eine Zeile je Beitrag; umstellen, löschen oder neue dazuschreiben (- q12).")
    lines += [f"# {how}", *above.get("order", ())]
    placed = dict(plan.order)
    for key, title in (dict(sections) | {it: titles.get(f"[{it}]", it) for it in placed}).items():
        lines += ["", f"[{key}] {title}"]
        lines += [f"- {it} {titles.get(it, '')}".rstrip() for it in placed.get(key, ())]
    return "\n".join([*lines, ""])


def plan_in(document: Document) -> tuple[issues.Plan, int | None]:
    """What a document plans, and the version it was made from. Invalid names lines."""
    opening, order, first = _split(document)
    unknown = _("Diese Angabe gibt es hier nicht. Bekannt: {names}.")
    unknown = unknown.format(names=", ".join(sorted(_KNOWN)))
    problems = [Problem(name, unknown) for name in document.values.keys() - _KNOWN]
    sections = _sections(order, first, problems)
    version = document.values.get("version", "")
    if version and not version.isdecimal():
        problems.append(Problem("version", _("Hier steht eine Zahl; bitte nicht ändern.")))
    if problems:
        raise Invalid(problems)
    plan = issues.Plan(
        subject=document.values.get("subject", ""),
        preheader=document.values.get("preheader", ""),
        opening=opening,
        order=tuple((key, tuple(references)) for key, references in sections),
        note=document.values.get("note"),
    )
    return plan, int(version) if version else None


def _split(document: Document) -> tuple[str, str, int]:
    """The opening, the order, and the line at which the order begins."""
    lines = document.body.split("\n")
    for number, line in enumerate(lines):
        if _ORDER.fullmatch(line.strip()):
            rest = "\n".join(lines[number + 1 :])
            return "\n".join(lines[:number]), rest, document.lines["body"] + number + 1
    missing = _("Die Zeile „{line}“ fehlt; darunter stehen die Beiträge.").format(line=_(ORDER))
    raise Invalid([Problem("body", missing)])


def _sections(order: str, first: int, problems: list[Problem]) -> list[tuple[str, list[str]]]:
    sections: list[tuple[str, list[str]]] = []
    for number, line in enumerate(order.split("\n"), first):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if section := _SECTION.fullmatch(text):
            sections.append((section[1], []))
        elif not sections:
            wrong = _("Über dem ersten Beitrag fehlt [rubrik].")
            problems.append(Problem(f"line {number}", wrong))
        elif item := _ITEM.fullmatch(text):
            sections[-1][1].append(item[1])
        else:
            wrong = _("Erwartet: „- q12 Titel“ oder „[rubrik]“.")
            problems.append(Problem(f"line {number}", wrong))
    return sections


def lines_of(document: Document) -> Mapping[str, int]:
    """Where each fact, section and reference stands; for problems that name them."""
    lines = dict(document.lines)
    try:
        __, order, first = _split(document)
    except Invalid:
        return lines
    for number, line in enumerate(order.split("\n"), first):
        text = line.strip()
        if section := _SECTION.fullmatch(text):
            lines.setdefault(f"section {section[1]}", number)
        elif item := _ITEM.fullmatch(text):
            lines[item[1]] = number  # the last one: a repetition is told where it is
    return lines
