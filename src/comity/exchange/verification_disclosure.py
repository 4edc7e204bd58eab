"""Verifying a disclosure to the defence: who disclosed, that everything listed existed, and that what was handed out is what is listed."""

from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, parse_object, stamp
from comity.evidence.bundle import Manifest
from comity.evidence.custody import Chain, read_chain
from comity.evidence.disclosure import TEXTS, Disclosure, Kind, Listed, State, read_disclosure
from comity.evidence.member import (
    DISCLOSURE,
    JSON_BYTES_MAX,
    MANIFEST_BYTES_MAX,
    authorisation_member,
    existence_member,
    letter_member,
    node_member,
    redacted_member,
)
from comity.evidence.redaction import read_redacted
from comity.exchange.verification_held import Contradiction, Held
from comity.ledger import Inclusion, verify_inclusion

Details = tuple[str, ...]


def listed(held: Held) -> Details:
    """The list can be read; what it says of itself is believed only further on."""
    held.member = DISCLOSURE
    held.statement = Statement.from_bytes(
        held.bundle.read(DISCLOSURE, limit=MANIFEST_BYTES_MAX), limit=MANIFEST_BYTES_MAX
    )
    told = Disclosure.from_body(held.statement.body)
    held.disclosure, held.kind, held.node = told, told.node_kind, told.node
    held.manifest = Manifest(kind=told.node_kind, node=told.node, made_at=told.at, by=told.by, items=(), members={})
    counts = {state: sum(one.outcome is state for one in told.things) for state in State}
    return (
        f"{len(told.things)} things are listed: "
        + ", ".join(f"{count} {state.value}" for state, count in counts.items()),
        f"to {told.to.get('official')} for {told.for_}, {stamp(told.at)}",
        *((f"it follows disclosure {told.previous}",) if told.previous else ("it is the first one to this counsel",)),
    )


def issuer(held: Held) -> Details:
    """The list is signed by an official who may disclose, and by the node; counsel is in the node's directory."""
    held.member = DISCLOSURE
    told = read_disclosure(held.statement, known=held.officials).record
    held.people += [told.by, told.to]
    held.use(DISCLOSURE)
    held.use(node_member(told.node))
    entry, _ = held.officials.who(told.by, what="disclosure")
    return (f"signed by {entry.name} ({entry.office}) and node {entry.node}",)


def existence(held: Held) -> Details:
    """Every line stands in the log under the checkpoint that the list names: what is withheld, too."""
    told, card = held.disclosure, held.card(held.disclosure.node)
    note = told.checkpoint.encode()
    _, head = card.opened(note, at=told.at)
    places = set()
    for line in told.things:
        name = existence_member(line.number)
        place = Inclusion.from_record(
            {**parse_object(held.read(name), limit=JSON_BYTES_MAX), "checkpoint": told.checkpoint}
        )
        if place.index != line.index or line.index in places:
            raise Contradiction(why=f"line {line.number} names entry {line.index}, and the proof is of {place.index}")
        places.add(line.index)
        leaf = bytes.fromhex(line.leaf)
        verify_inclusion(leaf, index=line.index, size=head.size, proof=place.proof, root=head.root)
        held.use(name)
    return (f"each line is proven in {head.origin} at size {head.size}, root {head.root.hex()}",)


def texts(held: Held) -> Details:
    """A letter or decision that is disclosed is the one that is listed, with every signature; one in part adds up."""
    said = []
    for line in _of(held, TEXTS):
        assert line.opened is not None, "what is disclosed is opened"
        if line.outcome is State.REDACTED:
            said.append(_in_part(held, line))
            continue
        name = (letter_member if line.kind is Kind.LETTER else authorisation_member)(line.opened.digest)
        statement = held.read_statement(name)
        if statement.digest != line.opened.digest or statement.body.get("reference") != line.opened.reference:
            raise Contradiction(why=f"it is not what line {line.number} lists")
        keys = {one.credential.id: one.credential for one in held.officials.entries.values()}
        keys |= {home.key.id: home.key for home in held.officials.homes.values()}
        verify_all(statement, type=statement.type, keys=[keys[one.key] for one in statement.signatures])
        held.people += _people(statement.body)
        held.use(name)
        said.append(f"line {line.number}: {line.kind.value}, whole, digest {line.opened.digest}")
    return tuple(said) or ("no letter and no decision is disclosed",)


def _in_part(held: Held, line: Listed) -> str:
    assert line.opened is not None, "a text that is disclosed in part is opened"
    name = redacted_member(line.number)
    fields = read_redacted(parse_object(held.read(name), limit=JSON_BYTES_MAX), root=line.redaction)
    told = {one.pointer: one.value for one in fields if one.is_open}
    if told.get("/reference", line.opened.reference) != line.opened.reference:
        raise Contradiction(why=f"it is not what line {line.number} lists")
    held.use(name)
    closed = [one.pointer for one in fields if not one.is_open]
    return (
        f"line {line.number}: {line.kind.value}, {len(fields) - len(closed)} of {len(fields)} fields; closed: "
        f"{', '.join(closed)[:400]}; that these are all fields of the original {line.opened.digest} a court compares"
    )


def _people(body: JsonObject) -> list[JsonObject]:
    return [
        body[name] for name in ("drafted_by", "by", "evidence_to") if isinstance(body.get(name), dict) and body[name]
    ]


def custody(held: Held) -> Details:
    """Of every item and exhibit that is disclosed the whole custody proves, from its acquisition on."""
    said = []
    for line in _of(held, frozenset({Kind.ITEM, Kind.EXHIBIT})):
        assert line.opened is not None, "what is disclosed is opened"
        names = held.under(f"custody/{line.opened.reference}/")
        statements = [held.read_statement(name) for name in names]
        held.member = f"custody/{line.opened.reference}"
        chain = read_chain(statements, known=held.officials)
        if (chain.thing.id, statements[0].digest) != (line.opened.reference, line.opened.digest):
            raise Contradiction(why=f"it is not what line {line.number} lists")
        chain.hold_origin()
        for record, name in zip(chain.records, names, strict=True):
            held.people += [record.by, *([record.facts["receiver"]] if "receiver" in record.facts else [])]
            held.use(name)
        said.append(f"line {line.number}: {_said(chain)}")
    return tuple(said) or ("no item and no exhibit is disclosed",)


def _said(chain: Chain) -> str:
    if chain.kind.value == Kind.EXHIBIT.value:
        return f"exhibit {chain.exhibit.number}, {len(chain.records)} records of custody"
    return f"item {chain.item.name}, SHA-256 {chain.item.sha256}, {len(chain.records)} records of custody"


def withheld(held: Held) -> Details:
    """What is withheld, on which ground and why: it is in the list, and it is nowhere else."""
    said = [
        f"line {one.number}: {one.kind.value} {one.outcome.value}: {one.ground}"
        f"{f' ({one.law}, {one.article})' if one.law else ''}; {one.reason}"
        for one in held.disclosure.things
        if one.outcome is not State.DISCLOSED
    ]
    return tuple(said) or ("nothing is withheld",)


def _of(held: Held, kinds: frozenset[Kind]) -> list[Listed]:
    return [one for one in held.disclosure.things if one.kind in kinds and one.outcome is not State.WITHHELD]
