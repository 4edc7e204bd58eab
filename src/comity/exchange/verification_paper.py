"""Verifying a signed PDF, the texts in it: a letter with its decisions and steps, a decision, a custody, a receipt.

The same functions read them as on a node and in a bundle. What only a log can show (when a letter was sent, that nothing
came after) is not claimed here.
"""

from collections.abc import Mapping
from typing import Final

from comity.authorisations.authorisation import AUTHORISATION, Authorisation, AuthorisationKind
from comity.authorisations.covering import AS_GIVEN, Standing
from comity.authorisations.lapse import LAPSE, read_lapse
from comity.authorities.officials import Name, Officials, Proven
from comity.authorities.roles import Role
from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, canonical, sha256_hex, stamp
from comity.evidence.custody import read_chain
from comity.evidence.events import MOVES
from comity.evidence.exhibit import Exhibit
from comity.evidence.item import Item
from comity.exchange.card import NodeCard
from comity.exchange.document import Document, DocumentKind
from comity.exchange.receipt import RECEIPT, Receipt
from comity.exchange.verification_held import Contradiction
from comity.law import Edition, replay
from comity.ledger import Entry
from comity.letters.dossier import authorised_to_send, read_authorisation, read_event, read_letter, within_authorised
from comity.letters.emergency import hold_emergency, hold_validation
from comity.letters.event import EVENT
from comity.letters.forms import carried
from comity.letters.letter import LETTER, Letter
from comity.letters.life import Side, State, Step, follow

Details = tuple[str, ...]
Cards = Mapping[str, NodeCard]
_SENDING: Final = frozenset({AuthorisationKind.WARRANT, AuthorisationKind.EMERGENCY})


def hold(document: Document, *, cards: Cards, known: Officials) -> Details:
    """Hold every signed text of a document, in order; what it says, in words. Raises what does not hold."""
    if not document.statements:
        raise Contradiction(why="it holds no signed text")
    reading = {
        DocumentKind.LETTER: _letter,
        DocumentKind.AUTHORISATION: _authorisation,
        DocumentKind.CUSTODY: _custody,
        DocumentKind.RECEIPT: _receipt,
    }
    if document.document is not DocumentKind.RECEIPT and document.entry:
        raise Contradiction(why="a log entry belongs to a receipt")
    if document.document is not DocumentKind.LETTER and document.verdict:
        raise Contradiction(why="an answer of the law belongs to a letter")
    return reading[document.document](document, cards, known)


def hold_needed(document: Document, *, cards: Cards, known: Officials) -> None:
    """Hold that no entry and no card rides along that no text needs; raises `Contradiction`."""
    needed = _needed(document, known)
    for name in known.entries:
        if name not in needed:
            raise Contradiction(why=f"no text needs the entry of {name[1]} at {name[0]}")
    nodes = {document.node, *(name[0] for name in needed)}
    for body in (one.body for one in document.statements):
        nodes |= {str(one["node"]) for one in body.get("deliveries", [])}
        nodes |= {str(body[name]) for name in ("from", "to", "node") if isinstance(body.get(name), str)}
    for node in cards:
        if node not in nodes:
            raise Contradiction(why=f"no text needs the card of node {node}")


def _needed(document: Document, known: Officials) -> set[Name]:
    """The officials who signed, and who enrolled them."""
    waiting = {_name(one) for one in _people(document)} & known.entries.keys()
    needed: set[Name] = set()
    while waiting:
        needed |= waiting
        witnesses = {(name[0], official) for name in waiting for official in known.entries[name].enrolled_by}
        waiting = {
            name for name, one in known.entries.items() if one.role is Role.ADMINISTRATOR and name[:2] in witnesses
        } - needed
    return needed


def _people(document: Document) -> list[JsonObject]:
    found: list[JsonObject] = []
    for body in (one.body for one in document.statements):
        found += [body[name] for name in ("drafted_by", "by") if isinstance(body.get(name), dict)]
        facts = body.get("facts")
        if isinstance(facts, dict) and isinstance(facts.get("receiver"), dict):
            found.append(facts["receiver"])
    return found


def _name(record: JsonObject) -> Name:
    return str(record.get("node")), str(record.get("official")), str(record.get("mandate"))


def _letter(document: Document, cards: Cards, known: Officials) -> Details:
    proven = _read_letter(document.statements[0], document, cards, known)
    _hold_subject(document, proven.digest)
    letter = proven.record
    said = [_told_letter(letter), *_law(document, letter)]
    decisions: dict[str, Proven[Authorisation]] = {}
    cited: set[str] = set()
    state, life = State.SENT, [State.SENT.value]
    for statement in document.statements[1:]:
        if statement.type == AUTHORISATION:
            decided = read_authorisation(statement, letter=letter, known=known)
            hold_emergency(letter, decided.record, verdict=document.verdict)
            decisions[decided.digest] = decided
            said.append(_told_decision(decided, known))
        elif statement.type == EVENT:
            taken = read_event(statement, known=known)
            if taken.record.letter != proven.digest:
                raise Contradiction(why="a step is of another letter")
            if taken.record.step is Step.RECOGNISE:
                cited.add(str(taken.record.facts["authorisation"]))
            side = _side(letter, taken.record.node)
            state = follow(taken.record.step, state=state, form=letter.form, side=side, letter=letter.short)
            life.append(f"{state.value} {stamp(taken.record.at)}")
        else:
            said.append(_lapse(statement, decisions, letter, known))
    _hold_recognised(decisions, cited)
    said.append(_sends(proven, decisions))
    return (*said, f"its life as far as the maker knew it: {', '.join(life)}")


def _side(letter: Letter, node: str) -> Side:
    sides = {letter.from_node: Side.ISSUING, letter.addressee.node: Side.EXECUTING}
    if node not in sides:
        raise Contradiction(why=f"node {node[:40]} has no part in the letter")
    return sides[node]


def _hold_recognised(decisions: Mapping[str, Proven[Authorisation]], cited: set[str]) -> None:
    """Hold that each recognition was taken as a step, each such step has its decision, within what was authorised."""
    recognitions = {d for d, one in decisions.items() if one.record.kind is AuthorisationKind.RECOGNITION}
    if recognitions != cited:
        raise Contradiction(why="the recognitions are not those that its steps cite")
    for digest in recognitions:
        for granted in decisions.values():
            if granted.record.kind in _SENDING:
                within_authorised(decisions[digest].record, granted.record)


def _sends(letter: Proven[Letter], decisions: Mapping[str, Proven[Authorisation]]) -> str:
    """Which decision lets the letter go out; raises `NotCovered`, `NotValidated` or `Contradiction`."""
    for one in decisions.values():
        if one.record.kind in _SENDING:
            standing = AS_GIVEN
            for validating in decisions.values():
                if validating.record.validates == one.digest:
                    hold_validation(validating.record, one)
                    standing = Standing(validated_at=validating.record.decided_at)
            at = max(one.record.from_, one.record.decided_at)
            authorised_to_send(letter.record, digest=letter.digest, authorisation=one.record, at=at, standing=standing)
            return (
                f"the {one.record.kind.value} of {one.record.by['official']} covers what it asks for, from {stamp(at)}"
                f" until {stamp(one.record.expires)}"
            )
    raise Contradiction(why="no decision lets the letter go out: it is a draft")


def _authorisation(document: Document, cards: Cards, known: Officials) -> Details:
    if len(document.statements) < 2:  # noqa: PLR2004 - the decision, and the letter that it is on
        raise Contradiction(why="the letter that it decides on is not there")
    letter = _read_letter(document.statements[1], document, cards, known)
    decided = read_authorisation(document.statements[0], letter=letter.record, known=known)
    _hold_subject(document, decided.digest)
    if decided.record.letter != letter.digest:
        raise Contradiction(why="the decision is on another letter")
    lapses = [_lapse(one, {decided.digest: decided}, letter.record, known) for one in document.statements[2:]]
    return (_told_decision(decided, known), _told_letter(letter.record), *lapses)


def _custody(document: Document, cards: Cards, known: Officials) -> Details:
    chain = read_chain(document.statements, known=known)
    _hold_subject(document, chain.thing.id)
    said = [_told_thing(chain.thing)]
    for record in chain.records:
        who = f"{record.by['official']} ({record.by['office']}, {record.node})"
        to = ""
        if record.event in MOVES:
            receiver = record.facts["receiver"]
            to = f" to {receiver['official']} ({receiver['office']}, {receiver['node']})"
        said.append(f"{record.seq} {stamp(record.at)} {record.event.value} by {who}{to}")
    holder = cards[chain.holder].name if chain.holder in cards else chain.holder
    return (*said, f"unbroken; after the last record the item is with {holder}")


def _receipt(document: Document, cards: Cards, known: Officials) -> Details:  # noqa: ARG001 - nodes sign receipts
    if len(document.statements) != 1:
        raise Contradiction(why="a receipt stands alone")
    statement = document.statements[0]
    receipt = Receipt.from_body(statement.body)
    _hold_subject(document, receipt.message)
    if receipt.to not in cards:
        raise Contradiction(why=f"the card of node {receipt.to}, which signed it, is not in the file")
    verify_all(statement, type=RECEIPT, keys=[cards[receipt.to].signing_key])
    entry = Entry.from_bytes(canonical(document.entry))
    for what, found, expected in (
        ("leaf", entry.leaf_hash.hex(), receipt.leaf_hash),
        ("sender", entry.facts.get("from"), receipt.sender),
        ("message", entry.facts.get("message"), receipt.message),
        ("digest", entry.facts.get("message_digest"), receipt.digest),
        ("moment", entry.at, stamp(receipt.received_at)),
    ):
        if found != expected:
            raise Contradiction(why=f"its {what} is {expected}, and the log entry says {str(found)[:80]}")
    return (
        f"{receipt.to} received message {receipt.message} of {receipt.sender} at {stamp(receipt.received_at)}",
        f"its log entry is {entry.kind} about letter {str(entry.facts.get('letter'))[:64]}; leaf {receipt.leaf_hash}",
    )


def _read_letter(statement: Statement, document: Document, cards: Cards, known: Officials) -> Proven[Letter]:
    if statement.type != LETTER:
        raise Contradiction(why=f"a letter was expected, and {statement.type[:40]} stands there")
    proven = read_letter(statement, known=known)
    asked = cards.get(proven.record.addressee.node)
    if asked is not None and asked.state != proven.record.to_state:
        raise Contradiction(why=f"it asks {proven.record.to_state}, and its addressee is a node of {asked.state}")
    nodes = {proven.record.from_node, *(one.node for one in proven.record.deliveries)}
    if document.node not in nodes:
        raise Contradiction(why=f"node {document.node}, which made the paper, has no part in the letter")
    return proven


def _law(document: Document, letter: Letter) -> Details:
    """Hold that the answer of the law carries the letter; computed again where this software has the edition."""
    if sha256_hex(canonical(document.verdict)) != letter.grounding.verdict:
        raise Contradiction(why="the answer of the law is not the one that the letter cites")
    articles = carried(letter, verdict=document.verdict)
    edition = Edition.packaged()
    route = f"route {letter.grounding.route} (Art. {articles}) is lawful on {letter.grounding.on}"
    if edition.hash == letter.grounding.edition:
        replay(document.verdict, edition)
        return (f"{route}; computed again under the edition of this software: the same",)
    return (
        f"{route}, says edition {letter.grounding.edition}, which is not the one of this software: not computed again",
    )


def _lapse(
    statement: Statement, decisions: Mapping[str, Proven[Authorisation]], letter: Letter, known: Officials
) -> str:
    if statement.type != LAPSE:
        raise Contradiction(why=f"a text of type {statement.type[:40]} does not belong here")
    ended = decisions.get(str(statement.body.get("authorisation")))
    if ended is None:
        raise Contradiction(why="a decision that is not there is said to have ended")
    lapse = read_lapse(statement, decided=ended, drafted_by=letter.drafted_by, known=known).record
    return f"the {ended.record.kind.value} ended at {stamp(lapse.at)}: {lapse.cause.value}, Art. {lapse.article}"


def _hold_subject(document: Document, found: str) -> None:
    if document.subject != found:
        raise Contradiction(why=f"it is about {document.subject}, and holds {found}")


def _told_thing(thing: Item | Exhibit) -> str:
    if isinstance(thing, Item):
        return f"item {thing.id}: {thing.name}, {thing.bytes} bytes, SHA-256 {thing.sha256}"
    return f"exhibit {thing.id}: {thing.number}"


def _told_letter(letter: Letter) -> str:
    return (
        f"{letter.form.value} letter {letter.short}, {letter.from_authority} ({letter.from_state}) to"
        f" {letter.addressee.authority} ({letter.to_state}): {letter.subject}; targets:"
        f" {', '.join(sorted(letter.scope.selectors))}"
    )


def _told_decision(decided: Proven[Authorisation], known: Officials) -> str:
    entry, _ = known.who(decided.record.by, what="authorisation")
    return (
        f"{decided.record.kind.value} by {entry.name} ({entry.office}), {stamp(decided.record.decided_at)},"
        f" until {stamp(decided.record.expires)}"
    )
