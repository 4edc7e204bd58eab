"""Everything that proves an item, gathered for a bundle: own records, the peer's receipts, and proofs of both logs.

The bundle is written from what stands in the tables; what a stranger needs to check each signature comes along.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject, canonical, moment
from comity.evidence import member as names
from comity.evidence.bundle import BUNDLE, Manifest, Member, Progress, listed
from comity.evidence.case_uco import description
from comity.evidence.custody import CustodyRecord
from comity.evidence.item import Item
from comity.exchange.document import DocumentKey
from comity.exchange.verification_documents import MADE
from comity.exchange.verification_ends import FLAG, REVIEW
from comity.law import Edition
from comity.ledger import Entry, text_digest
from comity.registry import access, log, post, rows, stamps, vault
from comity.registry.act import current
from comity.registry.documents import signing
from comity.registry.documents.case_shapes import hold_description
from comity.registry.jobs import proofs, witnesses
from comity.registry.models import EditionRow, ExhibitRow, ItemRow, LetterRow, OutboxRow, ReceiptRow
from comity.registry.queries.people import entry_statements
from comity.registry.vouching import VouchingBroken


@dataclass(frozen=True)
class Gathered:
    """The members of a bundle but its manifest, and the manifest's text, still to be signed."""

    members: dict[str, Member]
    manifest: Statement


def gather(item: str, *, viewer: Actor, progress: Progress, at: datetime) -> Gathered:
    """Gather an item's bundle; raises `NoSuchThing`, `NotLoggedYet`, or what a peer refuses."""
    row = rows.item(item, viewer=viewer)
    things = _things(row, viewer=viewer)
    letters = _every_letter(things)
    texts = _texts(things, letters)
    people = _people(texts, viewer=viewer)
    members = {name: Member.of(statement.to_bytes()) for name, statement in texts.items()}
    members |= {
        names.official_member(one.digest): Member.of(one.to_bytes()) for one in entry_statements(people, viewer=viewer)
    }
    members |= _law(letters)
    digests = {statement.digest for statement in texts.values()}
    receipts = [one for one in _receipts(letters, about=digests) if not proofs.is_lost(one.peer, _entry(one))]
    members |= {names.receipt_member(one.message): Member.of(bytes(one.statement)) for one in receipts}
    members |= _own_log(digests, things, letters, at=at)
    members |= _their_logs(receipts)
    members |= _cards({one.peer for one in letters} | {one.peer for one in receipts})
    members |= _tokens(members, {statement.digest for name, statement in texts.items() if name.startswith("custody/")})
    members[names.case_member(item)] = _described(row)
    members[names.sealed_member(item)] = Member.measured(_ciphertext(item), progress=progress)
    manifest = Manifest(
        kind=current().kind,
        node=current().id,
        made_at=at,
        by=viewer.as_record(),
        items=(Item.from_record(row.record),),
        members=listed(members),
    )
    return Gathered(members=members, manifest=Statement(type=BUNDLE, body=manifest.as_body()))


def ends_of(item: str, *, viewer: Actor) -> set[str]:
    """The members that a bundle of this item has for decisions that have ended by now."""
    row = rows.item(item, viewer=viewer)
    letters = _every_letter(_things(row, viewer=viewer))
    return {names.lapse_member(ended.digest) for letter in letters for ended in letter.lapses.all()}


def _things(item: ItemRow, *, viewer: Actor) -> list[ItemRow | ExhibitRow]:
    """The item, and what it was made of, one after the other, as far as it is on record here; raises `NoSuchThing`."""
    found: list[ItemRow | ExhibitRow] = [item]
    made_of = item.source
    while made_of:
        if ExhibitRow.objects.filter(reference=made_of).exists():
            return [*found, rows.exhibit(made_of, viewer=viewer)]
        if not ItemRow.objects.filter(reference=made_of).exists():
            break
        source = rows.item(made_of, viewer=viewer)
        found.append(source)
        made_of = source.source
    return found


def _every_letter(things: Iterable[ItemRow | ExhibitRow]) -> list[LetterRow]:
    """The letters of these things and those that they follow, each once."""
    return list({one.pk: one for thing in things for one in _letters(thing.letter)}.values())


def _letters(letter: LetterRow) -> list[LetterRow]:
    """The letter and those that it follows."""
    found = [letter]
    while found[-1].linked:
        before = LetterRow.objects.filter(digest=found[-1].linked).first()
        if before is None or before in found:
            break
        found.append(before)
    return found


def _texts(things: Iterable[ItemRow | ExhibitRow], letters: Iterable[LetterRow]) -> dict[str, Statement]:
    """Every signed text about the item, what it was made of and their letters, by the name of its member."""
    texts = {}
    for letter in letters:
        texts[names.letter_member(letter.digest)] = _statement(letter.statement)
        for decision in letter.authorisations.order_by("id"):
            texts[names.authorisation_member(decision.digest)] = _statement(decision.statement)
        for ended in letter.lapses.order_by("id"):
            texts[names.lapse_member(ended.digest)] = _statement(ended.statement)
        for event in letter.events.order_by("id"):
            texts[names.event_member(event.digest)] = _statement(event.statement)
    for thing in things:
        for record in thing.custody.order_by("seq"):
            texts[names.custody_member(thing.reference, seq=record.seq)] = _statement(record.statement)
    return texts


def _statement(data: bytes | memoryview) -> Statement:
    return Statement.from_bytes(bytes(data))


def _people(texts: dict[str, Statement], *, viewer: Actor) -> set[tuple[str, str, str]]:
    """Whose directory entries a reader of these texts needs."""
    records: list[JsonObject] = [viewer.as_record()]
    for statement in texts.values():
        body = statement.body
        records += [body[name] for name in ("drafted_by", "by", "evidence_to") if body.get(name)]
        receiver = body.get("facts", {}).get("receiver") if isinstance(body.get("facts"), dict) else None
        records += [receiver] if receiver else []
    return {(str(one["node"]), str(one["official"]), str(one["mandate"])) for one in records}


def _law(letters: Iterable[LetterRow]) -> dict[str, Member]:
    members = {}
    for letter in letters:
        members[names.verdict_member(letter.verdict.digest)] = Member.of(bytes(letter.verdict.body))
        members[names.edition_member(letter.verdict.edition)] = Member.of(_edition(letter.verdict.edition))
    return members


def _edition(cited: str) -> bytes:
    """The edition of the law that a verdict cites: kept with a verdict of ours, or the one of this software."""
    kept = EditionRow.objects.filter(hash=cited).first()
    if kept is not None:
        return bytes(kept.document)
    packaged = Edition.packaged()
    if packaged.hash != cited:
        raise access.NoSuchThing(what="edition of the law", reference=cited[:8])
    return packaged.to_bytes()


def _receipts(letters: Iterable[LetterRow], *, about: Collection[str]) -> list[ReceiptRow]:
    """The receipts for messages of these letters that brought one of these texts: not those for other items of a letter."""
    messages = OutboxRow.objects.filter(letter__in=list(letters)).values_list("message", flat=True)
    found = ReceiptRow.objects.filter(message__in=list(messages)).order_by("id")
    return [one for one in found if _entry(one).statement in about]


def _entry(receipt: ReceiptRow) -> Entry:
    return Entry.from_bytes(bytes(receipt.entry))


def _own_log(
    statements: set[str], things: Sequence[ItemRow | ExhibitRow], letters: Iterable[LetterRow], *, at: datetime
) -> dict[str, Member]:
    """The entries of our log that rest on these texts, say who flagged and reviewed the item, or which papers were made.

    Each is proven under the newest checkpoint.
    """
    log.sequence(at=at)
    with suppress(VouchingBroken):  # a bundle says how many witnesses it has, also if it is none
        witnesses.ask(at=at)
    size, signed = log.newest_checkpoint()
    node = current().id
    members = {names.checkpoint_member(node): Member.of(signed)}
    looked = log.indexes_of_thing(things[0].reference, letter=things[0].letter.digest, kinds=(FLAG, REVIEW))
    papers = log.indexes_of_documents(letters=[one.digest for one in letters], things=[one.reference for one in things])
    for index in (*log.indexes_about(statements), *looked, *papers):
        if index < size:
            placed = log.prove(index, size=size, signed=signed)
            members[names.entry_member(node, index=index)] = _logged(placed.entry, placed.inclusion.as_record())
            if placed.entry.kind == MADE:
                members |= _certificate(moment(placed.entry.at).year)
    return members


def _certificate(year: int) -> dict[str, Member]:
    """The certificate under which we signed papers in a year, and our word for it."""
    node = current()
    vouched = signing.vouched_key(node, card=post.own_card(node), at=datetime(year, 1, 1, tzinfo=UTC))
    return {
        names.document_key_member(node.id, year=year): Member.of(vouched.to_bytes()),
        names.certificate_member(node.id, year=year): Member.of(DocumentKey.from_body(vouched.body).certificate),
    }


def _their_logs(receipts: Iterable[ReceiptRow]) -> dict[str, Member]:
    """The peers' entries that their receipts name, proven under the peers' own checkpoints."""
    by_peer: dict[str, list[Entry]] = {}
    for receipt in receipts:
        by_peer.setdefault(receipt.peer, []).append(_entry(receipt))
    members = {}
    for peer, entries in by_peer.items():
        proven = proofs.fetch(peer, tuple(entries))
        members[names.checkpoint_member(peer)] = Member.of(proven.checkpoint)
        for entry, inclusion in proven.entries:
            members[names.entry_member(peer, index=inclusion.index)] = _logged(entry, inclusion.as_record())
    return members


def _logged(entry: Entry, inclusion: JsonObject) -> Member:
    return Member.of(canonical({"entry": entry.as_body(), "inclusion": inclusion}))


def _tokens(members: Mapping[str, Member], records: set[str]) -> dict[str, Member]:
    """The time stamps of the custody records and of the checkpoint that lie in the bundle, as far as there are any."""
    checkpoint = b"".join(members[names.checkpoint_member(current().id)].open())
    found = stamps.tokens({*records, text_digest(checkpoint)})
    return {names.token_member(digest): Member.of(answer) for digest, answer in found.items()}


def _described(row: ItemRow) -> Member:
    """The CASE/UCO description of the item, held to the shapes; raises `DescriptionBroken`."""
    told = [CustodyRecord.from_body(_statement(one.statement).body) for one in row.custody.order_by("seq")]
    data = description(Item.from_record(row.record), told)
    hold_description(data)
    return Member.of(data)


def _cards(peers: set[str]) -> dict[str, Member]:
    node = current()
    members = {names.node_member(node.id): Member.of(post.own_card_statement(node).to_bytes())}
    for peer in peers:
        members[names.node_member(peer)] = Member.of(post.card_statement(peer).to_bytes())
    return members


def _ciphertext(item: str) -> Callable[[], Iterable[bytes]]:
    folder = current().vault
    return lambda: vault.ciphertext(folder, item)
