"""The transfer gate: no evidence leaves a state without a ground in that state's law, recorded with the hand-over.

For states bound by Directive (EU) 2016/680 that hand over to a state which is not: an adequacy decision (Art. 36),
safeguards (Art. 37: an instrument, or the controller's own assessment) or a derogation (Art. 38), on top of the
cumulative conditions of Art. 35(1)(a)-(e). Any other state names its own law; its article may be `not_stated`.

* The gate checks that a ground is complete and of a kind that is open. Whether its reasons hold is for the official
  who gives them and the authority that reviews them: they are recorded word for word.
* Whether a state is bound, and whether an adequacy decision exists, comes in as an argument: the law package knows.
  An unknown answer opens nothing.
* A derogation for an individual case or a legal claim is not open if the rights of the person override (Art. 38).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from comity.canon import Json, JsonObject, plain
from comity.errors import N_, ComityError
from comity.exchange.wire import Fields

LED: Final = "Directive (EU) 2016/680"
NOT_STATED: Final = "not_stated"
GROUND_CHARACTERS_MAX: Final = 4000


class GroundKind(StrEnum):
    """The kinds of ground; the last is for states that the Directive does not bind."""

    ADEQUACY = "adequacy"
    SAFEGUARDS_AGREEMENT = "safeguards_agreement"
    SAFEGUARDS_ASSESSED = "safeguards_assessed"
    DEROGATION = "derogation"
    OWN_LAW = "own_law"


class Derogation(StrEnum):
    """The cases of Art. 38."""

    VITAL_INTERESTS = "vital_interests"
    LEGITIMATE_INTERESTS = "legitimate_interests"
    IMMEDIATE_SERIOUS_THREAT = "immediate_serious_threat"
    INDIVIDUAL_CASE = "individual_case"
    LEGAL_CLAIM = "legal_claim"


ARTICLES: Final[Mapping[GroundKind, str]] = MappingProxyType(
    {
        GroundKind.ADEQUACY: "36",
        GroundKind.SAFEGUARDS_AGREEMENT: "37(1)-(3)",
        GroundKind.SAFEGUARDS_ASSESSED: "37(1)-(3)",
        GroundKind.DEROGATION: "38(1)-(3)",
    }
)
"""Articles of the Directive, as the law's facts cite them (led.adequacy, led.safeguards, led.derogations)."""

CONDITIONS: Final = "35(1)(a)-(e)"
"""The cumulative conditions of every transfer (led.transfers_general)."""

_TEXTS: Final = (
    *("law", "article", "reason", "recipient", "origin"),
    *("document", "supervisor_told", "derogation", "rights_weighed"),
)
_ALWAYS: Final = ("reason", "recipient", "origin")
_NEEDED: Final[Mapping[GroundKind, tuple[str, ...]]] = MappingProxyType(
    {
        GroundKind.ADEQUACY: _ALWAYS,
        GroundKind.SAFEGUARDS_AGREEMENT: (*_ALWAYS, "document"),
        GroundKind.SAFEGUARDS_ASSESSED: (*_ALWAYS, "document", "supervisor_told"),
        GroundKind.DEROGATION: (*_ALWAYS, "derogation"),
        GroundKind.OWN_LAW: ("law", "article", "reason"),
    }
)
_WEIGHED: Final = frozenset({Derogation.INDIVIDUAL_CASE, Derogation.LEGAL_CLAIM})


def needed(kind: GroundKind, derogation: str = "") -> tuple[str, ...]:
    """The fields without which a ground of this kind is none; some cases of Art. 38 need one more."""
    weighed = derogation in {one.value for one in _WEIGHED}
    return (*_NEEDED[kind], "rights_weighed") if kind is GroundKind.DEROGATION and weighed else _NEEDED[kind]


class NoTransferGround(ComityError):
    """Evidence would leave a state without a ground in its law."""

    code = "exchange.no_transfer_ground"
    sentence = N_("there is no ground to transfer from {giver} to {receiver}: {why}")
    hint = N_("Name a ground in the law of {giver} with everything that it needs, or do not hand over.")


@dataclass(frozen=True)
class TransferGround:
    """The ground as an official states it; a field that its kind does not need stays empty.

    `reason`: why the transfer is necessary. `recipient`: the competent authority that receives. `origin`: the data are
    the giver's own, or the prior authorisation of the state they came from. `document`: the instrument, or the
    assessment. `supervisor_told`: when and how the supervisory authority was told of the categories.
    `rights_weighed`: why the rights of the person do not override.
    """

    kind: GroundKind
    law: str
    article: str
    reason: str
    recipient: str = ""
    origin: str = ""
    document: str = ""
    supervisor_told: str = ""
    derogation: str = ""
    rights_weighed: str = ""

    def as_record(self) -> JsonObject:
        """Every field, empty ones too, so that the record shows what was not said."""
        return {"kind": self.kind.value} | {name: getattr(self, name) for name in _TEXTS}

    @classmethod
    def from_record(cls, record: Json) -> "TransferGround":
        """Read `as_record` back; raises `RecordBroken` or `TextNotAllowed`."""
        read = Fields.of(record, record="transfer ground", names=("kind", *_TEXTS))
        if read.values["kind"] not in list(GroundKind):
            raise read.broken(f"kind is none of {', '.join(GroundKind)}")
        texts = {
            name: "" if read.values[name] == "" else read.words(name, limit=GROUND_CHARACTERS_MAX) for name in _TEXTS
        }
        return cls(kind=GroundKind(read.values["kind"]), **texts)


@dataclass(frozen=True)
class TransferVerdict:
    """The transfer may go ahead on this ground (None: none is needed); `checked` says what was held, for the log."""

    giver_state: str
    receiver_state: str
    ground: TransferGround | None
    checked: tuple[str, ...]

    def as_record(self) -> JsonObject:
        """The verdict for the record of the hand-over."""
        return {
            "giver_state": self.giver_state,
            "receiver_state": self.receiver_state,
            "ground": None if self.ground is None else self.ground.as_record(),
            "checked": list(self.checked),
        }


def judge_transfer(
    *,
    giver_state: str,
    receiver_state: str,
    giver_bound_by_led: bool,
    receiver_bound_by_led: bool,
    adequacy: bool | None,
    ground: TransferGround | None,
) -> TransferVerdict:
    """Hold that evidence may leave `giver_state` for `receiver_state`; raises `NoTransferGround` with every reason.

    `adequacy`: whether an adequacy decision under Art. 36 of the Directive (not under the GDPR) is in force for the
    receiver; None is unknown.
    """
    if giver_bound_by_led and receiver_bound_by_led:
        against, checked = _within(ground, giver=giver_state, receiver=receiver_state)
    elif ground is None:
        against, checked = ["none was named"], []
    elif giver_bound_by_led:
        against, checked = _out_of_led(ground, receiver=receiver_state, adequacy=adequacy)
    else:
        against, checked = _own_law(ground, giver=giver_state)
    if against:
        raise NoTransferGround(giver=giver_state, receiver=receiver_state, why="; ".join(against))
    return TransferVerdict(
        giver_state=giver_state, receiver_state=receiver_state, ground=ground, checked=tuple(checked)
    )


def _within(ground: TransferGround | None, *, giver: str, receiver: str) -> tuple[list[str], list[str]]:
    if ground is not None:
        return [f"{giver} and {receiver} are both bound by {LED}: no ground is named"], []
    return [], [f"{giver} and {receiver} are both bound by {LED}: nothing leaves the states that it binds"]


def _out_of_led(ground: TransferGround, *, receiver: str, adequacy: bool | None) -> tuple[list[str], list[str]]:
    if ground.kind is GroundKind.OWN_LAW:
        return [f"a state bound by {LED} needs a ground of Arts 36-38, not {ground.kind.value}"], []
    against = _faults(ground)
    expected = ARTICLES[ground.kind]
    if (ground.law, ground.article) != (LED, expected):
        against.append(f"{ground.kind.value} is {LED} Art. {expected}, not {ground.law} Art. {ground.article}")
    if ground.kind is GroundKind.ADEQUACY and adequacy is not True:
        known = "no adequacy decision" if adequacy is False else "it is unknown whether an adequacy decision"
        against.append(f"{known} under Art. 36 is in force for {receiver}")
    if ground.kind is GroundKind.DEROGATION:
        against += _derogation_faults(ground)
    checked = [
        f"{LED} Art. {CONDITIONS}: necessity, recipient and origin are stated",
        f"{LED} Art. {expected}: {ground.kind.value}, with {', '.join(_NEEDED[ground.kind])}",
    ]
    if ground.kind is GroundKind.DEROGATION:
        checked.append(f"case of Art. 38: {ground.derogation}")
    return against, checked


def _derogation_faults(ground: TransferGround) -> list[str]:
    if ground.derogation not in list(Derogation):
        return [f"the case of Art. 38 is none of {', '.join(Derogation)}"]
    if ground.derogation in _WEIGHED and not ground.rights_weighed:
        return [f"{ground.derogation} needs rights_weighed: it is not open if the rights of the person override"]
    return []


def _own_law(ground: TransferGround, *, giver: str) -> tuple[list[str], list[str]]:
    if ground.kind is not GroundKind.OWN_LAW:
        return [f"{giver} is not bound by {LED}: it names its own law, not {ground.kind.value}"], []
    cited = f"{ground.law}, article {ground.article}"
    return _faults(ground), [f"law of {giver}: {cited}", "the reason is recorded; the law itself was not examined"]


def _faults(ground: TransferGround) -> list[str]:
    """Texts that this kind of ground lacks, or has and does not take; raises `TextNotAllowed` for deceiving ones."""
    needed = _NEEDED[ground.kind]
    taken = {*needed, "law", "article"} | ({"rights_weighed"} if ground.kind is GroundKind.DEROGATION else set())
    against = []
    for name in _TEXTS:
        text = getattr(ground, name)
        if text:
            plain(text, field=name, limit=GROUND_CHARACTERS_MAX, lines=True)
        if name in needed and not text:
            against.append(f"{name} is empty")
        if text and name not in taken:
            against.append(f"{name} does not belong to {ground.kind.value}")
    return against
