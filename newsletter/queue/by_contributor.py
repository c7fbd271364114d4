"""What contributors do about their own items, by the address of the status page.

The verbs are the editors' own; what they stop and whom they tell is the same. The editors
hear of each by letter, besides the alarm of an issue that stopped.
"""

from sqlmodel import col, select

from newsletter import editors, history, submissions, texts
from newsletter.content import EventState
from newsletter.errors import Invalid, Problem, Refused
from newsletter.history import Act
from newsletter.language import N_, _, speaking
from newsletter.models.submission import EVENT, Credit, Submission

from .dates import DateChanged, cancel_date
from .lookup import title_of
from .takeback import Withdrawn, withdraw

LONGEST = 1_000  # characters of a reason
SAID = "said besides"
_WITHDRAWN = N_("{reference} ist zurückgezogen: {title}")
_DATE = {
    EventState.ON: N_("{reference}: der Termin findet doch statt: {title}"),
    EventState.POSTPONED: N_("{reference}: der Termin ist verschoben: {title}"),
    EventState.CANCELLED: N_("{reference}: der Termin ist abgesagt: {title}"),
}


class OfSeveral(Refused):
    sentence = N_(
        "{reference} ist ein gemeinsamer Beitrag mehrerer Cluster; zurückziehen kann ihn nur die"
        " Redaktion. Bitte schreiben Sie ihr, oder wünschen Sie eine Änderung."
    )


def withdraw_own(act: Act, token: str, reason: str, *, sure: bool) -> Withdrawn:
    """Take an own item back. Invalid unless they are sure; StatusUnknown, NothingToWithdraw,
    OfSeveral: what two clusters have handed in does not vanish by one of them.
    """
    submission = submissions.by_status_token(act.session, token)
    shared = select(Credit).where(col(Credit.submission_id) == submission.id)
    if act.session.scalars(shared).first():
        raise OfSeveral(reference=submission.reference)
    problems = []
    if not sure:
        said = _("Bitte kreuzen Sie an, dass der Beitrag nirgends mehr erscheinen soll.")
        problems.append(Problem("sure", said))
    if len(reason) > LONGEST:
        said = _("Bitte kürzen: höchstens {most} Zeichen.").format(most=LONGEST)
        problems.append(Problem("reason", said))
    if problems:
        raise Invalid(problems)
    why = texts.block(reason) or _("Ohne Angabe von Gründen.")
    done = withdraw(act, submission.reference, why)
    tell_editors(act, submission, _WITHDRAWN, why, [f"queue show {submission.reference}"])
    return done


def change_own_date(act: Act, token: str, to: EventState, words: str = "") -> DateChanged:
    """Say that an own date is cancelled, postponed, or on after all. StatusUnknown, NotADate.

    Who says more of what is so already, the new day perhaps, is heard as well.
    """
    submission = submissions.by_status_token(act.session, token)
    if len(words) > LONGEST:
        said = _("Bitte kürzen: höchstens {most} Zeichen.").format(most=LONGEST)
        raise Invalid([Problem("words", said)])
    said = texts.block(words)
    done = cancel_date(act, submission.reference, to, said)
    if done.changed or _said_besides(act, submission, said):
        commands = [f"queue show {submission.reference}"]
        if to is not EventState.CANCELLED:
            commands.append(f"queue edit {submission.reference}")
        tell_editors(act, submission, _DATE[to], said, commands)
    return done


def _said_besides(act: Act, submission: Submission, words: str) -> bool:
    """Keep words that came with no change; False if there are none, or the button was pressed
    twice.
    """
    lately = history.recorded(act.session, [(EVENT.noun, str(submission.id))], 1)
    if not words or (lately and lately[0].why == words):
        return False
    act.record(EVENT.noun, submission.id, SAID, why=words)
    return True


def tell_editors(
    act: Act, submission: Submission, what: str, words: str, commands: list[str]
) -> None:
    """Post to the editors what a contributor did, in their words, and what goes on."""
    title = title_of(act.session, submission)
    with speaking(act.settings.language):
        said = _(what).format(reference=submission.reference, title=title)
    editors.tell(act, "answers", "from_contributor", said=said, words=words, commands=commands)
