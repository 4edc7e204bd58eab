"""Protected persons: a flag on a target or an item, and the review by somebody else that lets it leave all the same."""

from datetime import datetime
from typing import Final

from comity.authorisations.reasons import reason as read_reason
from comity.authorities.roles import Actor, Power
from comity.canon import sha256_hex
from comity.cases.protection import flags as read_flags
from comity.errors import N_, ComityError
from comity.letters.letter import flags_of
from comity.registry import access, decisions, log, rows
from comity.registry.act import act
from comity.registry.models import ExhibitRow, ItemRow, ReviewRow, SelectorRow

_REVIEWING: Final = (Power.AUTHORISE, Power.RECOGNISE, Power.HANDLE_LETTER, Power.DRAFT_LETTER, Power.TAKE_IN_EVIDENCE)


class NothingToReview(ComityError):
    """What nobody flagged needs no review; what one did oneself is reviewed by somebody else."""

    code = "registry.nothing_to_review"
    sentence = N_("{what} {reference} cannot be reviewed by {official}: {why}")


@act
def flag_selector(case: str, selector: str, flags: list[str], *, actor: Actor, at: datetime) -> None:
    """Say who stands behind a target: the letters that are drafted from now on carry it. Flags are only added."""
    access.require(actor, Power.OPEN_CASE, at=at)
    row = rows.case(case, viewer=actor)
    access.hold_case(row, actor=actor)
    stated = sorted(read_flags(flags)) if flags else []
    kind, _, value = selector.partition(":")
    target = SelectorRow.objects.filter(case=row, kind=kind, value=value).first()
    if target is None:
        raise access.NoSuchThing(what="selector", reference=selector[:40])
    target.flags = decisions.joined(target.flags, stated)
    target.save(update_fields=["flags"])
    log.append(
        kind="case.selector_flagged",
        facts={"case": case, "selector": sha256_hex(selector.encode()), "flags": target.flags},
        statement="",
        actor=actor,
        at=at,
    )


@act
def flag_item(item: str, flags: list[str], *, reason: str, actor: Actor, at: datetime) -> None:
    """Add flags to an item or exhibit: somebody who is protected turned up in it. Flags are added, never taken away."""
    row = rows.thing_for_update(item)
    _require_one(actor, row, at=at)
    row.flags = decisions.joined(row.flags, sorted(read_flags(flags)))
    row.save(update_fields=["flags"])
    log.append(
        kind="evidence.flag",
        facts={
            "item": item,
            "letter": row.letter.digest,
            "flags": row.flags,
            "reason": read_reason(reason, field="reason"),
        },
        statement="",
        actor=actor,
        at=at,
    )


@act
def review_letter(letter: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """Record why a letter with protected targets is necessary all the same, by another than its drafter."""
    row = rows.letter_for_update(letter)
    access.hold_letter(row, actor=actor)
    access.require(actor, _reviewing(actor), at=at)
    text = rows.letter_of(row)
    flags = sorted(flags_of(text, within=text.scope.selectors))
    if not flags:
        raise NothingToReview(what="letter", reference=row.short, official=actor.official, why="nothing is flagged")
    if actor.official == row.drafted_by:
        raise NothingToReview(what="letter", reference=row.short, official=actor.official, why="they drafted it")
    stated = read_reason(reason, field="reason")
    ReviewRow.objects.create(letter=row, item="", flags=flags, official=actor.official, reason=stated, at=at)
    log.append(
        kind="letter.review",
        facts={"letter": row.digest, "flags": flags, "reason": stated},
        statement=row.digest,
        actor=actor,
        at=at,
    )


@act
def review_item(item: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """Record why a flagged item or exhibit is necessary all the same; who reviewed it neither hands it over nor exports it."""
    row = rows.thing_for_update(item)
    _require_one(actor, row, at=at)
    stated = read_reason(reason, field="reason")
    ReviewRow.objects.create(
        letter=row.letter, item=item, flags=row.flags, official=actor.official, reason=stated, at=at
    )
    log.append(
        kind="evidence.review",
        facts={"item": item, "letter": row.letter.digest, "flags": row.flags, "reason": stated},
        statement="",
        actor=actor,
        at=at,
    )


def _require_one(actor: Actor, item: ItemRow | ExhibitRow, *, at: datetime) -> None:
    """Who sees the letter that an item came under, and holds a power over either, flags and reviews the item."""
    with access.hidden_as("item", item.reference[:8]):
        access.hold_letter(item.letter, actor=actor)
    access.require(actor, _reviewing(actor), at=at)


def _reviewing(actor: Actor) -> Power:
    """The power with which this office reviews; one that holds none is refused for the first."""
    return next((power for power in _REVIEWING if power in actor.powers), _REVIEWING[0])
