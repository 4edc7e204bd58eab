"""Evidence: every chain proves, every item and exhibit is what its chain took in, its key is the one committed to, its file is there."""

from collections.abc import Generator, Iterator
from typing import Final

from comity.authorities.officials import Officials
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.errors import ComityError
from comity.evidence.custody import Chain, begin_chain, extend, read_chain, read_offer, read_record
from comity.evidence.erasure import read_erasure
from comity.evidence.seal import key_commitment
from comity.registry import keeping, vault
from comity.registry.act import current
from comity.registry.checking.finding import Difference, differs
from comity.registry.models import ExhibitRow, HandOverRow, ItemRow, OfficialRow, TagRow, TransferRow
from comity.registry.queries.people import known

_BROKEN: Final = (ComityError, KeyError, TypeError, ValueError, AttributeError)


def differences() -> Iterator[Difference]:
    """Everything about evidence that is not as it was signed."""
    try:
        everybody = known({}, viewer=current().machine("check"))
    except _BROKEN as broken:
        for entry in OfficialRow.objects.order_by("pk")[:1]:
            yield differs(entry, "directory", found=broken, recorded="entries that vouch for one another")
        return
    for item in ItemRow.objects.select_related("letter").order_by("pk"):
        chain = yield from _chain(item, everybody)
        if chain is not None:
            yield from _item(item, chain, everybody)
    for exhibit in ExhibitRow.objects.select_related("letter").order_by("pk"):
        chain = yield from _chain(exhibit, everybody)
        if chain is not None:
            yield from _exhibit(exhibit, chain)
    moving: list[TransferRow | HandOverRow] = [*TransferRow.objects.order_by("pk"), *HandOverRow.objects.order_by("pk")]
    for row in moving:
        yield from _moving(row, everybody)


def _chain(row: ItemRow | ExhibitRow, everybody: Officials) -> Generator[Difference, None, Chain | None]:
    """The whole custody; names the first record that does not prove."""
    chain: Chain | None = None
    for link in row.custody.order_by("seq"):
        try:
            proven = read_record(Statement.from_bytes(bytes(link.statement)), known=everybody)
            chain = begin_chain(proven) if chain is None else extend(chain, proven)
        except _BROKEN as broken:
            yield differs(link, "custody", found=broken, recorded=f"a record that follows number {link.seq - 1}")
            return None
    if chain is None:
        yield differs(row, "custody", found="no record", recorded="an unbroken custody")
    return chain


def _columns(row: ItemRow | ExhibitRow, columns: JsonObject) -> Iterator[Difference]:
    for name, recorded in columns.items():
        found = row.letter.digest if name == "letter" else getattr(row, name)
        if found != recorded:
            yield differs(row, name, found=found, recorded=recorded)


def _tags(row: ItemRow | ExhibitRow, chain: Chain) -> Iterator[Difference]:
    found = sorted(TagRow.objects.filter(thing=row.reference).values_list("tag", flat=True))
    if found != (recorded := keeping.tags_of(chain)):
        yield differs(row, "tags", found=found, recorded=recorded)


def _erased(row: ItemRow, everybody: Officials) -> Iterator[Difference]:
    """Whoever or whatever erased it signed that, of this item."""
    try:
        told = read_erasure(Statement.from_bytes(bytes(row.erasure)), known=everybody).record
    except _BROKEN as broken:
        yield differs(row, "erasure", found=broken, recorded="the signed erasure of this item")
        return
    if (told.item, told.sha256) != (row.reference, row.record["sha256"]):
        yield differs(row, "erasure", found=told.item, recorded=row.reference)


def _item(row: ItemRow, chain: Chain, everybody: Officials) -> Iterator[Difference]:
    begun = chain.records[0].facts
    ended = chain.ended
    columns: JsonObject = {
        "reference": chain.thing.id,
        "record": chain.item.as_record(),
        "letter": begun["letter"],
        "source": begun["source"]["reference"] if begun["source"] else "",
        "held": chain.holder == current().id and not ended,
    }
    yield from _columns(row, columns)
    yield from _tags(row, chain)
    if row.erased_at is not None:
        yield from _erased(row, everybody)
        return
    try:
        key = vault.key_of(bytes(row.wrapped_key), folder=current().folder, month=row.month, item=row.reference)
        if (found := key_commitment(key)) != chain.item.key_commitment:
            yield differs(row, "wrapped_key", found=found, recorded=chain.item.key_commitment)
    except (*_BROKEN, OSError) as broken:
        yield differs(row, "wrapped_key", found=broken, recorded=f"a key committed to as {chain.item.key_commitment}")
    try:
        size = vault.size(current().vault, row.reference)
        if size != chain.item.sealed_bytes:
            yield differs(row, "sealed file", found=f"{size} bytes", recorded=f"{chain.item.sealed_bytes} bytes")
    except (ComityError, OSError) as missing:
        yield differs(row, "sealed file", found=missing, recorded=f"{chain.item.sealed_bytes} bytes")


def _exhibit(row: ExhibitRow, chain: Chain) -> Iterator[Difference]:
    here = chain.holder == current().id
    seen = chain.records if here else chain.records[:-1]  # where it lies at the other node is the other node's
    places = [one.facts["place"] for one in seen if "place" in one.facts]
    receivers = [one.facts["receiver"]["official"] for one in seen if "receiver" in one.facts]
    columns: JsonObject = {
        "reference": chain.thing.id,
        "record": chain.exhibit.as_record(),
        "number": chain.exhibit.number,
        "letter": chain.records[0].facts["letter"],
        "held": here and not chain.ended,
        "place": places[-1],
        "keeper": [chain.records[0].by["official"], *receivers][-1] if here else "",
    }
    yield from _columns(row, columns)
    yield from _tags(row, chain)


def _moving(row: TransferRow | HandOverRow, everybody: Officials) -> Iterator[Difference]:
    """Accepted is what both sides signed; what is not has the giver's signatures."""
    try:
        statement = Statement.from_bytes(bytes(row.statement))
        reading = read_record if row.state == row.ACCEPTED else read_offer
        proven = reading(statement, known=everybody)
        if not row.outgoing or isinstance(row, HandOverRow):
            extend(read_chain([Statement.from_json(one) for one in row.custody], known=everybody), proven)
    except _BROKEN as broken:
        yield differs(row, "statement", found=broken, recorded=f"what makes it {row.state}")
