"""Directory entries: which official, in which office, under which mandate, with which key; and until when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from comity.authorities.directory import ENTRY, Entry, EntryBroken, Home, context_for, read_entry, verify_official
from comity.authorities.keys import KeyRecordBroken, SignatureDoesNotVerify
from comity.authorities.roles import MandateNotInForce, Power, Role
from comity.authorities.statement import SignerMissing, Statement, WrongStatement, signed
from comity.canon import NotAMoment
from comity.errors import ComityError
from keys import NodeKey, OfficialKey, entry

CV, NL = NodeKey.fresh(b"cv"), NodeKey.fresh(b"nl")
KEY = OfficialKey.fresh(seed=b"judge")
JUDGE, STATEMENT = entry(KEY, CV, node="cv", official="ana", role=Role.JUDGE)
HOME = Home(node="cv", key=CV.public, rp_id=KEY.rp_id, origin=KEY.origin)
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
BEFORE, AFTER = JUDGE.from_ - timedelta(milliseconds=1), JUDGE.until
TYPE = "comity/authorisation/v1"


def by_cv(body: dict[str, object]) -> Statement:
    return signed(Statement(type=ENTRY, body=body), key=CV.public, sign=CV.sign)


def decision(*, key: OfficialKey = KEY, **changed: object) -> Statement:
    context = {**context_for(JUDGE, nonce="0" * 32, expires_at=AT + timedelta(minutes=10)), **changed}
    return signed(Statement(type=TYPE, body={"granted": True}), key=key.public, sign=key.sign, context=context)


def test_an_entry_is_read_as_its_node_wrote_it():
    assert HOME.entry(Statement.from_bytes(STATEMENT.to_bytes())) == JUDGE


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"role": "king"}, EntryBroken),
        ({"role": None}, EntryBroken),
        ({"powers": ["levitate"]}, EntryBroken),
        ({"powers": ["draft_letter"]}, EntryBroken),
        ({"powers": "authorise"}, EntryBroken),
        ({"powers": None}, EntryBroken),
        ({"powers": [["authorise"]]}, EntryBroken),
        ({"enrolled_by": None}, EntryBroken),
        ({"enrolled_by": [1]}, EntryBroken),
        ({"name": 1}, EntryBroken),
        ({"state": None}, EntryBroken),
        ({"software_authenticator": "no"}, EntryBroken),
        ({"software_authenticator": 0}, EntryBroken),
        ({"more": 1}, EntryBroken),
        ({"credential": CV.public.as_record()}, EntryBroken),
        ({"credential": None}, KeyRecordBroken),
        ({"credential": {}}, KeyRecordBroken),
        ({"from": "2026-01-01"}, NotAMoment),
        ({"until": None}, NotAMoment),
    ],
    ids=str,
)
def test_an_entry_with_another_content_is_refused(changed: dict[str, object], refusal: type[ComityError]):
    with pytest.raises(refusal):
        HOME.entry(by_cv({**JUDGE.as_body(), **changed}))


@pytest.mark.parametrize("name", sorted(JUDGE.as_body()))
def test_an_entry_that_lacks_something_is_refused(name: str):
    with pytest.raises(EntryBroken):
        Entry.from_body({key: value for key, value in JUDGE.as_body().items() if key != name})


def test_an_entry_of_another_node_is_refused():
    with pytest.raises(SignerMissing):
        replace(HOME, key=NL.public).entry(STATEMENT)
    with pytest.raises(EntryBroken, match="it is for node cv, signed by nl"):
        read_entry(STATEMENT, node="nl", node_key=CV.public, rp_id=KEY.rp_id, origin=KEY.origin)


def test_a_credential_for_another_site_is_refused():
    for elsewhere in (replace(HOME, rp_id="nl.localhost"), replace(HOME, origin="http://cv.localhost.example")):
        with pytest.raises(EntryBroken, match="its credential is for"):
            elsewhere.entry(STATEMENT)


def test_an_entry_that_was_changed_after_signing_is_refused():
    with pytest.raises(SignatureDoesNotVerify):
        HOME.entry(replace(STATEMENT, body={**STATEMENT.body, "until": "2099-01-01T00:00:00.000Z"}))


def test_a_mandate_runs_from_its_first_moment_to_before_its_last():
    for at in (JUDGE.from_, AFTER - timedelta(milliseconds=1)):
        JUDGE.in_force(at=at)
    for at in (BEFORE, AFTER):
        with pytest.raises(MandateNotInForce):
            JUDGE.in_force(at=at)


def test_an_officials_text_holds_in_office_and_in_time():
    assert verify_official(decision(), type=TYPE, entry=JUDGE, at=AT).body == {"granted": True}


def test_a_text_signed_outside_the_mandate_is_refused():
    for at in (BEFORE, AFTER):
        with pytest.raises(MandateNotInForce):
            verify_official(decision(), type=TYPE, entry=JUDGE, at=at)


def test_a_signature_given_in_another_office_is_refused():
    for changed in ({"office": "Police"}, {"mandate": "cv-ana-2025"}, {"office": None}):
        with pytest.raises(EntryBroken, match="signed as"):
            verify_official(decision(**changed), type=TYPE, entry=JUDGE, at=AT)


def test_a_signature_that_was_used_too_late_is_refused():
    verify_official(decision(), type=TYPE, entry=JUDGE, at=AT + timedelta(minutes=10))
    with pytest.raises(EntryBroken, match="after its time"):
        verify_official(decision(), type=TYPE, entry=JUDGE, at=AT + timedelta(minutes=10, milliseconds=1))
    with pytest.raises(NotAMoment):
        verify_official(decision(expires_at="never"), type=TYPE, entry=JUDGE, at=AT)


def test_a_text_of_another_type_or_official_is_refused():
    with pytest.raises(WrongStatement):
        verify_official(decision(), type="comity/letter/v1", entry=JUDGE, at=AT)
    with pytest.raises(SignerMissing):
        verify_official(decision(key=OfficialKey.fresh(seed=b"somebody")), type=TYPE, entry=JUDGE, at=AT)


def test_an_entry_gives_the_actor_that_acts_under_it():
    assert JUDGE.actor.powers == {Power.AUTHORISE, Power.RECOGNISE}
    assert JUDGE.actor.as_record() == {
        "official": "ana",
        "office": "judge of cv",
        "authority": "authority of cv",
        "role": "judge",
        "mandate": "cv-ana-2026",
        "node": "cv",
    }
