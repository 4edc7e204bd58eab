"""Verifying a bundle, what became of decisions: ended by a signed text, suspended for a time, validated; and who looked again.

* An end is a text of its own, signed by whom it must be, and stands in the exporting node's log.
* A suspension has no text: it is told by the log of the node that gave the decision, as far as that log is here.
* A flagged item leaves only after another official than the exporter looked at it and said why it is necessary all the same.
* An exporter signs that these are all ends that it knew of. What it did not know of, or kept back together with what its log
  says of it, is not here, and the words say so.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from comity.authorisations.authorisation import Authorisation, AuthorisationKind
from comity.authorisations.covering import Standing
from comity.authorisations.lapse import Cause, Lapse, read_lapse
from comity.authorities.officials import Proven
from comity.authorities.roles import Role
from comity.canon import moment, stamp
from comity.evidence.custody import Chain, CustodyEvent
from comity.evidence.member import authorisation_member, custody_member, entry_member
from comity.exchange.verification_held import Contradiction, Held, Logged, Suspended, named_after
from comity.letters.emergency import hold_validation
from comity.letters.letter import flags_of

Details = tuple[str, ...]
SINCE_FORMAT: Final = 2
"""From this format on a bundle brings ends and reviews; in an older one nothing follows from their absence."""

_NAMED: Final = {
    Cause.NOT_VALIDATED: "nobody validated it in time",
    Cause.VALIDATION_REFUSED: "its validation was refused",
    Cause.REVOKED: "it was revoked",
}
FLAG: Final = "evidence.flag"
REVIEW: Final = "evidence.review"


def ends(held: Held) -> Details:
    """What became of every decision: each end is signed and logged, each suspension is logged."""
    for name in held.under("lapses/"):
        _read_end(held, name)
    said = []
    for decided in held.authorisations.values():
        held.member = authorisation_member(decided.digest)
        held.suspended[decided.digest] = _suspensions(held, decided)
        said.append(_became(held, decided))
    if held.manifest.format < SINCE_FORMAT:
        held.checked = False
        said.append("a bundle of this older format brings no ends of decisions: what is shown as given may have ended")
    else:
        said.append(
            f"{held.manifest.node} signs that it knew of no other end at {stamp(held.manifest.made_at)}; what came later,"
            " or what only the other node's log tells, is not here"
        )
    return tuple(said)


def _read_end(held: Held, name: str) -> None:
    """Hold that the text ends a decision that is here, and that the exporter's log tells of it. Raises what does not hold."""
    statement = held.read_statement(name)
    decided = held.authorisation(statement.body.get("authorisation"))
    letter = held.letter(statement.body.get("letter")).record
    ended = read_lapse(statement, decided=decided, drafted_by=letter.drafted_by, known=held.officials)
    named_after(name, ended.digest)
    if decided.digest in held.lapses:
        raise Contradiction(why="a decision ends once")
    if not held.logged_about(ended.digest, node=held.manifest.node):
        raise Contradiction(why=f"no proven entry of the log of {held.manifest.node} tells of it")
    held.lapses[decided.digest] = ended
    held.use(name)


def _suspensions(held: Held, decided: Proven[Authorisation]) -> list[Suspended]:
    """When the decision covered nothing, as the log of its node tells; raises `Contradiction`."""
    found: list[Suspended] = []
    giver = str(decided.record.by["node"])
    for node in {one.node for one in held.log}:
        for logged in held.logged_about(decided.digest, node=node):
            if logged.entry.kind not in {"letter.suspend", "letter.resume"}:
                continue
            held.member = entry_member(node, index=logged.index)
            if node != giver:
                raise Contradiction(
                    why=f"the decision is for node {giver} to suspend, and it stands in the log of {node}"
                )
            _follow(found, logged)
    return found


def _follow(found: list[Suspended], logged: Logged) -> None:
    """Add a suspension, or its end; raises `Contradiction` where it follows nothing."""
    waits = bool(found) and found[-1].until is None
    if waits is (logged.entry.kind == "letter.suspend"):
        raise Contradiction(why="a decision is suspended and taken up again in turns, and this follows out of turn")
    at = moment(logged.entry.at)
    if waits:
        found[-1] = Suspended(since=found[-1].since, until=at, index=found[-1].index)
    else:
        found.append(Suspended(since=at, until=None, index=logged.index))


def standing(held: Held, decided: Proven[Authorisation], *, at: datetime) -> Standing:
    """What had become of a decision at that moment, as far as the bundle tells.

    Raises `NotValidated` or `Contradiction`.
    """
    ended = held.lapses.get(decided.digest)
    covering_nothing = [
        one.since
        for one in held.suspended.get(decided.digest, [])
        if one.since <= at and (one.until is None or at < one.until)
    ]
    return Standing(
        suspended_at=covering_nothing[0] if covering_nothing else None,
        revoked_at=ended.record.at if ended else None,
        validated_at=_validation(held, decided),
    )


def _validation(held: Held, decided: Proven[Authorisation]) -> datetime | None:
    """When an emergency decision was validated; raises `Contradiction` where its time ran out and nothing says so."""
    due = decided.record.validation
    if due is None:
        return None
    for one in held.authorisations.values():
        if one.record.validates == decided.digest:
            hold_validation(one.record, decided)
            return one.record.decided_at
    if held.manifest.made_at >= due.until and decided.digest not in held.lapses:
        raise Contradiction(why=f"the emergency decision was to be validated before {stamp(due.until)} and was not")
    return None


def _became(held: Held, decided: Proven[Authorisation]) -> str:
    """What became of one decision, in words."""
    given = decided.record
    who = f"{given.kind.value} of {given.by['official']} ({given.by['office']}, {given.by['node']}), {stamp(given.decided_at)}"
    if given.kind is AuthorisationKind.VALIDATION:
        return f"{who}: confirms decision {given.validates[:12]}"
    told = [_suspension(held, decided, one) for one in held.suspended[decided.digest]]
    validated = _validation(held, decided)
    told += [f"validated {stamp(validated)}"] if validated else []
    ended = held.lapses.get(decided.digest)
    if ended is not None:
        told.append(_end(held, ended))
    elif given.expires <= held.manifest.made_at:
        told.append(f"ran out at {stamp(given.expires)} by its own terms")
    else:
        told.append(f"not ended, as far as this bundle tells; it runs until {stamp(given.expires)}")
    return f"{who}: {'; '.join(told)}"


def _suspension(held: Held, decided: Proven[Authorisation], one: Suspended) -> str:
    until = (
        f"until {stamp(one.until)}" if one.until else f"and not taken up again before {stamp(held.manifest.made_at)}"
    )
    return f"suspended from {stamp(one.since)} {until} ({decided.record.by['node']} log {one.index})"


def _end(held: Held, ended: Proven[Lapse]) -> str:
    lapse, node = ended.record, held.manifest.node
    by = f"{lapse.by['official']} ({lapse.by['office']})" if lapse.by else f"node {lapse.node} alone"
    index = held.logged_about(ended.digest, node=node)[0].index
    return (
        f"ENDED {stamp(lapse.at)}: {_NAMED[lapse.cause]} (Art. {lapse.article}), signed by {by}, reason as stated:"
        f" {lapse.reason} ({node} log {index})"
    )


def reviews(held: Held) -> Details:
    """Every flagged item was looked at by another than the exporter before it left."""
    said = []
    for chain in held.chains.values():
        told = _about(held, chain)
        for record in chain.records:
            if record.event is CustodyEvent.EXPORT and record.node == held.manifest.node:
                held.member = custody_member(chain.thing.id, seq=record.seq)
                said.append(_reviewed(held, chain, told, digest=held.record_of(record)))
    return tuple(said)


def _about(held: Held, chain: Chain) -> list[Logged]:
    """The entries of the exporter's log that flag or review the thing; they rest on no text, and are needed here."""
    found = []
    for logged in held.log:
        entry = logged.entry
        if logged.node == held.manifest.node and entry.kind in {FLAG, REVIEW} and not entry.statement:
            if entry.facts.get("item") != chain.thing.id:
                continue
            held.member = entry_member(logged.node, index=logged.index)
            if entry.facts.get("letter") != chain.records[0].facts["letter"]:
                raise Contradiction(why="it names another letter than the acquisition")
            held.use(held.member)
            found.append(logged)
    return sorted(found, key=lambda one: one.index)


def _reviewed(held: Held, chain: Chain, told: list[Logged], *, digest: str) -> str:
    """By whom the item was reviewed before this export; raises `Contradiction` where it is flagged and nobody did."""
    exports = held.logged_about(digest, node=held.manifest.node)
    if not exports:
        raise Contradiction(why=f"no proven entry of the log of {held.manifest.node} rests on it")
    before = [one for one in told if one.index < exports[0].index]
    begun = chain.records[0]
    letter = held.letter(begun.facts["letter"]).record
    flags = set(flags_of(letter, within=frozenset(begun.facts["scope"]["selectors"])))
    flags |= {str(flag) for one in before if one.entry.kind == FLAG for flag in one.entry.facts["flags"]}
    name = f"item {chain.thing.id}"
    if not flags:
        return f"{name}: nobody flagged it as touching a protected person"
    by = list(_reviewers(before, flags=flags, but=str(exports[0].entry.actor.get("official"))))
    if by:
        return f"{name}: flagged ({', '.join(sorted(flags))}), reviewed by {'; '.join(by)}"
    if held.manifest.format >= SINCE_FORMAT:
        raise Contradiction(why=f"the item is flagged ({', '.join(sorted(flags))}), and nobody else reviewed it before")
    held.checked = False
    return f"{name}: flagged ({', '.join(sorted(flags))}); a bundle of this older format brings no reviews"


def _reviewers(before: list[Logged], *, flags: set[str], but: str) -> Iterator[str]:
    for one in before:
        actor, facts = one.entry.actor, one.entry.facts
        another = actor.get("official") != but and actor.get("role") != Role.SERVICE
        if one.entry.kind == REVIEW and another and flags <= set(facts["flags"]):
            where = f"{one.entry.at} ({one.node} log {one.index})"
            yield f"{actor['official']} ({actor['office']}), {where}: {facts['reason']}"
