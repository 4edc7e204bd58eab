"""Ways in: what officials asked for, what opens their desks, and where they sit now."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from comity.authorities.credentials import (
    PASSKEY_REQUEST,
    SUBJECT_REQUEST,
    CredentialBroken,
    SignOn,
    Subject,
    may_sign_on,
    read_sign_on,
    requested_passkey,
)
from comity.authorities.directory import Entry
from comity.authorities.passkeys import Passkey
from comity.authorities.roles import Actor, MandateNotInForce, Power
from comity.authorities.statement import Statement
from comity.registry import access, post, seats
from comity.registry.act import current
from comity.registry.models import CredentialRow, OfficialRow, SubjectRow
from comity.registry.queries.people import sitting


@dataclass(frozen=True)
class Asked:
    """What an official asked for: a `passkey` or a `subject`, and what the first administrator signed, if one did."""

    reference: str
    official: str
    mandate: str
    asked_at: datetime
    request: Statement
    passkey: Passkey | None
    subject: Subject | None
    statement: Statement | None

    @property
    def signers(self) -> tuple[str, ...]:
        """The two administrators whom the text that waits names."""
        if self.statement is None:
            return ()
        return tuple(self.statement.body["enrolled_by" if self.passkey else "recorded_by"])

    def waits_for(self, official: str) -> bool:
        """Whether this administrator can sign now."""
        if self.official == official:
            return False
        return self.statement is None or self.signers[1] == official


@dataclass(frozen=True)
class OwnPasskey:
    """A passkey of an official that opens the desk; `first` is the one that the office began with."""

    entry: Entry
    first: bool


@dataclass(frozen=True)
class OwnSubject:
    """Who an official is at a provider of single sign-on."""

    reference: str
    record: SignOn


def asked(*, viewer: Actor) -> list[Asked]:
    """Everything that waits; for administrators."""
    if not access.of_this_node(viewer) or Power.ADMINISTER not in viewer.powers:
        return []
    return [_asked(row) for row in CredentialRow.objects.filter(closed_at=None).order_by("id")]


def asked_one(reference: str, *, viewer: Actor) -> Asked:
    """One request that waits, for administrators and who asked; raises `NoSuchThing`."""
    row = CredentialRow.objects.filter(reference=reference, closed_at=None).first()
    if row is None or not access.of_this_node(viewer):
        raise access.NoSuchThing(what="request", reference=reference[:8])
    if Power.ADMINISTER not in viewer.powers and row.official != viewer.official:
        raise access.NoSuchThing(what="request", reference=reference[:8])
    return _asked(row)


def own_asked(*, viewer: Actor) -> list[Asked]:
    """What the viewer asked for and nobody has decided on."""
    if not access.of_this_node(viewer):
        return []
    return [
        _asked(row) for row in CredentialRow.objects.filter(official=viewer.official, closed_at=None).order_by("id")
    ]


def own_passkeys(*, viewer: Actor, at: datetime) -> list[OwnPasskey]:
    """The passkeys that open the office in which the viewer sits, the first one first."""
    if not access.of_this_node(viewer):
        return []
    root = office(viewer.official, viewer.mandate, viewer=viewer)
    rows = OfficialRow.objects.filter(
        Q(mandate=root) | Q(beside=root), node=current().id, official=viewer.official, ended_at=None
    )
    found = []
    for row in rows.order_by("id"):
        try:
            entry = sitting(row.official, row.mandate, viewer=viewer, at=at)
        except MandateNotInForce:
            continue
        found.append(OwnPasskey(entry=entry, first=row.mandate == root))
    return found


def passkey_names(*, viewer: Actor) -> list[str]:
    """The name of the passkey under whose mandate the viewer sits, as browsers want it: no other one can sign here."""
    if not access.of_this_node(viewer):
        return []
    rows = OfficialRow.objects.filter(node=current().id, official=viewer.official, mandate=viewer.mandate)
    return list(rows.exclude(credential="").values_list("credential", flat=True))


def office(official: str, mandate: str, *, viewer: Actor) -> str:
    """The mandate with which this office of an official began; raises `MandateNotInForce`."""
    assert access.of_this_node(viewer), "only this node's officials and machines read its directory"
    row = OfficialRow.objects.filter(node=current().id, official=official, mandate=mandate).first()
    if row is None:
        raise MandateNotInForce(official=official[:60], role="official", why="this node holds no such mandate")
    return row.beside or row.mandate


def own_subjects(*, viewer: Actor) -> list[OwnSubject]:
    """Who the viewer is at the provider of single sign-on."""
    if not access.of_this_node(viewer):
        return []
    rows = SubjectRow.objects.filter(official=viewer.official, ended_at=None).order_by("id")
    return [OwnSubject(row.reference, _sign_on(row)) for row in rows]


def own_seats(*, viewer: Actor, at: datetime) -> list[seats.Seat]:
    """The sessions of the viewer, the last first."""
    return seats.of(viewer.official, at=at) if access.of_this_node(viewer) else []


def opener(credential: str, *, viewer: Actor, at: datetime) -> Entry | None:
    """The official whose desk this passkey opens; None where nobody's does, after the same questions to the tables."""
    assert access.of_this_node(viewer), "only this node's officials and machines read its directory"
    row = OfficialRow.objects.filter(node=current().id, credential=credential, ended_at=None).order_by("-id").first()
    named = (row.official, row.mandate) if row is not None and credential else ("", "")
    try:
        return sitting(*named, viewer=viewer, at=at)
    except MandateNotInForce:
        return None


def by_subject(issuer: str, subject: str, *, viewer: Actor, at: datetime) -> Entry:
    """The official whose subject this is, as two administrators recorded it; raises `MandateNotInForce`."""
    nobody = MandateNotInForce(official="?", role="official", why="no official of this node is that subject")
    row = SubjectRow.objects.filter(issuer=issuer, subject=subject, ended_at=None).first()
    if row is None:
        raise nobody
    record = _sign_on(row)
    one = record.subject
    if (one.issuer, one.subject, one.official, one.mandate) != (issuer, subject, row.official, row.mandate):
        raise nobody
    if not record.from_ <= at < record.until:
        raise nobody
    entry = sitting(one.official, one.mandate, viewer=viewer, at=at)
    if not may_sign_on(entry):
        raise nobody
    return entry


def _sign_on(row: SubjectRow) -> SignOn:
    home = post.home_of(post.own_card(current()))
    return read_sign_on(Statement.from_bytes(bytes(row.statement)), home=home)


def _asked(row: CredentialRow) -> Asked:
    request = Statement.from_bytes(bytes(row.request))
    passkey = subject = None
    if request.type == PASSKEY_REQUEST:
        passkey = requested_passkey(request)
    elif request.type == SUBJECT_REQUEST:
        subject = Subject.from_body(request.body)
    else:
        raise CredentialBroken(official=row.official, why="a request of another form stands in the table")
    return Asked(
        reference=row.reference,
        official=row.official,
        mandate=row.mandate,
        asked_at=row.asked_at,
        request=request,
        passkey=passkey,
        subject=subject,
        statement=Statement.from_bytes(bytes(row.statement)) if row.statement else None,
    )
