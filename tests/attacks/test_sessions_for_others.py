"""Attack: somebody, an administrator too, uses an address or a command to sit down, or to put a key, in another's place."""

import ast
from functools import cache
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from comity.registry.models import CredentialRow, InvitationRow, OfficialRow, SeatRow, SubjectRow
from entering import House, sat

SOURCE = Path(__file__).parents[2] / "src" / "comity"
STUFFED = {
    "official": "julia",
    "mandate": "x",
    "user": "julia",
    "username": "julia",
    "by": "passkey",
    "seat": "x",
    "session": "x",
    "credential": "x",
    "registration": "{}",
    "assertion": "{}",
    "assertion_1": "{}",
    "sealed": "x",
    "subject": "julia@court",
    "issuer": "https://login.example",
    "reference": "x",
    "compared": "on",
    "second": "bento",
    "next": "/desk",
}


def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> list[str]:
    """Every address of a node, with a letter in the place of each name."""
    found = []
    for one in patterns:
        if isinstance(one, URLResolver):
            found += addresses(one.url_patterns, before + str(one.pattern))
        else:
            whole = before + str(one.pattern)
            found.append("/" + "".join("x" if part.startswith("<") else part for part in _parts(whole)))
    return found


def _parts(route: str) -> list[str]:
    parts, rest = [], route.removeprefix("^").removesuffix("$")
    while "<" in rest:
        head, _, tail = rest.partition("<")
        parts += [head.removesuffix("(?P"), "<>"]
        rest = tail.partition(">")[2]
        if rest.startswith("["):
            rest = rest.partition(")")[2]
    return [*parts, rest]


def state() -> dict[str, object]:
    return {
        "keys": sorted(OfficialRow.objects.values_list("official", "mandate", "credential")),
        "invited": InvitationRow.objects.exclude(credential="").count(),
        "asked": CredentialRow.objects.count(),
        "subjects": SubjectRow.objects.count(),
        "seats": sorted(SeatRow.objects.exclude(official="amara").values_list("official", flat=True)),
    }


def test_no_address_makes_a_session_or_a_credential_for_somebody_else(house: House):
    amara = sat(house.node, house.keys["amara"])
    before = state()
    walked = addresses(get_resolver().url_patterns)
    assert len(walked) > 60
    for address in walked:
        if address == "/logout" or address.startswith("/law"):  # the law knows nobody
            continue
        amara.post(address, STUFFED)
        amara.get(address, STUFFED)
        sitting = amara.session.get("official")
        assert sitting == "amara", address
        assert state() == before, address


@cache
def _calls() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(one, ast.Call):
                called = one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
                found.setdefault(called, set()).add(path.relative_to(SOURCE).as_posix())
    return found


def calls(name: str) -> set[str]:
    """The modules that call a function or method of this name."""
    return _calls().get(name, set())


def test_a_session_begins_in_three_places_and_each_has_its_proof():
    assert calls("sit_down") == {"web/login/views.py", "web/login/signing_on.py"}
    assert {one for one in calls("take") if "seats" in (SOURCE / one).read_text(encoding="utf-8")} == {
        "web/shell/session.py"
    }


def test_a_credential_is_asked_for_by_the_official_whose_signature_stands_under_it():
    assert calls("ask_credential") == {"registry/gestures/credentials.py"}
    assert calls("prepare_passkey") | calls("prepare_subject") == {"web/login/ways.py"}
    assert calls("keep_passkey") == {"registry/gestures/people.py", "web/login/enrolment.py"}


def test_no_command_opens_a_session_or_asks_for_a_credential():
    for path in (SOURCE / "cli").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "seats" not in text or path.name == "doctor.py", path
        assert "actions.credentials" not in text, path
        assert "gestures.credentials" not in text, path
