"""Pictures, each at its own unguessable address."""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from newsletter import logos, pictures, queue
from newsletter.errors import NotFound
from newsletter.language import N_

from .pages import looking, settings_of


class Removed(NotFound):
    sentence = N_("Dieses Bild wurde entfernt.")
    http_status = 410


router = APIRouter(include_in_schema=False)

_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Disposition": "inline",
    "Cross-Origin-Resource-Policy": "cross-origin",  # webmail shows it in its own page
}


@router.get("/media/{key}/{name}")
def picture(request: Request, key: str, name: str) -> Response:
    """A picture's bytes, with the type we encoded it in. 410: its item was taken down."""
    path = pictures.file_of(settings_of(request), key, name)
    if path is None:
        with looking(request) as session:
            raise Removed if queue.picture_taken_down(session, key) else HTTPException(404)
    return FileResponse(path, media_type=pictures.MEDIA_TYPES[path.suffix[1:]], headers=_HEADERS)


@router.get("/logos/{digest}/{name}")
def logo(request: Request, digest: str, name: str) -> Response:
    """A logo as an issue shows it; 404 once its file holds other bytes."""
    path = logos.file_of(settings_of(request), digest, name)
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, media_type="image/png", headers=_HEADERS)
