"""Where a contributor says that calls for contributions shall end, or come again."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from newsletter import clusters

from .pages import acting, looking, now, page, require_own_form

router = APIRouter(include_in_schema=False)


@router.get("/calls/{token}")
def calls(request: Request, token: str) -> Response:
    """How it stands, and one button to change that; looking changes nothing (WB-04)."""
    with looking(request) as session:
        access = clusters.by_link(session, token, now(request))
    wanted = access.contributor.calls_ended_at is None
    return page(
        request, "calls.html", wanted=wanted, path=f"/calls/{token}", cluster=access.cluster
    )


@router.post("/calls/{token}")
def change(request: Request, token: str, wanted: Annotated[str, Form()] = "") -> Response:
    """The button was pressed."""
    require_own_form(request)
    with acting(request) as act:
        clusters.want_calls(act, token, wanted=wanted == "ja")
    return RedirectResponse(f"/calls/{token}", 303)
