"""Texts that an official is about to sign, with what is needed to act on them afterwards."""

from dataclasses import dataclass

from comity.authorities.statement import Statement
from comity.canon import JsonObject


@dataclass(frozen=True)
class Prepared:
    """A gesture before the signature. `subject` names what it is about; `arguments` what the act needs beside the texts."""

    gesture: str
    subject: str
    texts: tuple[Statement, ...]
    arguments: JsonObject

    def as_record(self) -> JsonObject:
        """To be kept while the official reads."""
        return {
            "gesture": self.gesture,
            "subject": self.subject,
            "texts": [one.as_json() for one in self.texts],
            "arguments": self.arguments,
        }

    @classmethod
    def from_record(cls, record: JsonObject) -> "Prepared":
        """Read `as_record` back."""
        return cls(
            gesture=record["gesture"],
            subject=record["subject"],
            texts=tuple(Statement.from_json(one) for one in record["texts"]),
            arguments=record["arguments"],
        )


@dataclass(frozen=True)
class Done:
    """What a gesture left behind: the kind of thing and the name by which it is found."""

    kind: str
    reference: str
