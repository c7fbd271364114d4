"""The register: who is a member, by file or one by one."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from newsletter.errors import Invalid, Problem, Refused, unreadable
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.cluster import Cluster

from .access import register_person
from .facts import COLUMNS, ClusterFacts, Row, UnreadableFile, rows_of, understood
from .members import find

_KEPT_AS = {"land": "laender", "field": "fields"}  # a file's column, the register's


class AlreadyThere(Refused):
    sentence = N_("Das Cluster „{slug}“ gibt es schon. Ändern: newsletter clusters import DATEI")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that stayed out, where it stands, and why."""

    where: str
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Imported:
    """What became of a file: good rows are in, each other one is told."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def add(act: Act, given: Mapping[str, object]) -> Cluster:
    """Register one cluster; a deactivated one comes back. Invalid, AlreadyThere."""
    facts = understood(given)
    found = find(act.session, facts.slug)
    if found is not None and found.deactivated_at is None:
        raise AlreadyThere(slug=facts.slug)
    cluster = found or Cluster(slug=facts.slug, name=facts.name, created_at=act.now)
    cluster.deactivated_at = None
    _write(act, cluster, facts, COLUMNS)
    act.record("cluster", facts.slug, "added" if found is None else "reactivated")
    return cluster


def import_file(act: Act, path: Path) -> Imported:
    """Take in a JSON or CSV file; see ``import_rows``. UnreadableFile about the whole."""
    try:
        content = path.read_bytes()
    except OSError as exc:
        why = _("nicht lesbar ({reason}).").format(reason=unreadable(exc))
        raise UnreadableFile(file=path, why=why) from exc
    return import_bytes(act, content, str(path))


def import_bytes(act: Act, content: bytes, name: str) -> Imported:
    """Take in what a JSON or CSV file called ``name`` holds, as ``import_file`` does."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        why = _("nicht in UTF-8. Bitte als „CSV UTF-8“ speichern.")
        raise UnreadableFile(file=name, why=why) from exc
    return import_rows(act, rows_of(text, name))


def import_rows(act: Act, rows: Iterable[Row]) -> Imported:
    """Add what is new, update what has the same slug; a wrong row stays out and is told.

    What a row does not name stays as it is; named and empty, it is cleared. The contact
    becomes a contributor; nobody is removed by an import.
    """
    report = Imported()
    seen: dict[str, str] = {}
    for row in rows:
        try:
            facts = understood(row.facts)
            if facts.slug in seen:
                twice = _("„{slug}“ steht schon in {where}.")
                twice = twice.format(slug=facts.slug, where=seen[facts.slug])
                raise Invalid([Problem("slug", twice)])
            _import_one(act, facts, row.facts, report)
            seen[facts.slug] = row.where
        except Invalid as exc:
            report.refused.append(Refusal(row.where, exc.problems))
    return report


def _import_one(act: Act, facts: ClusterFacts, named: Collection[str], report: Imported) -> None:
    found = find(act.session, facts.slug)
    if found is not None and found.deactivated_at is not None:
        gone = _("Dieses Cluster ist stillgelegt. Zurückholen: newsletter clusters add {slug}")
        raise Invalid([Problem("slug", gone.format(slug=facts.slug))])
    if found is None:
        new = Cluster(slug=facts.slug, name=facts.name, created_at=act.now)
        _write(act, new, facts, COLUMNS)
        act.record("cluster", facts.slug, "added")
        report.new.append(facts.slug)
    elif _write(act, found, facts, named):
        act.record("cluster", facts.slug, "changed")
        report.changed.append(facts.slug)
    else:
        report.unchanged.append(facts.slug)


def _write(act: Act, cluster: Cluster, facts: ClusterFacts, named: Collection[str]) -> bool:
    """Put the facts of the named columns into the row; say whether anything changed."""
    email = facts.contact.email if facts.contact else None
    values = {
        "name": facts.name,
        "land": list(facts.laender),
        "field": list(facts.fields),
        "label": facts.label,
        "label_until": facts.label_until,
        "website": facts.website,
        "contact_email": email,
    }
    wanted = {_KEPT_AS.get(name, name): values[name] for name in values if name in named}
    changed = [name for name, value in wanted.items() if getattr(cluster, name) != value]
    for name in changed:
        setattr(cluster, name, wanted[name])
    act.session.add(cluster)
    act.session.flush()
    if facts.contact:
        register_person(act, cluster, facts.contact, None)
    return bool(changed)
