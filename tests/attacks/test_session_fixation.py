"""Attack: somebody plants a session or a cookie in a browser, waits until its owner signs in, and comes along."""

from django.test import Client

from entering import House, opens, sat, sign_in
from passkeys import assertion, browser, challenge_on

COOKIE = "comity_session"


def is_seated(client: Client) -> bool:
    return bool(client.get("/me/ways-in").status_code == 200)


def test_a_session_that_was_known_before_the_login_is_worth_nothing_after_it(house: House):
    thief = browser(house.node)
    thief.get("/login")
    planted = thief.cookies[COOKIE].value
    victim = browser(house.node)
    victim.cookies[COOKIE] = planted
    assert sign_in(victim, house.keys["julia"]).status_code == 302
    assert victim.cookies[COOKIE].value != planted
    assert is_seated(victim)
    assert not is_seated(thief)


def test_a_name_that_somebody_made_up_becomes_no_session(house: House):
    victim = browser(house.node)
    victim.cookies[COOKIE] = "a" * 32
    assert sign_in(victim, house.keys["julia"]).status_code == 302
    assert victim.cookies[COOKIE].value != "a" * 32


def test_a_second_login_leaves_nothing_of_the_first_in_the_browser(house: House):
    client = sat(house.node, house.keys["julia"])
    before = client.cookies[COOKIE].value
    challenge = challenge_on(client.get("/me/ways-in/passkey").content)
    client.post("/logout")
    assert sign_in(client, house.keys["bento"]).status_code == 302
    assert client.session["official"] == "bento"
    assert "comity-further-passkey-v1\n" not in client.session
    stolen = browser(house.node)
    stolen.cookies[COOKIE] = before
    assert not is_seated(stolen)
    assert client.post("/login", {"assertion": assertion(house.keys["julia"], challenge)}).status_code == 422


def test_the_token_of_a_form_from_before_the_login_is_not_good_after_it(house: House):
    client = browser(house.node)
    client.get("/login")
    before = client.cookies["comity_csrf"].value
    sign_in(client, house.keys["julia"])
    assert client.cookies["comity_csrf"].value != before
    assert opens(house.node, house.keys["julia"])
