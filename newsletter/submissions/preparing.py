"""What is decided of an item before it is taken in, so that taking in holds up nobody.

Cleaning and writing the letter are most of the work; they need a session only to look with.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from newsletter import database, letters, texts
from newsletter.clusters.access import TOKEN_BYTES
from newsletter.content import SLOT_CLOSE, SLOT_OPEN
from newsletter.errors import Invalid, Problem
from newsletter.language import _, speaking
from newsletter.letters import Words
from newsletter.models.cluster import Cluster, Contributor, Picture
from newsletter.models.submission import Via
from newsletter.settings import Settings

from .facts import Facts, Rules, understood
from .spoken import lines


def slot(place: int = 0) -> str:
    """Stands in a letter for a number that the database has not given yet; as long as one."""
    return f"{SLOT_OPEN}{place:02}{SLOT_CLOSE}"


def rules_of(settings: Settings, now: datetime, *, contributed: bool, new: bool = True) -> Rules:
    """What a submission is judged by in this home."""
    return Rules(
        now=now,
        zone=settings.zone,
        newsletters=tuple(settings.newsletters),
        language=settings.language,
        contributed=contributed,
        new=new,
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """Facts that may be taken in: clean, with their picture, and as they were handed in."""

    facts: Facts
    picture: Picture | None
    given: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Addressee:
    """A registered person who gets a letter."""

    email: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Ready:
    """An item with its confirmation: nothing is left but to write it down.

    ``status_token`` None: it has no status page, and nobody gets a letter (an editor's own).
    ``to`` None: nobody is registered.
    """

    checked: Checked
    status_token: str | None = None
    to: Addressee | None = None
    letter: Words | None = None


def checked(
    session: Session,
    rules: Rules,
    given: Mapping[str, object],
    cluster: Cluster | None,
) -> Checked:
    """Clean facts and their picture. Invalid names every problem at once, the picture's too."""
    problems: list[Problem] = []
    key = given.get("image")
    picture = _picture(session, key) if isinstance(key, str) and key else None
    whose = cluster.id if cluster else None
    foreign = rules.contributed and picture and (whose is None or picture.cluster_id != whose)
    if isinstance(key, str) and key and (picture is None or foreign):
        unknown = _(
            "Dieses Bild kennen wir nicht. Bitte laden Sie es zuerst hoch (POST /api/v1/images)."
        )
        problems.append(Problem("image", unknown))
    try:
        clean = understood(given, rules)
    except Invalid as exc:
        told = [each for each in exc.problems if not (problems and each.field == "image_alt")]
        raise Invalid([*told, *problems]) from exc
    if problems:
        raise Invalid(problems)
    return Checked(clean, picture, given)


def _picture(session: Session, key: str) -> Picture | None:
    return session.scalars(select(Picture).where(col(Picture.key) == key)).one_or_none()


def ready(
    session: Session,
    settings: Settings,
    item: Checked,
    *,
    cluster: Cluster | None,
    contributor: Contributor | None = None,
    via: Via,
    status_token: str | None = None,
    told: bool = True,
    further: Sequence[tuple[str, str, str]] = (),
) -> Ready:
    """An item as ``receive`` takes it in, its letter written. BrokenTemplate.

    ``status_token``: 128 bits that nobody guesses; without one they are drawn here. Unless
    ``told``, it has no letter; ``further`` days of the same date stand in the letter: each with
    its day in words, its reference (see ``slot``) and its status page.
    """
    if via is Via.EDITOR:
        return Ready(item)
    token = status_token or secrets.token_urlsafe(TOKEN_BYTES)
    if cluster is None or not told:
        return Ready(item, token)
    if contributor:
        to: Addressee | None = Addressee(contributor.email, contributor.name)
    else:
        to = addressee(session, cluster)
    if to is None:  # the status page has to do
        return Ready(item, token)
    url = settings.links.status(token)
    return Ready(item, token, to, _confirmation(settings, item, to, url, further))


def addressee(session: Session, cluster: Cluster) -> Addressee | None:
    """Who hears of an item that nobody of the cluster handed in personally: its contact, else
    the first who is registered.
    """
    people = _PEOPLE.rows(session.connection(), {"cluster_id": cluster.id})
    contact = (person for person in people if person.email == cluster.contact_email)
    found = next(contact, people[0] if people else None)
    return Addressee(found.email, found.name) if found else None


_PEOPLE = database.Straight(
    select(col(Contributor.email), col(Contributor.name))
    .where(
        col(Contributor.cluster_id) == bindparam("cluster_id"),
        col(Contributor.removed_at).is_(None),
    )
    .order_by(col(Contributor.id))
)


def _confirmation(
    settings: Settings,
    item: Checked,
    to: Addressee,
    status_url: str,
    further: Sequence[tuple[str, str, str]],
) -> Words:
    facts = item.facts
    with speaking(settings.language):  # as the letter does, whoever hands in
        said = lines(facts, settings, with_picture=item.picture is not None)
    return letters.written(
        settings,
        "received",
        to_name=to.name,
        newsletter=facts.targets[0],
        reference=f"q{slot()}",
        title=facts.title,
        lines=said,
        body_text=texts.to_text(facts.body),
        body_html=Markup(texts.to_html(facts.body)),  # noqa: S704  (to_html cleans)
        status_url=status_url,
        further=further,
    )
