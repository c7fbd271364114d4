"""Tables, states and moves; one file per noun. Importing this registers every table."""

from subscribers import models as subscriber_models

from . import (
    answer,
    cluster,
    colleague,
    correction,
    delivery,
    draft,
    event,
    feed,
    issue,
    left_out,
    pace,
    probe,
    story,
    submission,
    take_down,
)

__all__ = [
    "answer",
    "cluster",
    "colleague",
    "correction",
    "delivery",
    "draft",
    "event",
    "feed",
    "issue",
    "left_out",
    "pace",
    "probe",
    "story",
    "submission",
    "subscriber_models",
    "take_down",
]
