"""Nothing leaves a state without a ground in its law."""

from dataclasses import replace

import pytest

from comity.canon import JsonObject, TextNotAllowed, canonical, parse
from comity.exchange.transfer import (
    ARTICLES,
    LED,
    NOT_STATED,
    Derogation,
    GroundKind,
    NoTransferGround,
    TransferGround,
    TransferVerdict,
    judge_transfer,
)
from comity.exchange.wire import RecordBroken

STATED: JsonObject = {
    "reason": "Prosecution of the market's operators",
    "recipient": "Authority cv",
    "origin": "Our own data",
}
ASSESSED = TransferGround(
    kind=GroundKind.SAFEGUARDS_ASSESSED,
    law=LED,
    article=ARTICLES[GroundKind.SAFEGUARDS_ASSESSED],
    document="Assessment of 2026-11-02",
    supervisor_told="Letter of 2026-11-03",
    **STATED,
)
AGREED = replace(ASSESSED, kind=GroundKind.SAFEGUARDS_AGREEMENT, supervisor_told="")
ADEQUATE = replace(AGREED, kind=GroundKind.ADEQUACY, article=ARTICLES[GroundKind.ADEQUACY], document="")
DEROGATION = replace(
    ADEQUATE,
    kind=GroundKind.DEROGATION,
    article=ARTICLES[GroundKind.DEROGATION],
    derogation=Derogation.IMMEDIATE_SERIOUS_THREAT.value,
)
OWN = TransferGround(
    kind=GroundKind.OWN_LAW, law="Law of the giving state", article=NOT_STATED, reason="Reply to a letter"
)


def judged(
    ground: TransferGround | None,
    *,
    giver_bound: bool = True,
    receiver_bound: bool = False,
    adequacy: bool | None = None,
) -> TransferVerdict:
    return judge_transfer(
        giver_state="NL",
        receiver_state="CV",
        giver_bound_by_led=giver_bound,
        receiver_bound_by_led=receiver_bound,
        adequacy=adequacy,
        ground=ground,
    )


def test_no_ground_is_a_refusal_wherever_one_is_needed():
    for bound in ({}, {"giver_bound": False}, {"giver_bound": False, "receiver_bound": True}):
        with pytest.raises(NoTransferGround, match="none was named"):
            judged(None, **bound)


@pytest.mark.parametrize("adequacy", [None, False])
def test_adequacy_needs_a_decision_that_is_known_to_exist(adequacy: bool | None):
    with pytest.raises(NoTransferGround, match="adequacy decision"):
        judged(ADEQUATE, adequacy=adequacy)
    assert judged(ADEQUATE, adequacy=True).ground == ADEQUATE


@pytest.mark.parametrize("name", ["reason", "recipient", "origin", "document", "supervisor_told"])
@pytest.mark.parametrize("empty", ["", " "])
def test_assessed_safeguards_need_every_text(name: str, empty: str):
    with pytest.raises((NoTransferGround, TextNotAllowed), match="empty"):
        judged(TransferGround(**(vars(ASSESSED) | {name: empty})))


@pytest.mark.parametrize("ground", [AGREED, ADEQUATE, DEROGATION])
@pytest.mark.parametrize("name", ["reason", "recipient", "origin"])
def test_the_conditions_of_every_transfer_are_stated(ground: TransferGround, name: str):
    with pytest.raises(NoTransferGround, match=f"{name} is empty"):
        judged(TransferGround(**(vars(ground) | {name: ""})), adequacy=True)


def test_an_agreement_needs_the_instrument():
    assert judged(AGREED).ground == AGREED
    with pytest.raises(NoTransferGround, match="document is empty"):
        judged(replace(AGREED, document=""))


@pytest.mark.parametrize("case", ["", "convenience", "38(1)(a)"])
def test_a_derogation_needs_a_case_of_the_article(case: str):
    with pytest.raises(NoTransferGround, match="is none of vital_interests"):
        judged(replace(DEROGATION, derogation=case))


@pytest.mark.parametrize("case", list(Derogation))
def test_the_last_two_derogations_need_the_rights_weighed(case: Derogation):
    ground = replace(DEROGATION, derogation=case.value)
    weighed = replace(ground, rights_weighed="No less intrusive way; data of the operators only")
    assert judged(weighed).ground == weighed
    if case in {Derogation.INDIVIDUAL_CASE, Derogation.LEGAL_CLAIM}:
        with pytest.raises(NoTransferGround, match="rights_weighed"):
            judged(ground)
    else:
        assert judged(ground).ground == ground


@pytest.mark.parametrize("ground", [ASSESSED, AGREED, ADEQUATE, DEROGATION])
@pytest.mark.parametrize("changed", [{"article": "99"}, {"article": NOT_STATED}, {"law": "GDPR"}])
def test_a_ground_of_the_directive_cites_its_article(ground: TransferGround, changed: JsonObject):
    with pytest.raises(NoTransferGround, match="is Directive"):
        judged(replace(ground, **changed), adequacy=True)


def test_a_text_that_does_not_belong_to_the_ground_is_refused():
    for ground in (replace(ADEQUATE, derogation="vital_interests"), replace(AGREED, rights_weighed="yes")):
        with pytest.raises(NoTransferGround, match="does not belong"):
            judged(ground, adequacy=True)


def test_a_state_bound_by_the_directive_cannot_name_other_law_and_the_reverse():
    with pytest.raises(NoTransferGround, match="needs a ground of Arts 36-38"):
        judged(OWN)
    for ground in (ASSESSED, AGREED, ADEQUATE, DEROGATION):
        with pytest.raises(NoTransferGround, match="names its own law"):
            judged(ground, giver_bound=False, adequacy=True)


def test_a_state_that_is_not_bound_names_its_law_and_its_reason():
    verdict = judged(OWN, giver_bound=False, receiver_bound=True)
    assert verdict.ground == OWN
    assert "article not_stated" in verdict.checked[0]
    for name in ("law", "article", "reason"):
        with pytest.raises(NoTransferGround, match=f"{name} is empty"):
            judged(TransferGround(**(vars(OWN) | {name: ""})), giver_bound=False)


def test_between_states_bound_by_the_directive_no_ground_is_named():
    assert judged(None, receiver_bound=True).ground is None
    with pytest.raises(NoTransferGround):
        judged(ASSESSED, receiver_bound=True)


def test_every_reason_against_is_said_at_once():
    with pytest.raises(NoTransferGround) as refused:
        judged(replace(ADEQUATE, reason="", recipient="", article="1"), adequacy=False)
    for why in ("reason is empty", "recipient is empty", "Art. 36, not", "no adequacy decision"):
        assert why in str(refused.value)


def test_hidden_characters_in_a_ground_are_refused():
    with pytest.raises(TextNotAllowed):
        judged(replace(ASSESSED, reason="a\u202eb"))


@pytest.mark.parametrize("ground", [ASSESSED, AGREED, ADEQUATE, DEROGATION, OWN])
def test_a_ground_is_read_as_it_was_recorded(ground: TransferGround):
    record = parse(canonical(ground.as_record()), limit=10_000)
    assert TransferGround.from_record(record) == ground
    with pytest.raises(RecordBroken):
        TransferGround.from_record(record | {"kind": "hope"})
    with pytest.raises(RecordBroken):
        TransferGround.from_record(record | {"more": ""})


def test_a_verdict_is_recorded_with_its_ground_and_what_was_checked():
    record = judged(ASSESSED).as_record()
    assert record["ground"] == ASSESSED.as_record()
    conditions, safeguards = record["checked"]
    assert conditions == f"{LED} Art. 35(1)(a)-(e): necessity, recipient and origin are stated"
    assert safeguards.startswith(f"{LED} Art. 37(1)-(3): safeguards_assessed, with reason")
    assert judged(None, receiver_bound=True).as_record()["ground"] is None
