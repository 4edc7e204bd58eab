"""Verifying a bundle, third part: what stands in the nodes' logs, and the receipts for what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from comity.authorisations.authorisation import Authorisation, AuthorisationKind
from comity.authorities.statement import verify_all
from comity.canon import JsonObject, canonical, parse_object, stamp
from comity.evidence.events import BEGINNINGS, MOVES, Thing
from comity.evidence.member import (
    JSON_BYTES_MAX,
    authorisation_member,
    checkpoint_member,
    custody_member,
    entry_member,
    event_member,
    lapse_member,
    letter_member,
    receipt_member,
)
from comity.exchange.receipt import RECEIPT, Receipt
from comity.exchange.verification_held import Contradiction, Held, Logged
from comity.ledger import (
    Entry,
    Inclusion,
    claimed,
    cosigners,
    signatures_of,
    verify_logged,
)

Details = tuple[str, ...]


def logs(held: Held) -> Details:
    """Every log entry stands under the one checkpoint of its log that came along."""
    said = []
    for node in sorted({name.split("/")[1] for name in held.under("log/")}):
        card = held.card(node)
        checkpoint = held.read(checkpoint_member(node))
        key, head = card.opened(checkpoint, at=held.manifest.made_at)
        held.use(checkpoint_member(node))
        names = [name for name in held.under(f"log/{node}/") if name != checkpoint_member(node)]
        for name in names:
            entry, inclusion = _entry(held, name)
            if entry_member(node, index=inclusion.index) != name:
                raise Contradiction(why=f"it is the proof of entry {inclusion.index}")
            if inclusion.checkpoint != checkpoint:
                raise Contradiction(why="it is proven under another checkpoint than the one that came along")
            verify_logged(entry, inclusion, key=key, origin=head.origin)
            if entry.actor.get("node") != node:
                raise Contradiction(why=f"an act of {str(entry.actor.get('node'))[:40]} in the log of {node}")
            held.keep_logged(Logged(node=node, index=inclusion.index, entry=entry))
        said.append(f"{len(names)} entries proven in {head.origin} at size {head.size}, root {head.root.hex()}")
        said.append(f"{head.origin} at size {head.size}: {_cosigned(held, node, checkpoint)}")
    return tuple(said)


def _cosigned(held: Held, node: str, checkpoint: bytes) -> str:
    """Who beside the log signed its checkpoint: nodes whose cards are here by name, others by number.

    Raises `NoteBroken` where a line under a known name does not verify.
    """
    known = [card.witness for name, card in sorted(held.cards.items()) if name != node]
    found = cosigners(checkpoint, known)
    names = {key.name for key in known} | {claimed(checkpoint).origin}
    strangers = len([name for name, _ in signatures_of(checkpoint)[1] if name not in names])
    said = [f"cosigned by {one.witness} at {stamp(one.at)}" for one in found] or ["no node in this bundle cosigned it"]
    return ", ".join(said + ([f"{strangers} signatures by keys that are not in this bundle"] if strangers else []))


def _entry(held: Held, name: str) -> tuple[Entry, Inclusion]:
    match parse_object(held.read(name), limit=JSON_BYTES_MAX):
        case {"entry": dict(entry), "inclusion": dict(inclusion), **rest} if not rest:
            return Entry.from_bytes(canonical(entry)), Inclusion.from_record(inclusion)
        case _:
            raise Contradiction(why="expected exactly entry and inclusion")


def receipts(held: Held) -> Details:
    """Every receipt is signed by who received, and names a proven entry of that node's log."""
    said = []
    leaves = {(one.node, one.entry.leaf_hash.hex()): one for one in held.log}
    sent = _messages(held)
    for name in held.under("receipts/"):
        statement = held.read_statement(name)
        receipt = Receipt.from_body(statement.body)
        verify_all(statement, type=RECEIPT, keys=[held.card(receipt.to).signing_key])
        if receipt_member(receipt.message) != name:
            raise Contradiction(why=f"it is for message {receipt.message}")
        if receipt.sender != held.manifest.node:
            raise Contradiction(why=f"it is for a message of {receipt.sender}")
        logged = leaves.get((receipt.to, receipt.leaf_hash))
        if logged is None:
            raise Contradiction(why=f"the entry that it names is not proven in the log of {receipt.to}")
        _hold_promised(receipt, logged, sent=sent)
        held.use(name)
        about = held.letters.get(str(logged.entry.facts.get("letter")))
        what = f"{logged.entry.kind} of letter {about.record.short}" if about else logged.entry.kind
        said.append(f"{receipt.to} received at {stamp(receipt.received_at)}: {what} ({receipt.to} log {logged.index})")
    missing = sorted(one for one in sent if receipt_member(one) not in held.manifest.members)
    return (*said, *(f"no receipt for message {one}" for one in missing))


def _hold_promised(receipt: Receipt, logged: Logged, *, sent: set[str]) -> None:
    """Hold that the entry which a receipt names is about the same message; raises `Contradiction`."""
    facts = logged.entry.facts
    for what, found, expected in (
        ("sender", facts.get("from"), receipt.sender),
        ("message", facts.get("message"), receipt.message),
        ("digest", facts.get("message_digest"), receipt.digest),
        ("moment", logged.entry.at, stamp(receipt.received_at)),
    ):
        if found != expected:
            raise Contradiction(why=f"its {what} is {expected}, and the log of {receipt.to} says {str(found)[:80]}")
    if logged.entry.kind == "letter.receive" and receipt.message not in sent:
        raise Contradiction(why="the sender's log names no such message")


def _messages(held: Held) -> set[str]:
    """The messages in which letters of the exporting node went out, as its log says."""
    listed = [one.entry.facts.get("messages") for one in held.log if one.entry.kind == "letter.send"]
    return {str(message) for messages in listed if isinstance(messages, list) for message in messages}


@dataclass(frozen=True)
class Text:
    """A signed text of the bundle: its member, its letter, and by whom each kind of entry about it is made."""

    member: str
    letter: str
    kinds: Mapping[str, JsonObject]


def logged(held: Held) -> Details:
    """Every log entry is about a text in the bundle; every text of the exporting node is in its log."""
    texts = _texts(held)
    entries: dict[str, set[str]] = {digest: set() for digest in texts}
    for one in held.log:
        text = texts.get(one.entry.statement)
        if text is not None:
            held.member = entry_member(one.node, index=one.index)
            _hold_about(one.entry, text)
            entries[one.entry.statement].add(one.entry.kind)
            held.use(held.member)
    for digest, text in texts.items():
        held.member = text.member
        for kind, actor in text.kinds.items():
            if actor.get("node") == held.manifest.node and kind not in entries[digest]:
                raise Contradiction(why=f"no proven entry {kind} of the log of {held.manifest.node} rests on it")
    cited = _cited(held)
    bare = [(text.member, digest in cited) for digest, text in texts.items() if not entries[digest]]
    return (
        f"{len(texts) - len(bare)} of {len(texts)} signed texts stand in a log by an entry of their own",
        *(f"{name}: not, {'but a text cites it' if cites else 'and no text cites it'}" for name, cites in bare),
    )


def _hold_about(entry: Entry, text: Text) -> None:
    """Hold that an entry says rightly what it is about, and who acted; raises `Contradiction`."""
    actor = text.kinds.get(entry.kind)
    if actor is None:
        raise Contradiction(why=f"an entry {entry.kind} does not rest on {text.member}")
    if any(entry.actor.get(name) != value for name, value in actor.items()):
        raise Contradiction(why=f"it names another actor than {text.member}, which it rests on")
    if entry.facts.get("letter", text.letter) != text.letter:
        raise Contradiction(why=f"it names another letter than {text.member}, which it rests on")


def _texts(held: Held) -> dict[str, Text]:
    """The signed texts by digest. Of an actor, what the entry must say; nothing where the other node's post acts."""
    texts = {}
    records = [link.record for link in held.custody.values()]
    acquired = {one.item: one.facts.get("letter") for one in records if one.event in BEGINNINGS}
    for digest, letter in held.letters.items():
        drafter = letter.record.drafted_by
        kinds = {
            "letter.draft": drafter,
            "letter.send": {"node": drafter["node"]},
            "letter.receive": {},
            "letter.review": {},
        }
        texts[digest] = Text(letter_member(digest), digest, kinds)
    for digest, decided in held.authorisations.items():
        texts[digest] = Text(authorisation_member(digest), decided.record.letter, _decided(decided.record))
    for ended in held.lapses.values():
        lapse = ended.record
        kinds = {"letter.lapse": lapse.by or {"node": lapse.node}, "letter.lapse.received": {}}
        texts[ended.digest] = Text(lapse_member(ended.digest), lapse.letter, kinds)
    for digest, taken in held.events.items():
        step = taken.record.step.value
        kinds = {f"letter.{step}": taken.record.by, f"letter.{step}.received": {}}
        texts[digest] = Text(event_member(digest), taken.record.letter, kinds)
    for digest, link in held.custody.items():
        record = link.record
        chain = held.sources.get(record.item)
        what = "evidence" if chain is None or chain.kind is Thing.ITEM else "exhibit"
        kinds = {f"{what}.{record.event.value}": record.by}
        if record.event in MOVES:
            kinds = {
                f"{what}.offer": record.by,
                f"{what}.offer.received": {},
                f"{what}.accept": record.facts["receiver"],
                f"{what}.accept.received": {},
            }
        letter_ = str(record.facts.get("letter") or acquired.get(record.item))
        texts[digest] = Text(custody_member(record.item, seq=record.seq), letter_, kinds)
    return texts


def _decided(decision: Authorisation) -> dict[str, JsonObject]:
    """The entries that rest on a decision. A recognition is logged with the event that cites it, and has none of its own."""
    kinds: dict[str, JsonObject] = {"letter.suspend": {}, "letter.resume": {}}
    if decision.kind is AuthorisationKind.VALIDATION:
        return {"letter.validate": decision.by, "letter.validate.received": {}}
    if decision.kind is AuthorisationKind.RECOGNITION:
        return kinds
    return {"letter.authorise": decision.by, **kinds}


def _cited(held: Held) -> set[str]:
    """The digests that events and custody records cite: who signed or logged those holds fast what they cite."""
    return {str(one.record.facts.get("authorisation")) for one in held.events.values()} | {
        one.record.previous for one in held.custody.values()
    }
