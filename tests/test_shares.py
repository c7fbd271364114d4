"""How often each cluster appeared in a year, as an editor sees it."""

import csv
from pathlib import Path

import pytest

from newsletter import issues, queue
from newsletter.commands.clusters_share import plotted
from newsletter.issues import Share
from newsletter.models.issue import IssueState
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, news
from tests.issue_situations import DECEMBER, set_state

__all__ = ["desk", "newsletter"]


def test_every_cluster_is_counted_once_per_item_and_also_who_did_not_appear(
    newsletter: Newsletter, desk: Desk, tmp_path: Path
) -> None:
    desk.cluster(slug="biobogen", name="=Biobogen", contact_email="b@biobogen.example")
    desk.cluster(slug="stille", name="Stille See", contact_email="s@stille.example")
    first, second, third = (desk.hand_in(news(title=f"T {n}", link=None)) for n in range(3))
    joint = desk.hand_in(news(title="T 0", link=None), "biobogen")
    own = desk.do(queue.add, news(title="Aufruf"), source="BMWE").reference
    desk.do(queue.merge, first, [joint])
    desk.accept(first, second, own)
    desk.approved("go-cluster")
    desk.filled()
    desk.accept(third)
    special = desk.new(number="2026-12-s1")
    desk.do(issues.add, special, [third])
    desk.do(issues.cancel, special)  # counts no more
    set_state(desk, DECEMBER, IssueState.CANCELLED)
    found = newsletter("clusters", "share", "2026", "--json", as_="").json
    assert found["year"] == 2026
    light, bio, still = found["clusters"]
    assert (light["slug"], light["handed_in"], light["planned"]) == ("lichtwerk", 3, 2)
    assert light["places"] == {"go-cluster": 2, "clusterplattform": 0}
    assert (bio["slug"], bio["planned"], bio["share"]) == ("biobogen", 1, 0.3333)
    assert (still["slug"], still["share"]) == ("stille", 0.0)

    set_state(desk, "go-cluster-2026-12", IssueState.STOPPED)
    assert newsletter("clusters", "share", "2026", "--json").json["clusters"][0]["published"] == 2
    said = newsletter("clusters", "share", "2026").out
    assert "2026: 2 Beiträge von 2 der 3 Cluster." in said
    assert "█" in said
    assert "█" not in newsletter("clusters", "share", "2026", "--plain").out
    assert "0 Beiträge von 0" in newsletter("clusters", "share", "2025").out
    sheet = tmp_path / "anteile.csv"
    newsletter("clusters", "share", "2026", "--csv", str(sheet))
    rows = list(csv.reader(sheet.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0][:3] == ["slug", "name", "handed_in"]
    assert rows[2][1] == "'=Biobogen"  # no spreadsheet runs it
    assert newsletter("clusters", "share", "2026", "--csv", str(sheet)).code == 1
    assert newsletter("clusters", "share", "2026", "--csv", "-").out.startswith("slug;name;")


@pytest.mark.parametrize("columns", [40, 80, 160])
def test_the_plot_fits_the_terminal(columns: int) -> None:
    found = [
        Share(
            "a", "Netzwerk für Leichtbau und Oberflächentechnik Nordbogen e. V.", 90, {*range(80)}
        ),
        Share("b", "Boje", 2, {1}, {2}),
        Share("c", "Stille See"),
    ]
    lines = list(plotted(found, columns))
    assert max(map(len, lines)) <= columns
    bars = [line.count("█") + line.count("▌") for line in lines if "%" in line]
    assert bars[0] > bars[1] > bars[2] == 0
    assert [line.rstrip("█▌ ") for line in plotted([], columns)] == (
        [] if columns == 40 else ["Cluster  Eingereicht  Erschienen  Geplant  Anteil"]
    )
