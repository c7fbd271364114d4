"""The story, scene by scene; each scene does its part for real and says what it did.

the register and the readers come in
clusters hand in, by the JSON endpoint and by the form; the editors add an item
a reader signs up, and does not confirm
the editors choose; issues are filled, checked, approved by a second person, scheduled
the sender sends; a reader leaves with one click
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from newsletter import clusters, issues, queue, readers
from newsletter.content import Audience
from newsletter.history import now
from newsletter.language import _, n_
from newsletter.templating import shipped

from . import hands, sender
from .relative import expanded
from .stage import FREIGABE, REDAKTION, Stage

NEWCOMER = "wilhelmine.neugier@post.example"  # signs up and does not confirm
_A_PERSON_TYPES = 2.5  # seconds; who is faster is a machine (STANDARDS WB-08)


@dataclass
class Plot:
    """What the scenes know of each other."""

    stage: Stage
    keys: dict[str, str] = field(default_factory=dict)  # of the JSON endpoint, by cluster
    form_url: str = ""
    status_url: str = ""
    handed_in: dict[str, dict[str, Any]] = field(default_factory=dict)  # by reference
    sign_up: hands.Form | None = None
    sign_up_opened: float = 0.0
    issues: list[str] = field(default_factory=list)

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """What is handed in, with today's dates."""
        zone = self.stage.settings.zone
        read = json.loads(_example("submissions.json").read_text(encoding="utf-8"))
        items: list[dict[str, Any]] = expanded(read, now().astimezone(zone).date(), zone)
        return items


def scenes(plot: Plot) -> Iterator[str]:
    """Play the story; each scene is followed by the sentence that tells it."""
    yield register_clusters(plot)
    yield take_readers_in(plot)
    yield open_sign_up(plot)
    yield hand_in_by_program(plot)
    yield hand_in_by_form(plot)
    yield add_own_items(plot)
    yield choose(plot)
    for slug in plot.stage.settings.newsletters:
        yield assemble(plot, slug)
        yield approve_and_schedule(plot)
    yield sign_up(plot)
    yield send(plot)
    yield leave(plot)


def register_clusters(plot: Plot) -> str:
    """The register comes from a file; each cluster gets a key, one gets a link to the form."""
    with plot.stage.act(REDAKTION) as act:
        clusters.import_file(act, _example("clusters.json"))
        slugs = [cluster.slug for cluster in clusters.all_(act.session)]
        plot.keys = {slug: clusters.key(act, slug) for slug in slugs}
        writes = next(item["cluster"] for item in plot.items if item.get("via") == "form")
        people = clusters.people_of(act.session, clusters.get(act.session, writes))
        plot.form_url = clusters.link(act, writes, people[0].email)
    said = _("{n} Mitgliedscluster aufgenommen, jedes mit Schlüssel für den JSON-Eingang")
    return said.format(n=len(slugs))


def take_readers_in(plot: Plot) -> str:
    """Two lists with evidence."""
    told = []
    for slug, newsletter in plot.stage.settings.newsletters.items():
        with plot.stage.act(REDAKTION) as act:
            report = readers.import_csv(act, _example(f"subscribers-{slug}.csv").read_bytes(), slug)
        one = _("{n} für „{newsletter}“")
        told.append(one.format(n=report.added, newsletter=newsletter.name))
    return _("Abonnements mit Nachweis eingelesen: {lists}").format(lists=_(" und ").join(told))


def open_sign_up(plot: Plot) -> str:
    """A reader opens the sign-up page and takes her time."""
    plot.sign_up = hands.form_on(hands.get(f"{plot.stage.site}/subscribe"))
    plot.sign_up_opened = time.monotonic()
    return _("Eine Leserin öffnet die Anmeldeseite")


def hand_in_by_program(plot: Plot) -> str:
    """Clusters' own programs hand in over HTTP, pictures first."""
    pictures = 0
    items = [item for item in plot.items if "cluster" in item and item.get("via") != "form"]
    for item in items:
        key = plot.keys[item["cluster"]]
        facts = _without(item, "cluster", "picture")
        if "picture" in item:
            picture = _example(item["picture"])
            facts["image"] = hands.post_picture(f"{plot.stage.site}/api/v1/images", picture, key)
            pictures += 1
        answer = hands.post_json(f"{plot.stage.site}/api/v1/submissions", facts, key)
        plot.handed_in[answer["id"]] = item
        plot.status_url = plot.status_url or answer["status_url"]
    said = _("{n} Einreichungen über den JSON-Eingang, {pictures} davon mit Bild")
    return said.format(n=len(items), pictures=pictures)


def hand_in_by_form(plot: Plot) -> str:
    """A person chooses on the cluster's own page and types as people type."""
    items = [item for item in plot.items if item.get("via") == "form"]
    for item in items:
        form = hands.form_on(hands.get(f"{plot.form_url}?kind={item['kind']}"))
        thanks = form.submit(**_typed(item))
        found = re.search(r"\bq\d+\b", thanks.text)
        if found is None:
            raise hands.Unwelcome(method="POST", url=thanks.url, status=thanks.status, text="–")
        plot.handed_in[found[0]] = item
    said = n_(
        "{n} Einreichung über das Formular im Browser",
        "{n} Einreichungen über das Formular im Browser",
        len(items),
    )
    return said.format(n=len(items))


def add_own_items(plot: Plot) -> str:
    """The editors add what comes from the programme itself."""
    items = [item for item in plot.items if "source" in item]
    with plot.stage.act(REDAKTION) as act:
        for item in items:
            added = queue.add(act, _without(item, "source"), source=item["source"])
            plot.handed_in[added.reference] = item
    said = n_("{n} eigene Meldung der Redaktion", "{n} eigene Meldungen der Redaktion", len(items))
    return said.format(n=len(items))


def choose(plot: Plot) -> str:
    """The editors accept everything; where it may stand, each item's own wishes rule."""
    with plot.stage.act(REDAKTION) as act:
        decisions = queue.accept(act, list(plot.handed_in))
    said = _("Die Redaktion nimmt alles an: {n} Entscheidungen für zwei Newsletter")
    return said.format(n=len(decisions))


def assemble(plot: Plot, slug: str) -> str:
    """Begin an issue and fill it: embargoed items stay out, members' items with members."""
    with plot.stage.act(REDAKTION) as act:
        issue = issues.new(act, slug)
        plot.issues.append(issue.id)
        proposal = issues.fill(act, issue.id)
        built = issues.check(act.session, act.settings, issue.id, act.now)
    told = [_checked(issue.id, proposal, built)]
    left_out = _("nicht dabei: {reference} {title}. {why}.")
    told += [
        left_out.format(reference=it.reference, title=it.title, why=it.why.partition(". ")[0])
        for it in proposal.left_out
    ]
    members_only = _("nicht dabei, nur für Mitglieder: {reference} {title}")
    told += [
        members_only.format(reference=reference, title=item["title"])
        for reference, item in plot.handed_in.items()
        if slug not in item["targets"] and issue.audience is Audience.PUBLIC
    ]
    return "\n          ".join(told)


def _checked(issue_id: str, proposal: issues.Proposal, built: issues.Built) -> str:
    return _(
        "{id}: {placed} Beiträge; Prüfung: {errors} Fehler, {warnings} Warnungen,"
        " {findings} Befunde insgesamt"
    ).format(
        id=issue_id,
        placed=len(proposal.placed),
        errors=len(built.errors),
        warnings=len(built.warnings),
        findings=len(built.findings),
    )


def approve_and_schedule(plot: Plot) -> str:
    """One person asks, another says yes to exactly these bytes; the issue may leave now."""
    issue_id = plot.issues[-1]
    with plot.stage.act(REDAKTION) as act:
        issues.request(act, issue_id, accept_warnings=_("Vorführung"))
    with plot.stage.act(FREIGABE) as act:
        approved = issues.approve(act, issue_id)
        mark = (approved.content_hash or "")[:12]
    with plot.stage.act(REDAKTION) as act:
        issues.schedule(act, issue_id, act.now)
    said = _("{id}: freigegeben von einer zweiten Person (Fassung {mark}…), geht jetzt hinaus")
    return said.format(id=issue_id, mark=mark)


def sign_up(plot: Plot) -> str:
    """The reader sends the form; as she does not confirm, no issue goes to her."""
    assert plot.sign_up is not None
    time.sleep(max(0.0, plot.sign_up_opened + _A_PERSON_TYPES - time.monotonic()))
    public = [slug for slug, it in plot.stage.settings.newsletters.items() if it.open_sign_up]
    plot.sign_up.submit(email=NEWCOMER, newsletter=public)
    return _("{reader} meldet sich an und bestätigt noch nicht").format(reader=NEWCOMER)


def send(plot: Plot) -> str:
    """The real sender, until nothing is due: letters first, then each reader's own copy."""
    sender.until_empty(plot.stage)
    mails = plot.stage.mailbox.mails
    letters = sum(mail.list_id is None for mail in mails)
    said = _("Versendet: {copies} Ausgaben und {letters} Nachrichten über SMTP")
    return said.format(copies=len(mails) - letters, letters=letters)


def leave(plot: Plot) -> str:
    """A reader leaves with one click in the mail program; it holds at once."""
    mail = plot.stage.issue_mails()[-1]
    url = str(mail.message["List-Unsubscribe"]).strip("<>")
    hands.post_one_click(url)
    said = _("{reader} meldet sich mit einem Klick ab, das gilt sofort")
    return said.format(reader=mail.recipient)


def _example(name: str) -> Path:
    return shipped("examples") / name


def _typed(item: dict[str, Any]) -> dict[str, str | list[str]]:
    """The facts of an item as somebody types them into the form."""
    typed: dict[str, str | list[str]] = {
        name: value
        for name, value in _without(item, "cluster", "via", "kind").items()
        if isinstance(value, str | list)
    }
    for name in ("starts_at", "ends_at", "register_by"):
        moment = datetime.fromisoformat(item[name])
        stem = name.removesuffix("_at").removesuffix("_by")
        typed |= {f"{stem}_on": f"{moment:%d.%m.%Y}", f"{stem}_time": f"{moment:%H:%M}"}
        del typed[name]
    return typed | {name: "on" for name, value in item.items() if value is True}


def _without(item: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in names}
