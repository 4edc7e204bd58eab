"""An authorisation says all that a decision must say, each reason by itself; anything else is no authorisation."""

from dataclasses import replace

import pytest

from comity.authorisations.authorisation import Authorisation, AuthorisationBroken, AuthorisationKind
from comity.authorisations.reasons import REASON_CHARACTERS_MAX, Privileges, ReasonsBroken, ReasonsEmpty
from comity.authorisations.scope import ScopeBroken
from comity.canon import NotAMoment, TextNotAllowed, canonical, parse
from comity.errors import ComityError
from powers import DUE, WARRANT

BODY = WARRANT.as_body()
MEANS = BODY["less_intrusive"][0]
NAMES = sorted(BODY["necessity"])


def needs(**changed: object) -> dict[str, object]:
    return {"necessity": {**BODY["necessity"], **changed}}


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"kind": "wish"}, AuthorisationBroken),
        ({"kind": None}, AuthorisationBroken),
        ({"reference": 1}, AuthorisationBroken),
        ({"letter": None}, AuthorisationBroken),
        ({"legal_basis": "art. 29"}, AuthorisationBroken),
        ({"legal_basis": {"law": "code", "article": "29"}}, AuthorisationBroken),
        ({"legal_basis": BODY["legal_basis"] | {"verdict": "none"}}, AuthorisationBroken),
        ({"legal_basis": BODY["legal_basis"] | {"law": 1}}, TextNotAllowed),
        ({"conditions": "none"}, ReasonsBroken),
        ({"conditions": ["only traffic"]}, ReasonsBroken),
        ({"conditions": [{"check": "wish", "text": "x"}]}, ReasonsBroken),
        ({"conditions": [{"check": [], "text": "x"}]}, ReasonsBroken),
        ({"conditions": [{"check": "words", "text": "a\u202eb"}]}, TextNotAllowed),
        ({"conditions": [{"check": "words", "text": " padded "}]}, AuthorisationBroken),
        ({"by": "ana"}, AuthorisationBroken),
        ({"more": 1}, AuthorisationBroken),
        ({"scope": None}, ScopeBroken),
        ({"scope": BODY["scope"] | {"acts": ["conquer"]}}, AuthorisationBroken),
        ({"purpose": ""}, TextNotAllowed),
        ({"purpose": None}, TextNotAllowed),
        ({"necessity": "because"}, ReasonsBroken),
        ({"less_intrusive": []}, ReasonsBroken),
        ({"less_intrusive": "none"}, ReasonsBroken),
        ({"less_intrusive": [MEANS] * 21}, ReasonsBroken),
        ({"less_intrusive": [MEANS | {"why_not": "no"}]}, ReasonsEmpty),
        ({"less_intrusive": [MEANS | {"more": "x"}]}, ReasonsBroken),
        ({"less_intrusive": [MEANS | {"means": "x" * (REASON_CHARACTERS_MAX + 1)}]}, TextNotAllowed),
        ({"privileges": {"considered": "no target keeps confidences", "allowed": ["priest"]}}, ReasonsBroken),
        ({"privileges": {"considered": "no target keeps confidences", "allowed": ["lawyer", "doctor"]}}, ReasonsBroken),
        ({"privileges": {"considered": "none", "allowed": []}}, ReasonsEmpty),
        ({"privileges": []}, ReasonsBroken),
        ({"validation": DUE.as_record()}, AuthorisationBroken),
        ({"kind": "emergency"}, AuthorisationBroken),
        ({"kind": "validation"}, AuthorisationBroken),
        ({"validates": "f" * 64}, AuthorisationBroken),
        ({"validation": {"until": "soon"}}, AuthorisationBroken),
        ({"expires": "2026-12-23"}, NotAMoment),
        ({"from": None}, NotAMoment),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_body_with_another_content_is_no_authorisation(changed: dict[str, object], refusal: type[ComityError]):
    with pytest.raises(refusal):
        Authorisation.from_body({**BODY, **changed})


@pytest.mark.parametrize("name", sorted(BODY))
def test_a_body_that_lacks_something_is_no_authorisation(name: str):
    with pytest.raises(AuthorisationBroken):
        Authorisation.from_body({key: value for key, value in BODY.items() if key != name})


@pytest.mark.parametrize("name", NAMES)
def test_each_reason_is_stated_and_says_something(name: str):
    without = {key: text for key, text in BODY["necessity"].items() if key != name}
    with pytest.raises(ReasonsBroken):
        Authorisation.from_body({**BODY, "necessity": without})
    for little in ("n/a", "see above", "." * 400, "x" * 400, "necessary", "12345678901234567890123"):
        with pytest.raises(ReasonsEmpty, match=f"{name} says too little"):
            Authorisation.from_body({**BODY, **needs(**{name: little})})


@pytest.mark.parametrize("name", NAMES)
def test_a_reason_that_says_what_another_field_says_is_boilerplate(name: str):
    other = NAMES[NAMES.index(name) - 1]
    for text in (BODY["necessity"][other], BODY["necessity"][other].upper() + " .", BODY["purpose"], MEANS["why_not"]):
        with pytest.raises(ReasonsEmpty, match="says the same as"):
            Authorisation.from_body({**BODY, **needs(**{name: text})})


@pytest.mark.parametrize("kind", AuthorisationKind)
def test_an_authorisation_is_read_back_as_it_was_written(kind: AuthorisationKind):
    authorisation = replace(
        WARRANT,
        kind=kind,
        privileges=Privileges(considered="a lawyer is the suspect himself", allowed=frozenset({"lawyer"})),
        validation=DUE if kind is AuthorisationKind.EMERGENCY else None,
        validates="f" * 64 if kind is AuthorisationKind.VALIDATION else "",
    )
    assert Authorisation.from_body(parse(canonical(authorisation.as_body()), limit=10_000)) == authorisation
