"""Further ways in as signed texts: read as they were written, and refused in any other form."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from comity.authorities.credentials import (
    PASSKEY_REQUEST,
    SIGN_ON,
    CredentialBroken,
    Revocation,
    SignOn,
    SignOnNotForThisOffice,
    Subject,
    beside,
    hold_recorded,
    hold_sign_on_allowed,
    passkey_request,
    requested_passkey,
    sign_on_of,
)
from comity.authorities.directory import EntryBroken, Home
from comity.authorities.passkeys import Passkey
from comity.authorities.roles import Role
from comity.authorities.statement import SignerMissing, Statement, StatementBroken, signed
from comity.canon import JsonObject
from comity.errors import ComityError
from keys import NodeKey, OfficialKey, entry

CV = NodeKey.fresh(b"cv")
KEYS = {name: OfficialKey.fresh(seed=name.encode()) for name in ("ana", "amara", "bento", "dora")}
JUDGE, _ = entry(KEYS["ana"], CV, node="cv", official="ana", role=Role.JUDGE)
ADMINISTRATORS = [
    entry(KEYS[name], CV, node="cv", official=name, role=Role.ADMINISTRATOR)[0] for name in ("amara", "bento", "dora")
]
HOME = Home(node="cv", key=CV.public, rp_id=KEYS["ana"].rp_id, origin=KEYS["ana"].origin)
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
NEW = Passkey(credential="bmV3", key=OfficialKey.fresh(seed=b"new").public)
SUBJECT = Subject(node="cv", official="ana", mandate=JUDGE.mandate, issuer="https://login.example", subject="ana@court")
RECORD = sign_on_of(SUBJECT, JUDGE, recorded_by=("amara", "bento"), at=AT)
REVOCATION = Revocation(node="cv", official="ana", mandate="two", revoked="one", reason="lost", at=AT)


def by(*names: str, record: SignOn = RECORD, node: NodeKey = CV) -> Statement:
    text = Statement(type=SIGN_ON, body=record.as_body())
    for name in names:
        text = signed(text, key=KEYS[name].public, sign=KEYS[name].sign, context={"nonce": name})
    return signed(text, key=node.public, sign=node.sign)


def test_each_text_is_read_as_it_was_written():
    assert Subject.from_body(SUBJECT.as_body()) == SUBJECT
    assert SignOn.from_body(RECORD.as_body()) == RECORD
    assert Revocation.from_body(REVOCATION.as_body()) == REVOCATION
    assert requested_passkey(passkey_request(JUDGE, NEW)) == NEW


READ: list[tuple[Callable[[JsonObject], object], JsonObject]] = [
    (Subject.from_body, SUBJECT.as_body()),
    (SignOn.from_body, RECORD.as_body()),
    (Revocation.from_body, REVOCATION.as_body()),
]


@pytest.mark.parametrize(("read", "body"), READ, ids=["subject", "record", "revocation"])
def test_a_text_that_lacks_something_has_more_or_is_not_in_its_normal_form_is_refused(
    read: Callable[[JsonObject], object], body: JsonObject
):
    for name in body:
        for changed in ({key: value for key, value in body.items() if key != name}, body | {name: 1}):
            with pytest.raises(ComityError):
                read(changed)
    for changed in (body | {"more": ""}, body | {"official": " ana"}, body | {"official": "a\u202ena"}):
        with pytest.raises(CredentialBroken):
            read(changed)


def test_a_request_for_something_else_than_a_passkey_is_refused():
    request = passkey_request(JUDGE, NEW)
    for changed in (
        replace(request, type="comity/letter/v1"),
        replace(request, body=request.body | {"more": 1}),
        replace(request, body=request.body | {"credential": CV.public.as_record()}),
        replace(request, body=request.body | {"name": 1}),
    ):
        assert changed.type != PASSKEY_REQUEST or changed.body != request.body
        with pytest.raises(ComityError):
            requested_passkey(changed)


def test_a_further_passkey_is_the_same_office_under_another_mandate_and_key():
    second = beside(JUDGE, NEW, mandate="two", enrolled_by=("amara", "bento"), at=AT)
    same = ("node", "official", "name", "office", "authority", "role", "powers", "territory", "until")
    assert all(getattr(second, one) == getattr(JUDGE, one) for one in same)
    assert second.mandate == "two"
    assert (second.credential, second.from_, second.enrolled_by) == (NEW.key, AT, ("amara", "bento"))
    assert not second.software_authenticator
    elsewhere = Passkey(credential="x", key=replace(NEW.key, origin="https://elsewhere.example"))
    with pytest.raises(EntryBroken):
        beside(JUDGE, elsewhere, mandate="two", enrolled_by=("amara", "bento"), at=AT)


def test_a_record_counts_with_the_node_and_the_two_administrators_whom_it_names():
    assert hold_recorded(by("amara", "bento"), home=HOME, administrators=ADMINISTRATORS) == RECORD


@pytest.mark.parametrize("names", [(), ("amara",), ("amara", "dora"), ("amara", "ana"), ("bento",)])
def test_a_record_without_both_of_them_is_refused(names: tuple[str, ...]):
    with pytest.raises((CredentialBroken, StatementBroken)):
        hold_recorded(by(*names), home=HOME, administrators=ADMINISTRATORS)


def test_a_record_with_a_stranger_or_of_another_node_is_refused():
    with pytest.raises(StatementBroken):
        hold_recorded(by("amara", "bento", "dora"), home=HOME, administrators=ADMINISTRATORS)
    with pytest.raises(SignerMissing):
        hold_recorded(by("amara", "bento", node=NodeKey.fresh(b"nl")), home=HOME, administrators=ADMINISTRATORS)
    with pytest.raises(CredentialBroken):
        hold_recorded(by("amara", "bento"), home=HOME, administrators=[])
    of_nl = replace(RECORD, subject=replace(SUBJECT, node="nl"))
    with pytest.raises(CredentialBroken):
        hold_recorded(by("amara", "bento", record=of_nl), home=HOME, administrators=ADMINISTRATORS)


def test_nobody_records_ones_own_subject():
    own = replace(RECORD, subject=replace(SUBJECT, official="amara"))
    with pytest.raises(CredentialBroken):
        hold_recorded(by("amara", "bento", record=own), home=HOME, administrators=ADMINISTRATORS)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.OVERSEER])
def test_who_administers_or_oversees_has_no_single_sign_on(role: Role):
    other, _ = entry(KEYS["ana"], CV, node="cv", official="ana", role=role)
    with pytest.raises(SignOnNotForThisOffice):
        hold_sign_on_allowed(other)
    with pytest.raises(SignOnNotForThisOffice):
        sign_on_of(SUBJECT, other, recorded_by=("amara", "bento"), at=AT)
    hold_sign_on_allowed(JUDGE)
