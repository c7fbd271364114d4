"""From what somebody typed or sent to clean facts, or to every problem at once (pure)."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from newsletter import texts
from newsletter.content import Kind
from newsletter.errors import Invalid, Problem, sentence_of
from newsletter.language import N_, _
from newsletter.rhythm import is_number, on_the_clock
from subscribers.addresses import parse
from subscribers.errors import NotAnAddress

from .form import KINDS, SubmissionForm

T = TypeVar("T")

# Refused from here on (DOMAIN §2.6); what is merely long, the checks say.
TITLE, TEASER, BODY, BOX = 160, 1_100, 15_000, 2_000
RAW_BODY = 200_000  # before cleaning: pasted Word is twenty times its text
SHORT, PLACE = 200, 300
FARTHEST = timedelta(days=731)  # a date further ahead is a slip of the year (WB-10)

ONLY_FOR = {
    **dict.fromkeys(("starts_at", "ends_at", "location", "register_by"), Kind.DATE),
    **dict.fromkeys(
        ("challenge", "solution", "result", "quote", "approved_by"), Kind.SUCCESS_STORY
    ),
}
_ONLY_IN = {
    Kind.DATE: N_("Diese Angabe gibt es nur bei Terminen. Bitte weglassen."),
    Kind.SUCCESS_STORY: N_("Diese Angabe gibt es nur bei Erfolgsgeschichten. Bitte weglassen."),
}
_DECORATIVE = {N_("schmückend"), "schmueckend", "dekorativ", "decorative"}


@dataclass(frozen=True, slots=True)
class Facts:
    """A submission's content, clean; the names are those of the columns of a revision."""

    kind: Kind
    title: str
    teaser: str
    targets: tuple[str, ...]
    body: str = ""
    link: str | None = None
    language: str = "de"
    contact_name: str | None = None
    contact_email: str | None = None
    embargo_until: datetime | None = None
    image: str | None = None  # a picture's key
    image_alt: str | None = None
    image_decorative: bool = False
    image_credit: str | None = None
    rights_confirmed: bool = False
    starts: datetime | date | None = None
    ends: datetime | date | None = None
    location: str | None = None
    online: bool = False
    register_by: datetime | None = None
    challenge: str | None = None
    solution: str | None = None
    result: str | None = None
    quote: str | None = None
    approved_by: str | None = None
    persons_shown: str | None = None
    wish_issue: str | None = None
    urgent_because: str | None = None
    current_until: date | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a submission is judged by: the moment, the zone, and who hands in."""

    now: datetime
    zone: ZoneInfo
    newsletters: tuple[str, ...]
    language: str = "de"
    contributed: bool = True  # by a cluster itself: the rights must be confirmed
    new: bool = True  # an item that stands already may be corrected after its day


def understood(given: Mapping[str, object], rules: Rules) -> Facts:
    """Clean facts from the Submission JSON. Invalid holds every problem, each at its field."""
    form, problems = _shape(given)
    desk = _Desk(form, rules, problems)
    kind = desk.kind()
    facts = Facts(
        kind=kind or Kind.NEWS,
        title=desk.ask("title", _needed(_("Bitte geben Sie einen Titel an."), TITLE)) or "",
        teaser=desk.ask("teaser", _needed(_("Worum geht es? Bitte in einem Absatz."), TEASER))
        or "",
        targets=desk.ask("targets", desk.targets) or (),
        body=desk.ask("body", desk.body) or "",
        link=desk.ask("link", _link),
        language=desk.ask("language", desk.language) or rules.language,
        contact_name=desk.ask("contact_name", _short(SHORT)),
        contact_email=desk.ask("contact_email", _mailbox),
        embargo_until=desk.ask("embargo_until", desk.moment(time(0, 0))),
        image=desk.ask("image", _short(SHORT)),
        image_alt=desk.ask("image_alt", _alt),
        image_decorative=(form.image_alt or "").strip().casefold() in _DECORATIVE,
        image_credit=desk.ask("image_credit", _short(SHORT)),
        rights_confirmed=bool(form.rights_confirmed),
        starts=desk.ask("starts_at", desk.day_or_moment),
        ends=desk.ask("ends_at", desk.day_or_moment),
        location=desk.ask("location", _short(PLACE)),
        online=bool(form.online),
        register_by=desk.ask("register_by", desk.moment(time(23, 59))),
        challenge=desk.ask("challenge", _box),
        solution=desk.ask("solution", _box),
        result=desk.ask("result", _box),
        quote=desk.ask("quote", _box),
        approved_by=desk.ask("approved_by", _short(SHORT)),
        persons_shown=desk.ask("persons_shown", _short(PLACE)),
        wish_issue=desk.ask("wish_issue", _number),
        urgent_because=desk.ask("urgent_because", _box),
        current_until=desk.ask("current_until", desk.last_day),
    )
    desk.weigh(facts, kind)
    if problems:
        raise Invalid(problems)
    return facts


# -- the shape ------------------------------------------------------------------------------


def _shape(given: Mapping[str, object]) -> tuple[SubmissionForm, list[Problem]]:
    """The form without the fields that have a wrong type, and what is wrong with those."""
    try:
        return SubmissionForm.model_validate(dict(given)), []
    except ValidationError as exc:
        wrong: dict[str, Problem] = {}
        for error in exc.errors(include_url=False):
            name = str(error["loc"][0])
            wrong.setdefault(name, Problem(name, _in_words(name, error)))
        rest = {name: value for name, value in given.items() if name not in wrong}
        return SubmissionForm.model_validate(rest), list(wrong.values())


def _in_words(name: str, error: Any) -> str:
    known = list(SubmissionForm.model_fields)
    match error["type"]:
        case "extra_forbidden":
            near = difflib.get_close_matches(name, known, 1)
            if near:
                meant = _("Dieses Feld kennen wir nicht. Meinten Sie „{name}“?")
                return meant.format(name=near[0])
            unknown = _("Dieses Feld kennen wir nicht. Bekannt: {names}.")
            return unknown.format(names=", ".join(known))
        case "string_type":
            return _("Hier wird ein Text erwartet.")
        case "bool_type":
            return _("Hier wird true oder false erwartet.")
        case "list_type":
            return _('Hier wird eine Liste erwartet, zum Beispiel ["go-cluster"].')
        case "literal_error":
            possible = error["ctx"]["expected"].replace("'", "").replace(" or ", _(" oder "))
            said = _("„{given}“ geht nicht; möglich: {known}.")
            return said.format(given=_shown(error["input"]), known=possible)
        case _:
            return _("Diese Angabe passt nicht.")


def _shown(value: object) -> str:
    return texts.line(str(value))[:60]


# -- the fields -----------------------------------------------------------------------------


def _fitting(text: str, most: int) -> str:
    if len(text) > most:
        said = _("Der Text hat {n} Zeichen; höchstens {most} gehen. Bitte kürzen.")
        raise ValueError(said.format(n=len(text), most=most))
    return text


def _needed(complaint: str, most: int) -> Callable[[str | None], str]:
    def read(text: str | None) -> str:
        if not (clean := texts.line((text or "")[: 20 * most])):
            raise ValueError(complaint)
        return _fitting(clean, most)

    return read


def _short(most: int) -> Callable[[str | None], str | None]:
    def read(text: str | None) -> str | None:
        return _fitting(texts.line((text or "")[: 20 * most]), most) or None

    return read


def _box(text: str | None) -> str | None:
    return _fitting(texts.block((text or "")[: 20 * BOX]), BOX) or None


def _alt(text: str | None) -> str | None:
    clean = texts.line((text or "")[:10_000])
    return "" if clean.casefold() in _DECORATIVE else _fitting(clean, 2 * PLACE) or None


def _number(text: str | None) -> str | None:
    clean = texts.line((text or "")[:1_000])
    if clean and not is_number(clean):
        said = _("„{given}“ ist keine Nummer einer Ausgabe. Form: 2027-01.")
        raise ValueError(said.format(given=clean[:60]))
    return clean or None


def _link(text: str | None) -> str | None:
    given = (text or "")[:20_000].strip()
    return texts.link(given) if given else None


def _mailbox(text: str | None) -> str | None:
    if not (clean := texts.line((text or "")[:1_000])):
        return None
    try:
        return parse(clean).email
    except NotAnAddress as exc:
        raise ValueError(sentence_of(exc)) from exc


@dataclass(slots=True)
class _Desk:
    """Reads the fields one by one and keeps the problems."""

    form: SubmissionForm
    rules: Rules
    problems: list[Problem]
    wrong: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.wrong = {problem.field for problem in self.problems}

    def blame(self, name: str, message: str) -> None:
        """One problem per field: the first is the one to mend first."""
        if name not in self.wrong:
            self.wrong.add(name)
            self.problems.append(Problem(name, message))

    def ask(self, name: str, read: Callable[[Any], T]) -> T | None:
        if name in self.wrong:
            return None
        try:
            return read(getattr(self.form, name))
        except ValueError as exc:
            self.blame(name, str(exc))
            return None

    def kind(self) -> Kind | None:
        if self.form.kind is None:
            self.blame(
                "kind", _("Bitte sagen Sie, was es ist: {kinds}.").format(kinds=", ".join(KINDS))
            )
            return None
        return Kind(self.form.kind)

    def targets(self, given: list[str] | None) -> tuple[str, ...]:
        known = ", ".join(self.rules.newsletters)
        if not given:
            said = _("Bitte wählen Sie mindestens einen Newsletter: {known}.")
            raise ValueError(said.format(known=known))
        for slug in given:
            if slug not in self.rules.newsletters:
                said = _("Den Newsletter „{slug}“ gibt es nicht. Möglich: {known}.")
                raise ValueError(said.format(slug=_shown(slug), known=known))
        return tuple(slug for slug in self.rules.newsletters if slug in given)

    def body(self, given: str | None) -> str:
        given = given or ""
        is_html = self.form.body_format == "html"
        words = re.sub(r"<[^<>]*>", "", given) if is_html else given
        if len(given) > RAW_BODY or len(words) > 3 * BODY:  # before a parser has to read it
            said = _("Der Text ist viel zu lang; höchstens {most} Zeichen gehen.")
            raise ValueError(said.format(most=BODY))
        return _fitting(texts.from_html(given) if is_html else texts.markdown(given), BODY)

    def language(self, given: str | None) -> str:
        if given and not re.fullmatch(r"[a-z]{2}", given):
            raise ValueError(_("Bitte die Sprache mit zwei Buchstaben angeben: de oder en."))
        return given or self.rules.language

    def day_or_moment(self, given: str | None) -> datetime | date | None:
        text = (given or "").strip()
        if not text:
            return None
        try:
            whole_day = bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text))
            found = date.fromisoformat(text) if whole_day else datetime.fromisoformat(text)
        except ValueError as exc:
            said = _(
                "„{given}“ ist kein Zeitpunkt. Form: 2027-03-16T09:30:00+01:00,"
                " oder 2027-03-16 für einen ganzen Tag."
            )
            raise ValueError(said.format(given=_shown(text))) from exc
        if not 2000 <= found.year <= 2200:
            raise ValueError(_("Bitte prüfen Sie das Jahr {year}.").format(year=found.year))
        if isinstance(found, datetime) and found.tzinfo is None:
            raise ValueError(
                _("Bitte mit Zeitzone angeben, zum Beispiel 2027-03-16T09:30:00+01:00.")
            )
        return found

    def moment(self, clock: time) -> Callable[[str | None], datetime | None]:
        """Reads a moment; a whole day stands for that day at ``clock``, local time."""

        def read(given: str | None) -> datetime | None:
            found = self.day_or_moment(given)
            if found is None or isinstance(found, datetime):
                moment = found
            else:
                moment = on_the_clock(found, clock, self.rules.zone)
            if moment and moment > self.rules.now + FARTHEST:
                raise ValueError(_(_TOO_FAR))
            return moment

        return read

    def last_day(self, given: str | None) -> date | None:
        """A day that is not over, unless the item stands already."""
        found = self.day_or_moment(given)
        if isinstance(found, datetime):
            found = found.astimezone(self.rules.zone).date()
        if found and self.rules.new and found < self.rules.now.astimezone(self.rules.zone).date():
            raise ValueError(_("Dieser Tag ist schon vorbei. Bitte prüfen Sie Tag und Jahr."))
        return found

    # -- what fits together ---------------------------------------------------------------

    def weigh(self, facts: Facts, kind: Kind | None) -> None:
        """What the fields say together."""
        self._only_of_its_kind(kind)
        if kind is Kind.DATE:
            self._date(facts)
        wordless = facts.image and not (facts.image_alt or facts.image_decorative)
        if wordless and self.rules.contributed:
            self.blame("image_alt", _(_NO_WORDS))
        if (facts.image or self.rules.contributed) and not facts.rights_confirmed:
            self.blame("rights_confirmed", _(_RIGHTS))

    def _only_of_its_kind(self, kind: Kind | None) -> None:
        for name, only in ONLY_FOR.items():
            if kind and kind is not only and (getattr(self.form, name) or "").strip():
                self.blame(name, _(_ONLY_IN[only]))

    def _date(self, facts: Facts) -> None:
        if facts.starts is None:
            self.blame("starts_at", _("Bitte geben Sie an, wann der Termin beginnt."))
        else:
            self._span(facts.starts, facts.ends)
        if not facts.location and not facts.online:
            self.blame(
                "location", _("Bitte geben Sie einen Ort an, oder dass der Termin online ist.")
            )

    def _span(self, starts: datetime | date, ends: datetime | date | None) -> None:
        now, today = self.rules.now, self.rules.now.astimezone(self.rules.zone).date()
        if ends is not None and isinstance(starts, datetime) is not isinstance(ends, datetime):
            self.blame("ends_at", _("Beginn und Ende bitte beide mit Uhrzeit oder beide ohne."))
        elif ends is not None and ends < starts:
            self.blame("ends_at", _("Das Ende liegt vor dem Beginn."))
        last = ends or starts
        over = last < now if isinstance(last, datetime) else last < today
        if over and self.rules.new:
            self.blame(
                "ends_at" if "ends_at" in self.wrong else "starts_at",
                _("Der Termin liegt in der Vergangenheit. Bitte prüfen Sie Tag und Jahr."),
            )
        first = starts.date() if isinstance(starts, datetime) else starts
        if first > today + FARTHEST:
            self.blame("starts_at", _(_TOO_FAR))


_TOO_FAR = N_("Das liegt mehr als zwei Jahre in der Zukunft. Bitte prüfen Sie das Jahr.")
_RIGHTS = N_(
    "Bitte bestätigen Sie die Rechte an Text und Bild; ohne diese Bestätigung dürfen wir den"
    " Beitrag nicht veröffentlichen."
)
_NO_WORDS = N_(
    "Bitte beschreiben Sie kurz, was auf dem Bild zu sehen ist, oder sagen Sie, dass es nur"
    " schmückt: Manche lesen den Newsletter, ohne Bilder zu sehen."
)
