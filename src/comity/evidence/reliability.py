"""How far a source and what it says are believed, as one evaluator put it: a code of one scheme, stored with the scheme.

The Admiralty code (A to F, 1 to 6) and Europol's evaluation code (A, B, C, X and 1 to 4, "4x4") use the same letters and
figures for other things: B2 of the one is not B2 of the other, and nothing here turns the one into the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from comity.canon import Json, JsonObject
from comity.errors import N_, ComityError


class ReliabilityBroken(ComityError):
    """What was stated is no code of its scheme."""

    code = "evidence.reliability_broken"
    sentence = N_("{typed} is no code of the scheme {scheme}: expected one of {sources} and one of {contents}")
    hint = N_("Say by which scheme it was evaluated. A code of one scheme is none of the other.")


class Scheme(StrEnum):
    """By whose code."""

    ADMIRALTY = "admiralty"
    EUROPOL = "europol_4x4"


SOURCES: Final[Mapping[Scheme, Mapping[str, str]]] = MappingProxyType(
    {
        Scheme.ADMIRALTY: {
            "A": N_("completely reliable"),
            "B": N_("usually reliable"),
            "C": N_("fairly reliable"),
            "D": N_("not usually reliable"),
            "E": N_("unreliable"),
            "F": N_("reliability cannot be judged"),
        },
        Scheme.EUROPOL: {
            "A": N_("no doubt about the source, or it was reliable every time"),
            "B": N_("the source was reliable most times"),
            "C": N_("the source was unreliable most times"),
            "X": N_("reliability cannot be assessed"),
        },
    }
)
CONTENTS: Final[Mapping[Scheme, Mapping[str, str]]] = MappingProxyType(
    {
        Scheme.ADMIRALTY: {
            "1": N_("confirmed by other sources"),
            "2": N_("probably true"),
            "3": N_("possibly true"),
            "4": N_("doubtful"),
            "5": N_("improbable"),
            "6": N_("truth cannot be judged"),
        },
        Scheme.EUROPOL: {
            "1": N_("no doubt that it is accurate"),
            "2": N_("known to the source itself, not to the official who passes it on"),
            "3": N_("not known to the source itself, and corroborated by what is recorded"),
            "4": N_("not known to the source itself, and not to be corroborated"),
        },
    }
)


@dataclass(frozen=True)
class Reliability:
    """An evaluation. `source` is about who said it, `content` about what was said."""

    scheme: Scheme
    source: str
    content: str

    def __post_init__(self) -> None:
        """Hold that both are codes of the scheme; raises `ReliabilityBroken`."""
        if self.source not in SOURCES[self.scheme] or self.content not in CONTENTS[self.scheme]:
            raise ReliabilityBroken(
                typed=f"{self.source}{self.content}"[:20],
                scheme=self.scheme.value,
                sources=", ".join(SOURCES[self.scheme]),
                contents=", ".join(CONTENTS[self.scheme]),
            )

    @property
    def code(self) -> str:
        """The code as people write it; it says nothing without its scheme."""
        return f"{self.source}{self.content}"

    def as_record(self) -> JsonObject:
        return {"scheme": self.scheme.value, "source": self.source, "content": self.content}

    @classmethod
    def from_record(cls, record: Json) -> "Reliability | None":
        """Read `as_record` back; None for nothing stated. Raises `ReliabilityBroken`."""
        match record:
            case None:
                return None
            case {"scheme": str(scheme), "source": str(source), "content": str(content), **rest} if (
                not rest and scheme in {one.value for one in Scheme}
            ):
                return cls(Scheme(scheme), source, content)
            case _:
                raise ReliabilityBroken(
                    typed=str(record)[:60], scheme="?", sources="scheme, source", contents="content"
                )


def typed_reliability(scheme: str, code: str) -> Reliability:
    """The evaluation that somebody typed as a scheme and a code such as `B2`; raises `ReliabilityBroken`."""
    code = code.strip().upper()
    return Reliability(_scheme(scheme), code[:1], code[1:])


def _scheme(typed: str) -> Scheme:
    if typed not in {one.value for one in Scheme}:
        raise ReliabilityBroken(typed=typed[:20], scheme=typed[:20], sources=", ".join(Scheme), contents="-")
    return Scheme(typed)
