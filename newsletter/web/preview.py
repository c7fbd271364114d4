"""The preview of an issue: one page for the local preview and for a signed link.

A sheet is all that the page shows; its version changes with it, and the page asks for the
version to know when to show itself anew. The mail stands in frames that run no script. What a
person switches (dark, no pictures, text, source) is in the address, so it works by links.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from sqlmodel import Session

from newsletter import issues, rendering, rhythm
from newsletter.checks.edition import SIZE_MOST
from newsletter.content import Audience, Edition, Finding, Level, Variant
from newsletter.dispatch import copies
from newsletter.dispatch.message import Recipient, Uncomposable
from newsletter.issues import Preview, neutral
from newsletter.language import N_, _
from newsletter.models.issue import IssueState
from newsletter.settings import Settings
from newsletter.templating import BrokenTemplate

from .guards import HEADERS
from .pages import as_shipped, found, page, settings_of
from .preview_looks import COLUMNS, EDITIONS, NARROW, VIEWS, WIDTHS, Look, drawn, looks_of

READER = "Kim Beispiel"
ADDRESS = "kim@leserin.example"
NO_TOKEN = "VORSCHAU"  # noqa: S105  (an unsubscribe link that ends nobody's subscription)
LEVELS = {
    Level.ERROR: N_("Fehler"),
    Level.WARNING: N_("Warnungen"),
    Level.HINT: N_("Hinweise"),
}
_SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What there is to see of one edition. ``problem``: why there is no mail, as a sentence."""

    it: Preview | None = None
    edition: Edition | None = None
    html: str = ""  # "": this edition has no HTML part
    text: str = ""
    message: bytes = b""  # as a sample reader would get it
    problem: str = ""
    version: str = field(default="")

    @property
    def findings(self) -> Sequence[Finding]:
        """What is wrong besides the problem."""
        found = self.it.findings if self.it else ()
        return [each for each in found if each.text != self.problem]


def sheet(session: Session, settings: Settings, key: str, now: datetime) -> Sheet:
    """The sheet of an issue's full edition. NotFound, Ambiguous; other mistakes are shown on it."""
    it = issues.preview(session, settings, key, now)
    if it.edition is None:
        broken = next(each for each in it.findings if each.check == "template")
        return _marked(Sheet(it, problem=broken.text))
    return _marked(_composed(settings, it, it.edition, now))


def asked_for(request: Request, made: Sheet, now: datetime) -> Sheet:
    """The sheet with the edition on it that the address names; the same, if there is none such."""
    return of_edition(settings_of(request), made, Look.asked(request).edition, now)


def of_edition(settings: Settings, made: Sheet, variant: str, now: datetime) -> Sheet:
    """The sheet with another edition of the same issue on it."""
    others = made.it.others if made.it else ()
    wanted = next((each for each in others if each.variant == variant), None)
    if made.it is None or wanted is None:
        return made
    return replace(_composed(settings, made.it, wanted, now), version=made.version)


def _composed(settings: Settings, it: Preview, edition: Edition, now: datetime) -> Sheet:
    """An edition as a sample reader would get it."""
    to = Recipient(
        ADDRESS,
        READER,
        copies.salutation(READER, edition.language),
        settings.links.unsubscribe(NO_TOKEN),
        settings.links.preferences(NO_TOKEN),
    )
    try:
        message = copies.sample(settings, it.issue, edition, to, now).data
    except Uncomposable as problem:
        html, text = neutral.html_of(edition), neutral.text_of(edition)
        return Sheet(it, edition, html, text, problem=str(problem))
    parts = {
        part.get_content_type(): part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        for part in message_from_bytes(message).walk()
        if not part.is_multipart()
    }
    html, text = parts.get("text/html", ""), parts.get("text/plain", "")
    return Sheet(it, edition, html, text, message)


def failed(problem: str) -> Sheet:
    """A sheet that only says what is wrong."""
    return _marked(Sheet(problem=problem))


def _marked(made: Sheet) -> Sheet:
    """The sheet with its version: everything on it but the moment it was made."""
    it = made.it
    facts: list[object] = [made.html, made.text, made.problem]
    facts += [asdict(each) for each in made.findings]
    if it is not None:
        facts += [it.issue.id, it.issue.state, it.issue.subject, it.issue.preheader, it.stored]
        facts += [it.edition.sender if it.edition else "", it.issue.send_at]
        facts += [(each.subject, each.html, each.text) for each in it.others]
    return replace(made, version=hashlib.sha256(repr(facts).encode()).hexdigest()[:20])


def as_page(request: Request, made: Sheet, now: datetime, *, base: str, linked: bool) -> Response:
    """The page. ``base`` is the path below which its parts lie, with a slash at its end."""
    settings, it, look = settings_of(request), made.it, Look.asked(request)
    made = asked_for(request, made, now)
    if not made.html and made.text and look.view in {"mail", "all"}:
        look = replace(look, view="text")  # there is no other part to look at
    facts: dict[str, Any] = {
        "sheet": made,
        "it": it,
        "look": look,
        "base": base,
        "linked": linked,
        "both": " + ".join(map(str, WIDTHS)),
        "narrow": NARROW,
        "columns": COLUMNS,
        "views": {key: _(word) for key, word in VIEWS.items()},
        "editions": {each.variant: _(EDITIONS[Variant(each.variant)]) for each in _editions(it)},
        "looks": [(_(each.words), each) for each in looks_of(look.edition)],
        "levels": {level: _(word) for level, word in LEVELS.items()},
        "sandbox": _SANDBOX,
        "standing": _standing(it) if it else "",
        "members": it is not None and it.issue.audience is Audience.MEMBERS,
        "embargoed": it.embargoed(now) if it else [],
        "most": SIZE_MOST,
        "size": len(made.html.encode()),
        "name": rendering.issue_name(it.issue.number) if it else "",
        "newsletter": _name_of(settings, it),
        "sender": made.edition.sender.rpartition(" <")[0] if made.edition else "",
        "in_words": lambda when: rhythm.in_words(when, settings.zone),
    }
    try:
        answer = page(request, "preview.html", **facts)
    except BrokenTemplate as broken:  # this very page's, changed by the home
        bare = facts | {"sheet": failed(str(broken)), "it": None}
        answer = as_shipped(request, "preview.html", 200, **bare)
    own = HEADERS["Content-Security-Policy"]
    policy = f"{own}; script-src 'self'; connect-src 'self'; frame-src 'self'"
    answer.headers["Content-Security-Policy"] = policy
    return answer


def _editions(it: Preview | None) -> Sequence[Edition]:
    """What readers may choose from; nothing where there is no choice."""
    return it.editions if it and it.others else ()


def _name_of(settings: Settings, it: Preview | None) -> str:
    known = settings.newsletters.get(it.issue.newsletter) if it else None
    return known.name if known else ""


def _standing(it: Preview) -> str:
    """Whose bytes these are."""
    if not it.stored:
        return _("So, wie die Ausgabe jetzt ist. Freigegeben ist noch nichts.")
    match it.issue.state:
        case IssueState.IN_APPROVAL:
            return _("Die Versandfassung, die zur Freigabe vorliegt: genau diese Bytes.")
        case IssueState.SENT:
            return _("Die versendete Fassung: genau diese Bytes gingen hinaus.")
        case IssueState.APPROVED | IssueState.SCHEDULED | IssueState.LATE:
            return _("Die freigegebene Versandfassung: genau diese Bytes gehen hinaus.")
        case _:
            return _("Die gespeicherte Versandfassung, Byte für Byte.")


OUR_PICTURE = re.compile(
    r'src="https?://[^"]*/((?:media/[\w-]{22,43}/mail\.(?:jpg|png))|(?:logos/[0-9a-f]+/[^"/]+))"'
)


def as_mail(request: Request, made: Sheet, *, pictures_here: bool) -> Response:
    """The HTML part alone, for a frame: by day or by night, with its pictures or without.

    ``pictures_here``: they are shown by this application, whatever host the mail names.
    """
    look, base = Look.asked(request), urlsplit(settings_of(request).base_url)
    html = drawn(made.html, look)
    html = re.sub(r"(?i)(<head[^>]*>)", r'\1<base target="_blank">', html, count=1)
    if pictures_here:  # a stored mail may name the host of an earlier day
        html = OUR_PICTURE.sub(r'src="/\1"', html)
    images = f"'self' {base.scheme}://{base.netloc}" if look.images else "'none'"
    policy = (
        f"default-src 'none'; img-src {images}; style-src 'unsafe-inline'; form-action 'none';"
        f" frame-ancestors 'self'; sandbox {_SANDBOX}"
    )
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def as_message(made: Sheet) -> Response:
    """The whole message, for a mail program."""
    name = f"{made.it.issue.id}.eml" if made.it else "leer.eml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made.message, media_type="message/rfc822", headers=headers)


def as_version(made: Sheet, wait: int) -> Response:
    """What the page asks again and again, ``wait`` milliseconds after each answer."""
    return JSONResponse({"version": made.version, "mail": bool(made.html), "wait": wait})


def script(request: Request) -> Response:
    """The script of this page only: it looks whether there is something new."""
    return _static(request, "web/preview.js", "text/javascript")


def style(request: Request) -> Response:
    """The styles of this page only."""
    return _static(request, "web/preview.css", "text/css")


def _static(request: Request, name: str, kind: str) -> Response:
    return FileResponse(
        found(settings_of(request), name),
        media_type=f"{kind}; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )
