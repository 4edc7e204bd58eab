"""A disclosure to the defence: the complete list of what the authorities hold in a case, and of each thing whether it is disclosed.

* Nothing is left out of the list. What is withheld stands in it with its ground, the reason, and by whom it was withheld.
* A thing is listed by a commitment: SHA-256 over its kind, its reference, the digest of the text that brought it in, and a salt. What
  is disclosed is opened; what is withheld can be opened later, and is then the same thing.
* Each names the entry of the node's log in which it was recorded, by index and leaf: so it existed then, and nothing was made up since.
* A text can be disclosed in part: the list has the root of its fields (`redaction`), and which are closed is visible.
* Signed by the official who discloses and by that official's node; each disclosure to the same counsel cites the one before.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.authorities.directory import verify_official
from comity.authorities.officials import NotThisOfficial, Officials, Proven
from comity.authorities.roles import Power, Role
from comity.authorities.statement import Statement, verify_all
from comity.canon import Json, JsonObject, canonical, moment, stamp
from comity.errors import N_, ComityError
from comity.evidence import shapes
from comity.evidence.bundle import KINDS

DISCLOSURE: Final = "comity/disclosure/v1"
THINGS_MAX: Final = 20_000
INDEX_MAX: Final = 2**53 - 1
_NAMES: Final = frozenset(
    {"reference", "case", "node", "node_kind", "to", "for", "previous", "things", "checkpoint", "by", "at"}
)
_THING_NAMES: Final = frozenset(
    {
        "number",
        "kind",
        "outcome",
        "commitment",
        "opened",
        "redaction",
        "ground",
        "law",
        "article",
        "reason",
        "index",
        "leaf",
    }
)


class DisclosureBroken(ComityError):
    """A text is no disclosure, or its list does not add up."""

    code = "evidence.disclosure_broken"
    sentence = N_("this is no disclosure: {why}")


class ListIncomplete(ComityError):
    """A disclosure leaves something out that is held in the case."""

    code = "evidence.list_incomplete"
    sentence = N_("the list leaves out {missing} and names {strange} that are not of the case")
    hint = N_("Draw it up again: everything is listed, also what is withheld.")


class Kind(StrEnum):
    """What is listed."""

    ITEM = "item"
    EXHIBIT = "exhibit"
    LETTER = "letter"
    AUTHORISATION = "authorisation"


class State(StrEnum):
    """What became of a thing."""

    DISCLOSED = "disclosed"
    REDACTED = "redacted"
    WITHHELD = "withheld"


class Ground(StrEnum):
    """Why something is withheld, in words of our own; where the law has it is said beside it by whoever withholds."""

    PRIVILEGED = "privileged"
    PROTECTED_PERSON = "protected_person"
    ONGOING_INVESTIGATION = "ongoing_investigation"
    THIRD_PARTY_RIGHTS = "third_party_rights"
    OWNERS_LEAVE = "owners_leave"
    ERASED = "erased"
    OTHER = "other"


TEXTS: Final = frozenset({Kind.LETTER, Kind.AUTHORISATION})
"""What can be disclosed in part: an item of which something is cut out is an item of its own."""


@dataclass(frozen=True)
class Opened:
    """What a listed thing is: its reference, the digest of the text that brought it in, and the salt of its commitment."""

    reference: str
    digest: str
    salt: str

    def commitment(self, kind: Kind) -> str:
        """What stands for it in the list."""
        return hashlib.sha256(canonical({**vars(self), "kind": kind.value})).hexdigest()


@dataclass(frozen=True)
class Listed:
    """One line of the list. `index` and `leaf` are where the log recorded it; `redaction` the root of its fields, or empty."""

    number: int
    kind: Kind
    outcome: State
    commitment: str
    opened: Opened | None
    redaction: str
    ground: str
    law: str
    article: str
    reason: str
    index: int
    leaf: str

    def as_record(self) -> JsonObject:
        return {
            **vars(self),
            "kind": self.kind.value,
            "outcome": self.outcome.value,
            "opened": vars(self.opened) if self.opened else None,
        }

    @classmethod
    def from_record(cls, record: Json, *, number: int) -> "Listed":
        """Read `as_record` back; raises `DisclosureBroken` or `ShapeBroken`."""
        told = shapes.exactly(record, _THING_NAMES, field="thing")
        if told["number"] != number or told["kind"] not in list(Kind) or told["outcome"] not in list(State):
            raise DisclosureBroken(why=f"line {number} has no number, kind or state of a list")
        kind, state = Kind(told["kind"]), State(told["outcome"])
        opened = None
        if told["opened"] is not None:
            read = shapes.exactly(told["opened"], ("reference", "digest", "salt"), field="opened")
            reference = shapes.reference(read["reference"], field="reference")
            opened = Opened(reference, *(shapes.digest(read[name], field=name) for name in ("digest", "salt")))
        line = cls(
            number=number,
            kind=kind,
            outcome=state,
            commitment=shapes.digest(told["commitment"], field="commitment"),
            opened=opened,
            redaction=shapes.digest_or_none(told["redaction"], field="redaction"),
            ground=str(told["ground"]),
            **{
                name: "" if told[name] == "" else shapes.text(told[name], field=name)
                for name in ("law", "article", "reason")
            },
            index=shapes.count(told["index"], field="index", most=INDEX_MAX),
            leaf=shapes.digest(told["leaf"], field="leaf"),
        )
        _hold_line(line)
        return line


def _hold_line(line: Listed) -> None:
    """Hold that a line says what its state asks for, and nothing else; raises `DisclosureBroken`."""
    partly = line.outcome is State.REDACTED
    closed = line.outcome is not State.DISCLOSED
    for holds, why in (
        ((line.opened is None) is (line.outcome is State.WITHHELD), "what is withheld is closed, all else is opened"),
        (line.opened is None or line.opened.commitment(line.kind) == line.commitment, "it opens as something else"),
        (bool(line.redaction) is partly and (not partly or line.kind in TEXTS), "only a text is disclosed in part"),
        ((line.ground in list(Ground)) is closed and (closed or not line.ground), "a ground for what is closed, only"),
        (bool(line.reason) is closed and (closed or not line.law + line.article), "and a reason beside it"),
    ):
        if not holds:
            raise DisclosureBroken(why=f"line {line.number}: {why}")


@dataclass(frozen=True)
class Disclosure:
    """The list. `to` is counsel, as the directory names that official; `for_` whom counsel defends, in words of the authority.

    `case` names the case by a commitment too; `checkpoint` is the log's signed tree head under which each line is proven.
    """

    reference: str
    case: str
    node: str
    node_kind: str
    to: JsonObject
    for_: str
    previous: str
    things: tuple[Listed, ...]
    checkpoint: str
    by: JsonObject
    at: datetime

    def as_body(self) -> JsonObject:
        """The disclosure as the body of a statement."""
        told = {name: value for name, value in vars(self).items() if name not in {"for_", "things", "at"}}
        return {**told, "for": self.for_, "things": [one.as_record() for one in self.things], "at": stamp(self.at)}

    @classmethod
    def from_body(cls, body: JsonObject) -> "Disclosure":
        """Read `as_body` back; raises `DisclosureBroken`, `ShapeBroken`, `TextNotAllowed` or `NotAMoment`."""
        match body:
            case {
                "things": list(things),
                "to": dict(to),
                "by": dict(by),
                "checkpoint": str(checkpoint),
                "node": str(node),
            } if set(body) == _NAMES and body["node_kind"] in KINDS:
                pass
            case _:
                raise DisclosureBroken(why=f"expected exactly {', '.join(sorted(_NAMES))}")
        if len(things) > THINGS_MAX:
            raise DisclosureBroken(why=f"{len(things)} things, and at most {THINGS_MAX} are listed")
        read = tuple(Listed.from_record(one, number=number) for number, one in enumerate(things, start=1))
        if len({one.commitment for one in read}) != len(read):
            raise DisclosureBroken(why="a thing is listed twice")
        return cls(
            reference=shapes.reference(body["reference"], field="reference"),
            case=shapes.digest(body["case"], field="case"),
            node=node,
            node_kind=str(body["node_kind"]),
            to=to,
            for_=shapes.text(body["for"], field="for"),
            previous=shapes.digest_or_none(body["previous"], field="previous"),
            things=read,
            checkpoint=checkpoint,
            by=by,
            at=moment(body["at"]),
        )


def read_disclosure(statement: Statement, *, known: Officials) -> Proven[Disclosure]:
    """The disclosure, signed by the official who discloses and that official's node, to counsel of the same node's directory.

    Raises what does not hold.
    """
    told = Disclosure.from_body(statement.body)
    entry, home = known.who(told.by, what="disclosure")
    if entry.node != told.node:
        raise NotThisOfficial(what="disclosure", named=told.node, signed=entry.node)
    counsel, _ = known.who(told.to, what="disclosure")
    if counsel.role is not Role.DEFENCE or counsel.node != told.node:
        raise DisclosureBroken(why=f"{counsel.official} is no counsel for the defence at node {told.node}")
    verify_official(statement, type=DISCLOSURE, entry=entry, at=told.at)
    verify_all(statement, type=DISCLOSURE, keys=(entry.credential, home.key))
    entry.actor.require(Power.DISCLOSE)
    return Proven(statement=statement, record=told)


def hold_complete(
    things: tuple[Listed, ...], opened: dict[int, Opened], held: frozenset[tuple[Kind, str, str]]
) -> None:
    """Hold that a list has everything that is held (kind, reference, digest), each once, and nothing else.

    `opened` is what each line stands for, also those that stay closed. Raises `ListIncomplete` or `DisclosureBroken`.
    """
    listed = set()
    for line in things:
        stands_for = opened.get(line.number)
        if stands_for is None or stands_for.commitment(line.kind) != line.commitment:
            raise DisclosureBroken(why=f"line {line.number} does not stand for what it is said to")
        listed.add((line.kind, stands_for.reference, stands_for.digest))
    if listed != held:
        raise ListIncomplete(missing=len(held - listed), strange=len(listed - held))
