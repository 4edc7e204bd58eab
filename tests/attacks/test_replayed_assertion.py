"""Attack: a passkey's answer that was caught once is sent again, to sign in or to sign."""

from django.test import Client

from comity.registry.models import CredentialRow
from entering import House, sat
from passkeys import assertion, browser, challenge_on, key_for, registration


def begun(house: House, client: Client) -> str:
    page = client.get("/me/ways-in/passkey")
    made = registration(key_for(house.node), challenge_on(page.content))
    return str(client.post("/me/ways-in/passkey", {"registration": made})["Location"])


def test_an_answer_that_signed_somebody_in_signs_nobody_in_again(house: House):
    victim = browser(house.node)
    caught = assertion(house.keys["julia"], challenge_on(victim.get("/login").content))
    assert victim.post("/login", {"assertion": caught}).status_code == 302
    for thief in (browser(house.node), victim):
        thief.post("/logout")
        thief.get("/login")
        assert thief.post("/login", {"assertion": caught}).status_code == 422
        assert thief.get("/me/ways-in").status_code == 302


def test_an_answer_that_signed_a_text_signs_it_once_and_no_other_one_of_the_same_words(house: House):
    julia = sat(house.node, house.keys["julia"])
    first, second = begun(house, julia), begun(house, julia)
    caught = assertion(house.keys["julia"], challenge_on(julia.get(first).content))
    assert julia.post(first, {"assertion_1": caught}).status_code == 302
    assert julia.post(first, {"assertion_1": caught}).status_code == 422
    assert julia.post(second, {"assertion_1": caught}).status_code == 422
    assert CredentialRow.objects.count() == 1


def test_an_answer_of_the_login_signs_no_text_and_the_other_way_round(house: House):
    julia, thief = sat(house.node, house.keys["julia"]), browser(house.node)
    at = begun(house, julia)
    of_login = assertion(house.keys["julia"], challenge_on(thief.get("/login").content))
    of_text = assertion(house.keys["julia"], challenge_on(julia.get(at).content))
    assert julia.post(at, {"assertion_1": of_login}).status_code == 422
    assert thief.post("/login", {"assertion": of_text}).status_code == 422
    assert not CredentialRow.objects.exists()


def test_an_answer_does_not_reach_a_text_of_somebody_else(house: House):
    julia, bento = (sat(house.node, house.keys[one]) for one in ("julia", "bento"))
    at = begun(house, julia)
    caught = assertion(house.keys["julia"], challenge_on(julia.get(at).content))
    assert bento.get(at).status_code == 404
    assert bento.post(at, {"assertion_1": caught}).status_code == 404
