"""An item that came by mail: saved as .eml, filed by an editor for a cluster."""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from newsletter import database, submissions
from newsletter.models.cluster import Picture
from newsletter.models.delivery import Letter
from newsletter.models.submission import Submission, Via
from newsletter.queue import read_mail
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk
from tests.intake_situations import jpeg

__all__ = ["desk", "newsletter"]  # the fixtures

TEXT = """Sehr geehrte Damen und Herren,

das Lichtwerk hat ein neues Prüflabor
für kleine Betriebe eröffnet.

Ab Januar steht es **allen** offen:

- Montag bis Freitag
- ohne Anmeldung

Mit besten Grüßen aus Musterhavel
Änne

--{blank}
Änne Muster
""".format(blank=" ")


def written(path: Path, **changes: str) -> Path:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = changes.get("sender", "Änne Muster <presse@lichtwerk.example>")
    mail["To"] = "redaktion@go-cluster.example"
    mail["Subject"] = changes.get("subject", "WG: AW: Lichtwerk: Prüflabor für kleine Betriebe")
    if "html" in changes:
        mail.set_content(changes["html"], subtype="html")
    else:
        mail.set_content(changes.get("text", TEXT))
    if not changes:
        mail.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="labor.jpg")
        mail.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="zwei.jpg")
        mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="flyer.pdf")
    path.write_bytes(mail.as_bytes())
    return path


def test_a_mail_becomes_an_item_of_the_cluster_and_its_sender_hears_of_it(
    desk: Desk, engine: Engine, newsletter: Newsletter, tmp_path: Path
) -> None:
    file = str(written(tmp_path / "mail.eml"))
    done = newsletter("queue", "add", "--from", file, "--cluster", "lichtwerk", "--rights")
    assert done.code == 0, done.err
    assert "Bestätigung geht an presse@lichtwerk.example" in done.out
    assert "1 Bild bleibt liegen" in done.out
    again = newsletter("queue", "add", "--from", file, "--cluster", "lichtwerk", "--rights")
    assert (again.code, "liegt für lichtwerk schon vor" in again.out) == (0, True)
    assert "flyer.pdf" in done.out
    assert "aus einer E-Mail aufgenommen" in newsletter("queue", "show", "q1").out
    with database.reading(engine) as session:
        item = session.scalars(select(Submission)).one()
        facts = submissions.facts_of(session, item)
        letter = session.scalars(select(Letter)).one()
        assert session.scalars(select(Picture)).one().cluster_id == item.cluster_id
    assert item.via is Via.MAIL
    assert facts["title"] == "Lichtwerk: Prüflabor für kleine Betriebe"
    assert facts["teaser"] == "das Lichtwerk hat ein neues Prüflabor für kleine Betriebe eröffnet."
    assert facts["body"].startswith("Ab Januar steht es **allen** offen:")
    assert "Änne" not in facts["body"]
    assert facts["rights_confirmed"]
    assert letter.to_email == "presse@lichtwerk.example"
    assert "/s/" in letter.text


def test_without_rights_in_writing_the_picture_is_left_and_letters_go_to_registered_people(
    desk: Desk, engine: Engine, newsletter: Newsletter, tmp_path: Path
) -> None:
    file = written(tmp_path / "mail.eml", sender="fremd@woanders.example")
    done = newsletter("queue", "add", "--from", str(file), "--cluster", "lichtwerk", "--json")
    assert done.json["confirmed_to"] == "presse@lichtwerk.example"
    assert not done.json["picture"]
    with database.reading(engine) as session:
        assert {each.to_email for each in session.scalars(select(Letter))} == {
            "presse@lichtwerk.example"
        }
        assert not session.scalars(select(Picture)).all()
        item = session.scalars(select(Submission)).one()
        assert "rights_confirmed" not in submissions.facts_of(session, item)
    newsletter("queue", "withdraw", "q1", "--reason", "kommt noch einmal")
    again = newsletter("queue", "add", "--from", str(file), "--cluster", "lichtwerk")
    assert "Die Rechte sind noch nicht bestätigt" in again.out
    for asked in (newsletter("queue", "show", "q2"), newsletter("queue", "accept", "q2")):
        assert "Fehler: Die Rechte an Text und Bild sind nicht bestätigt" in asked.out
        assert "newsletter queue edit q2" in asked.out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "keine E-Mail"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "keine E-Mail"),
        (b"Subject: Nur ein Betreff\r\n\r\n", "keine E-Mail"),
        (b"Subject: x\r\nContent-Type: text/plain; charset=keiner\r\n\r\nText", ""),
    ],
)
def test_what_is_no_mail_is_answered_in_a_sentence(
    desk: Desk, newsletter: Newsletter, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(content)
    done = newsletter("queue", "add", "--from", str(file), "--cluster", "lichtwerk")
    assert (done.code, said in done.err) == (1 if said else 0, True)
    assert newsletter("queue", "add", "--from", str(file)).code == 2
    assert newsletter("queue", "add", "--from", "fehlt.eml", "--cluster", "lichtwerk").code == 1


def test_nothing_of_a_mail_forges_a_header_or_is_cut_silently(tmp_path: Path) -> None:
    long = "Ein Satz steht hier. " * 60
    mail = read_mail(written(tmp_path / "m", subject="a \u202eb  c", text=long).read_bytes(), "m")
    assert "\u202e" not in mail.title
    assert mail.teaser.endswith("hier.")
    assert len(mail.teaser) <= 700
    assert mail.body == long.strip()
    html = "<p>Hallo,</p><p>es <b>leuchtet</b>.<script>x</script></p><p>Mehr.</p>"
    pasted = read_mail(written(tmp_path / "h", html=html).read_bytes(), "h")
    assert (pasted.teaser, pasted.body) == ("es leuchtet.", "Mehr.")
