"""Officials by their directory entries, and what it takes to call a record proven.

`Officials` answers one question: whose entry and whose node stand behind the actor that a record names? Everything that
an official signed is read through it, on a node and by a stranger with a bundle alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from comity.authorities.directory import ENROLLERS, ENTRY, Entry, EntryBroken, Home
from comity.authorities.roles import Role
from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject
from comity.errors import N_, ComityError

Name: TypeAlias = tuple[str, str, str]
"""Node, official, mandate."""


class OfficialUnknown(ComityError):
    """A text is signed by an official whose directory entry was not handed in."""

    code = "authorities.official_unknown"
    sentence = N_("no directory entry of {official} at {node} came with the {what}")


class NotThisOfficial(ComityError):
    """A record names another official than the one who signed it."""

    code = "authorities.not_this_official"
    sentence = N_("the {what} names {named}, and is signed by {signed}")


T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Proven(Generic[T_co]):
    """A record together with the statement that proves it. Only functions that checked its signatures make one."""

    statement: Statement
    record: T_co

    @property
    def digest(self) -> str:
        """The name by which other records cite it."""
        return self.statement.digest


@dataclass(frozen=True)
class Officials:
    """Directory entries by (node, official, mandate), and the nodes that vouch for them."""

    homes: Mapping[str, Home]
    entries: Mapping[tuple[str, str, str], Entry]

    def who(self, record: JsonObject, *, what: str) -> tuple[Entry, Home]:
        """The entry and home of the actor that a record names; raises `OfficialUnknown`."""
        name = (str(record.get("node")), str(record.get("official")), str(record.get("mandate")))
        entry = self.entries.get(name)
        if entry is None or name[0] not in self.homes:
            raise OfficialUnknown(official=name[1][:60], node=name[0][:60], what=what)
        if entry.actor.as_record() != record:
            raise NotThisOfficial(what=what, named=str(record)[:200], signed=entry.official)
        return entry, self.homes[name[0]]


def officials(entries: Mapping[str, list[Statement]], *, homes: Mapping[str, Home]) -> Officials:
    """Read directory entries by node; raises `EntryBroken`, or what `verify` raises, for one that is not good.

    Each entry must be vouched for as it says: by its node, and by two administrators whose entries are among those
    handed in. Only founding administrators stand on their node's signature alone.
    """
    read: dict[Name, Entry] = {}
    texts: dict[Name, Statement] = {}
    for node, statements in entries.items():
        for statement in statements:
            entry = homes[node].entry(statement)
            read[node, entry.official, entry.mandate] = entry
            texts[node, entry.official, entry.mandate] = statement
    for name, entry in read.items():
        _hold_enrolment(entry, texts[name], home=homes[entry.node], among=read)
    return Officials(homes=homes, entries=read)


def _hold_enrolment(entry: Entry, statement: Statement, *, home: Home, among: Mapping[Name, Entry]) -> None:
    """Two administrators signed, the node too, and nobody else; a founder is an administrator whom nobody enrolled."""
    enrollers = [
        one
        for official in entry.enrolled_by
        for one in among.values()
        if (one.node, one.official, one.role) == (entry.node, official, Role.ADMINISTRATOR)
        and any(signature.key == one.credential.id for signature in statement.signatures)
    ]
    if entry.enrolled_by:
        if len({one.official for one in enrollers} - {entry.official}) < ENROLLERS:
            raise EntryBroken(official=entry.official, why="it lacks the signatures of two administrators")
    elif entry.role is not Role.ADMINISTRATOR:
        raise EntryBroken(official=entry.official, why="only founding administrators are enrolled by nobody")
    verify_all(statement, type=ENTRY, keys=[home.key, *(one.credential for one in enrollers)])
