"""What in a name looks like something else. Nothing is refused here: whoever reads the name is told.

Controls of direction and invisible characters never get this far (`plain`). What remains, after Unicode's UTS 39:

* `mixed`: one word with letters of scripts that nobody writes together (section 5.2, "highly restrictive": Latin may stand
  beside Han with Hiragana and Katakana, with Bopomofo, or with Hangul).
* `alike`: a text in Cyrillic or Greek of which every letter looks like a Latin one (section 4, whole-script confusables). One
  letter that does not is enough to see what script it is.
* `dressed`: letters in forms that are made for mathematics or for columns of signs, and look like plain ones.
* `digits`: numerals of two systems in one text (section 5.3).
* `joined`: an invisible joiner in a word whose script has no use for it.

A letter's script is read from its name in the Unicode data of the Python that runs: CYRILLIC SMALL LETTER A is Cyrillic.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

_TOGETHER: Final = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
_UNLETTERED: Final = frozenset(
    ["CJK", "HANGUL", "HIRAGANA", "KATAKANA", "BOPOMOFO", "THAI", "ETHIOPIC", "CANADIAN", "YI", "MATHEMATICAL"]
)
"""Scripts whose signs are not all called letters."""

_SHARED: Final = frozenset({"MODIFIER"})
"""Letters that several scripts share, such as the apostrophe of Ukrainian names."""

_DRESSED: Final = ("<font>", "<wide>", "<circle>", "<square>")
"""Forms of letters for mathematics and other ends (Unicode's decomposition types)."""

_JOINERS: Final = frozenset("\u200c\u200d")
_JOINED: Final = frozenset(
    [
        "ARABIC",
        "SYRIAC",
        "MONGOLIAN",
        "NKO",
        "MANDAIC",
        "DEVANAGARI",
        "BENGALI",
        "GURMUKHI",
        "GUJARATI",
        "ORIYA",
        "TAMIL",
        "TELUGU",
        "KANNADA",
        "MALAYALAM",
        "SINHALA",
    ]
)
"""Scripts that are written with joiners: RFC 5892, appendix A.1 and A.2, and the scripts of its joining types."""

_LIKE_LATIN: Final = {
    "CYRILLIC": frozenset("асԁеһіјӏорԛѕԝхуАВСЕНІЈКМОРЅТХУҮԌԚԜ"),
    "GREEK": frozenset("αινορυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"),  # noqa: RUF001 - they are here because they look alike
}
"""Letters that are drawn like Latin ones (Unicode's confusables.txt); accents on them change nothing."""


@dataclass(frozen=True)
class Doubt:
    """Why a text may not be what it looks like, in which word, and of which scripts its letters are."""

    why: str
    word: str
    scripts: tuple[str, ...]


@lru_cache(maxsize=4096)
def doubts(text: str) -> tuple[Doubt, ...]:
    """Every reason to look twice at a name; none for almost every name."""
    return tuple(_doubts(unicodedata.normalize("NFC", text)))


def _doubts(text: str) -> Iterator[Doubt]:
    for word in _words(text):
        scripts = tuple(sorted({script for one in word if (script := _script(one))}))
        if len(scripts) > 1 and not any(together.issuperset(scripts) for together in _TOGETHER):
            yield Doubt("mixed", word, scripts)
        if any(unicodedata.decomposition(one).startswith(_DRESSED) for one in word):
            yield Doubt("dressed", word, scripts)
        if _JOINERS & set(word) and not _JOINED & set(scripts):
            yield Doubt("joined", word, scripts)
    for script, letters in _LIKE_LATIN.items():
        written = [one for one in unicodedata.normalize("NFD", text) if _script(one) == script]
        if written and letters.issuperset(written):
            yield Doubt("alike", text, (script,))
    if len({ord(one) - unicodedata.decimal(one) for one in text if one.isdecimal()}) > 1:
        yield Doubt("digits", text, ())


def _words(text: str) -> Iterator[str]:
    """Runs of letters, with the marks and joiners on them."""
    for inside, run in groupby(text, key=lambda one: one in _JOINERS or unicodedata.category(one)[0] in "LM"):
        if inside:
            yield "".join(run)


def _script(character: str) -> str:
    """The script of a letter; empty for a mark, and for a sign that all scripts have."""
    if unicodedata.category(character)[0] != "L":
        return ""
    name = unicodedata.name(character, "")
    first = name.partition(" ")[0]
    if first in _SHARED:
        return ""
    return first if " LETTER " in name or first in _UNLETTERED else ""
