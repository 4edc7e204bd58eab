"""Disclosures to the defence: issued by an official of the case, and taken by counsel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, Power
from comity.canon import JsonObject
from comity.errors import N_, ComityError
from comity.evidence.custody import Chain
from comity.evidence.disclosure import Disclosure, DisclosureBroken, Kind, Opened, State, hold_complete
from comity.registry import access, decisions, log, rows
from comity.registry.act import act, current
from comity.registry.models import DisclosureRow, ItemRow
from comity.registry.queries import disclosures


class PlaceMoved(ComityError):
    """The list names another place in the log than the one where a thing is recorded."""

    code = "disclosures.place_moved"
    sentence = N_("line {number} names another entry of the log than the one that recorded it")


@act
def issue(
    proven: Proven[Disclosure],
    *,
    case: str,
    opened: dict[int, Opened],
    secrets: JsonObject,
    chains: Sequence[Chain],
    actor: Actor,
    at: datetime,
) -> None:
    """Keep a disclosure that lists everything held in the case; what leaves has its origin, its leave and its review.

    `opened` is what each line stands for, `chains` the custody of what is disclosed. Raises `ListIncomplete`, `OriginMissing`,
    `LeaveMissing`, `ReviewMissing`, `SealedOff`, `NotRecognised` or `NoStandingDecision`.
    """
    access.require(actor, Power.DISCLOSE, at=at)
    told = proven.record
    rows.hold_signer(actor, told.by, step="disclose")
    row = rows.case_to_change(case, actor=actor)
    held = {(one.kind, one.reference, one.digest): one for one in disclosures.held_in(case, viewer=actor)}
    hold_complete(told.things, opened, frozenset(held))
    for line in told.things:
        found = held[line.kind, opened[line.number].reference, opened[line.number].digest]
        if (line.index, line.leaf) != (found.index, found.leaf):
            raise PlaceMoved(number=line.number)
    _hold_previous(told, case=case, actor=actor)
    _hold_may_leave(told, chains, actor=actor, at=at)
    DisclosureRow.objects.create(
        reference=told.reference,
        case=row,
        counsel=str(told.to["official"]),
        mandate=str(told.to["mandate"]),
        digest=proven.digest,
        statement=proven.statement.to_bytes(),
        secrets=secrets,
        at=at,
    )
    states = [one.outcome for one in told.things]
    log.append(
        kind="disclosure.issued",
        facts={
            "disclosure": told.reference,
            "case": case,
            "counsel": told.to["official"],
            "counts": {state.value: states.count(state) for state in State},
        },
        statement=proven.digest,
        actor=actor,
        at=at,
    )


def _hold_previous(told: Disclosure, *, case: str, actor: Actor) -> None:
    before = disclosures.newest_to(case, str(told.to["official"]), viewer=actor)
    if told.previous != (before.digest if before else ""):
        raise DisclosureBroken(why="it does not cite the disclosure that this counsel had last")
    if told.node != current().id:
        raise DisclosureBroken(why=f"it is of node {told.node[:40]}")


def _hold_may_leave(told: Disclosure, chains: Sequence[Chain], *, actor: Actor, at: datetime) -> None:
    """Hold of each item that is disclosed what has to hold of what leaves the node for a court."""
    by_thing = {chain.thing.id: chain for chain in chains}
    for line in told.things:
        if line.opened is None or line.kind not in {Kind.ITEM, Kind.EXHIBIT}:
            continue
        chain = by_thing.get(line.opened.reference)
        if chain is None:
            raise DisclosureBroken(why=f"the custody of line {line.number} did not come along")
        thing = rows.thing_for_update(line.opened.reference)
        decisions.hold_open(thing)
        decisions.hold_item_reviewed(thing, acting=actor.official)
        chain.hold_origin()
        chain.hold_leave(exporting=True)
        if isinstance(thing, ItemRow):
            decisions.hold_authority(chain.records[0], thing, act=f"to disclose item {thing.reference[:8]}", at=at)


@act
def record_taken(reference: str, *, sha256: str, actor: Actor, at: datetime) -> None:
    """Somebody to whom a disclosure was made takes its file: who, and which bytes."""
    access.require(actor, _taking(actor), at=at)
    row = rows.disclosure(reference, viewer=actor)
    log.append(
        kind="disclosure.taken",
        facts={"disclosure": reference, "sha256": sha256},
        statement=row.digest,
        actor=actor,
        at=at,
    )


_TAKING: Final = (Power.READ_DISCLOSURE, Power.DISCLOSE)


def _taking(actor: Actor) -> Power:
    """The power with which this office takes it; one that holds none is refused for the first."""
    return next((power for power in _TAKING if power in actor.powers), _TAKING[0])
