"""An issue with a picture and its preview, served on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from newsletter import pictures
from newsletter.demo.site import address_of, reserved, serving
from newsletter.history import Act
from newsletter.settings import Settings
from newsletter.web import preview_here
from tests.conftest import Clock
from tests.desk_situations import Desk, news
from tests.intake_situations import jpeg

KEY = "clusterplattform-2026-12"
ALT = "Drei Personen halten eine Urkunde"


def with_picture(desk: Desk) -> str:
    """A draft issue whose one item has a picture."""

    def taken_in(act: Act) -> str:
        return pictures.take_in(act, jpeg(800, 400), cluster_id=1, by="presse").key

    key = desk.do(taken_in)
    desk.accepted(news(image=key, image_alt=ALT, image_credit="Lichtwerk/Kim Beispiel"))
    return desk.filled()


@dataclass
class Served:
    """A preview that runs; ``ending`` true makes it answer at once."""

    address: str
    ending: bool = False


@contextmanager
def served(settings: Settings, engine: Engine, clock: Clock, key: str = KEY) -> Iterator[Served]:
    """The preview of an issue, on loopback."""
    with reserved() as listener:
        it = Served(address_of(listener))
        app = preview_here.create_app(
            settings, engine, key, address=it.address, ending=lambda: it.ending, clock=clock
        )
        with serving(app, listener):
            yield it
            it.ending = True


def own(home: Path, name: str, text: str | bytes) -> Path:
    """A template of the home's own."""
    path = home / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
