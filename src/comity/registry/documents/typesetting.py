"""Laying out a paper: PDF/A-3a and PDF/UA-1 with the record embedded, the same bytes for the same record.

* The layout is a file of ours; paper and record go in as data (`sys.inputs`), never as markup.
* No file, no package and no network: the compiler sees the layout's folder, and fonts that came with the software.
* A character that no font of ours has is shown by its number; the embedded text holds it as it was written.
"""

import gettext
import hashlib
import json
import re
import unicodedata
from datetime import datetime
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Final

from comity.canon import JsonObject
from comity.errors import N_, ComityError, Translate

if TYPE_CHECKING:
    from typst import Fonts

_FONTS: Final = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
_SOURCES: Final = ("layout/paper.typ", "paper.py", "words.py", "typesetting.py")
_LONG_WORD: Final = re.compile(r"\S{33,}")
_WORD_CHARACTERS: Final = 32
_BREAK: Final = "\u200b"
_NO_PACKAGES: Final = str(Path(gettempdir()) / "comity-no-packages")


class CannotBeLaidOut(ComityError):
    """The layout could not make a conforming file."""

    code = "documents.cannot_be_laid_out"
    sentence = N_("the document cannot be laid out as PDF/A: {why}")
    hint = N_("Tell the maintainers of the software; the record itself can be exported in a bundle.")


def typeset(paper: JsonObject, *, record: bytes, at: datetime) -> bytes:
    """The unsigned PDF of a paper, with `record` embedded as its data and dated `at`; raises `CannotBeLaidOut`."""
    import typst

    compiler = typst.Compiler(
        input=_source(),
        root=str(_layout()),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        package_path=_NO_PACKAGES,
        package_cache_path=_NO_PACKAGES,
    )
    inputs = {"paper": json.dumps(_showable(paper), ensure_ascii=False), "record": record.decode("utf-8")}
    try:
        made = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-3a", "ua-1"], timestamp=at)
    except typst.TypstError as broken:
        raise CannotBeLaidOut(why=broken.message[:300]) from broken
    assert isinstance(made, bytes), "one document is one file"
    return made


def layout(language: str) -> str:
    """The name of this software's layout in a language: with the same name, the same record gives the same bytes."""
    digest = hashlib.sha256()
    folder = resources.files("comity.registry.documents")
    for name in _SOURCES:
        digest.update(folder.joinpath(name).read_bytes())
    for name in ("typst", *(one.replace("_", "-") for one in _FONTS)):
        digest.update(f"{name} {metadata.version(name)}\n".encode())
    catalogue = _catalogue(language)
    digest.update(catalogue.read_bytes() if catalogue.exists() else b"")
    return digest.hexdigest()


def translator(language: str) -> Translate:
    """Turns our sentences into a language; into English where there is no translation."""
    catalogue = _catalogue(language)
    if not catalogue.exists():
        return N_
    with catalogue.open("rb") as file:
        return gettext.GNUTranslations(file).gettext


def _catalogue(language: str) -> Path:
    locale = language.replace("-", "_")
    return Path(str(resources.files("comity"))) / "locale" / locale / "LC_MESSAGES" / "django.mo"


@cache
def _source() -> bytes:
    return (_layout() / "paper.typ").read_bytes()


def _layout() -> Path:
    """The root that the compiler sees: the layout's own folder, with nothing else in it."""
    return Path(str(resources.files("comity.registry.documents"))) / "layout"


def _font_files() -> list[Path]:
    return sorted(file for package in _FONTS for file in (Path(str(resources.files(package))) / "files").glob("*.ttf"))


@cache
def _fonts() -> "Fonts":
    import typst

    folders = sorted({str(file.parent) for file in _font_files()})
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@cache
def _covered() -> frozenset[int]:
    """The characters that our upright fonts have."""
    from fontTools.ttLib import TTFont

    found: set[int] = set()
    for file in _font_files():
        if "Italic" not in file.name:
            with TTFont(file, lazy=True) as font:
                found |= set(font.getBestCmap())
    return frozenset(found)


def _showable(value: object) -> object:
    """The paper with texts that can be set: long words may break, what no font has is shown by its number."""
    if isinstance(value, str):
        shown = "".join(one if _is_showable(one) else f"[U+{ord(one):04X}]" for one in value)
        return _LONG_WORD.sub(_breakable, shown)
    if isinstance(value, list):
        return [_showable(one) for one in value]
    if isinstance(value, dict):
        return {name: _showable(one) for name, one in value.items()}
    return value


def _is_showable(one: str) -> bool:
    return one == "\n" or (ord(one) in _covered() and unicodedata.category(one)[0] != "C")


def _breakable(word: re.Match[str]) -> str:
    text = word.group()
    pieces = (text[place : place + _WORD_CHARACTERS] for place in range(0, len(text), _WORD_CHARACTERS))
    return _BREAK.join(pieces)
