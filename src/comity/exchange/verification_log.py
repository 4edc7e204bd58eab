"""Verifying a bundle, third part: what stands in the nodes' logs, and the receipts for what was sent."""

from typing import Final

from comity.authorisations.authorisation import AuthorisationKind
from comity.authorities.statement import verify_all
from comity.canon import JsonObject, canonical, parse_object, stamp
from comity.evidence.bundle import JSON_BYTES_MAX, checkpoint_member, entry_member, receipt_member
from comity.evidence.custody import CustodyEvent
from comity.exchange.receipt import RECEIPT, Receipt
from comity.exchange.verification_held import Contradiction, Held, Logged
from comity.ledger import Entry, Inclusion, VerifierKey, open_checkpoint, verify_logged

Details = tuple[str, ...]
RECEIVED: Final = ".received"


def logs(held: Held) -> Details:
    """Every log entry stands under the one checkpoint of its log that came along."""
    said = []
    for node in sorted({name.split("/")[1] for name in held.under("log")}):
        card = held.card(node)
        key = VerifierKey.parse(card.log_key)
        checkpoint = held.read(checkpoint_member(node))
        head = open_checkpoint(checkpoint, key=key, origin=card.log_origin)
        held.use(checkpoint_member(node))
        names = [name for name in held.under(f"log/{node}") if name != checkpoint_member(node)]
        for name in names:
            entry, inclusion = _entry(held, name)
            if entry_member(node, index=inclusion.index) != name:
                raise Contradiction(why=f"it is the proof of entry {inclusion.index}")
            if inclusion.checkpoint != checkpoint:
                raise Contradiction(why="it is proven under another checkpoint than the one that came along")
            verify_logged(entry, inclusion, key=key, origin=card.log_origin)
            if entry.actor.get("node") != node:
                raise Contradiction(why=f"an act of {str(entry.actor.get('node'))[:40]} in the log of {node}")
            held.log[node, inclusion.index] = Logged(node=node, index=inclusion.index, entry=entry)
        said.append(f"{len(names)} entries proven in {head.origin} at size {head.size}, root {head.root.hex()}")
    return tuple(said)


def _entry(held: Held, name: str) -> tuple[Entry, Inclusion]:
    match parse_object(held.read(name), limit=JSON_BYTES_MAX):
        case {"entry": dict(entry), "inclusion": dict(inclusion), **rest} if not rest:
            return Entry.from_bytes(canonical(entry)), Inclusion.from_record(inclusion)
        case _:
            raise Contradiction(why="expected exactly entry and inclusion")


def receipts(held: Held) -> Details:
    """Every receipt is signed by who received, and names a proven entry of that node's log."""
    said = []
    for name in held.under("receipts"):
        statement = held.read_statement(name)
        receipt = Receipt.from_body(statement.body)
        verify_all(statement, type=RECEIPT, keys=[held.card(receipt.to).signing_key])
        if receipt_member(receipt.message) != name:
            raise Contradiction(why=f"it is for message {receipt.message}")
        if receipt.sender != held.manifest.node:
            raise Contradiction(why=f"it is for a message of {receipt.sender}")
        logged = _promised(held, receipt)
        held.use(name)
        about = held.letters.get(str(logged.entry.facts.get("letter")))
        what = f"{logged.entry.kind} of letter {about.record.short}" if about else logged.entry.kind
        said.append(f"{receipt.to} received at {stamp(receipt.received_at)}: {what} ({receipt.to} log {logged.index})")
    missing = [one for one in _messages(held) if receipt_member(one) not in held.bundle.names]
    return (*said, *(f"no receipt for message {one}" for one in missing))


def _promised(held: Held, receipt: Receipt) -> Logged:
    """The proven entry that a receipt names, about the same message; raises `Contradiction`."""
    leaf = bytes.fromhex(receipt.leaf_hash)
    for one in held.log.values():
        if one.node == receipt.to and one.entry.leaf_hash == leaf:
            break
    else:
        raise Contradiction(why=f"the entry that it names is not proven in the log of {receipt.to}")
    facts = one.entry.facts
    for what, found, expected in (
        ("sender", facts.get("from"), receipt.sender),
        ("message", facts.get("message"), receipt.message),
        ("digest", facts.get("message_digest"), receipt.digest),
        ("moment", one.entry.at, stamp(receipt.received_at)),
    ):
        if found != expected:
            raise Contradiction(why=f"its {what} is {expected}, and the log of {receipt.to} says {str(found)[:80]}")
    if one.entry.kind == "letter.receive" and receipt.message not in _messages(held):
        raise Contradiction(why="the sender's log names no such message")
    return one


def _messages(held: Held) -> list[str]:
    """The messages in which letters of the exporting node went out, as its log says."""
    listed = [one.entry.facts.get("messages") for one in held.log.values() if one.entry.kind == "letter.send"]
    return [message for messages in listed if isinstance(messages, list) for message in map(str, messages)]


def logged(held: Held) -> Details:
    """Every log entry is about a text in the bundle, and says so rightly; every text of the exporting node is logged."""
    signers = _signers(held)
    for (node, index), one in held.log.items():
        held.member = entry_member(node, index=index)
        if one.entry.statement not in signers:
            continue  # nothing needs it
        _hold_signer(one.entry, signers[one.entry.statement])
        held.use(held.member)
    said, own = [], held.manifest.node
    for digest, (what, parts) in signers.items():
        held.member = what
        nodes = {one.node for one in held.log.values() if one.entry.statement == digest}
        bound = own in nodes or _bound(held, digest)
        if own in parts.values() and not bound:
            raise Contradiction(why=f"no proven entry of the log of {own} rests on it")
        if not nodes:
            said.append(f"{what}: no entry of its own; a logged text cites it")
    return (f"{len(signers)} signed texts", *said)
