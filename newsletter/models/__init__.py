"""Tables, states and moves; one file per noun. Importing this registers every table."""

from subscribers import models as subscriber_models

from . import cluster, delivery, event, issue, pace, submission

__all__ = ["cluster", "delivery", "event", "issue", "pace", "submission", "subscriber_models"]
