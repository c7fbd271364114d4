"""What an editor waits for while writing: an issue rendered, a preview that shows a change."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from mjml import mjml2html
from sqlalchemy import Engine, text

from newsletter import database, home_folder, issues, pictures, queue, rendering, templating
from newsletter.content import IssueContent
from newsletter.history import Act, Actor, acting, now
from newsletter.settings import Settings, load
from tests.databases import Server, point_to, serving
from tests.desk_situations import fair, news
from tests.dispatch_situations import PUBLIC
from tests.intake_situations import STORY, jpeg
from tests.preview_situations import served

from .report import Line
from .servers import Missing

KEY = f"{PUBLIC}-2026-12"
_TIMER = Path(__file__).resolve().parent / "mjml_timer.mjs"
_PEER = Path(__file__).resolve().parent.parent / ".venv" / "peers" / "node_modules" / "mjml"


def letter(items: int, runs: int) -> Iterator[Line]:
    """Render and preview an issue of so many items with pictures, so many times each."""
    with ExitStack() as stack:
        home = stack.enter_context(_home(items, None))
        settings, engine = _opened(stack, home)
        content = _content(engine, settings)
        yield from _rendered(content, templating.folders(settings.home), runs)
        yield _refreshed("SQLite", settings, engine, runs)
    with ExitStack() as stack:
        home = stack.enter_context(_home(items, stack.enter_context(serving())))
        settings, engine = _opened(stack, home)
        yield _refreshed("PostgreSQL", settings, engine, runs)


# -- rendering --------------------------------------------------------------------------------


def _rendered(content: IssueContent, where: tuple[Path, ...], runs: int) -> Iterator[Line]:
    """The whole of it, of MJML the part that is the renderer's alone, and the official one."""
    source = rendering.mjml(content, where)
    ascii_ = source.encode("ascii", "xmlcharrefreplace").decode()
    whole, cpu = _typical(lambda: rendering.render(content, where), runs)
    size = len(rendering.render(content, where).html.encode()) / 1000
    name = f"issue of {len(content.items)} items with pictures rendered, warm"
    note = f"{cpu:.1f} ms CPU; both parts, styles inlined, {size:.0f} kB of HTML"
    yield Line(name, f"{whole:.1f} ms", "≤ 25 ms", note, whole <= 25)
    does = "checked, typography, rendered, styles inlined, squeezed"
    for name, do in (
        ("all that we do to it", lambda: rendering.markup.to_html(source, "issue.mjml", where)),
        ("its rendering alone, by mrml", lambda: mjml2html(ascii_, fonts={})),
    ):
        took, cpu = _typical(do, runs)
        yield Line(f"its MJML: {name}", f"{took:.1f} ms", "", f"{cpu:.1f} ms CPU; {does}")
        does = "what npm mjml does, too"
    theirs = _official(source, runs)
    note = f"{theirs / took:.1f} × as long as mrml takes for the same"
    yield Line("its MJML: by npm mjml, in a warm process", f"{theirs:.1f} ms", "", note)


def _official(source: str, runs: int) -> float:
    """Milliseconds that npm's mjml takes by its own clock. Missing."""
    node = Path(sys.executable).parent / "node"
    if not (_PEER.is_dir() and node.exists()):
        raise Missing("npm's mjml is not there: make peers")
    asked = json.dumps({"source": source, "runs": runs})
    done = subprocess.run(
        [node, _TIMER], input=asked, capture_output=True, text=True, check=True, timeout=120
    )
    return statistics.median(json.loads(done.stdout))


def _typical(do: Callable[[], object], runs: int) -> tuple[float, float]:
    """Milliseconds by the clock and of CPU, the medians of so many runs after one that warms up."""
    do()
    took, cpu = [], []
    for _ in range(runs):
        start, used = time.perf_counter(), time.process_time()
        do()
        took.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
    return statistics.median(took) * 1000, statistics.median(cpu) * 1000


# -- the preview ------------------------------------------------------------------------------


def _refreshed(where: str, settings: Settings, engine: Engine, runs: int) -> Line:
    """From the commit of a change to the mail that shows it, over HTTP as the page asks."""
    with served(settings, engine, now, KEY) as here:  # type: ignore[arg-type]
        line = HTTPConnection(urlsplit(here.address).netloc, timeout=30)
        seen, took, cpu = _version(line, ""), [], []
        _got(line, "/mail")
        for run in range(runs + 1):
            subject = f"Clusterplattform Deutschland: Ausgabe Dezember, Fassung {run}"
            with engine.begin() as connection:
                change = text("UPDATE issue SET subject = :subject WHERE id = :id")
                connection.execute(change, {"subject": subject, "id": KEY})
            start, used = time.perf_counter(), time.process_time()
            seen = _version(line, seen)
            mail = _got(line, "/mail")
            took.append((time.perf_counter() - start) * 1000)
            cpu.append((time.process_time() - used) * 1000)
            assert subject.encode() in mail
        line.close()
    typical, slowest = statistics.median(took[1:]), max(took[1:])
    return Line(
        f"preview shows a change, {where}",
        f"{typical:.0f} ms",
        "≤ 150 ms",
        f"{statistics.median(cpu[1:]):.0f} ms CPU, ours and the asker's; slowest of {runs}:"
        f" {slowest:.0f} ms; checks and message with it",
        typical <= 150,
    )


def _version(line: HTTPConnection, seen: str) -> str:
    """The version of what is shown, as soon as it is not the one that was ``seen``."""
    return str(json.loads(_got(line, f"/version?seen={seen}"))["version"])


def _got(line: HTTPConnection, path: str) -> bytes:
    line.request("GET", path)
    return line.getresponse().read()


# -- the home ---------------------------------------------------------------------------------


@contextmanager
def _home(items: int, server: Server | None) -> Iterator[Path]:
    """A home whose public issue has so many items of all kinds, each news with a picture."""
    with TemporaryDirectory(prefix="newsletter-bench-") as folder, ExitStack() as stack:
        home = Path(folder) / "home"
        url = stack.enter_context(server.database("bench_letter")) if server else ""
        home_folder.make(home, {"NEWSLETTER_DATABASE_URL": url} if url else {})
        if url:
            point_to(home, url)
        settings = load(home, {})
        engine = database.connect(settings.database_url)
        with acting(engine, settings, Actor("redaktion"), durable=False) as act:
            references = [_item(act, number) for number in range(items)]
            queue.accept(act, references, [PUBLIC])
            issues.new(act, PUBLIC, "2026-12", also=True)
            issues.add(act, KEY, references)
        engine.dispose()
        yield home


def _item(act: Act, number: int) -> str:
    taken = pictures.take_in(act, jpeg(1_200, 600), cluster_id=None, by="redaktion")
    shown = {"image": taken.key, "image_alt": f"Bild {number}", "image_credit": "Kim Beispiel"}
    title = f"Meldung {number} aus den Clustern, mit einem Titel von üblicher Länge"
    its = {"title": title, "targets": [PUBLIC]} | shown
    facts: dict[str, object] = news(**its)
    if number % 4 == 1:
        facts = fair(act.now + timedelta(days=60 + number)) | its
    elif number % 4 == 2:
        facts = STORY | its
    return queue.add(act, facts, source="BMWE").reference


def _opened(stack: ExitStack, home: Path) -> tuple[Settings, Engine]:
    settings = load(home, {})
    engine = database.connect(settings.database_url)
    stack.callback(engine.dispose)
    return settings, engine


def _content(engine: Engine, settings: Settings) -> IssueContent:
    with database.reading(engine) as session:
        return issues.preview(session, settings, KEY, now()).content
