"""A register with two clusters, facts as they would hand them in, and pictures made here."""

import io
from typing import Any

from PIL import Image

from newsletter import clusters
from newsletter.history import Act
from newsletter.models.cluster import Cluster

LICHTWERK = {
    "slug": "lichtwerk",
    "name": "Lichtwerk Havelbogen e. V.",
    "land": ["DE-BB", "DE-BE"],
    "field": "Mikro-Nano-Opto",
    "label": "silver",
    "website": "https://www.lichtwerk.example",
    "contact_email": "presse@lichtwerk.example",
}
BOJE = {"slug": "boje", "name": "Meeressensorik Boddenkante", "contact_email": "team@boje.example"}

NEWS: dict[str, Any] = {
    "kind": "news",
    "title": "Lichtwerk Havelbogen: Silber-Label bestätigt",
    "teaser": "Das Clustermanagement ist zum dritten Mal ausgezeichnet worden.",
    "body": "Hervorgehoben wurden:\n\n- die **Betreuung**,\n- die Strategie „Licht 2030“.",
    "link": "https://www.lichtwerk.example/label?utm_source=mail",
    "targets": ["go-cluster", "clusterplattform"],
    "contact_name": "Änne Muster",
    "contact_email": "presse@lichtwerk.example",
    "rights_confirmed": True,
}
DATE: dict[str, Any] = {
    "kind": "date",
    "title": "Fachtagung „Licht & Messen“",
    "teaser": "Zwei Tage rund um optische Messtechnik.",
    "targets": ["clusterplattform"],
    "starts_at": "2027-03-16T09:30:00+01:00",
    "ends_at": "2027-03-17T16:00:00+01:00",
    "location": "Alte Schleiferei, Musterhavel",
    "register_by": "2027-03-02",
    "rights_confirmed": True,
}
STORY: dict[str, Any] = {
    "kind": "success_story",
    "title": "So entstand der Kratzerscanner",
    "teaser": "Aus zwei Werkstätten wird eine Linie.",
    "targets": ["go-cluster"],
    "challenge": "Linsen wurden von Hand geprüft.",
    "solution": "Ein Ringlicht und eine Zeilenkamera.",
    "result": "Die Prüfung dauert noch neun Sekunden.",
    "rights_confirmed": True,
}


def registered(act: Act, facts: dict[str, Any] = LICHTWERK) -> Cluster:
    """A cluster of the register, with its contact as contributor."""
    return clusters.add(act, facts)


def jpeg(width: int = 1600, height: int = 900, **options: Any) -> bytes:
    """A photograph, as far as a test needs one."""
    out = io.BytesIO()
    gradient = Image.linear_gradient("L").resize((width, height))
    flipped = gradient.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    colours = Image.merge("RGB", (gradient, flipped, gradient.rotate(180)))
    colours.save(out, "JPEG", quality=90, **options)
    return out.getvalue()


def png(width: int = 300, height: int = 200, mode: str = "RGB", colour: Any = "navy") -> bytes:
    """A drawing."""
    out = io.BytesIO()
    Image.new(mode, (width, height), colour).save(out, "PNG")
    return out.getvalue()
