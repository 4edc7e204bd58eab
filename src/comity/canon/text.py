"""Text that people read: one normal form, and none of the characters that deceive the eye or break a store."""

import unicodedata
from typing import Final

from comity.errors import N_, ComityError

_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE: Final = frozenset("\u200b\u2060\ufeff\u00ad")


class TextNotAllowed(ComityError):
    """A text holds what no field takes."""

    code = "canon.text_not_allowed"
    sentence = N_("{field}: {why}")
    hint = N_("Type the text again without hidden or control characters.")


def plain(text: object, *, field: str, limit: int, lines: bool = False) -> str:
    """The text in NFC, stripped, at most `limit` characters; `lines` allows line feeds.

    Raises `TextNotAllowed` for an empty text, NUL and other control characters, bidirectional controls (they can
    make one text look like another), invisible characters and unpaired surrogates.
    """
    if not isinstance(text, str):
        raise TextNotAllowed(field=field, why=f"text was expected, found {type(text).__name__}")
    normal = unicodedata.normalize("NFC", text).strip()
    if not normal:
        raise TextNotAllowed(field=field, why="it is empty")
    if len(normal) > limit:
        raise TextNotAllowed(field=field, why=f"{len(normal)} characters where at most {limit} fit")
    for position, character in enumerate(normal):
        if character == "\n" and lines:
            continue
        if character in _BIDI or character in _INVISIBLE or unicodedata.category(character) in {"Cc", "Cs", "Co"}:
            raise TextNotAllowed(
                field=field, why=f"character U+{ord(character):04X} at position {position} is not taken"
            )
    return normal
