"""The letter: who asks whom for what, on which route of the law, within which scope, and to whom it is delivered.

* A letter is a statement signed by the official who drafted it and by the drafter's node.
* Its `digest` names it everywhere: authorisations, events, receipts and custody records cite the digest.
* The reference is random (that a letter exists is a secret); people read the short form.
* A letter has 1..n deliveries: exactly one addressee, and any number of notified authorities and copies.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.authorisations.scope import Scope
from comity.canon import JsonObject, moment, plain, stamp
from comity.cases.case import Offence
from comity.cases.handling import NOT_STATED, Handling
from comity.cases.protection import Protected, flags
from comity.errors import N_, ComityError

LETTER: Final = "comity/letter/v1"
SUBJECT_CHARACTERS_MAX: Final = 200
FACTS_CHARACTERS_MAX: Final = 20_000
DELIVERIES_MAX: Final = 20
OFFENCES_MAX: Final = 50
_REFERENCE: Final = re.compile(r"[0-9a-f]{32}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_SHORT_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_NAMES: Final = frozenset(
    {
        "reference",
        "form",
        "case",
        "from",
        "to_state",
        "subject",
        "facts",
        "offences",
        "scope",
        "protected",
        "purpose",
        "urgent",
        "confidential",
        "verdict",
        "linked",
        "deliveries",
        "evidence_to",
        "drafted_by",
        "written_at",
    }
)
_MARKED: Final = _NAMES | {"handling"}


class LetterBroken(ComityError):
    """A text is no letter."""

    code = "letters.letter_broken"
    sentence = N_("this is no letter: {why}")


class Form(StrEnum):
    """What a letter asks for. Each form has its completeness rules in `forms`."""

    PRESERVATION = "preservation"
    PRODUCTION = "production"


class DeliveryRole(StrEnum):
    """Why somebody gets the letter."""

    ADDRESSEE = "addressee"
    NOTIFIED = "notified"
    COPY = "copy"


@dataclass(frozen=True)
class Delivery:
    """One node and authority to which the letter goes."""

    node: str
    authority: str
    role: DeliveryRole

    def as_record(self) -> JsonObject:
        return {"node": self.node, "authority": self.authority, "role": self.role.value}


@dataclass(frozen=True)
class Grounding:
    """The answer of the law on which the letter rests: verdict, edition, day and route."""

    verdict: str
    edition: str
    on: str
    route: str

    def as_record(self) -> JsonObject:
        return {"digest": self.verdict, "edition": self.edition, "on": self.on, "route": self.route}


@dataclass(frozen=True)
class Letter:
    """One request or order. `linked` is the digest of the letter it follows; `evidence_to` the receiving custodian.

    `handling`: the codes under which it is sent; it stands in the body only where a code is stated.
    """

    reference: str
    form: Form
    case: str
    from_node: str
    from_authority: str
    from_state: str
    to_state: str
    subject: str
    facts: str
    offences: tuple[Offence, ...]
    scope: Scope
    protected: tuple[Protected, ...]
    purpose: str
    urgent: bool
    confidential: bool
    grounding: Grounding
    linked: str
    deliveries: tuple[Delivery, ...]
    evidence_to: JsonObject
    drafted_by: JsonObject
    written_at: datetime
    handling: Handling = NOT_STATED

    @property
    def short(self) -> str:
        """The short form that people read: eight characters without look-alikes."""
        return short_form(self.reference)

    @property
    def addressee(self) -> Delivery:
        """The one delivery that is asked to act."""
        return next(one for one in self.deliveries if one.role is DeliveryRole.ADDRESSEE)

    def as_body(self) -> JsonObject:
        """The letter as the body of a statement."""
        return {
            "reference": self.reference,
            "form": self.form.value,
            "case": self.case,
            "from": {"node": self.from_node, "authority": self.from_authority, "state": self.from_state},
            "to_state": self.to_state,
            "subject": self.subject,
            "facts": self.facts,
            "offences": [one.as_record() for one in self.offences],
            "scope": self.scope.as_record(),
            "protected": [one.as_record() for one in self.protected],
            "purpose": self.purpose,
            "urgent": self.urgent,
            "confidential": self.confidential,
            "verdict": self.grounding.as_record(),
            "linked": self.linked,
            "deliveries": [one.as_record() for one in self.deliveries],
            "evidence_to": self.evidence_to,
            "drafted_by": self.drafted_by,
            "written_at": stamp(self.written_at),
        } | ({"handling": self.handling.as_record()} if self.handling.stated else {})

    @classmethod
    def from_body(cls, body: JsonObject) -> "Letter":
        """Read `as_body` back; raises `LetterBroken`, `HandlingBroken`, `ScopeBroken`, `TextNotAllowed` or `NotAMoment`."""
        if set(body) not in (_NAMES, _MARKED):
            raise LetterBroken(why=f"expected exactly {', '.join(sorted(_NAMES))}")
        try:
            letter = _read(cls, body)
        except (KeyError, TypeError, AttributeError, ValueError) as broken:
            # a missing or mistyped part of a nested record; everything else has its own refusal
            raise LetterBroken(why=f"{type(broken).__name__}: {broken}"[:200]) from broken
        if letter.as_body() != body:
            raise LetterBroken(why="it says something in another form than this one would be written in")
        return letter


def _read(cls: type[Letter], body: JsonObject) -> Letter:
    deliveries = tuple(
        Delivery(node=_text(one["node"]), authority=_text(one["authority"]), role=DeliveryRole(one["role"]))
        for one in _list(body["deliveries"], DELIVERIES_MAX, "deliveries")
    )
    if [one.role for one in deliveries].count(DeliveryRole.ADDRESSEE) != 1:
        raise LetterBroken(why="a letter has exactly one addressee")
    if len({one.node for one in deliveries}) != len(deliveries):
        raise LetterBroken(why="a node stands twice among the deliveries")
    if not isinstance(body["urgent"], bool) or not isinstance(body["confidential"], bool):
        raise LetterBroken(why="urgent and confidential are yes or no")
    verdict = body["verdict"]
    return cls(
        reference=reference(body["reference"]),
        form=Form(body["form"]),
        case=reference(body["case"]),
        from_node=_text(body["from"]["node"]),
        from_authority=_text(body["from"]["authority"]),
        from_state=_state(body["from"]["state"]),
        to_state=_state(body["to_state"]),
        subject=plain(body["subject"], field="subject", limit=SUBJECT_CHARACTERS_MAX),
        facts=plain(body["facts"], field="facts", limit=FACTS_CHARACTERS_MAX, lines=True),
        offences=tuple(Offence.from_record(one) for one in _list(body["offences"], OFFENCES_MAX, "offences")),
        scope=Scope.from_record(body["scope"]),
        protected=_protected(body["protected"], scope=Scope.from_record(body["scope"])),
        purpose=plain(body["purpose"], field="purpose", limit=SUBJECT_CHARACTERS_MAX),
        urgent=body["urgent"],
        confidential=body["confidential"],
        grounding=Grounding(
            verdict=digest(verdict["digest"]),
            edition=digest(verdict["edition"]),
            on=_text(verdict["on"]),
            route=_text(verdict["route"]),
        ),
        linked=digest(body["linked"]) if body["linked"] else "",
        deliveries=deliveries,
        evidence_to=_custodian(body["evidence_to"]),
        drafted_by=_record(body["drafted_by"]),
        written_at=moment(body["written_at"]),
        handling=Handling.from_record(body["handling"]) if "handling" in body else NOT_STATED,
    )


def short_form(reference_: str) -> str:
    """Eight characters of a random reference, without letters and digits that look alike: `K7Q2-9XMD`."""
    number = int(reference_, 16)
    digits = ""
    for _ in range(8):
        number, digit = divmod(number, len(_SHORT_ALPHABET))
        digits += _SHORT_ALPHABET[digit]
    return f"{digits[:4]}-{digits[4:]}"


def reference(value: object) -> str:
    """A random reference: 32 lower-case hexadecimal characters; raises `LetterBroken`."""
    if not isinstance(value, str) or not _REFERENCE.fullmatch(value):
        raise LetterBroken(why=f"{str(value)[:40]!r} is no reference (32 hexadecimal characters)")
    return value


def digest(value: object) -> str:
    """The digest by which a signed text is cited: 64 lower-case hexadecimal characters; raises `LetterBroken`."""
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise LetterBroken(why=f"{str(value)[:40]!r} is no digest (64 hexadecimal characters)")
    return value


def flags_of(letter: Letter, *, within: frozenset[str]) -> frozenset[str]:
    """The flags of protected persons among these targets of the letter."""
    found = (one.flags for one in letter.protected if one.selector in within)
    return frozenset[str]().union(*found)


def _protected(value: object, *, scope: Scope) -> tuple[Protected, ...]:
    """The targets behind which a protected person stands, each once, sorted; raises `LetterBroken` or as `flags`."""
    if not isinstance(value, list) or any(
        not isinstance(one, dict) or set(one) != {"selector", "flags"} for one in value
    ):
        raise LetterBroken(why="protected lists selector, flags")
    named = [one["selector"] for one in value]
    if not all(isinstance(one, str) and one in scope.selectors for one in named) or named != sorted(set(named)):
        raise LetterBroken(why="who is protected stands among the targets, once and sorted")
    return tuple(Protected(selector=one["selector"], flags=flags(one["flags"])) for one in value)


def _state(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{2}", value):
        raise LetterBroken(why=f"{str(value)[:40]!r} is no state (two letters, ISO 3166-1)")
    return value


def _text(value: object) -> str:
    return plain(value, field="name", limit=SUBJECT_CHARACTERS_MAX)


def _list(value: object, limit: int, name: str) -> list[JsonObject]:
    if not isinstance(value, list) or not 1 <= len(value) <= limit:
        raise LetterBroken(why=f"{name}: a list of 1 to {limit} was expected")
    return value


def _record(value: object) -> JsonObject:
    if not isinstance(value, dict):
        raise LetterBroken(why="an official's record was expected")
    return value


def _custodian(value: object) -> JsonObject:
    match value:
        case {"node": str(node), "official": str(official), "mandate": str(mandate), **rest} if not rest:
            return {"node": node, "official": official, "mandate": mandate}
        case {**named} if not named:
            return {}
        case _:
            raise LetterBroken(why="the receiving custodian is named by node, official and mandate, or left empty")
