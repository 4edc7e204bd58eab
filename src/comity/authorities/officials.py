"""Officials by their directory entries, and what it takes to call a record proven.

`Officials` answers one question: whose entry and whose node stand behind the actor that a record names? Everything that
an official signed is read through it, on a node and by a stranger with a bundle alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from comity.authorities.directory import Entry, Home
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.errors import N_, ComityError

OFFICIALS_MAX: Final = 1000


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
    """Read directory entries by node; raises `EntryBroken`, or what `verify` raises, for one that is not good."""
    read: dict[tuple[str, str, str], Entry] = {}
    for node, statements in entries.items():
        assert len(statements) <= OFFICIALS_MAX, "the rim limits how many are read"
        for statement in statements:
            entry = homes[node].entry(statement)
            read[node, entry.official, entry.mandate] = entry
    return Officials(homes=homes, entries=read)
