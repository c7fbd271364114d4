"""Asking the contributor about an item."""

from dataclasses import dataclass

from newsletter import submissions, texts
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.submission import SUBMISSION, SubmissionState
from newsletter.submissions.talk import ASKED

from . import telling
from .decide import STATE_WORDS
from .lookup import title_of

_OPEN = frozenset({SubmissionState.RECEIVED, SubmissionState.IN_REVIEW, SubmissionState.QUESTION})


class NobodyToAsk(Refused):
    sentence = N_(
        "Zu {reference} ist keine Ansprechperson registriert; fragen lässt sich niemand."
        " Zu einem Cluster: newsletter clusters people add SLUG EMAIL"
    )


class NotAskable(Refused):
    sentence = N_("{reference} ist {state}; eine Rückfrage geht nur, solange etwas offen ist.")


class QuestionMissing(Refused):
    sentence = N_('Bitte die Frage angeben: newsletter queue ask {reference} "…"')


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a question went to."""

    reference: str
    title: str
    to: str  # the registered address


def ask(act: Act, reference: str, question: str) -> Asked:
    """Post a question to the registered contributor, with a link to answer it.

    The item waits as ``question`` until the answer comes. NotAskable, NobodyToAsk.
    """
    submission = submissions.by_reference(act.session, reference)
    question = texts.block(question)
    if submission.state not in _OPEN:
        state = _(STATE_WORDS[submission.state])
        raise NotAskable(reference=submission.reference, state=state)
    if not question:
        raise QuestionMissing(reference=submission.reference)
    person = telling.registered(act.session, submission)
    if person is None:
        raise NobodyToAsk(reference=submission.reference)
    if submission.state is SubmissionState.RECEIVED:
        act.move(submission, SUBMISSION, SubmissionState.IN_REVIEW)
    if submission.state is SubmissionState.IN_REVIEW:
        act.move(submission, SUBMISSION, SubmissionState.QUESTION)
    act.record(SUBMISSION.noun, submission.id, ASKED, why=question)
    telling.question(act, submission, question)
    return Asked(submission.reference, title_of(act.session, submission), person.email)
