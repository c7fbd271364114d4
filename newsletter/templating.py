"""Where templates lie, and the one way to open them: escaped, strict, overlaid by the home.

A home's own ``templates/`` comes first, ours second, so an upgrade replaces nothing that
somebody changed. Autoescape is on for everything but ``.txt``: Jinja2's own
``select_autoescape`` leaves ``.mjml`` and ``.j2`` unescaped (STANDARDS TR-12).
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .language import _, n_, spoken

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The folder ``name`` ("templates", "examples") as shipped: in the checkout or installed."""
    installed = _PACKAGE.parent / f"newsletter_{name}"
    return installed if installed.is_dir() else _PACKAGE.parent / name


def folders(home: Path | None) -> tuple[Path, ...]:
    """Where templates are looked for, in this order; a home without its own has one place."""
    ours = shipped("templates")
    own = home / "templates" if home else None
    return (own, ours) if own and own.is_dir() else (ours,)


@lru_cache(maxsize=8)
def environment(where: Sequence[Path]) -> Environment:
    """One strict, escaping environment per tuple of folders; it speaks the language of the moment.

    ``{{ _("…") }}`` and ``{% trans %}`` take their facts as ``%(name)s``; ``spoken()`` is the
    language for ``lang=""``.
    """
    pages = Environment(
        loader=FileSystemLoader([str(folder) for folder in where]),
        autoescape=lambda name: name is None or not name.endswith(".txt"),  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        extensions=["jinja2.ext.i18n"],
    )
    pages.policies["ext.i18n.trimmed"] = True
    pages.install_gettext_callables(_, n_, newstyle=True)  # type: ignore[attr-defined]
    pages.globals["spoken"] = spoken
    return pages
