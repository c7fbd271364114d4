"""A correction: an issue of its own that says what was wrong in one that has gone out.

Its audience is taken from the first one's account when it opens (``dispatch.ledger``), it is
built, approved and sent as any issue.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from newsletter import rendering, texts
from newsletter.content import Corrected
from newsletter.errors import Refused, WrongUsage
from newsletter.history import Act
from newsletter.language import N_, _, n_, speaking
from newsletter.models.correction import Correction, Whom
from newsletter.models.delivery import UNFINISHED, Delivery
from newsletter.models.issue import EDITABLE, Issue, IssueState, Placement
from newsletter.models.submission import Submission
from newsletter.settings import NewsletterSettings

from .assemble import require_accepted
from .board import Board
from .change import STATE_WORDS
from .notes import noted
from .register import OVER, find

_SUBJECT_GOOD = 60  # characters; longer ones want a reason (checks)
_PREHEADER_MOST = 100
_CORRECTABLE = frozenset({IssueState.SENT, IssueState.STOPPED})


class StillYours(Refused):
    sentence = N_(
        "{issue} ist {state}: Noch hat sie niemand, und sie lässt sich ändern."
        " newsletter issue edit {issue}"
    )


class StillGoingOut(Refused):
    sentence = N_(
        "{issue} ist {state}. Zuerst abbrechen: newsletter issue stop {issue};"
        " oder warten, bis sie versendet ist."
    )


class NeverLeft(Refused):
    sentence = N_("{issue} wurde abgesagt und ging an niemanden; zu berichtigen ist da nichts.")


class NobodyHasIt(Refused):
    sentence = N_(
        "{issue} wurde abgebrochen, ehe ihre Empfängerliste feststand; niemand hat sie. Neu"
        " beginnen: newsletter issue new {newsletter} --number {special}"
    )


class CorrectsAlready(Refused):
    sentence = N_(
        "{issue} ist selbst eine Korrektur. Eine weitere gilt wieder der ersten Ausgabe:"
        " newsletter issue correct {first}"
    )


class RowsOpen(Refused):
    """Who has the issue is not certain yet."""


class LetterToTheRest(WrongUsage):
    sentence = N_(
        "Eine kurze Nachricht (--letter) hilft nur, wer die Ausgabe hat: --to received. Die"
        " übrigen brauchen die ganze Ausgabe: newsletter issue correct {issue} --to rest"
    )


class NobodyThere(Refused):
    sentence = N_(
        "Mit --to {whom} ginge die Korrektur von {issue} an niemanden. Ihre Abrechnung:"
        " newsletter issue audience {issue}"
    )


class AnotherOpen(Refused):
    sentence = N_(
        "{other} geht schon an dieselben Personen und ist {state}. Weiter daran:"
        " newsletter issue check {other}; oder absagen: newsletter issue cancel {other}"
    )


class WentToMore(Refused):
    sentence = N_(
        "{other} ging auch an andere. Damit am Ende alle dasselbe haben, muss es die nächste auch:"
        " newsletter issue correct {issue} --to {whom}"
    )


class HoldsOnlyItsOwn(Refused):
    sentence = N_(
        "{issue} ist eine Korrektur; „fill“ nähme auf, was mit ihr nichts zu tun hat. Einzelne"
        " Beiträge: newsletter issue add {issue} q…"
    )


class CorrectedInstead(Refused):
    """Who may have the wrong text gets the right one, and not the wrong one once more."""

    sentence = N_(
        "{issue} wird durch {other} berichtigt und geht deshalb nicht noch einmal hinaus."
        " Unklare Zustellungen belassen: newsletter issue resolve {issue} --leave"
    )


@dataclass(frozen=True, slots=True)
class Begun:
    """A correction that was begun, and what of the first issue it took over."""

    issue: Issue
    first: Issue
    correction: Correction
    reach: int  # how many stand in that part of the account
    newer: tuple[tuple[str, int, int], ...]  # reference, revision sent, revision now
    left_out: tuple[tuple[str, str], ...]  # reference, and why


def correct(
    act: Act, key: str, note: str, whom: Whom | None = None, *, letter: bool = False
) -> Begun:
    """Begin the correction of an issue that was sent or stopped, as a draft.

    ``note``: what was wrong and what is right. ``whom``: by default those who have the issue,
    and the rest, too, if it was stopped. A ``letter`` holds the items edited since only; else
    the whole issue is taken over, each item in its newest revision. Refused with the reason.
    """
    first = _correctable(act.session, key)
    act.session.refresh(first, with_for_update=True)  # two editors at once: one of them begins
    whom = whom or (Whom.ALL if first.state is IssueState.STOPPED and not letter else Whom.RECEIVED)
    if letter and whom is not Whom.RECEIVED:
        raise LetterToTheRest(issue=first.id)
    note = noted(first.id, note)
    _require_room(act.session, first, whom)
    reached = reach(act.session, first.id, whom)
    if not reached:
        raise NobodyThere(issue=first.id, whom=whom.value)
    with speaking(act.settings.language):
        issue = _begun(act, first, note, whom, letter=letter)
    correction = Correction(issue_id=issue.id, whom=whom, letter=letter, note=note)
    act.session.add(correction)
    newer, left_out = _take_over(act, first, issue, letter=letter)
    act.record("issue", issue.id, "made", detail={"corrects": first.id, "whom": whom.value})
    act.record("issue", first.id, "correction begun", why=note, detail={"by": issue.id})
    return Begun(issue, first, correction, reached, newer, left_out)


# -- may it be? -----------------------------------------------------------------------------


def may_be_corrected(session: Session, key: str) -> Issue:
    """The issue, so that nobody is asked in vain for what is wrong in it. Refused."""
    return _correctable(session, key)


def _correctable(session: Session, key: str) -> Issue:
    issue = find(session, key)
    state = _(STATE_WORDS[issue.state])
    if issue.corrects_id is not None:
        raise CorrectsAlready(issue=issue.id, first=issue.corrects_id)
    if issue.state in EDITABLE:
        raise StillYours(issue=issue.id, state=state)
    if issue.state is IssueState.CANCELLED:
        raise NeverLeft(issue=issue.id)
    if issue.state not in _CORRECTABLE:
        raise StillGoingOut(issue=issue.id, state=state)
    if (issue.audience_cursor or 0) < (issue.audience_upto or 0):
        special = _free(session, issue, "s")
        raise NobodyHasIt(issue=issue.id, newsletter=issue.newsletter, special=special)
    if waiting := _unfinished(session, issue.id):
        said = n_(
            "Von {issue} ist {n} Zustellung noch offen; wer sie hat, steht erst danach fest."
            " Abschließen: newsletter dispatch --until-empty",
            "Von {issue} sind {n} Zustellungen noch offen; wer sie hat, steht erst danach fest."
            " Abschließen: newsletter dispatch --until-empty",
            waiting,
        )
        raise RowsOpen(why=said.format(issue=issue.id, n=waiting))
    return issue


def _unfinished(session: Session, issue_id: str) -> int:
    rows = select(func.count()).where(
        col(Delivery.issue_id) == issue_id, col(Delivery.state).in_(UNFINISHED)
    )
    return session.scalar(rows) or 0


def _require_room(session: Session, first: Issue, whom: Whom) -> None:
    """Nobody is in two open corrections; and whom one has reached, the next one reaches, so
    that the accounts of both add up and nobody is left with the older text.
    """
    for other, its in corrections(session, first.id):
        apart = {whom, its.whom} == {Whom.RECEIVED, Whom.REST}
        if apart:
            continue
        if other.state not in OVER:
            raise AnotherOpen(other=other.id, state=_(STATE_WORDS[other.state]))
        if not its.whom.within(whom):
            raise WentToMore(other=other.id, issue=first.id, whom=its.whom.value)


def corrections(session: Session, first_id: str) -> Sequence[tuple[Issue, Correction]]:
    """The corrections of an issue that were not cancelled, the oldest first."""
    theirs = (
        select(Issue, Correction)
        .join(Correction, col(Correction.issue_id) == col(Issue.id))
        .where(col(Issue.corrects_id) == first_id, col(Issue.state) != IssueState.CANCELLED)
        .order_by(col(Issue.made_at), col(Issue.id))
    )
    return [(issue, its) for issue, its in session.execute(theirs)]


def require_uncorrected(session: Session, issue: Issue) -> None:
    """CorrectedInstead if somebody has begun to correct an issue; nobody begins meanwhile."""
    session.refresh(issue, with_for_update=True)
    for other, __ in corrections(session, issue.id):
        raise CorrectedInstead(issue=issue.id, other=other.id)


def reach(session: Session, first_id: str, whom: Whom) -> int:
    """How many addresses of an issue's account are meant, whether they may be written to or not."""
    rows = select(func.count()).where(
        col(Delivery.issue_id) == first_id, col(Delivery.state).in_(whom.states)
    )
    return session.scalar(rows) or 0


# -- what it begins with --------------------------------------------------------------------


def _free(session: Session, issue: Issue, mark: str) -> str:
    """The first number of its kind that no issue has: 2026-12-k1, 2026-12-s1."""
    stem = issue.number if mark == "k" else issue.number[:7]
    its = select(col(Issue.number)).where(col(Issue.newsletter) == issue.newsletter)
    taken = set(session.scalars(its))
    return next(n for n in (f"{stem}-{mark}{count}" for count in range(1, 1_000)) if n not in taken)


def _begun(act: Act, first: Issue, note: str, whom: Whom, *, letter: bool) -> Issue:
    it = act.settings.newsletter(first.newsletter)
    number = _free(act.session, first, "k")
    issue = Issue(
        id=f"{first.newsletter}-{number}",
        newsletter=first.newsletter,
        audience=first.audience,
        number=number,
        state=IssueState.DRAFT,
        subject=_subject(it, first),
        preheader=first.preheader if whom is Whom.REST else _short(note),
        opening=texts.markdown(_opening(it, first, whom, letter=letter)),
        read_key=secrets.token_urlsafe(32),
        corrects_id=first.id,
        made_at=act.now,
        made_by=act.actor.name,
    )
    act.session.add(issue)
    act.session.flush()
    return issue


def _subject(it: NewsletterSettings, first: Issue) -> str:
    name = rendering.issue_name(first.number)
    pattern = it.correction.subject or _("Korrektur: {subject}")
    said = pattern.replace("{subject}", first.subject).replace("{issue}", name)
    short = _("Korrektur zu {issue}").format(issue=name)
    return said if it.correction.subject or len(said) <= _SUBJECT_GOOD else short


def _opening(it: NewsletterSettings, first: Issue, whom: Whom, *, letter: bool) -> str:
    """Who never had the issue gets it as it was to be; who has it is told what this is."""
    if whom is Whom.REST:
        return first.opening
    name = rendering.issue_name(first.number)
    sorry = it.correction.opening.replace("{issue}", name) or _(
        "leider stand in unserem Newsletter etwas Falsches. Was richtig ist, lesen Sie oben."
        " Bitte entschuldigen Sie das Versehen."
    )
    if letter:
        return sorry
    anew = _("Hier ist die Ausgabe noch einmal, berichtigt.")
    if whom is Whom.ALL:  # some of them never had it
        anew = _("Hier ist die ganze Ausgabe, berichtigt.")
    return f"{sorry} {anew}\n\n{first.opening}"


def _short(note: str) -> str:
    if len(note) <= _PREHEADER_MOST:
        return note
    return note[: _PREHEADER_MOST - 2].rsplit(" ", 1)[0] + " …"


def _take_over(
    act: Act, first: Issue, issue: Issue, *, letter: bool
) -> tuple[tuple[tuple[str, int, int], ...], tuple[tuple[str, str], ...]]:
    """Places as in the first issue, each item in its newest revision; a letter has only those
    that were edited since. What must not stand there any more is left out.
    """
    board = Board.of(act, issue)
    newer, left_out = [], []
    for place, item in _places(act.session, first.id):
        try:
            require_accepted(act, issue, item)
        except Refused as why:
            left_out.append((item.reference, str(why)))
            continue
        if item.revision > place.revision:
            newer.append((item.reference, place.revision, item.revision))
        if item.revision > place.revision or not letter:
            board.put(place.submission_id, place.section, item.revision)
    board.write()
    return tuple(newer), tuple(left_out)


def _places(session: Session, issue_id: str) -> Iterator[tuple[Placement, Submission]]:
    rows = session.execute(
        select(Placement, Submission)
        .join(Submission, col(Submission.id) == col(Placement.submission_id))
        .where(col(Placement.issue_id) == issue_id)
        .order_by(col(Placement.section), col(Placement.position), col(Placement.submission_id))
    )
    return ((place, item) for place, item in rows)


# -- what others ask of it ------------------------------------------------------------------


def corrected_by(session: Session, issue: Issue) -> Corrected | None:
    """What an issue corrects, as it is rendered; None if it corrects nothing."""
    if issue.corrects_id is None:
        return None
    first = session.get_one(Issue, issue.corrects_id)
    its = session.get_one(Correction, issue.id)
    rest = its.whom is Whom.REST
    return Corrected(first.number, first.opened_at, its.note, its.letter, to_the_rest=rest)


def require_no_correction(issue: Issue) -> None:
    """HoldsOnlyItsOwn for a correction."""
    if issue.corrects_id is not None:
        raise HoldsOnlyItsOwn(issue=issue.id)
