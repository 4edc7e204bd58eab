"""Who can sit down, who cannot, and what a session is worth."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

import live
from comity.canon import stamp as written
from comity.cli import founding
from comity.cli.demo import make_nodes
from comity.registry.act import Node
from comity.registry.clock import Clock
from comity.registry.jobs import sessions
from comity.registry.queries import people
from comity.registry.seats import IDLE_MAX, SITTING_MAX
from comity.web.login import attempts
from keys import OfficialKey
from passkeys import USER_PRESENT, USER_VERIFIED, assertion, browser, challenge_on, key_for
from stage import free_port

Founded = tuple[Node, dict[str, OfficialKey]]


@pytest.fixture(scope="session")
def live_template(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """One live node for all tests that leave its directory as it is."""
    return live.founded(tmp_path_factory.mktemp("login") / "ut")


@pytest.fixture
def founded(live_template: Founded) -> Iterator[Founded]:
    node, keys = live_template
    attempts._ATTEMPTS._failed.clear()
    with node.active():
        yield node, keys


@pytest.fixture(scope="session")
def demo_node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    (cv, _), _ = make_nodes(tmp_path_factory.mktemp("demo"), ports=(free_port(), free_port()))
    return cv


def sit(client: Client, key: OfficialKey, *, following: str = "", flags: int = USER_PRESENT | USER_VERIFIED) -> Any:
    challenge = challenge_on(client.get("/login").content)
    return client.post("/login", {"assertion": assertion(key, challenge, flags=flags), "next": following})


def seated(client: Client) -> str:
    """Who sits in this browser's session; empty for nobody."""
    return str(client.session.get("official", ""))


def test_a_passkey_of_this_node_opens_the_desk(founded: Founded):
    node, keys = founded
    client = browser(node)
    answer = sit(client, keys["amara"])
    assert (answer.status_code, answer["Location"]) == (302, "/desk")
    assert seated(client) == "amara"


def test_a_session_before_login_is_worth_nothing_after_it(founded: Founded):
    node, keys = founded
    client = browser(node)
    client.get("/login")
    before = client.cookies["comity_session"].value
    sit(client, keys["amara"])
    assert client.cookies["comity_session"].value != before
    stolen = browser(node)
    stolen.cookies["comity_session"] = before
    assert seated(stolen) == ""


def test_the_session_cookie_is_kept_from_scripts_and_from_other_sites(founded: Founded):
    node, keys = founded
    client = browser(node)
    sit(client, keys["amara"])
    cookie = client.cookies["comity_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"


def test_a_challenge_is_good_once(founded: Founded):
    node, keys = founded
    client = browser(node)
    answered = assertion(keys["amara"], challenge_on(client.get("/login").content))
    assert client.post("/login", {"assertion": answered}).status_code == 302
    client.post("/logout")
    assert client.post("/login", {"assertion": answered}).status_code == 422
    assert seated(client) == ""


def test_a_challenge_is_good_in_its_own_session_only(founded: Founded):
    node, keys = founded
    mine, other = browser(node), browser(node)
    other.get("/login")
    answered = assertion(keys["amara"], challenge_on(mine.get("/login").content))
    assert other.post("/login", {"assertion": answered}).status_code == 422


def test_a_challenge_runs_out(founded: Founded):
    node, keys = founded
    client = browser(node)
    answered = assertion(keys["amara"], challenge_on(client.get("/login").content))
    session = client.session
    kept = session["comity-login-v1\n"]
    session["comity-login-v1\n"] = kept | {"until": "2026-01-01T00:00:00.000Z"}
    session.save()
    assert client.post("/login", {"assertion": answered}).status_code == 422
    assert seated(client) == ""


def wrong_keys(node: Node, keys: dict[str, OfficialKey]) -> dict[str, OfficialKey]:
    amara = keys["amara"]
    return {
        "nobody's key": key_for(node),
        "another site": OfficialKey(private=amara.private, rp_id="elsewhere.example", origin=amara.origin),
        "another origin": OfficialKey(private=amara.private, rp_id=amara.rp_id, origin="https://elsewhere.example"),
    }


def test_another_key_site_or_origin_opens_nothing_and_the_answer_is_one_and_the_same(founded: Founded):
    node, keys = founded
    told = set()
    for name, key in wrong_keys(node, keys).items():
        client = browser(node)
        answer = sit(client, key)
        assert answer.status_code == 422, name
        assert seated(client) == "", name
        alert = re.search(rb'role="alert".*?</div>', answer.content, re.DOTALL)
        assert alert
        told.add(alert[0])
    assert len(told) == 1


def test_a_passkey_that_did_not_ask_for_its_person_opens_nothing(founded: Founded):
    node, keys = founded
    client = browser(node)
    assert sit(client, keys["amara"], flags=USER_PRESENT).status_code == 422


def test_a_key_under_the_name_of_another_opens_nothing(founded: Founded):
    node, keys = founded
    client = browser(node)
    challenge = challenge_on(client.get("/login").content)
    amaras = people.credential_ids("amara", viewer=node.machine("tests"))[0]
    forged = assertion(keys["bento"], challenge).replace(
        people.credential_ids("bento", viewer=node.machine("tests"))[0], amaras
    )
    assert client.post("/login", {"assertion": forged}).status_code == 422


@pytest.mark.parametrize("sent", ["", "{", "[]", '{"id": 1}', "x" * 100_000, '{"id": "a", "response": {}}', "[" * 5000])
def test_what_is_no_assertion_is_refused(founded: Founded, sent: str):
    node, _ = founded
    client = browser(node)
    client.get("/login")
    assert client.post("/login", {"assertion": sent}).status_code == 422


def test_a_flood_from_one_address_has_to_wait_and_locks_out_nobody(founded: Founded):
    node, keys = founded
    flood = browser(node, address="203.0.113.7")
    for _ in range(attempts.PER_ADDRESS_MAX):
        flood.post("/login", {"assertion": ""})
    assert flood.post("/login", {"assertion": ""}).status_code == 429
    assert sit(flood, OfficialKey.fresh(seed=b"stranger")).status_code == 429
    assert sit(flood, keys["amara"]).status_code == 302, "a passkey that holds is never kept waiting"


def test_attempts_forget_the_oldest_names_and_old_failures():
    kept = attempts.Attempts()
    at = Clock().now()
    for number in range(attempts.NAMES_MAX + 10):
        kept.note(("ut", str(number)), at=at)
    assert len(kept._failed) == attempts.NAMES_MAX
    name = ("ut", str(attempts.NAMES_MAX))
    assert kept.are_too_many(name, most=1, at=at)
    assert not kept.are_too_many(name, most=1, at=at + attempts.WINDOW + timedelta(seconds=1))


@pytest.mark.parametrize(
    "wanted",
    ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "/\\elsewhere.example", "\t//x"],
)
def test_after_login_nobody_is_sent_to_another_site(founded: Founded, wanted: str):
    node, keys = founded
    answer = sit(browser(node), keys["amara"], following=wanted)
    assert answer["Location"] == "/desk"
    answer = browser(node).post("/language", {"language": "pt", "next": wanted})
    assert answer["Location"] == "/"


def test_after_login_the_page_that_was_asked_for_follows(founded: Founded):
    node, keys = founded
    client = browser(node)
    asked = client.get("/officials")
    assert asked["Location"] == "/login?next=%2Fofficials"
    assert sit(client, keys["amara"], following="/officials")["Location"] == "/officials"


@pytest.mark.parametrize("stamp", ["since", "seen_at"])
def test_a_session_ends_after_eight_hours_and_after_half_an_hour_of_nothing(founded: Founded, stamp: str):
    node, keys = founded
    client = browser(node)
    sit(client, keys["amara"])
    session = client.session
    limit = {"since": SITTING_MAX, "seen_at": IDLE_MAX}[stamp]
    session[stamp] = written(node.clock.now() - limit + timedelta(minutes=1))
    session.save()
    assert client.get("/officials").status_code == 200
    session = client.session
    session[stamp] = written(node.clock.now() - limit - timedelta(seconds=1))
    session.save()
    assert client.get("/officials").status_code == 302
    assert seated(client) == ""


def test_the_sessions_of_visitors_are_swept(founded: Founded):
    node, keys = founded
    browser(node).get("/login")
    Session.objects.update(expire_date=datetime(2020, 1, 1, tzinfo=UTC))
    sit(browser(node), keys["amara"])
    assert sessions.sweep() > 0
    assert not Session.objects.filter(expire_date__year=2020).exists()
    assert Session.objects.exists()


def test_signing_out_ends_the_session(founded: Founded):
    node, keys = founded
    client = browser(node)
    sit(client, keys["amara"])
    cookie = client.cookies["comity_session"].value
    assert client.get("/logout").status_code == 405
    assert client.post("/logout")["Location"] == "/login"
    again = browser(node)
    again.cookies["comity_session"] = cookie
    assert again.get("/officials").status_code == 302


def test_without_its_token_no_form_is_taken(founded: Founded):
    strict = Client(enforce_csrf_checks=True, headers={"host": "ut.localhost"})
    for address in ("/login", "/login/demo", "/logout", "/language", "/enrol/x"):
        assert strict.post(address).status_code == 403, address


def test_a_live_node_has_no_demonstration_and_no_address_for_one(founded: Founded):
    node, _ = founded
    client = browser(node)
    page = client.get("/login")
    assert b"/login/demo" not in page.content
    for official in ("amara", "ivo", ""):
        assert client.post("/login/demo", {"official": official}).status_code == 404
    assert seated(client) == ""


def test_a_drill_node_has_no_demonstration_either(tmp_path: Path):
    node = live.unfounded(tmp_path / "dr", kind="drill")
    founding.appoint_founders(node, tuple(live.appointment(one) for one in ("amara", "bento")))
    with node.active():
        client = browser(node)
        assert b"/login/demo" not in client.get("/login").content
        assert client.post("/login/demo", {"official": "amara"}).status_code == 404


def test_a_demonstration_lets_everybody_at_this_machine_sit_down_as_anybody(demo_node: Node):
    with demo_node.active():
        client = browser(demo_node)
        page = client.get("/login").content.decode()
        for official in ("ivo", "julia", "luis", "carla", "otto", "amara", "bento"):
            assert f'value="{official}"' in page
        assert client.post("/login/demo", {"official": "julia"}).status_code == 302
        assert seated(client) == "julia"
        assert client.post("/login/demo", {"official": "nobody"}).status_code == 404


def test_a_demonstration_is_for_this_machine_only(demo_node: Node):
    with demo_node.active():
        client = browser(demo_node, address="192.0.2.4")
        assert b"/login/demo" not in client.get("/login").content
        assert client.post("/login/demo", {"official": "julia"}).status_code == 404


def test_a_reader_who_came_by_another_host_is_led_to_the_one_of_the_passkeys(founded: Founded):
    node, _ = founded
    answer = Client(headers={"host": f"127.0.0.1:{node.port}"}).get("/login")
    assert answer["Location"] == f"http://ut.localhost:{node.port}/login"


def test_a_language_is_kept_for_this_browser_and_only_a_known_one(founded: Founded):
    node, _ = founded
    client = browser(node)
    client.post("/language", {"language": "pt", "next": "/login"})
    assert client.cookies["comity_language"].value == "pt"
    assert b'lang="pt"' in client.get("/login").content
    other = browser(node)
    other.post("/language", {"language": "xx"})
    assert "comity_language" not in other.cookies
