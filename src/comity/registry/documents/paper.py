"""What stands on the paper: the signed texts of a record, every field with a label, in one language.

* Pure: a record and a language give one paper. Everything comes from the signed texts; the paper adds headings, who signed,
  and how to check it.
* Values are data to the very end: the layout never reads them as markup.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.authorities.directory import ENTRY
from comity.authorities.keys import PublicKey
from comity.authorities.statement import Statement
from comity.canon import Json, JsonObject, NotAMoment, moment
from comity.errors import N_, Translate
from comity.exchange.document import Document, DocumentKind, DocumentTooLarge
from comity.letters.letter import LETTER, short_form
from comity.registry.documents import words

ROWS_MAX: Final = 6000
CHARACTERS_MAX: Final = 600_000
"""What a paper holds at most: some 200 pages, laid out within a second."""

_INDENTS_MAX: Final = 4
_MOMENTS: Final = ("written_at", "decided_at", "received_at", "at")
_TYPES: Final[Mapping[str, str]] = {
    LETTER: N_("The letter"),
    "comity/authorisation/v1": N_("Decision"),
    "comity/letter-event/v1": N_("Step"),
    "comity/lapse/v1": N_("The decision ended before its time"),
    "comity/custody/v1": N_("Custody record"),
    "comity/receipt/v1": N_("Receipt"),
}

Row = tuple[int, str, str]
"""How far it is indented, its label, its value; a row that only leads to those below it has no value."""


def moment_of(document: Document) -> datetime:
    """The second of the newest text in the record: the date of the paper."""
    return max(_when(one.body) for one in document.statements).replace(microsecond=0)


def _when(body: JsonObject) -> datetime:
    return moment(next(body[name] for name in _MOMENTS if name in body))


def compose(document: Document, *, translate: Translate) -> JsonObject:
    """The paper of a record, as the layout reads it; raises `DocumentTooLarge`."""
    people = _People.of(document)
    title = _title(document, translate)
    parts = [_part(one, people, translate) for one in document.statements]
    _hold_size(parts)
    card = people.cards[document.node]
    return {
        "language": document.language,
        "title": title,
        "author": str(card["name"]),
        "from": f"{card['name']} ({card['state']})",
        "banner": translate(words.BANNERS[document.kind]) if document.kind in words.BANNERS else "",
        "intro": [[label, value] for label, value in _intro(document, people, translate)],
        "parts": parts,
        "columns": [translate(N_("Field")), translate(N_("What the signed text says"))],
        "page": translate(N_("Page")),
        "check": _check(document, people, translate),
        "footer": title,
    }


@dataclass(frozen=True)
class _People:
    """Whose key is which: names for signatures, from the entries and cards of the record."""

    names: Mapping[str, str]
    cards: Mapping[str, JsonObject]

    @classmethod
    def of(cls, document: Document) -> "_People":
        names = {}
        for entry in (one.body for one in document.officials if one.type == ENTRY):
            key = PublicKey.from_record(entry["credential"]).id
            names[key] = f"{entry['name']} ({entry['office']}, {entry['authority']})"
        cards = {str(one.body["node"]): one.body for one in document.cards}
        for card in cards.values():
            names[PublicKey.from_record(card["signing_key"]).id] = f"{card['name']} ({card['node']})"
        return cls(names=names, cards=cards)

    def signers(self, statement: Statement) -> list[str]:
        return [self.names.get(one.key, one.key) for one in statement.signatures]


def _title(document: Document, translate: Translate) -> str:
    said = translate(words.TITLES[document.document])
    first = document.statements[0].body
    if document.document is DocumentKind.LETTER:
        return f"{said} {short_form(str(first['reference']))}"
    return f"{said} {document.subject[:8]}"


def _intro(document: Document, people: _People, translate: Translate) -> Iterator[tuple[str, str]]:
    """What a reader wants first; the whole of each text follows."""
    letter = next((one.body for one in document.statements if one.type == LETTER), None)
    if letter is not None:
        addressee = next(one for one in letter["deliveries"] if one["role"] == "addressee")
        yield translate(N_("From")), f"{letter['from']['authority']} ({letter['from']['state']})"
        yield translate(N_("To")), f"{addressee['authority']} ({letter['to_state']})"
        yield translate(N_("Subject")), str(letter["subject"])
        yield translate(N_("Reference")), f"{short_form(str(letter['reference']))} ({letter['reference']})"
        if document.verdict:
            yield translate(N_("Route of the law")), _route(document.verdict, letter["verdict"]["route"])
        marks = [translate(words.LABELS[name]) for name in ("urgent", "confidential") if letter[name]]
        if marks := [*marks, *_codes(letter.get("handling", {}))]:
            yield translate(N_("Handling")), ", ".join(marks)
    else:
        card = people.cards[document.node]
        yield translate(N_("From")), f"{card['name']} ({card['state']})"
        yield translate(N_("About")), document.subject
    yield translate(N_("Newest text")), _value("at", _iso(moment_of(document)), translate)
    for one in document.statements:
        yield f"{_heading(one, translate)}", "; ".join(people.signers(one))


def _codes(handling: JsonObject) -> list[str]:
    """The handling codes of a letter, as people write them."""
    light = [f"TLP:{str(handling['tlp']).upper()}"] if handling.get("tlp") else []
    return [*light, *handling.get("codes", []), *([handling["remark"]] if handling.get("remark") else [])]


def _route(verdict: JsonObject, route: str) -> str:
    """The instrument and the articles on which a letter goes, as the answer of the law names them."""
    found = next(one for one in verdict["routes"] if one["id"] == route)
    return f"{found['title']}, Art. {', '.join(found['articles'])} ({route})"


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _heading(statement: Statement, translate: Translate) -> str:
    body = statement.body
    said = translate(_TYPES.get(statement.type, statement.type))
    for name in ("step", "event", "kind"):
        if name in body:
            code = str(body[name])
            said = translate(words.WORDS[name].get(code, code.replace("_", " ")))
    number = f"{body['seq'] + 1}. " if isinstance(body.get("seq"), int) else ""
    return f"{number}{said}"


def _part(statement: Statement, people: _People, translate: Translate) -> JsonObject:
    """One signed text, whole."""
    return {
        "heading": _heading(statement, translate),
        "signed": [translate(N_("Signed by")), "; ".join(people.signers(statement))],
        "digest": [translate(N_("Digest")), statement.digest],
        "rows": [list(row) for row in _rows(statement.body, 0, translate)],
    }


def _rows(record: JsonObject, depth: int, translate: Translate) -> Iterator[Row]:
    places = {name: place for place, name in enumerate(words.FIRST)}
    for name, value in sorted(record.items(), key=lambda one: (places.get(one[0], len(places)), one[0])):
        label = translate(words.LABELS[name]) if name in words.LABELS else name.replace("_", " ")
        yield from _row(name, label, value, depth, translate)


def _row(name: str, label: str, value: Json, depth: int, translate: Translate) -> Iterator[Row]:
    indent = min(depth, _INDENTS_MAX)
    if isinstance(value, dict) and value:
        yield indent, label, ""
        yield from _rows(value, depth + 1, translate)
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        yield indent, label, ""
        for place, one in enumerate(value, start=1):
            yield from _row(name, str(place), one, depth + 1, translate)
    else:
        yield indent, label, _value(name, value, translate)


def _value(name: str, value: Json, translate: Translate) -> str:
    if value is None or value in ("", [], {}):
        return translate(N_("none"))
    if isinstance(value, bool):
        return translate(N_("yes")) if value else translate(N_("no"))
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    text = str(value)
    known = words.WORDS.get(name, {})
    return f"{translate(known[text])} ({text})" if text in known else _moment(text)


def _moment(text: str) -> str:
    """A moment as people read it; everything else as it stands."""
    try:
        at = moment(text)
    except NotAMoment:
        return text
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _check(document: Document, people: _People, translate: Translate) -> JsonObject:
    """How a reader checks the paper without any node."""
    lines = [
        translate(
            N_(
                "This paper was printed from signed texts. They are embedded in this file, as comity.json: "
                "keep the file, a print alone proves nothing."
            )
        ),
        translate(N_("Without any node or account, on your own machine: comity verify FILE --card CARD")),
        translate(
            N_(
                "The card is the public file of the authority's node. Before you rely on it, call the authority on a "
                "number that you found yourself, and compare the whole fingerprint with the one below."
            )
        ),
        translate(
            N_(
                "Any PDF reader tells whether the file was changed after it was signed. It does not know the certificate: "
                "the node vouches for it, in the embedded file."
            )
        ),
    ]
    return {
        "heading": translate(N_("How to check this paper")),
        "lines": lines,
        "fingerprints": [
            [f"{card['name']} ({node})", PublicKey.from_record(card["signing_key"]).fingerprint]
            for node, card in people.cards.items()
        ],
        "columns": [translate(N_("Node")), translate(N_("Fingerprint"))],
        "attached": document.document.value,
    }


def _hold_size(parts: Iterable[JsonObject]) -> None:
    rows = [row for part in parts for row in part["rows"]]
    if len(rows) > ROWS_MAX:
        raise DocumentTooLarge(found=len(rows), unit="fields", limit=ROWS_MAX)
    characters = sum(len(label) + len(value) for _, label, value in rows)
    if characters > CHARACTERS_MAX:
        raise DocumentTooLarge(found=characters, unit="characters", limit=CHARACTERS_MAX)
