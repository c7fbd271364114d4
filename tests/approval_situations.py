"""An approver without an account, and the link that the letter brings."""

import re

from sqlalchemy import select
from sqlmodel import col

from newsletter import issues
from newsletter.models.delivery import Letter
from newsletter.models.issue import Approval
from newsletter.settings import Approver, Settings
from tests.desk_situations import Desk

ERIKA = "Dr. Erika Beispiel"
MAX = "Max Muster"


def with_approver(settings: Settings) -> Settings:
    """A home where somebody in the ministry approves, and somebody stands in for her."""
    erika = Approver(
        name=ERIKA,
        email="erika@ministerium.example",
        deputy=f"{MAX} <max@ministerium.example>",
    )
    same = Approver(name="Redaktionsleitung", email="redaktion@go-cluster.example")
    return settings.model_copy(update={"approvers": (erika, same)})


def letters(desk: Desk, name: str) -> list[Letter]:
    """The letters of this kind, oldest first."""
    wanted = select(Letter).where(col(Letter.name) == name).order_by(col(Letter.id))
    return list(desk.look(lambda act: act.session.scalars(wanted).all()))


def token_in(desk: Desk) -> str:
    """The token of the last letter that asked somebody."""
    found = re.search(r"/approval/(\S+)", letters(desk, "approval_request")[-1].text)
    assert found
    return found[1]


def asked(desk: Desk, key: str, to: str = ERIKA) -> str:
    """Ask by letter; the token."""
    desk.do(issues.request, key, "geprüft", to)
    return token_in(desk)


def requests(desk: Desk) -> list[Approval]:
    """Every request for approval, oldest first."""
    wanted = select(Approval).order_by(col(Approval.id))
    return list(desk.look(lambda act: act.session.scalars(wanted).all()))
