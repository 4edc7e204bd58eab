"""What acts on evidence share: records kept beside their item or exhibit, and what has to hold before one is. No act itself."""

from collections.abc import Iterable
from datetime import datetime

from comity.authorities.statement import Statement
from comity.errors import N_, ComityError
from comity.evidence.custody import Chain, CustodyRecord
from comity.evidence.events import Thing
from comity.evidence.marking import standing_markings
from comity.registry import access
from comity.registry.models import (
    CustodyRow,
    ExhibitRecordRow,
    ExhibitRow,
    HandOverRow,
    ItemRow,
    TagRow,
    TransferRow,
)


class NotRecognised(ComityError):
    """Evidence is taken in or handed over without the executing state's own decision."""

    code = "registry.not_recognised"
    sentence = N_("the letter was not recognised by the decision {decision}")
    hint = N_("A judge of this state recognises the letter first.")


class TransferOutOfOrder(ComityError):
    """A hand-over does not stand where this step needs it."""

    code = "registry.transfer_out_of_order"
    sentence = N_("transfer {transfer} is {state}; expected {expected}")


def hold_settled(item: ItemRow) -> None:
    """Hold that no offer of the item waits for an answer: another record would take the place that the offer cites."""
    offered = TransferRow.objects.filter(item=item.reference, outgoing=True, state=TransferRow.OFFERED).first()
    if offered is not None:
        raise TransferOutOfOrder(transfer=offered.reference[:8], state=offered.state, expected=TransferRow.ACCEPTED)


def hold_none_waits(exhibit: ExhibitRow) -> None:
    """Hold that no hand-over of the exhibit waits for an answer; raises `TransferOutOfOrder`."""
    waiting = HandOverRow.objects.filter(exhibit=exhibit.reference, outgoing=True, state=HandOverRow.OFFERED).first()
    if waiting is not None:
        raise TransferOutOfOrder(transfer=waiting.reference[:8], state=waiting.state, expected=HandOverRow.ACCEPTED)


def hold_source(record: CustodyRecord) -> None:
    """Hold that what an item was made of says so in a record that stands here: of an item, the one that names this one."""
    source = record.facts["source"]
    if source is None:
        return
    found: CustodyRow | ExhibitRecordRow | None
    if source["thing"] == Thing.ITEM.value:
        found = CustodyRow.objects.filter(item__reference=source["reference"], digest=source["record"]).first()
    else:
        made_of = ExhibitRecordRow.objects.filter(exhibit__reference=source["reference"])
        found = made_of.filter(digest=source["record"]).first()
    told = Statement.from_bytes(bytes(found.statement)).body["facts"] if found else {}
    if (told.get("derived"), told.get("sha256")) != (record.item, record.facts["item"]["sha256"]):
        raise access.NoSuchThing(what="record of its source", reference=str(source["record"])[:8])


def keep_record(item: ItemRow, statement: Statement, record: CustodyRecord) -> None:
    """Keep a record beside its item."""
    CustodyRow.objects.create(
        item=item, seq=record.seq, digest=statement.digest, event=record.event.value, statement=statement.to_bytes()
    )


def keep_exhibit_record(exhibit: ExhibitRow, statement: Statement, record: CustodyRecord) -> None:
    """Keep a record beside its exhibit."""
    ExhibitRecordRow.objects.create(
        exhibit=exhibit,
        seq=record.seq,
        digest=statement.digest,
        event=record.event.value,
        statement=statement.to_bytes(),
    )


def keep_tags(thing: str, chain: Chain) -> None:
    """Have a thing found by the tags of its standing markings, and by no others."""
    tags = tags_of(chain)
    TagRow.objects.filter(thing=thing).exclude(tag__in=tags).delete()
    there = set(TagRow.objects.filter(thing=thing).values_list("tag", flat=True))
    TagRow.objects.bulk_create([TagRow(thing=thing, tag=tag) for tag in tags if tag not in there])


def tags_of(chain: Chain) -> list[str]:
    """The tags of the newest marking of every node."""
    tagged: Iterable[tuple[str, ...]] = (marking.tags for marking, _ in standing_markings(chain.said).values())
    return sorted({tag for tags in tagged for tag in tags})


def forget_key(item: ItemRow, erasure: Statement, *, at: datetime) -> None:
    """Empty every wrapping of an item's key in the tables, by the signed text that says so."""
    item.erased_month = item.month
    item.wrapped_key, item.month, item.held, item.erased_at = b"", "", False, at
    item.erasure = erasure.to_bytes()
    item.save(update_fields=["wrapped_key", "month", "held", "erased_at", "erased_month", "erasure"])
    TransferRow.objects.filter(item=item.reference).update(handed_key=b"", wrapped_key=None, month="")
