"""A hand-over between nodes: read the offer, fetch the ciphertext in chunks, hand out chunks, read the acceptance."""

import secrets
from datetime import datetime

from comity.authorities.keys import unb64
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.cases.protection import flags as read_flags
from comity.errors import N_, ComityError
from comity.evidence.custody import CustodyEvent, extend, read_chain, read_offer, read_record
from comity.evidence.item import Item
from comity.exchange.chunk import ChunkRequest, read_chunk_request
from comity.exchange.wire import REFERENCE
from comity.letters.letter import Letter
from comity.registry import introductions, post, vault, work
from comity.registry.act import current
from comity.registry.actions import evidence
from comity.registry.limits import CHUNK_BYTES, EVIDENCE_BYTES_MAX
from comity.registry.models import LetterRow, TransferRow
from comity.registry.queries.people import known
from comity.registry.rows import Inbound, Introduced
from comity.registry.work import Leased

HANDED_KEY_BYTES_MAX = 4096


class OfferNotForUs(ComityError):
    """An item is offered for a letter or to a custodian that is not ours."""

    code = "registry.offer_not_for_us"
    sentence = N_("the offered item cannot be taken: {why}")


class NotOffered(ComityError):
    """A chunk is asked of an item that was not offered to who asks."""

    code = "registry.not_offered"
    sentence = N_("there is no transfer {transfer}")


def offered(inbound: Inbound, content: JsonObject, *, people: tuple[Introduced, ...], at: datetime) -> None:
    """Take in an offer: custody unbroken, signed by the giver, for a letter of ours, to the custodian we named."""
    machine = current().machine("post")
    who = known({inbound.sender: introductions.statements(people)}, viewer=machine)
    if not isinstance(content["custody"], list):
        raise OfferNotForUs(why="its custody is no list")
    chain = read_chain([Statement.from_json(one) for one in content["custody"]], known=who)
    proven = read_offer(Statement.from_json(content["transfer"]), known=who)
    extend(chain, proven)
    row = LetterRow.objects.filter(
        digest=str(proven.record.facts["letter"]), peer=inbound.sender, outgoing=True
    ).first()
    if row is None:
        raise OfferNotForUs(why="we sent that node no such letter")
    named = Letter.from_body(Statement.from_bytes(bytes(row.statement)).body).evidence_to
    receiver = proven.record.facts["receiver"]
    if {name: receiver.get(name) for name in ("node", "official", "mandate")} != named:
        raise OfferNotForUs(why="it is for another custodian than the letter names")
    if chain.item.sealed_bytes > EVIDENCE_BYTES_MAX:
        raise OfferNotForUs(why=f"it has {chain.item.sealed_bytes} bytes where at most {EVIDENCE_BYTES_MAX} are taken")
    sealed = unb64(content["key"])
    if len(sealed) > HANDED_KEY_BYTES_MAX:
        raise OfferNotForUs(why="its key is longer than a key")
    receive_key = content["receive_key"]
    if not isinstance(receive_key, str) or not REFERENCE.fullmatch(receive_key):
        raise OfferNotForUs(why="it does not say to which of our keys its key is sealed")
    handed = evidence.HandedKey(sealed=sealed, receive_key=receive_key)
    flags = sorted(read_flags(content["flags"])) if "flags" in content else []
    evidence.receive_offer(
        inbound,
        proven,
        acquisition=chain.records[0],
        custody=content["custody"],
        handed=handed,
        flags=flags,
        people=people,
        actor=machine,
        at=at,
    )


def fetch(leased: Leased, *, at: datetime) -> None:
    """Fetch what is missing of an offered item, hold that it is what its custody says, and record its arrival."""
    node = current()
    row = TransferRow.objects.get(reference=leased.about, outgoing=False)
    if row.state != TransferRow.OFFERED:
        work.done(leased)
        return
    item = Item.from_record(row.custody[0]["body"]["facts"]["item"])
    incoming = vault.Incoming(node.vault, item)
    try:
        while (offset := incoming.received) < item.sealed_bytes:
            length = min(CHUNK_BYTES, item.sealed_bytes - offset)
            asked = ChunkRequest(
                transfer=row.reference, item=item.id, offset=offset, length=length, at=node.clock.now()
            )
            incoming.append(post.fetch_chunk(asked, from_=row.peer), offset=offset)
            work.heartbeat(leased, at=node.clock.now())
    except post.PeerDidNotAnswer as silent:
        work.again(leased, trouble=str(silent), jitter=secrets.randbelow(1001) / 1000, at=at)
        return
    key = _handed_key(row, item, at=at)
    incoming.complete(key=key)
    month = vault.present_month(node.folder, at=at)
    kept = evidence.Kept(wrapped=vault.keep(key, folder=node.folder, month=month, item=item.id), month=month)
    with vault.using(node.folder, month):
        evidence.record_arrival(row.reference, kept=kept, actor=node.machine("custody"), at=node.clock.now())
    work.done(leased)


def _handed_key(row: TransferRow, item: Item, *, at: datetime) -> bytes:
    decrypt = post.decrypt_for(current(), at=at)
    return vault.unwrap_handed(
        bytes(row.handed_key),
        decrypt=lambda closed, info: decrypt(row.receive_key, closed, info),
        transfer=row.reference,
        giver=row.peer,
        receiver=current().id,
        item=item.id,
    )


def chunk(data: bytes, *, at: datetime) -> bytes:
    """The range of ciphertext that a peer asks for, if the item was offered to that peer; raises `NotOffered`."""
    statement = Statement.from_bytes(data, limit=len(data))
    transfer = str(statement.body.get("transfer"))[:40]
    if not REFERENCE.fullmatch(transfer):  # a text with NUL cannot even be looked up
        raise NotOffered(transfer=repr(transfer))
    row = TransferRow.objects.filter(reference=transfer, outgoing=True).first()
    if row is None or row.state == TransferRow.STOPPED:
        raise NotOffered(transfer=transfer)
    request = read_chunk_request(statement, peer=post.peer(row.peer), at=at)
    if request.item != row.item or request.length > CHUNK_BYTES:
        raise NotOffered(transfer=transfer)
    return vault.read_range(current().vault, row.item, offset=request.offset, length=request.length)


def accepted(inbound: Inbound, content: JsonObject, *, people: tuple[Introduced, ...], at: datetime) -> None:
    """Take in the record that both sides signed."""
    machine = current().machine("post")
    who = known({inbound.sender: introductions.statements(people)}, viewer=machine)
    proven = read_record(Statement.from_json(content["transfer"]), known=who)
    if proven.record.event is not CustodyEvent.TRANSFER:
        raise OfferNotForUs(why="the record that both sides should have signed is no transfer")
    evidence.record_acceptance(inbound, proven, people=people, actor=machine, at=at)
