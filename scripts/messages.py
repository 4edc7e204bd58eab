"""Gather every sentence for people from code and templates, and bring the catalogues up to date.

    python scripts/messages.py          update src/comity/locale/*/LC_MESSAGES/django.po
    python scripts/messages.py --check  say what is missing; exit code 1 if anything is

Sentences stand in templates (`translate`, `blocktranslate`), in code (`gettext` and its kin) and in refusals (`N_`).
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT: Final = Path(__file__).parents[1]
HOUSE: Final = ROOT / "src" / "comity"
LANGUAGES: Final = ("de", "es", "fr", "nl", "pt")
KEYWORDS: Final = {
    "N_": None,
    "_": None,
    "_now": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PSEUDO: Final = "qps"
OPEN: Final = "⟦"
CLOSE: Final = "⟧"
_STRETCHED: Final = str.maketrans("aeiouAEIOUcnsyz", "åéîöüÅÉÎÖÜçñšýž")


def _sources() -> Iterator[tuple[Path, bytes]]:
    for path in sorted(HOUSE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, path.read_bytes()
    for path in sorted((HOUSE / "web").rglob("*.html")):
        blotted = templatize(path.read_text(encoding="utf-8"), origin=path.name)
        yield path, "\n".join(line.lstrip() for line in blotted.splitlines()).encode()  # not indented as code is


def catalogue() -> Catalog:
    """Every sentence, with the files in which it stands."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup(set_prefix=False)
    found = Catalog(project="Comity", charset="utf-8", fuzzy=False)
    for path, source in _sources():
        name = path.relative_to(ROOT).as_posix()
        for _line, message, _comments, context in extract("python", io.BytesIO(source), keywords=KEYWORDS):
            found.add(message, locations=[(name, None)], context=context)
    return found


def path_of(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return HOUSE / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """A language's catalogue; an empty one where there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def write(language: str, catalog: Catalog) -> None:
    """Write a catalogue in one order, without line numbers, dates or names of people."""
    head = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Plural-Forms: {catalog.plural_forms}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    )
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        out.write(head.encode())
        write_po(out, catalog, width=120, sort_output=True, omit_header=True, no_location=True)


def missing(language: str, template: Catalog) -> list[str]:
    """The sentences that a language has no words for yet."""
    held = read(language)
    found = []
    for message in template:
        if not message.id:
            continue
        known = held.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        words = known.string if known else ""
        parts = words if isinstance(words, tuple) else (words,)
        if known is None or known.fuzzy or not all(parts):
            found.append(str(message.id))
    return found


def pseudo(template: Catalog) -> Catalog:
    """A catalogue in a language that nobody speaks: every sentence is marked, and keeps its places to fill."""
    made = Catalog(charset="utf-8", fuzzy=False)
    for message in template:
        if message.id:
            words = tuple(map(_marked, message.id)) if isinstance(message.id, tuple) else _marked(message.id)
            made.add(message.id, string=words, context=message.context)
    return made


def _marked(sentence: str) -> str:
    """The sentence with accents, in marks; what stands in braces or after a percent sign is left as it is."""
    out, kept = [], ""
    for character in sentence:
        if kept or character in "{%":
            kept += character
            ends = character in "}s d" and kept[0] == "%" and (")" in kept or len(kept) == 2)  # noqa: PLR2004 - %s
            if character == "}" or ends:
                out.append(kept)
                kept = ""
        else:
            out.append(character.translate(_STRETCHED))
    return f"{OPEN}{''.join(out)}{kept}{CLOSE}"


def main() -> int:
    """Update the catalogues, or say what they lack."""
    template = catalogue()
    if "--check" in sys.argv:
        lacks = {language: missing(language, template) for language in LANGUAGES}
        for language, sentences in lacks.items():
            print(f"{language}: {len(sentences)} of {len(template)} missing")
            for sentence in sentences:
                print(f"    {sentence}")
        return int(any(lacks.values()))
    for language in LANGUAGES:
        held = read(language)
        held.update(template, no_fuzzy_matching=True)
        held.obsolete.clear()
        write(language, held)
    print(f"{len(template)} sentences in {len(LANGUAGES)} languages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
