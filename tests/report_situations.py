"""A quarter with two issues and a correction, as its figures are kept."""

from datetime import UTC, datetime
from typing import Any

from newsletter.report import Report, Sent, period
from newsletter.report.counting import report

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


def item(reference: str, kind: str = "news", **more: Any) -> dict[str, Any]:
    return {
        "item": reference,
        "kind": kind,
        "clusters": ["Lichtwerk Havelbogen e. V."],
        "source": None,
        "laender": ["DE-BB", "DE-BE"],
        "fields": ["Mikro-Nano-Opto"],
        "decided_within": 2 * 86_400.0,
    } | more


OURS = item("q9", clusters=[], source="BMWE", laender=[], fields=[], decided_within=None)


def sent(key: str, opened: str, items: list[dict[str, Any]], **more: Any) -> Sent:
    moments = {
        "cut_off": "2026-12-04T11:00:00+00:00",
        "requested": "2026-12-08T11:00:00+00:00",
        "approved": "2026-12-09T23:00:00+00:00",
        "opened": opened,
        "closed": "2026-12-15T09:20:00+00:00",
    }
    figures = {"items": items, "moments": moments | more.pop("moments", {})}
    facts: dict[str, Any] = {
        "newsletter": "Clusterplattform Deutschland",
        "correction": False,
        "recipients": 4_100,
        "accepted": 4_070,
        "refused": 12,
        "not_sent": 18,
        "bounced": 7,
        "left": 5,
    }
    begun = datetime.fromisoformat(opened)
    return Sent(key, opened=begun, items=len(items), figures=figures, **(facts | more))


def quarter() -> Report:
    """Three items in two issues, one of them in both; and a correction."""
    fair = item("q2", "date", clusters=["AeroKontor Hanse"], laender=["DE-HH"], fields=["Luft"])
    nothing: dict[str, None] = {"cut_off": None, "requested": None}
    return report(
        period("2026-Q4"),
        NOW,
        [
            sent("go-cluster-2026-12", "2026-12-15T09:00:00+00:00", [item("q1"), OURS]),
            sent("clusterplattform-2026-12", "2026-12-15T09:00:00+00:00", [item("q1"), fair]),
            sent(
                "clusterplattform-2026-12-k1",
                "2026-12-16T09:00:00+00:00",
                [],
                correction=True,
                moments=nothing,
            ),
        ],
    )
