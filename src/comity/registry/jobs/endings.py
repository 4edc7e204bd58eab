"""How a decision ends or is confirmed: the work that waits for its moment, and what the other side tells of its own.

* A lapse by time is signed by the node alone: the moment stands in the decision itself, and everybody can compare.
* What was sealed off lies as ciphertext until a custodian erases it; what was still arriving is thrown away at once.
"""

from datetime import datetime
from typing import Final

from comity.authorisations.lapse import Cause, Lapse, read_lapse
from comity.authorities.officials import Proven
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.errors import N_, ComityError
from comity.evidence.erasure import read_erasure
from comity.letters.dossier import read_authorisation
from comity.registry import access, decisions, introductions, post, rows, vault, work
from comity.registry.act import current
from comity.registry.actions import authorisations, erasure
from comity.registry.models import AuthorisationRow, LetterRow, TransferRow
from comity.registry.queries.people import known
from comity.registry.rows import Inbound
from comity.registry.work import Leased

_REASON: Final = "Nobody validated the emergency decision before its time ran out."


class ToldByAnother(ComityError):
    """A node ends or erases what is not its own."""

    code = "registry.told_by_another"
    sentence = N_("node {sender} cannot say this of a decision or an item of {node}")


def lapse(leased: Leased, *, at: datetime) -> None:
    """The time for a validation has run out: end the decision, unless it was validated or has ended already."""
    decided = AuthorisationRow.objects.filter(digest=leased.about).first()
    if decided is None or decided.validated_at is not None or decided.withdrawn_at is not None:
        work.done(leased)
        return
    due = decisions.power_of(decided).validation
    assert due is not None, "only a decision that has to be validated has this work"
    text = decisions.lapse_of(decided, cause=Cause.NOT_VALIDATED, article=due.article, reason=_REASON, by={}, at=at)
    node = current()
    proven = proven_lapse(post.countersign(text), decided, people={})
    authorisations.end_decision(proven, actor=node.machine("registry"), at=at)
    clear_stopped(decided.letter)
    work.done(leased)


def proven_lapse(
    statement: Statement, decided: AuthorisationRow, *, people: dict[str, list[Statement]]
) -> Proven[Lapse]:
    """The lapse of this decision, checked as everybody checks it."""
    return read_lapse(
        statement,
        decided=decisions.proven_of(decided),
        drafted_by=rows.letter_of(decided.letter).drafted_by,
        known=known(people, viewer=current().machine("registry")),
    )


def clear_stopped(letter: LetterRow) -> None:
    """Throw away what had arrived of items that nobody has accepted: no key of them is left here."""
    stopped = TransferRow.objects.filter(letter=letter, outgoing=False, state=TransferRow.STOPPED)
    for item in stopped.values_list("item", flat=True):
        vault.clear(current().vault, item)


def validated(
    inbound: Inbound, content: JsonObject, *, people: tuple[introductions.Introduced, ...], at: datetime
) -> None:
    """Take in the validation of an emergency decision of the other side."""
    statement = Statement.from_json(content["validation"])
    emergency = _decision(str(statement.body.get("validates")), of=inbound.sender)
    who = known(_among(inbound, people), viewer=current().machine("post"))
    proven = read_authorisation(statement, letter=rows.letter_of(emergency.letter), known=who)
    authorisations.receive_validation(inbound, proven, people=people, actor=current().machine("post"), at=at)


def lapsed(
    inbound: Inbound, content: JsonObject, *, people: tuple[introductions.Introduced, ...], at: datetime
) -> None:
    """Take in that a decision of the other side has ended."""
    statement = Statement.from_json(content["lapse"])
    decided = _decision(str(statement.body.get("authorisation")), of=inbound.sender)
    proven = proven_lapse(statement, decided, people=_among(inbound, people))
    authorisations.receive_lapse(inbound, proven, people=people, actor=current().machine("post"), at=at)
    clear_stopped(decided.letter)


def erased(
    inbound: Inbound, content: JsonObject, *, people: tuple[introductions.Introduced, ...], at: datetime
) -> None:
    """Take in that the other side erased its copy of an item."""
    who = known(_among(inbound, people), viewer=current().machine("post"))
    proven = read_erasure(Statement.from_json(content["erasure"]), known=who)
    if proven.record.node != inbound.sender:
        raise ToldByAnother(sender=inbound.sender, node=proven.record.node)
    erasure.receive_erasure(inbound, proven, people=people, actor=current().machine("post"), at=at)


def _decision(digest: str, *, of: str) -> AuthorisationRow:
    """A decision that this node signed; another's stands as if it were not there. Raises `NoSuchThing`."""
    row = AuthorisationRow.objects.filter(digest=digest, node=of).select_related("letter").first()
    if row is None:
        raise access.NoSuchThing(what="decision", reference=repr(digest)[:12])
    return row


def _among(inbound: Inbound, people: tuple[introductions.Introduced, ...]) -> dict[str, list[Statement]]:
    return {inbound.sender: introductions.statements(people)}
