"""The relay is away, or does not want us: what is said about it, and to whom it matters."""

from typing import ClassVar

from newsletter.errors import OutsideTrouble
from newsletter.language import N_, _
from newsletter.settings import Relay

from .replies import Stage

_WORDS = {
    Stage.CONNECT: N_("beim Verbinden ({why}). Läuft er, und stimmt seine Adresse in [[relays]]?"),
    Stage.TLS: N_(
        "bei der Verschlüsselung ({why}); ohne sie geht nichts hinaus. Stimmen Name und"
        " Zertifikat? Eine eigene Zertifizierungsstelle steht unter [sending] als ca_file."
    ),
    Stage.EHLO: N_("bei der Begrüßung ({why}). Unser Name steht unter [sending] als helo."),
    Stage.AUTH: N_(
        "bei der Anmeldung ({why}). Stimmen Benutzername und Kennwort unter [[relays]]?"
    ),
    Stage.MAIL: N_("beim Absender ({why}). Darf diese Adresse dort senden?"),
    Stage.RCPT: N_(
        "beim Empfänger ({why}), aber es liegt an uns oder an ihm, nicht an der Adresse."
    ),
    Stage.DATA: N_("bei der Nachricht ({why})."),
    Stage.DOT: N_(
        "nach der Nachricht ({why}), und es liegt an uns oder an ihm, nicht an der Adresse."
    ),
}


class Trouble(OutsideTrouble):
    """The relay is away, or does not want us. No reader is to blame, nobody is refused."""

    sentence: ClassVar[str] = N_("Der Mailserver {relay} nimmt gerade nichts an: {words}")

    def __init__(
        self,
        stage: Stage,
        relay: Relay,
        why: str,
        code: int | None = None,
        *,
        needs_somebody: bool = False,
        speaks_against_all: bool = False,
    ) -> None:
        self.stage, self.code = stage, code
        self.relay = relay.name
        self.why = why
        self.needs_somebody = needs_somebody or _refuses_login(stage, code)
        self.speaks_against_all = speaks_against_all
        said = " ".join(why.split())
        super().__init__(relay=_name(relay), words=_(_WORDS[stage]).format(why=said))


def _refuses_login(stage: Stage, code: int | None) -> bool:
    """A wrong password does not mend itself; „454 temporary failure“ may."""
    return stage is Stage.AUTH and code is not None and code >= 500


def _name(relay: Relay) -> str:
    """As people know it; the address may hold a password, so it is never shown."""
    said = _("„{name}“ ({host}:{port})")
    return said.format(name=relay.name, host=relay.host, port=relay.port)
