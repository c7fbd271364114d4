"""What cannot be taken back: why, and what can be done instead."""

from newsletter.language import N_

# By noun and what the line says was done (or the state it reached). {id}: as people say it;
# {key}: as the history has it.
STAYS: dict[tuple[str, str], str] = {
    ("submission", "filed from a mail"): N_(
        "{id} kam aus einer E-Mail, und der Eingang ist bestätigt."
        ' Zurückziehen: newsletter queue withdraw {id} --reason "…"'
    ),
    ("change_request", "taken_over"): N_(
        "Die Ansprechperson weiß schon, dass ihr Wunsch zu {id} übernommen ist."
        " Den Text ändern: newsletter queue edit {id}"
    ),
    ("change_request", "declined"): N_(
        "Die Ansprechperson weiß schon, dass ihr Wunsch zu {id} abgelehnt ist."
        " Den Text ändern: newsletter queue edit {id}"
    ),
    ("submission", "question asked"): N_(
        "Die Frage zu {id} ist schon unterwegs. Entscheiden, ohne die Antwort abzuwarten:"
        " newsletter queue accept {id}"
    ),
    ("submission", "published"): N_(
        "{id} ist veröffentlicht und steht schon in Kalendern."
        " Absagen: newsletter queue cancel-date {id}; ändern: newsletter queue edit {id},"
        " dann newsletter queue publish {id}"
    ),
    ("submission", "taken down"): N_(
        "{id} ist aus den gespeicherten Ausgaben gelöscht, und seine Bilder sind es von der Platte."
        " Wurde der Falsche entfernt, nehmen Sie ihn neu auf: newsletter queue add"
    ),
    ("clearance", "waits until"): N_(
        "{id} wartet jetzt bis zu einer anderen Ausgabe. Anders festlegen:"
        " newsletter queue defer {id} --for {newsletter} --until NUMMER; gleich aufnehmen:"
        " newsletter queue accept {id} --for {newsletter}"
    ),
    ("issue", "cancelled"): N_(
        "Die Ausgabe {id} ist abgesagt. Wurde sie nie freigegeben, beginnt sie so neu:"
        " newsletter issue new {newsletter} --number {number}"
    ),
    ("issue", "taken over"): N_(
        "Den Entwurf {id} hatte der Zeitplan begonnen; er bleibt."
        " Auslassen: newsletter issue skip {newsletter} {number}"
    ),
    ("issue", "plan dropped"): N_(
        "Dass {id} sich bei der Freigabe selbst plant, ist zurückgenommen."
        " Doch wieder: newsletter issue schedule {id} --when-approved"
    ),
    ("issue", "warning open again"): N_(
        "Die Begründung ist gelöscht. Neu begründen: newsletter issue check {id} --accept NAME TEXT"
    ),
    ("issue", "paused"): N_(
        "Der Versand von {id} ist angehalten. Weiter geht er nur ausdrücklich:"
        " newsletter issue resume {id}"
    ),
    ("issue", "sending"): N_(
        "Der Versand von {id} läuft wieder. Anhalten: newsletter issue pause {id}"
    ),
    ("issue", "stopped"): N_(
        "Der Versand von {id} ist für immer abgebrochen; wer die Ausgabe hat, behält sie."
        " Wie es steht: newsletter issue status {id}"
    ),
    ("issue", "resend"): N_(
        "Unklare Zustellungen von {id} gehen noch einmal hinaus, oder sind es schon."
        " Anhalten: newsletter issue pause {id}"
    ),
    ("issue", "leave"): N_(
        "Über unklare Zustellungen von {id} wird nur einmal entschieden."
        " Wie es steht: newsletter issue status {id}"
    ),
    ("issue", "called for contributions"): N_(
        "Der Aufruf zu {id} ist schon unterwegs. Was er sagt, zeigt: newsletter log issue {id}"
    ),
    ("issue", "reminded of contributions"): N_(
        "Die Erinnerung zu {id} ist schon unterwegs. Verlauf: newsletter log issue {id}"
    ),
    ("access_request", "granted"): N_(
        "Der Zugang ist erteilt, der Link dazu schon unterwegs."
        " Wer Zugang hat, zeigt: newsletter clusters list"
    ),
    ("access_request", "declined"): N_(
        "Über die Anfrage ist entschieden. Zugang gibt trotzdem:"
        " newsletter clusters people add SLUG E-MAIL"
    ),
    ("cluster", "added"): N_(
        "Das Cluster {key} ist aufgenommen. Abschalten: newsletter clusters deactivate {key}"
    ),
    ("cluster", "reactivated"): N_(
        "Das Cluster {key} ist wieder dabei. Abschalten: newsletter clusters deactivate {key}"
    ),
    ("cluster", "deactivated"): N_(
        "Das Cluster {key} ist abgeschaltet, seine Links gelten nicht mehr."
        " Wieder aufnehmen: newsletter clusters add {key} …"
    ),
    ("cluster", "changed"): N_(
        "Die Angaben zu {key} sind geändert. Anders eintragen: newsletter clusters import DATEI"
    ),
    ("cluster", "person added"): N_(
        "Wer dazukam, bleibt bei {key} eingetragen."
        " Austragen: newsletter clusters people remove {key} {email}"
    ),
    ("cluster", "person removed"): N_(
        "Links und Zugang der Person bei {key} gelten nicht mehr."
        " Wieder eintragen: newsletter clusters people add {key} {email}"
    ),
    ("cluster", "handed over"): N_(
        "Der Zugang von {key} ist übergeben."
        " Zurück: newsletter clusters people replace {key} E-MAIL E-MAIL"
    ),
    ("cluster", "links revoked"): N_(
        "Gesperrte Links von {key} bleiben gesperrt."
        " Ein neuer: newsletter clusters link {key} {email}"
    ),
    ("cluster", "link issued"): N_(
        "Der Link für {key} kann schon benutzt sein. Einen neuen, der ihn ersetzt, gibt:"
        " newsletter clusters link {key} {email}"
    ),
    ("cluster", "key issued"): N_(
        "Der frühere Schlüssel von {key} gilt nicht mehr. Ein neuer: newsletter clusters key {key}"
    ),
    ("story", "terms renewed"): N_(
        "Die neue Zusage ist abgelegt, die alte nicht mehr da. Noch einmal ablegen:"
        " newsletter stories add {id}"
    ),
    ("cluster", "feed added"): N_(
        "Der Feed von {key} wird gelesen. Austragen: newsletter clusters feed remove {key} {url}"
    ),
    ("cluster", "feed removed"): N_(
        "Der Feed von {key} ist ausgetragen."
        " Wieder eintragen: newsletter clusters feed add {key} {url}"
    ),
    ("subscriber", "added"): N_(
        "Wer aufgenommen ist, kann nur wieder austreten: newsletter subscribers unsubscribe E-MAIL"
    ),
    ("subscriber", "unsubscribed"): N_("Wer abgemeldet ist, kann sich nur selbst wieder anmelden."),
    ("subscriber", "erased"): N_("Gelöscht ist gelöscht: Davon ist nichts mehr da."),
    ("subscribers", "imported"): N_(
        "Eingelesene Abonnements nimmt niemand im Ganzen zurück; ein einzelnes beendet:"
        " newsletter subscribers unsubscribe E-MAIL"
    ),
}
