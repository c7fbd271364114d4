"""Assemble, approve, schedule: the verbs of an issue.

``begin``     new                      ``contents``  content_of, build, check
``assemble``  add, remove, move, edit  ``filling``   fill: what is accepted and waits
``approval``  request, approve         ``timing``    schedule, unschedule, cancel
``guard``     ready_to_send            ``register``  find, list_, status
"""

from .approval import Request, approve, request, second_person
from .assemble import Addition, Plan, add, edit, move, remove
from .begin import new
from .change import STATE_WORDS, at_stake
from .contents import Built, Placed, build, check, content_of, placed
from .filling import LeftOut, Proposal, fill
from .guard import as_edition, editions_of, hold_back, ready_to_send
from .register import Line, find, list_, status
from .timing import cancel, moment_of, schedule, unschedule

__all__ = [
    "STATE_WORDS",
    "Addition",
    "Built",
    "LeftOut",
    "Line",
    "Placed",
    "Plan",
    "Proposal",
    "Request",
    "add",
    "approve",
    "as_edition",
    "at_stake",
    "build",
    "cancel",
    "check",
    "content_of",
    "edit",
    "editions_of",
    "fill",
    "find",
    "hold_back",
    "list_",
    "moment_of",
    "move",
    "new",
    "placed",
    "ready_to_send",
    "remove",
    "request",
    "schedule",
    "second_person",
    "status",
    "unschedule",
]
