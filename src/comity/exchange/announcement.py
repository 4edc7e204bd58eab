"""An announcement: a node tells its peers one entry of its directory of competence, with what it takes to check it.

    {"entry": <signed entry>, "officials": [<signed directory entries of who signed it and of who enrolled them>]}

* A node speaks for its own state only, and only its own administrators sign.
* The same document travels in a message of subject `competence`, and as a file where there is no connection.
"""

from datetime import datetime
from typing import Final

from comity.authorities.competence import Competence, read_competence
from comity.authorities.officials import Officials, Proven
from comity.authorities.statement import Statement
from comity.canon import Json, JsonObject, stamp
from comity.errors import N_, ComityError
from comity.exchange.card import NodeCard
from comity.exchange.wire import CLOCK_SKEW_MAX, Fields

ANNOUNCEMENT: Final = "competence"
OFFICIALS_MAX: Final = 16


class AnnouncedByAnother(ComityError):
    """A node speaks for a state or a node that is not its own."""

    code = "exchange.announced_by_another"
    sentence = N_("node {sender} of {state} announced an entry of node {node} of {found}")
    hint = N_("Only the node that keeps an entry announces it.")


class AnnouncedFromTheFuture(ComityError):
    """An entry was written later than now, by more than clocks may differ."""

    code = "exchange.announced_from_the_future"
    sentence = N_("the entry says that it was written at {written_at}, and it is {now}")
    hint = N_("Compare the clocks of the two nodes.")


def announcement(entry: Statement, *, officials: list[JsonObject]) -> JsonObject:
    """The document in which an entry travels."""
    return {"entry": entry.as_json(), "officials": list(officials)}


def read_announcement(document: Json) -> tuple[Statement, tuple[Statement, ...]]:
    """The entry and the officials' entries in a document, none of them believed; raises `RecordBroken`, `StatementBroken`."""
    fields = Fields.of(document, record="announcement", names=("entry", "officials"))
    people = fields.listed("officials", most=OFFICIALS_MAX)
    return Statement.from_json(fields.values["entry"]), tuple(Statement.from_json(one) for one in people)


def announced(entry: Statement, *, sender: NodeCard, known: Officials, at: datetime) -> Proven[Competence]:
    """The entry, signed by an administrator of `sender` and by `sender`, about its own state, and not from the future.

    Raises `AnnouncedByAnother`, `AnnouncedFromTheFuture`, and as `read_competence`.
    """
    proven = read_competence(entry, known=known)
    found = proven.record
    if (found.node, found.state) != (sender.node, sender.state):
        raise AnnouncedByAnother(sender=sender.node, state=sender.state, node=found.node, found=found.state)
    if found.written_at > at + CLOCK_SKEW_MAX:
        raise AnnouncedFromTheFuture(written_at=stamp(found.written_at), now=stamp(at))
    return proven
