"""The shape of a submission as JSON: the contract of DESIGN §6, for the API and its schema."""

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

KindWord = Literal["news", "date", "success_story"]
KINDS = get_args(KindWord)
BodyFormat = Literal["markdown", "html"]

_DATE: dict[str, Any] = {
    "kind": "date",
    "title": "Fachtagung „Licht & Messen“",
    "teaser": "Zwei Tage rund um optische Messtechnik in der Fertigung.",
    "body": "**Themen:** Inline-Messtechnik, Freiformoptiken.\n\n- Vorträge\n- Laborführungen",
    "body_format": "markdown",
    "link": "https://www.lichtwerk.example/licht-und-messen",
    "targets": ["go-cluster", "clusterplattform"],
    "starts_at": "2027-03-16T09:30:00+01:00",
    "ends_at": "2027-03-17T16:00:00+01:00",
    "location": "Alte Schleiferei, Musterufer 7, Musterhavel",
    "online": False,
    "register_by": "2027-03-02",
    "rights_confirmed": True,
}
_NEWS: dict[str, Any] = {
    "kind": "news",
    "title": "Lichtwerk bezieht neues Messlabor",
    "teaser": "Ab Januar stehen Mitgliedern drei Messplätze offen.",
    "body": "<p>Buchen lassen sie sich <b>halbtags</b>.</p>",
    "body_format": "html",
    "link": "https://www.lichtwerk.example/messlabor",
    "targets": ["clusterplattform"],
    "embargo_until": "2027-01-11T10:00:00+01:00",
    "contact_name": "Änne Muster",
    "contact_email": "presse@lichtwerk.example",
    "rights_confirmed": True,
}
_STORY: dict[str, Any] = {
    "kind": "success_story",
    "title": "So entstand der Kratzerscanner",
    "teaser": "Aus zwei Werkstätten wird eine Linie.",
    "targets": ["go-cluster"],
    "challenge": "Linsen wurden von Hand geprüft.",
    "solution": "Ein Ringlicht und eine Zeilenkamera.",
    "result": "Die Prüfung dauert noch neun Sekunden.",
    "language": "de",
    "rights_confirmed": True,
}

# What the description says of a field; what is wrong with one, ``facts`` says in words.
_MOMENT: dict[str, Any] = {"anyOf": [{"format": "date"}, {"format": "date-time"}]}


def _described(about: str, *, needed: bool = False, **schema: Any) -> Any:
    """A field that may be missing here, with what the JSON schema says of its text."""

    def write(field: dict[str, Any]) -> None:
        field.pop("default", None)
        known = field.pop("anyOf", None)
        kinds = [each for each in known or [] if each != {"type": "null"}]
        field.update(kinds[0] if kinds else {})
        if "items" in field:
            field["minItems"] = 1
        field.update(schema)
        if not needed and isinstance(field.get("type"), str):
            field["type"] = [field["type"], "null"]
            if "enum" in field:
                field["enum"] = [*field["enum"], None]

    return Field(None, description=about, json_schema_extra=write)


def _text(about: str, most: int, *, needed: bool = False) -> Any:
    least = {"minLength": 1, "pattern": r"\S"} if needed else {}
    return _described(about, needed=needed, maxLength=most, **least)


_NOTHING = {"type": ["null"]}
_OF_DATES = ("starts_at", "ends_at", "location", "register_by")
_OF_STORIES = ("challenge", "solution", "result", "quote", "approved_by")


def _if_kind(kind: str, then: dict[str, Any]) -> dict[str, Any]:
    return {"if": {"properties": {"kind": {"const": kind}}}, "then": then}


def _without(*names: str) -> dict[str, Any]:
    return {"properties": dict.fromkeys(names, _NOTHING)}


_BY_KIND: Any = [
    _if_kind("news", _without(*_OF_DATES, *_OF_STORIES)),
    _if_kind("success_story", _without(*_OF_DATES)),
    _if_kind(
        "date",
        {
            "properties": _without(*_OF_STORIES)["properties"] | {"starts_at": {"type": "string"}},
            "required": ["starts_at"],
            "anyOf": [
                {"properties": {"location": {"minLength": 1}}, "required": ["location"]},
                {"properties": {"online": {"const": True}}, "required": ["online"]},
            ],
        },
    ),
]


class SubmissionForm(BaseModel):
    """One news, date or success story, as somebody hands it in.

    Every field may be missing here, so that all problems can be told at once; what is
    needed, ``facts.understood`` says.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        title="Submission",
        json_schema_extra={
            "description": "Ein Beitrag. Angaben, die es nur bei einer Art gibt, fehlen bei den"
            " anderen.",
            "examples": [_DATE, _NEWS, _STORY],
            "required": ["kind", "title", "teaser", "targets", "rights_confirmed"],
            "allOf": _BY_KIND,
        },
    )

    kind: KindWord | None = _described("Meldung, Termin oder Erfolgsgeschichte.", needed=True)
    title: str | None = _text("Eine Zeile, höchstens 160 Zeichen.", 160, needed=True)
    teaser: str | None = _text("Ein Absatz, höchstens 1.100 Zeichen.", 1_100, needed=True)
    body: str | None = _text("Der Text, höchstens 15.000 Zeichen.", 15_000)
    body_format: BodyFormat | None = _described("Ohne Angabe: markdown.")
    link: str | None = _described("Mehr dazu; mit https://.", format="uri", pattern="^https://")
    targets: list[str] | None = _described("Kürzel der Newsletter.", needed=True)
    contact_name: str | None = _text("Für die Redaktion; erscheint nicht.", 200)
    contact_email: str | None = _described(
        "Für die Redaktion; dorthin geht keine Nachricht.", format="email"
    )
    language: str | None = _described(
        "Zwei Buchstaben; ohne Angabe: de.", pattern="^[a-z]{2}$", examples=["de", "en"]
    )
    embargo_until: str | None = _described(
        "Vorher nirgends zeigen; ISO 8601 mit Zeitzone oder ein Tag.", **_MOMENT
    )
    image: str | None = _described("Die id aus POST /api/v1/images.")
    image_alt: str | None = _text("Was zu sehen ist; „schmückend“ für ein Bild ohne Aussage.", 600)
    image_credit: str | None = _text("Wer das Bild gemacht hat.", 200)
    rights_confirmed: bool | None = _described(
        "Die Rechte an Text und Bild für Newsletter, Web und Archiv liegen vor,"
        " abgebildete Personen sind einverstanden.",
        needed=True,
        const=True,
    )
    starts_at: str | None = _described(
        "Nur für Termine, dort nötig: ISO 8601 mit Zeitzone; ein Tag (2027-03-16) heißt ganztägig.",
        **_MOMENT,
    )
    ends_at: str | None = _described("Wie starts_at; der letzte Tag zählt mit.", **_MOMENT)
    location: str | None = _text("Ort; für Termine location oder online.", 300)
    online: bool | None = _described("Ob man online teilnehmen kann.")
    register_by: str | None = _described("Anmeldeschluss: Zeitpunkt oder Tag.", **_MOMENT)
    challenge: str | None = _text("Erfolgsgeschichten: die Herausforderung.", 2_000)
    solution: str | None = _text("Erfolgsgeschichten: die Lösung.", 2_000)
    result: str | None = _text("Erfolgsgeschichten: das Ergebnis.", 2_000)
    quote: str | None = _text("Erfolgsgeschichten: ein Zitat, mit Namen.", 2_000)
    approved_by: str | None = _text("Erfolgsgeschichten: wer zugestimmt hat; erscheint nicht.", 200)
    persons_shown: str | None = _text(
        "Wer auf dem Bild zu erkennen ist; für die Redaktion, erscheint nicht.", 300
    )
    wish_issue: str | None = _described(
        "Gewünschte Ausgabe, zum Beispiel 2027-01; die Redaktion entscheidet.",
        pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$",
    )
    urgent_because: str | None = _text(
        "Warum es nach Redaktionsschluss noch hinein muss; erscheint nicht.", 2_000
    )
    current_until: str | None = _described(
        "Aktuell bis: ein Tag; danach braucht es niemand mehr.", format="date"
    )
