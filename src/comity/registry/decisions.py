"""What has become of a decision, and what protected persons ask for: part of the acts that call it, nothing here is one.

* An act under a recognition also needs that the decision of the asking side still stands: not ended, not suspended,
  validated where that was due.
* A letter or an item with a flag leaves only after somebody else looked at it and said why it is still necessary.
"""

from datetime import datetime
from typing import Final

from comity.authorisations.authorisation import Authorisation
from comity.authorisations.covering import REVIEWED, SEALED, Standing, hold_standing
from comity.authorisations.lapse import LAPSE as LAPSE_TEXT
from comity.authorisations.lapse import Cause, Lapse
from comity.authorities.officials import Proven
from comity.authorities.statement import Statement
from comity.canon import JsonObject, moment, stamp
from comity.cases.protection import flags as read_flags
from comity.errors import N_, ComityError
from comity.evidence.custody import CustodyRecord
from comity.letters.letter import Letter, flags_of, short_form
from comity.letters.life import RULES, State, Step
from comity.registry import keeping, rows
from comity.registry.act import current
from comity.registry.models import (
    AuthorisationRow,
    ExhibitRow,
    HandOverRow,
    ItemRow,
    LapseRow,
    LetterRow,
    ReviewRow,
    TransferRow,
)


class ReviewMissing(ComityError):
    """A flagged letter or item leaves only after somebody else reviewed it."""

    code = "registry.review_missing"
    sentence = N_("{what} {reference} is flagged ({flags}), and nobody else has reviewed all of that")
    hint = N_("Another official looks at it and records why it is still necessary.")


class SealedOff(ComityError):
    """What an item rested on has ended."""

    code = "registry.sealed_off"
    sentence = N_("item {item} is sealed off since {since}: the decision that it rested on has ended")
    hint = N_("It is neither read, nor handed over, nor exported. A custodian erases it.")


class NoStandingDecision(ComityError):
    """The decision on which a letter went out has ended."""

    code = "registry.no_standing_decision"
    sentence = N_("letter {letter} rests on no decision of the asking side that still stands")


def power_of(row: AuthorisationRow) -> Authorisation:
    """The decision as it was signed."""
    return Authorisation.from_body(Statement.from_bytes(bytes(row.statement)).body)


def proven_of(row: AuthorisationRow) -> Proven[Authorisation]:
    """A decision that was proven when it was kept, with its text."""
    statement = Statement.from_bytes(bytes(row.statement))
    return Proven(statement=statement, record=Authorisation.from_body(statement.body))


def standing_of(row: AuthorisationRow) -> Standing:
    """What has become of it."""
    return Standing(suspended_at=row.suspended_at, revoked_at=row.withdrawn_at, validated_at=row.validated_at)


def hold_granted(letter: LetterRow, *, act: str, at: datetime) -> Authorisation:
    """Hold that the decision under which the letter went out still stands; the decision.

    Raises `NoStandingDecision` or `NotCovered`.
    """
    granted = rows.authorised(letter)
    if granted is None:
        raise NoStandingDecision(letter=short_form(letter.reference))
    power = power_of(granted)
    hold_standing(power, standing_of(granted), act=act, at=at)
    return power


def hold_authority(begun: CustodyRecord, item: ItemRow, *, act: str, at: datetime) -> None:
    """Hold that the decision under which it was taken in still stands, and the one under which its letter went out.

    `begun` is its first record. Raises `NotRecognised`, `NoStandingDecision` or `NotCovered`.
    """
    hold_granted(item.letter, act=act, at=at)
    named = str(begun.facts["authorisation"])
    row = AuthorisationRow.objects.filter(digest=named, letter=item.letter, withdrawn_at=None).first()
    if row is None:
        raise keeping.NotRecognised(decision=named[:12])
    hold_standing(power_of(row), standing_of(row), act=act, at=at)


def hold_open(item: ItemRow | ExhibitRow) -> None:
    """Hold that the item was not sealed off; raises `SealedOff`."""
    if item.sealed_off_at is not None:
        raise SealedOff(item=item.reference[:8], since=item.sealed_off_at.isoformat(timespec="minutes"))


def hold_letter_reviewed(row: LetterRow, letter: Letter, *, selectors: frozenset[str]) -> list[str]:
    """Hold that a flagged letter was reviewed by another than its drafter; the flags. Raises `ReviewMissing`."""
    found = sorted(flags_of(letter, within=selectors))
    if found and not _reviewed(row, "", flags=found, but=row.drafted_by):
        raise ReviewMissing(what="letter", reference=row.short, flags=", ".join(found))
    return found


def hold_item_reviewed(item: ItemRow | ExhibitRow, *, acting: str) -> frozenset[str]:
    """Hold that a flagged item was reviewed by another than who acts; what holds of it, for `covers`.

    Raises `ReviewMissing`.
    """
    reviewed = _reviewed(item.letter, item.reference, flags=item.flags, but=acting)
    if item.flags and not reviewed:
        raise ReviewMissing(what="item", reference=item.reference[:8], flags=", ".join(item.flags))
    return frozenset({SEALED, REVIEWED}) if reviewed else frozenset({SEALED})


def _reviewed(letter: LetterRow, item: str, *, flags: list[str], but: str) -> bool:
    """Whether somebody else looked at it knowing of every flag that it has now."""
    reviews = ReviewRow.objects.filter(letter=letter, item=item).exclude(official=but)
    return any(set(flags) <= set(one.flags) for one in reviews)


def flags_taken(letter: LetterRow, *, selectors: frozenset[str]) -> list[str]:
    """The flags that an item takes from those targets of its letter that it holds."""
    return sorted(flags_of(rows.letter_of(letter), within=selectors))


def joined(*listed: list[str]) -> list[str]:
    """Several lists of flags as one; raises `FlagUnknown`."""
    every = sorted({one for flags in listed for one in flags})
    return sorted(read_flags(every)) if every else []


LAPSE: Final = "lapse"
"""The work of ending an emergency decision that nobody validated, due when its time runs out."""

ENDED: Final = RULES[Step.LAPSE].after


def end(decided: AuthorisationRow, proven: Proven[Lapse], *, at: datetime) -> list[str]:
    """End a decision: the letter is taken back, its items are sealed off, arrivals and hand-overs stop; the items.

    Everything that rests on the letter and lies here is reached; what is on its way is refused when it comes.
    """
    letter = rows.letter_for_update(decided.letter.digest)
    decided.withdrawn_at = at
    decided.save(update_fields=["withdrawn_at"])
    LapseRow.objects.create(
        authorisation=decided,
        letter=letter,
        digest=proven.digest,
        cause=proven.record.cause.value,
        statement=proven.statement.to_bytes(),
        at=proven.record.at,
    )
    if State(letter.state) in ENDED:
        letter.state = RULES[Step.LAPSE].leads_to.value
        letter.save(update_fields=["state"])
    rows.mind(letter)
    items = ItemRow.objects.filter(letter=letter, sealed_off_at=None)
    found = list(items.values_list("reference", flat=True))
    items.update(sealed_off_at=at)
    ExhibitRow.objects.filter(letter=letter, sealed_off_at=None).update(sealed_off_at=at)
    waiting = TransferRow.objects.filter(letter=letter, state__in=[TransferRow.OFFERED, TransferRow.ARRIVED])
    waiting.update(state=TransferRow.STOPPED, wrapped_key=None)
    HandOverRow.objects.filter(letter=letter, state=HandOverRow.OFFERED).update(state=HandOverRow.DROPPED)
    return found


def told_of(letter: LetterRow) -> list[str]:
    """Every node that received the letter or something that came of it."""
    nodes = set(letter.deliveries.values_list("node", flat=True)) if letter.outgoing else {letter.peer}
    nodes |= set(TransferRow.objects.filter(letter=letter).values_list("peer", flat=True))
    return sorted(nodes)


def lapse_of(
    granted: AuthorisationRow, *, cause: Cause, article: str, reason: str, by: JsonObject, at: datetime
) -> Statement:
    """The text that ends a decision of this node."""
    lapse = Lapse(
        letter=granted.letter.digest,
        authorisation=granted.digest,
        cause=cause,
        article=article,
        reason=reason,
        node=current().id,
        by=by,
        at=moment(stamp(at)),
    )
    return Statement(type=LAPSE_TEXT, body=Lapse.from_body(lapse.as_body()).as_body())
