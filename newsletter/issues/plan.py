"""An issue as an editor plans it, in one document (pure)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """An issue as an editor wrote it down: its texts, and its items section by section."""

    subject: str
    preheader: str
    opening: str  # Markdown
    order: tuple[tuple[str, tuple[str, ...]], ...]
    note: str | None = None  # of a correction: what was wrong and what is right
