"""What an editor reads of likely twins, and what to type next."""

import json
from pathlib import Path

from newsletter import queue
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk
from tests.intake_situations import NEWS

__all__ = ["desk", "newsletter"]  # the fixtures


def test_likely_twins_are_named_where_editors_look_and_merged_as_it_says(
    newsletter: Newsletter, desk: Desk, tmp_path: Path
) -> None:
    first = desk.hand_in(NEWS)
    again = desk.hand_in(NEWS | {"title": "Silber-Label", "teaser": "Ausgezeichnet."})
    other = desk.hand_in(NEWS | {"title": "Umzug", "link": None, "teaser": "Wir ziehen um."})
    listed = newsletter("queue", "list")
    assert f"{again} ähnlich wie {first}: gleicher Link" in listed.out
    assert listed.out.count("ähnlich wie") == 1  # a pair is named once
    assert f"Als Nächstes: newsletter queue merge {first} {again}" in listed.out

    shown = newsletter("queue", "show", first).out
    assert f"Ähnlich wie {again} von Lichtwerk Havelbogen e. V. (neu): Silber" in shown
    assert f"Als Nächstes: newsletter queue merge {first} {again}" in shown
    assert "ähnlich" not in newsletter("queue", "show", other).out.lower()

    found = json.loads(newsletter("queue", "list", "--json").out)
    (twin,) = found[0]["similar"]
    assert twin["id"] == again
    assert twin["reasons"] == ["same_link"]
    assert found[2]["similar"] == []

    file = tmp_path / "umzug.json"
    file.write_text(json.dumps({**NEWS, "title": "Umzug", "link": None, "teaser": "Bald."}))
    said = newsletter("queue", "add", str(file), "--source", "BMWE", "--as", "redaktion").out
    assert f"Ähnlich wie {other}" in said
    assert f"newsletter queue merge {other} q4" in said

    newsletter("queue", "merge", first, again, "--as", "redaktion")
    newsletter("queue", "merge", other, "q4", "--as", "redaktion")
    assert "ähnlich" not in newsletter("queue", "list").out.lower()


def test_the_order_of_a_merge_is_one_that_is_not_refused(
    newsletter: Newsletter, desk: Desk
) -> None:
    """What stands in an issue stays; members' words do not become public."""
    for_all = desk.hand_in(NEWS)
    for_members = desk.hand_in(NEWS | {"targets": ["go-cluster"]})
    shown = newsletter("queue", "show", for_all).out
    assert f"newsletter queue merge {for_members} {for_all}" in shown
    desk.do(queue.accept, [for_all])
    newsletter("issue", "new", "clusterplattform", "--number", "2026-12", "--as", "redaktion")
    newsletter("issue", "add", "clusterplattform-2026-12", for_all, "--as", "redaktion")
    shown = newsletter("queue", "show", for_members).out
    assert f"Ähnlich wie {for_all}" in shown
    assert "queue merge" not in shown  # each way is refused
    assert f"newsletter queue accept {for_members}" in shown


def test_an_item_that_stands_in_an_issue_stays(newsletter: Newsletter, desk: Desk) -> None:
    published = desk.hand_in(NEWS)
    desk.do(queue.accept, [published])
    newsletter("issue", "new", "clusterplattform", "--number", "2026-12", "--as", "redaktion")
    newsletter("issue", "add", "clusterplattform-2026-12", published, "--as", "redaktion")
    again = desk.hand_in(NEWS)
    listed = newsletter("queue", "list", "--state", "received").out
    assert f"{again} ähnlich wie {published}: gleicher Link, gleicher Titel" in listed
    assert f"newsletter queue merge {published} {again}" in listed


def test_nothing_is_merged_into_what_was_declined(newsletter: Newsletter, desk: Desk) -> None:
    declined = desk.hand_in(NEWS)
    desk.do(queue.decline, [declined], reason="Schon im November erschienen.", newsletters=None)
    again = desk.hand_in(NEWS)
    shown = newsletter("queue", "show", again).out
    assert f"Ähnlich wie {declined}" in shown
    assert "queue merge" not in shown
