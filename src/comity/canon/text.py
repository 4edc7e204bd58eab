"""Text that people read: one normal form, and none of the characters that deceive the eye or break a store."""

import unicodedata
from typing import Final

from comity.errors import N_, ComityError

_JOINERS: Final = frozenset("\u200c\u200d")
"""Invisible, and needed to write Persian and the languages of India."""

_BLANKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks by category that show nothing."""

_REFUSED: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories: control, format (bidirectional ones too), unassigned, private, surrogate, separators of lines."""

CODE_POINTS_PER_CHARACTER_MAX: Final = 4
"""What one character of the normal form is typed as at most. Normalising long runs of marks takes quadratic time."""


class TextNotAllowed(ComityError):
    """A text holds what no field takes."""

    code = "canon.text_not_allowed"
    sentence = N_("{field}: {why}")
    hint = N_("Type the text again without hidden or control characters.")


_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, and their full-width forms, which some take for it, too."""


def harmless(value: object) -> str:
    """A cell of a table file that no spreadsheet takes for a formula: one that would begin as one gets a quote before it."""
    text = str(value)
    return f"'{text}" if text[:1] in {"\t", "\r", "\n"} or text.lstrip().startswith(_FORMULA) else text


def folded(text: str) -> str:
    """The text for searching: without case, accents and compatibility forms (NFKD, marks left out, casefold)."""
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(character for character in spread if not unicodedata.combining(character))


def plain(text: object, *, field: str, limit: int, lines: bool = False) -> str:
    """The text in NFC, stripped, at most `limit` characters; `lines` allows line feeds.

    Raises `TextNotAllowed` for an empty text, NUL and other control characters, bidirectional controls (they can
    make one text look like another), invisible characters, unassigned ones and unpaired surrogates.
    """
    if not isinstance(text, str):
        raise TextNotAllowed(field=field, why=f"text was expected, found {type(text).__name__}")
    if len(text) > CODE_POINTS_PER_CHARACTER_MAX * limit:
        raise TextNotAllowed(field=field, why=f"{len(text)} characters where at most {limit} fit")
    normal = unicodedata.normalize("NFC", text).strip()
    if not normal:
        raise TextNotAllowed(field=field, why="it is empty")
    if len(normal) > limit:
        raise TextNotAllowed(field=field, why=f"{len(normal)} characters where at most {limit} fit")
    for position, character in enumerate(normal):
        if character in _JOINERS or (character == "\n" and lines):
            continue
        if character in _BLANKS or unicodedata.category(character) in _REFUSED:
            raise TextNotAllowed(
                field=field, why=f"character U+{ord(character):04X} at position {position} is not taken"
            )
    return normal
