"""Past need-to-know in an emergency: one letter or case, for an hour, with a reason, under the overseer's eyes.

It is an act of its own: what is opened so is logged before it is seen, stands on the thing itself, and ends by itself.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from comity.authorities.roles import Actor, Power, PowerMissing
from comity.canon import plain, stamp
from comity.errors import N_, ComityError
from comity.registry import access, log
from comity.registry.act import act, current
from comity.registry.limits import OPENINGS_PER_DAY_MAX
from comity.registry.models import CaseRow, LetterRow, OfficialRow, OpeningRow

OPEN_FOR: Final = timedelta(hours=1)
REASON_CHARACTERS_MAX: Final = 500
REASON_CHARACTERS_MIN: Final = 20
HANDLING: Final = (
    Power.HANDLE_LETTER,
    Power.AUTHORISE,
    Power.RECOGNISE,
    Power.DRAFT_LETTER,
    Power.OPEN_CASE,
)
"""Who handles letters and cases may break the glass; who administers, keeps evidence or oversees in any office may not."""


class ReasonTooShort(ComityError):
    """Nobody opens anything without saying why."""

    code = "registry.reason_too_short"
    sentence = N_("the reason has {found} characters; at least {needed} are needed")
    hint = N_("Say what would happen if you waited. The overseer reads it at once.")


class SeenAlready(ComityError):
    """There is no glass to break."""

    code = "registry.seen_already"
    sentence = N_("you see this {what} already: {why}")


class TooManyOpenings(ComityError):
    """Emergencies that come every hour are none."""

    code = "registry.too_many_openings"
    sentence = N_("{official} has opened {most} things in an emergency within a day; no more can be opened")
    hint = N_("Ask a member of the case to let you in, or the overseer.")


@act
def open_letter(letter: str, *, reason: str, actor: Actor, at: datetime) -> str:
    """Open one letter past need-to-know; the reference of the opening.

    Raises `PowerMissing`, `MandateNotInForce`, `NoSuchThing`, `ReasonTooShort`, `SeenAlready` or `TooManyOpenings`.
    """
    said = _may_open(reason, actor=actor, at=at)
    row = LetterRow.objects.filter(digest=letter).first()
    if row is None:
        raise access.NoSuchThing(what="letter", reference=letter[:8])
    for ground in access.reaching(row, access.of_letters(actor)):
        raise SeenAlready(what="letter", why=ground.reason)
    opened = _open(actor, said, at=at, letter=row)
    facts = {"letter": row.digest, "opening": opened.reference, "reason": said, "until": stamp(opened.until)}
    log.append(kind="access.opened", facts=facts, statement="", actor=actor, at=at)
    return opened.reference


@act
def open_case_file(case: str, *, reason: str, actor: Actor, at: datetime) -> str:
    """Open one case past need-to-know; the reference of the opening. Raises as `open_letter`."""
    said = _may_open(reason, actor=actor, at=at)
    row = CaseRow.objects.filter(reference=case).first()
    if row is None:
        raise access.NoSuchThing(what="case", reference=case[:8])
    for ground in access.reaching(row, access.of_cases(actor)):
        raise SeenAlready(what="case", why=ground.reason)
    opened = _open(actor, said, at=at, case=row)
    facts = {"case": row.reference, "opening": opened.reference, "reason": said, "until": stamp(opened.until)}
    log.append(kind="access.opened", facts=facts, statement="", actor=actor, at=at)
    return opened.reference


@act
def acknowledge_opening(opening: str, *, actor: Actor, at: datetime) -> None:
    """The overseer has seen that something was opened in an emergency; the alarm ends.

    Raises `NoSuchThing`, or `PowerMissing` for who opened it: one person in two offices does not oversee himself.
    """
    access.require(actor, Power.OVERSEE, at=at)
    row = OpeningRow.objects.select_for_update().filter(reference=opening, acknowledged_at=None).first()
    if row is None:
        raise access.NoSuchThing(what="alarm", reference=opening[:8])
    if row.official == actor.official:
        raise PowerMissing(official=actor.official, role=actor.role.value, power="acknowledge an opening of one's own")
    row.acknowledged_at, row.acknowledged_by = at, actor.official
    row.save(update_fields=["acknowledged_at", "acknowledged_by"])
    log.append(
        kind="access.alarm_acknowledged",
        facts={"opening": opening, "official": row.official},
        statement="",
        actor=actor,
        at=at,
    )


def _may_open(reason: str, *, actor: Actor, at: datetime) -> str:
    """The reason as it is kept, once it is held that this official may open something now."""
    access.require(actor, next((one for one in HANDLING if one in actor.powers), Power.HANDLE_LETTER), at=at)
    if access.powers_of_person(actor, at=at) & {Power.ADMINISTER, Power.TAKE_IN_EVIDENCE, Power.OVERSEE}:
        raise PowerMissing(official=actor.official, role=actor.role.value, power="open in an emergency")
    said = plain(reason.strip(), field="reason", limit=REASON_CHARACTERS_MAX, lines=True)
    if len(said) < REASON_CHARACTERS_MIN:
        raise ReasonTooShort(found=len(said), needed=REASON_CHARACTERS_MIN)
    # whoever opens several things at once opens them one after the other, and is counted each time
    list(OfficialRow.objects.select_for_update().filter(node=current().id, official=actor.official).order_by("id"))
    lately = OpeningRow.objects.filter(official=actor.official, opened_at__gt=at - timedelta(days=1)).count()
    if lately >= OPENINGS_PER_DAY_MAX:
        raise TooManyOpenings(official=actor.official, most=OPENINGS_PER_DAY_MAX)
    return said


def _open(actor: Actor, reason: str, *, at: datetime, **what: LetterRow | CaseRow) -> OpeningRow:
    return OpeningRow.objects.create(
        reference=secrets.token_hex(16),
        official=actor.official,
        mandate=actor.mandate,
        office=actor.office,
        reason=reason,
        opened_at=at,
        until=at + OPEN_FOR,
        **what,
    )
