"""What the story came to: the account as facts, and the addresses to open."""

import re
from typing import Any

from newsletter import issues
from newsletter.content import Audience, Variant
from newsletter.database import reading
from newsletter.language import _

from .mail_server import Mail
from .story import NEWCOMER, Plot


def account(plot: Plot) -> dict[str, Any]:
    """The contract of ``demo --json``: mails = issue mails + letters."""
    stage = plot.stage
    mails = list(stage.mailbox.mails)
    with reading(stage.engine) as session:
        told = [_issue(session, key) for key in plot.issues]
    return {
        "issues": told,
        "letters": sum(mail.list_id is None for mail in mails),
        "mails": len(mails),
    }


def _issue(session: Any, key: str) -> dict[str, Any]:
    issue = issues.find(session, key)
    status = issues.status(session, key)
    edition = next(
        each for each in issues.editions_of(session, issue) if each.variant == Variant.FULL
    )
    return {
        "newsletter": issue.newsletter,
        "number": issue.number,
        "subject": edition.subject,
        "recipients": issue.recipients,
        "accepted": status["deliveries"].get("accepted", 0),
        "html_bytes": len(edition.html.encode()),
        "content_hash": issue.content_hash,
    }


def addresses(plot: Plot) -> list[tuple[str, str]]:
    """What to open, with a word on each; every one answers."""
    stage = plot.stage
    shown = [
        (_("Startseite"), f"{stage.site}/"),
        (_("Formular eines Mitgliedsclusters"), plot.form_url),
        (_("Stand einer Einreichung"), plot.status_url),
        (_("Anmeldung zum öffentlichen Newsletter"), f"{stage.site}/subscribe"),
    ]
    shown += [
        (_("Bestätigung, die noch aussteht"), _link_in(mail, "confirm"))
        for mail in stage.mailbox.mails
        if mail.recipient == NEWCOMER
    ]
    shown.append((_("Posteingang mit allen Mails"), f"{stage.inbox}/"))
    shown += [
        (
            _("Archiv von „{newsletter}“").format(newsletter=newsletter.name),
            stage.settings.links.archive(slug),
        )
        for slug, newsletter in stage.settings.newsletters.items()
        if newsletter.audience is Audience.PUBLIC
    ]
    for newsletter in stage.settings.newsletters.values():
        first = next((m for m in stage.issue_mails() if m.list_id == newsletter.list_id), None)
        if first is not None:
            issue = _("Eine Ausgabe von „{newsletter}“").format(newsletter=newsletter.name)
            shown.append((issue, stage.mail_page(first)))
            shown.append(("  " + _("und ihre Abmeldeseite"), _link_in(first, "unsubscribe")))
    return shown


def _link_in(mail: Mail, page: str) -> str:
    found = re.search(rf"http://\S+/{page}/\S+", mail.part("plain"))
    return found[0] if found else ""
