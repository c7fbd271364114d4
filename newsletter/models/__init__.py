"""Tables, states and moves; one file per noun. Importing this registers every table."""

from subscribers import models as subscriber_models

from . import cluster, delivery, event, issue, submission

__all__ = ["cluster", "delivery", "event", "issue", "submission", "subscriber_models"]
