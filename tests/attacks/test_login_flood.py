"""Attack: so many attempts that the node is busy with them, or that an official is locked out."""

from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session

import live
from comity.registry import invitations
from comity.registry.gestures import people as gestures
from comity.registry.jobs import sessions
from comity.web.login import attempts
from entering import House, sign_in
from passkeys import assertion, browser, challenge_on, credential, key_for


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    attempts._ATTEMPTS._failed.clear()
    yield
    attempts._ATTEMPTS._failed.clear()


def test_a_flood_of_wrong_passkeys_has_to_wait_and_locks_out_nobody(house: House):
    flood = browser(house.node, address="203.0.113.7")
    for _ in range(attempts.PER_ADDRESS_MAX):
        assert sign_in(flood, key_for(house.node)).status_code == 422
    assert sign_in(flood, key_for(house.node)).status_code == 429
    assert sign_in(flood, house.keys["julia"]).status_code == 302, "a passkey that holds is never kept waiting"


def test_a_flood_under_one_name_from_many_addresses_has_to_wait_and_its_owner_does_not(house: House):
    # a name that nobody has is counted alike: the wait tells nobody who is an official
    stranger, named = key_for(house.node), credential(house.keys["julia"])
    for number in range(attempts.PER_OFFICIAL_MAX):
        client = browser(house.node, address=f"203.0.113.{number}")
        challenge = challenge_on(client.get("/login").content)
        client.post("/login", {"assertion": assertion(stranger, challenge, named=named)})
    last = browser(house.node, address="203.0.113.99")
    challenge = challenge_on(last.get("/login").content)
    assert last.post("/login", {"assertion": assertion(stranger, challenge, named=named)}).status_code == 429
    assert sign_in(last, house.keys["julia"]).status_code == 302


def test_the_addresses_of_one_network_are_counted_together(house: House):
    for number in range(attempts.PER_ADDRESS_MAX):
        sign_in(browser(house.node, address=f"2001:db8::{number + 1:x}"), key_for(house.node))
    assert sign_in(browser(house.node, address="2001:db8::ffff"), key_for(house.node)).status_code == 429
    assert sign_in(browser(house.node, address="2001:db8:0:1::1"), key_for(house.node)).status_code == 422


def test_behind_a_trusted_proxy_each_reader_counts_and_nobody_makes_up_an_address(house: House):
    path = house.node.folder / "node.toml"
    path.write_text(f'trusted_proxies = ["10.0.0.5"]\n{path.read_text(encoding="utf-8")}', encoding="utf-8")

    def through(said: str, *, proxy: str = "10.0.0.5") -> int:
        client = browser(house.node, address=proxy)
        client.defaults["HTTP_X_FORWARDED_FOR"] = said
        return int(client.post("/login", {"assertion": ""}).status_code)

    for number in range(attempts.PER_ADDRESS_MAX):
        assert through(f"198.51.100.{number}, 203.0.113.7") == 422
    assert through("198.51.100.200, 203.0.113.7") == 429, "what stands before the proxy's word is the reader's own"
    assert through("203.0.113.8") == 422
    for number in range(attempts.PER_ADDRESS_MAX):
        through(f"198.51.100.{number}", proxy="192.0.2.66")
    assert through("198.51.100.201", proxy="192.0.2.66") == 429, "nobody trusts this one"


def test_who_has_to_wait_costs_no_password_hash(house: House, monkeypatch: pytest.MonkeyPatch):
    link = gestures.invite(live.appointment("nadia"), actor=house.entry("amara").actor, at=house.node.clock.now())
    hashed: list[str] = []
    right = invitations._right

    def counting(kept: str, typed: str) -> bool:
        hashed.append(typed)
        return right(kept, typed)

    monkeypatch.setattr(invitations, "_right", counting)
    flood = browser(house.node, address="203.0.113.7")
    assert flood.post(f"/enrol/{link.token}", {"password": "wrong"}).status_code == 422
    assert len(hashed) == 1
    for _ in range(attempts.PER_ADDRESS_MAX):
        flood.post("/login", {"assertion": ""})
    assert flood.post(f"/enrol/{link.token}", {"password": "wrong"}).status_code == 429
    assert flood.post(f"/enrol/{link.token}", {"registration": "made up"}).status_code == 429
    assert len(hashed) == 1


def test_visitors_without_a_session_are_bounded_and_what_they_leave_is_swept(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(attempts, "VISITS_PER_ADDRESS_MAX", 5)
    Session.objects.all().delete()
    codes = [browser(house.node, address="203.0.113.7").get("/login").status_code for _ in range(8)]
    assert codes == [200] * 5 + [429] * 3
    assert Session.objects.count() == 5
    assert browser(house.node, address="203.0.113.8").get("/login").status_code == 200
    Session.objects.update(expire_date=house.node.clock.now().replace(year=2020))
    assert sessions.sweep() == 6
