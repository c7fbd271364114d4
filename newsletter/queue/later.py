"""What is held over, and what brings it back."""

from newsletter.language import N_

TAKEN_UP = N_("war zurückgestellt")  # why ``issues.fill`` accepts it again: no decision of its own
