"""A disclosure to the defence: drawn up from everything that is held in a case, signed by an official of it."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import JsonObject, canonical, moment, stamp
from comity.errors import N_, ComityError
from comity.evidence.disclosure import (
    DISCLOSURE,
    TEXTS,
    Disclosure,
    Ground,
    Kind,
    Listed,
    Opened,
    State,
    read_disclosure,
)
from comity.evidence.redaction import SECRET_BYTES, Field, fields_of, redacted, root_of
from comity.registry import access, log
from comity.registry.act import current
from comity.registry.actions import disclosures as acts
from comity.registry.gestures.prepared import Done, Prepared
from comity.registry.models import AuthorisationRow, LetterRow
from comity.registry.queries import custody, disclosures, evidence
from comity.registry.queries.disclosures import Held
from comity.registry.queries.people import known

GESTURE: Final = "disclosure.issue"
TELLING_CHARACTERS: Final = 12
"""A closed value as long as this is looked for in what is open: shorter ones, codes and days, stand everywhere."""


class NoSuchChoice(ComityError):
    """Something is to be withheld that is not held in the case."""

    code = "disclosures.no_such_choice"
    sentence = N_("{name} is nothing that is held in the case")
    hint = N_("Name it as the list of the case does: its kind, a colon, its reference.")


class StandsElsewhere(ComityError):
    """What is closed in one text can be read in another one of the same disclosure."""

    code = "disclosures.stands_elsewhere"
    sentence = N_("{closed} of {name} is closed, and what it says stands openly in {other}, at {where}")
    hint = N_("Close it there too, or say that you disclose it there knowingly.")


@dataclass(frozen=True)
class Choice:
    """That a thing is withheld, or, with `closed`, which fields of a text are; on which ground and why."""

    ground: Ground
    reason: str
    law: str = ""
    article: str = ""
    closed: tuple[str, ...] = ()


def prepare_disclosure(
    case: str,
    *,
    counsel: str,
    for_: str,
    choices: Mapping[str, Choice],
    knowingly: bool = False,
    actor: Actor,
    at: datetime,
) -> Prepared:
    """The complete list of a case, to be signed; `choices` by the names of `Held`. What is not named is disclosed.

    `knowingly`: what is closed in one text may stand openly in another. Raises `NoSuchThing`, `NoSuchChoice`,
    `StandsElsewhere`, `PlacePending`, and what a list does not allow.
    """
    access.require(actor, Power.DISCLOSE, at=at)
    log.sequence(at=at)
    held = disclosures.held_in(case, viewer=actor)
    strange = sorted(set(choices) - {one.name for one in held})
    if strange:
        raise NoSuchChoice(name=strange[0][:80])
    named = next((one for one in disclosures.counsel(viewer=actor) if one["official"] == counsel), None)
    if named is None:
        raise access.NoSuchThing(what="counsel", reference=counsel[:40])
    before = disclosures.newest_to(case, counsel, viewer=actor)
    kept: JsonObject = before.secrets if before else {"case": secrets.token_hex(32), "salts": {}, "texts": {}}
    if not knowingly:
        _hold_closed(held, choices)
    told = _Drawn(case_salt=kept["case"], salts=dict(kept["salts"]), texts={}, things={})
    _, checkpoint = log.newest_checkpoint()
    lines = [_line(one, number, choices.get(one.name), told) for number, one in enumerate(held, start=1)]
    body = Disclosure(
        reference=secrets.token_hex(16),
        case=hashlib.sha256(canonical({"case": case, "salt": told.case_salt})).hexdigest(),
        node=current().id,
        node_kind=current().kind,
        to={name: value for name, value in named.items() if name != "name"},
        for_=for_,
        previous=before.digest if before else "",
        things=tuple(lines),
        checkpoint=checkpoint.decode(),
        by=actor.as_record(),
        at=moment(stamp(at)),
    ).as_body()
    text = Statement(type=DISCLOSURE, body=Disclosure.from_body(body).as_body())
    return Prepared(gesture=GESTURE, subject=case, texts=(text,), arguments={"secrets": told.as_record()})


def _hold_closed(held: list[Held], choices: Mapping[str, Choice]) -> None:
    """Hold that what is closed in a text stands openly nowhere among the texts; raises `StandsElsewhere`."""
    opened: list[tuple[Held, Field]] = []
    closed: list[tuple[Held, Field]] = []
    for one in held:
        choice = choices.get(one.name)
        if one.kind not in TEXTS or (choice is not None and not choice.closed):
            continue
        fields = fields_of(text_of(one.kind, one.digest).body, secret=bytes(SECRET_BYTES))
        shown = redacted(fields, closed=choice.closed if choice else ())
        for field, left in zip(fields, shown, strict=True):
            (opened if left.is_open else closed).append((one, field))
    for one, field in closed:
        if not isinstance(field.value, str) or len(field.value) < TELLING_CHARACTERS:
            continue
        for other, elsewhere in opened:
            if isinstance(elsewhere.value, str) and field.value in elsewhere.value:
                raise StandsElsewhere(
                    closed=field.pointer[:80], name=one.label, other=other.label, where=elsewhere.pointer[:80]
                )


@dataclass
class _Drawn:
    """What stays on the node: the salts by thing, the secret and the closed fields of each text in part, and what each line is."""

    case_salt: str
    salts: dict[str, str]
    texts: dict[str, JsonObject]
    things: dict[str, JsonObject]

    def as_record(self) -> JsonObject:
        return {"case": self.case_salt, "salts": self.salts, "texts": self.texts, "things": self.things}


def _line(held: Held, number: int, choice: Choice | None, drawn: _Drawn) -> Listed:
    if held.erased and choice is None:
        choice = Choice(Ground.ERASED, "Its key was destroyed; the log says when and why.")
    salt = drawn.salts.setdefault(held.name, secrets.token_hex(32))
    opened = Opened(held.reference, held.digest, salt)
    drawn.things[str(number)] = vars(opened)
    state = State.DISCLOSED if choice is None else State.REDACTED if choice.closed else State.WITHHELD
    redaction = ""
    if choice is not None and choice.closed:
        secret = secrets.token_bytes(SECRET_BYTES)
        drawn.texts[str(number)] = {"secret": secret.hex(), "closed": list(choice.closed)}
        fields = fields_of(text_of(held.kind, held.digest).body, secret=secret)
        redacted(fields, closed=choice.closed)  # a field that is none is refused before anything is signed
        redaction = root_of(fields)
    return Listed(
        number=number,
        kind=held.kind,
        outcome=state,
        commitment=opened.commitment(held.kind),
        opened=None if state is State.WITHHELD else opened,
        redaction=redaction,
        ground=choice.ground.value if choice else "",
        law=choice.law if choice else "",
        article=choice.article if choice else "",
        reason=choice.reason if choice else "",
        index=held.index,
        leaf=held.leaf,
    )


def text_of(kind: Kind, digest: str) -> Statement:
    """The signed text of a letter or of a decision; raises `NoSuchThing` for another kind of thing."""
    models: dict[Kind, Any] = {Kind.LETTER: LetterRow, Kind.AUTHORISATION: AuthorisationRow}
    if kind not in models:
        raise access.NoSuchThing(what="text", reference=digest[:8])
    return Statement.from_bytes(bytes(models[kind].objects.get(digest=digest).statement))


def _issue(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    proven = read_disclosure(signed[0], known=known({}, viewer=actor))
    kept = prepared.arguments["secrets"]
    chains = []
    for line in proven.record.things:
        if line.opened is not None and line.kind is Kind.ITEM:
            chains.append(evidence.chain(line.opened.reference, viewer=actor)[0])
        elif line.opened is not None and line.kind is Kind.EXHIBIT:
            chains.append(custody.exhibit_chain(line.opened.reference, viewer=actor)[0])
    acts.issue(
        proven,
        case=prepared.subject,
        opened={int(number): Opened(**one) for number, one in kept["things"].items()},
        secrets=kept,
        chains=chains,
        actor=actor,
        at=at,
    )
    return Done(kind="disclosure", reference=proven.record.reference)


FINISH: Final[dict[str, Callable[..., Done]]] = {GESTURE: _issue}
