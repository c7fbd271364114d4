"""The shape of a submission as JSON: the contract of DESIGN §6, for the API and its schema."""

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

KindWord = Literal["news", "date", "success_story"]
KINDS = get_args(KindWord)
BodyFormat = Literal["markdown", "html"]

_EXAMPLE: dict[str, Any] = {
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
            "examples": [_EXAMPLE],
            "required": ["kind", "title", "teaser", "targets", "rights_confirmed"],
        },
    )

    kind: KindWord | None = Field(None, description="Meldung, Termin oder Erfolgsgeschichte.")
    title: str | None = Field(None, description="Eine Zeile, höchstens 160 Zeichen.")
    teaser: str | None = Field(None, description="Ein Absatz, höchstens 1.100 Zeichen.")
    body: str | None = Field(None, description="Der Text, höchstens 15.000 Zeichen.")
    body_format: BodyFormat | None = Field(None, description="Ohne Angabe: markdown.")
    link: str | None = Field(None, description="Mehr dazu; mit https://.")
    targets: list[str] | None = Field(None, description="Kürzel der Newsletter.")
    contact_name: str | None = Field(None, description="Für die Redaktion; erscheint nicht.")
    contact_email: str | None = Field(
        None, description="Für die Redaktion; dorthin geht keine Nachricht."
    )
    language: str | None = Field(None, description="Zwei Buchstaben; ohne Angabe: de.")
    embargo_until: str | None = Field(
        None, description="Vorher nirgends zeigen; ISO 8601 mit Zeitzone oder ein Tag."
    )
    image: str | None = Field(None, description="Die id aus POST /api/v1/images.")
    image_alt: str | None = Field(
        None, description="Was zu sehen ist; „schmückend“ für ein Bild ohne Aussage."
    )
    image_credit: str | None = Field(None, description="Wer das Bild gemacht hat.")
    rights_confirmed: bool | None = Field(
        None,
        description="Die Rechte an Text und Bild für Newsletter, Web und Archiv liegen vor,"
        " abgebildete Personen sind einverstanden.",
    )
    starts_at: str | None = Field(
        None, description="ISO 8601 mit Zeitzone; ein Tag (2027-03-16) heißt ganztägig."
    )
    ends_at: str | None = Field(None, description="Wie starts_at; der letzte Tag zählt mit.")
    location: str | None = Field(None, description="Ort; für Termine location oder online.")
    online: bool | None = Field(None, description="Ob man online teilnehmen kann.")
    register_by: str | None = Field(None, description="Anmeldeschluss: Zeitpunkt oder Tag.")
    challenge: str | None = Field(None, description="Erfolgsgeschichten: die Herausforderung.")
    solution: str | None = Field(None, description="Erfolgsgeschichten: die Lösung.")
    result: str | None = Field(None, description="Erfolgsgeschichten: das Ergebnis.")
    quote: str | None = Field(None, description="Erfolgsgeschichten: ein Zitat, mit Namen.")
    approved_by: str | None = Field(
        None, description="Erfolgsgeschichten: wer zugestimmt hat; erscheint nicht."
    )
    persons_shown: str | None = Field(
        None, description="Wer auf dem Bild zu erkennen ist; für die Redaktion, erscheint nicht."
    )
    wish_issue: str | None = Field(
        None, description="Gewünschte Ausgabe, zum Beispiel 2027-01; die Redaktion entscheidet."
    )
    urgent_because: str | None = Field(
        None, description="Warum es nach Redaktionsschluss noch hinein muss; erscheint nicht."
    )
    current_until: str | None = Field(
        None, description="Aktuell bis: ein Tag; danach braucht es niemand mehr."
    )
