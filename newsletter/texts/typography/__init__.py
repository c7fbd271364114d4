"""German and English typography of what is shown, never of what is stored (pure).

``typeset``      a text with its right quotation marks, dashes, dots and no-break spaces
``in_markup``    the same for HTML or MJML, text by text; long words get soft hyphens there
``hyphenated``   soft hyphens alone
``plainly``      no-break spaces made plain again and soft hyphens gone: the text part
``letters``      the letters and digits of a text, which no step here ever changes

What was decided, and why:

- A no-break space is U+00A0. The narrow one, U+202F, is finer, but Word's engine and older
  Androids draw a box for it.
- Addresses, mail addresses, file names and ``code`` are left alone, and so is whatever could be
  meant: inches and feet, minus signs, file numbers, „4x Gold“.
- A quotation mark is set when it is certain what it is; a lone one stays as it was typed.
- A language that is neither German nor English has its own rules: its texts stay as they are.

Every step is idempotent.
"""

from .hyphens import hyphenated
from .markup import in_markup
from .typeset import letters, plainly, typeset

__all__ = ["hyphenated", "in_markup", "letters", "plainly", "typeset"]
