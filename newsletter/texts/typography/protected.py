"""What is never set, since a program or a person copies it: addresses, file names, code."""

import re

# Slot markers and all that is no text; code; addresses; mail addresses; host and file names.
PROTECTED = re.compile(
    r"\ue000[^\ue000\ue001]*\ue001|[\ue000-\ue002\ue004-\uf8ff]"
    r"|`[^`\n\ue003]+`"
    r"|\b(?:https?|ftp|mailto|tel):[^\s<>\"„“”‚‘’»«\ue003]+"
    r"|\bwww\.[^\s<>\"„“”‚‘’»«\ue003]+"
    r"|[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|(?<![\w./-])[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.[a-z]{2,12}"
    r"(?:/[^\s<>\"„“”‚‘’»«\ue003]*[\w/])?(?![\w])",
)
