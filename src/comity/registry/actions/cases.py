"""Cases: opened by an investigator, with the marketplace, its selectors and the answers of the law."""

from collections.abc import Mapping
from datetime import date, datetime

from comity.authorities.roles import Actor, Power
from comity.canon import JsonObject, canonical, plain, sha256_hex
from comity.cases.case import Case, Offence
from comity.cases.selectors import Selector
from comity.errors import N_, ComityError
from comity.law import Edition
from comity.registry import access, log, rows
from comity.registry.act import act, current
from comity.registry.models import CaseMember, CaseRow, EditionRow, OfficialRow, SelectorRow, VerdictRow

TITLE_CHARACTERS_MAX = 200


class SelectorKnown(ComityError):
    """The case holds this selector already."""

    code = "registry.selector_known"
    sentence = N_("the case holds {selector} already")


class CaseKnown(ComityError):
    """A case is opened a second time under the same reference: a form was sent twice."""

    code = "registry.case_known"
    sentence = N_("there is a case {case} already")


class LastMember(ComityError):
    """A case without members is one that nobody answers for."""

    code = "registry.last_member"
    sentence = N_("{official} is the last member of the case")
    hint = N_("Let a colleague in first.")


@act
def open_case(case: Case, *, actor: Actor, at: datetime) -> None:
    """Open a case; who opens it is its first member."""
    access.require(actor, Power.OPEN_CASE, at=at)
    row, created = CaseRow.objects.get_or_create(
        reference=case.reference,
        defaults={
            "title": plain(case.title, field="title", limit=TITLE_CHARACTERS_MAX),
            "marketplace": plain(case.marketplace, field="marketplace", limit=TITLE_CHARACTERS_MAX),
            "offences": [one.as_record() for one in case.offences],
            "opened_at": at,
        },
    )
    if not created:
        raise CaseKnown(case=case.reference[:8])
    CaseMember.objects.create(case=row, official=actor.official)
    for selector in case.selectors:
        SelectorRow.objects.create(case=row, kind=selector.kind, value=selector.value)
    log.append(
        kind="case.opened",
        facts={
            "case": case.reference,
            "selectors": len(case.selectors),
            "first": sorted({sha256_hex(str(one).encode()) for one in case.selectors}),
            "record": rows.named_in_the_log(row.title, row.marketplace),
        },
        statement="",
        actor=actor,
        at=at,
    )


@act
def add_selector(case: str, selector: Selector, *, actor: Actor, at: datetime) -> None:
    """Record one more selector of the marketplace."""
    access.require(actor, Power.OPEN_CASE, at=at)
    row = rows.case_to_change(case, actor=actor)
    _, created = SelectorRow.objects.get_or_create(case=row, kind=selector.kind, value=selector.value)
    if not created:
        raise SelectorKnown(selector=selector)
    log.append(
        kind="case.selector_added",
        facts={"case": case, "selector": sha256_hex(str(selector).encode())},
        statement="",
        actor=actor,
        at=at,
    )


@act
def state_offences(case: str, offences: tuple[Offence, ...], *, actor: Actor, at: datetime) -> None:
    """Say anew which offences the case is about and what they carry; answers and letters keep what they were given."""
    access.require(actor, Power.OPEN_CASE, at=at)
    row = rows.case_to_change(case, actor=actor)
    row.offences = [one.as_record() for one in offences]
    row.save(update_fields=["offences"])
    log.append(
        kind="case.offences_stated",
        facts={"case": case, "offences": row.offences},
        statement="",
        actor=actor,
        at=at,
    )


@act
def add_member(case: str, official: str, *, actor: Actor, at: datetime) -> None:
    """Let another official of this node see the case."""
    access.require(actor, Power.OPEN_CASE, at=at)
    row = rows.case_to_change(case, actor=actor)
    if not OfficialRow.objects.filter(node=current().id, official=official, ended_at=None).exists():
        raise access.NoSuchThing(what="official", reference=official[:40])
    CaseMember.objects.get_or_create(case=row, official=official)
    log.append(kind="case.member_added", facts={"case": case, "official": official}, statement="", actor=actor, at=at)


@act
def remove_member(case: str, official: str, *, actor: Actor, at: datetime) -> None:
    """End the membership of an official, also one's own: from now on the case and its letters are hidden there.

    Raises `LastMember` for the only one who is left, `NoSuchThing` for who is none.
    """
    access.require(actor, Power.OPEN_CASE, at=at)
    row = rows.case_to_change(case, actor=actor)
    found = row.members.select_for_update().filter(official=official).first()
    if found is None:
        raise access.NoSuchThing(what="member", reference=official[:40])
    if row.members.count() == 1:
        raise LastMember(official=official)
    found.delete()
    log.append(kind="case.member_removed", facts={"case": case, "official": official}, statement="", actor=actor, at=at)


@act
def record_verdict(
    case: str, *, verdict: Mapping[str, object], edition: Edition, on: date, actor: Actor, at: datetime
) -> str:
    """Keep an answer of the law with the facts and the edition it rests on; its digest."""
    access.require(actor, Power.OPEN_CASE, at=at)
    row = rows.case_to_change(case, actor=actor)
    body = canonical(dict(verdict))
    digest = sha256_hex(body)
    EditionRow.objects.get_or_create(hash=edition.hash, defaults={"document": edition.to_bytes})
    VerdictRow.objects.get_or_create(
        digest=digest, case=row, defaults={"edition": edition.hash, "body": body, "on": on}
    )
    log.append(
        kind="law.asked",
        facts=_asked(case, digest, edition.hash, on),
        statement=digest,
        actor=actor,
        at=at,
    )
    return digest


def _asked(case: str, digest: str, edition: str, on: date) -> JsonObject:
    return {"case": case, "verdict": digest, "edition": edition, "on": on.isoformat()}
