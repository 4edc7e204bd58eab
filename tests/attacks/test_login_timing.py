"""Attack: who is an official here is read from how much work a refusal costs. Work is counted, not timed: it cannot flicker."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

import live
from comity.registry.gestures import people as gestures
from entering import House
from keys import OfficialKey
from passkeys import assertion, browser, challenge_on, credential, key_for

COSTLY = {
    "verify_authentication_response": "passkey",
    "verify_signature": "passkey signature",
    "verify": "argon2 or signature",
}


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """How often each costly function is entered, by file and name."""
    found: Counter[str] = Counter()

    def heard(frame: FrameType, event: str, _argument: Any) -> None:
        name = frame.f_code.co_name
        file = frame.f_code.co_filename
        if event == "call" and name in COSTLY and ("webauthn" in file or "argon2" in file or "authorities" in file):
            found[f"{file.rpartition('site-packages/')[2]} {name}"] += 1

    before = sys.getprofile()
    sys.setprofile(heard)
    try:
        yield found
    finally:
        sys.setprofile(before)


def work_of(act: Callable[[], Any]) -> tuple[Counter[str], int, int, bytes]:
    """The costly calls of an act, its questions to the tables, its status, and the alert it shows."""
    with CaptureQueriesContext(connection) as asked, counted() as calls:
        answer = act()
    alert = answer.content.partition(b'role="alert"')[2].partition(b"</div>")[0]
    return calls, len(asked), answer.status_code, alert


def attempt(house: House, key: OfficialKey, *, named: bytes | None = None) -> tuple[Counter[str], int, int, bytes]:
    client = browser(house.node)
    sent = assertion(key, challenge_on(client.get("/login").content), named=named)
    return work_of(lambda: client.post("/login", {"assertion": sent}))


def test_a_passkey_that_nobody_has_costs_the_work_of_one_that_somebody_has(house: House):
    stranger = key_for(house.node)
    attempt(house, stranger)  # what is made once for a process is made
    unknown = attempt(house, stranger)
    known = attempt(house, stranger, named=credential(house.keys["julia"]))
    assert unknown == known
    assert sum(known[0].values()) > 0, "a signature was checked"
    assert known[2] == 422


def test_a_link_that_never_was_costs_the_work_of_one_that_is(house: House):
    appointed = live.appointment("nadia")
    link = gestures.invite(appointed, actor=house.entry("amara").actor, at=house.node.clock.now())

    def tried(token: str) -> tuple[Counter[str], int, int, bytes]:
        client = browser(house.node)
        return work_of(lambda: client.post(f"/enrol/{token}", {"password": "aaaa-bbbb-cccc-dddd"}))

    tried("nothing")
    unknown, known = tried("nothing"), tried(link.token)
    assert unknown[0] == known[0]
    assert sum(count for name, count in known[0].items() if "argon2" in name) == 1
    assert unknown[2:] == known[2:]
