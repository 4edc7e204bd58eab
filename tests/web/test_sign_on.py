"""Single sign-on: a second way to open a session, against a provider that really answers; never to sign, never for others."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from comity.authorities.credentials import SignOnNotForThisOffice
from comity.registry import doors, sign_on
from comity.registry import keys as keys_file
from comity.registry.gestures import credentials as gestures
from comity.registry.models import CredentialRow, EntryRow, OfficialRow, SeatRow, SubjectRow
from comity.web.login import attempts
from entering import House, built, copied, ended, opens, sat, signed, signed_for
from keys import OfficialKey
from passkeys import browser
from provider import Provider, came_back, serving

SUBJECT = "julia@court"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with serving() as told:
        yield told


@pytest.fixture(autouse=True)
def honest(provider: Provider) -> None:
    provider.change, provider.down = None, False
    sign_on.forget()


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> tuple[Path, dict[str, OfficialKey]]:
    """A house whose judge may sign on: asked for and signed for through the pages."""
    before, keys = built()
    folder = tmp_path_factory.mktemp("sign-on") / "ut"
    house = copied(before, folder, keys)
    with (folder / "node.toml").open("a", encoding="utf-8") as told:
        told.write(f'[sign_on]\nname = "Court sign-in"\nissuer = "{provider.issuer}"\nclient_id = "comity-ut"\n')
    keys_file.write_once(folder / "keys" / "sign-on", b"a secret of the provider")
    with house.node.active():
        julia = sat(house.node, keys["julia"])
        page = came_back(julia, provider.signs_in(julia.get("/login/sign-on?for=ask")["Location"], SUBJECT))
        sealed = re.search(rb'name="sealed" value="([^"]+)"', page.content)
        assert sealed
        begun = julia.post("/me/ways-in/sign-on", {"sealed": sealed[1].decode()})
        assert signed(julia, begun["Location"], keys["julia"])["Location"] == "/me/ways-in"
        assert not SubjectRow.objects.exists()
        signed_for(house, CredentialRow.objects.get(official="julia").reference)
        house.node.close()
    return folder, keys


@pytest.fixture
def house(built_once: tuple[Path, dict[str, OfficialKey]], tmp_path: Path) -> Iterator[House]:
    made = copied(built_once[0], tmp_path / "ut", built_once[1])
    with made.node.active():
        yield made
    made.node.close()


def led_away(client: Client) -> str:
    answer = client.get("/login/sign-on")
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def signed_on(house: House, provider: Provider, *, subject: str = SUBJECT) -> tuple[Client, Any]:
    client = browser(house.node)
    return client, came_back(client, provider.signs_in(led_away(client), subject))


def is_seated(client: Client) -> bool:
    return client.get("/me/ways-in").status_code == 200


def alert(page: bytes) -> bytes:
    found = re.search(rb'role="alert".*?</div>', page, re.DOTALL)
    assert found, page.decode()
    return found[0]


def test_who_two_administrators_recorded_signs_on_and_sits_at_the_own_desk(house: House, provider: Provider):
    kinds = list(EntryRow.objects.order_by("id").values_list("kind", flat=True))
    assert kinds[-3:] == ["credential.asked", "credential.proposed", "sign-on.recorded"]
    client, answer = signed_on(house, provider)
    assert answer.status_code == 200
    assert b'http-equiv="refresh" content="0; url=/desk"' in answer.content
    assert client.session["official"] == "julia"
    assert is_seated(client)
    assert SeatRow.objects.get(by="sign-on").official == "julia"


def test_the_trip_carries_state_nonce_and_a_challenge_and_its_cookie_goes_with_the_answer(
    house: House, provider: Provider
):
    client = browser(house.node)
    asked = parse_qs(urlsplit(led_away(client)).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid"]
    assert all(len(asked[one][0]) >= 43 for one in ("state", "nonce", "code_challenge"))
    cookie = client.cookies["comity_sign_on"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    other = browser(house.node)
    assert parse_qs(urlsplit(led_away(other)).query)["state"] != asked["state"]
    client, _ = signed_on(house, provider)
    assert client.cookies["comity_sign_on"].value == ""


def test_a_session_by_single_sign_on_signs_nothing_and_changes_no_way_in(house: House, provider: Provider):
    client, _ = signed_on(house, provider)
    for address in ("/me/ways-in/passkey", f"/me/ways-in/passkeys/{house.entry('julia').mandate}/revoke"):
        assert client.get(address).status_code == 422, address
    assert client.post("/me/ways-in/sign-on", {"sealed": "x"}).status_code == 422
    assert b"passkey-new" not in client.get("/me/ways-in").content
    with_passkey = sat(house.node, house.keys["julia"])
    page = with_passkey.get("/me/ways-in/passkey")
    from passkeys import challenge_on, key_for, registration

    made = registration(key_for(house.node), challenge_on(page.content))
    begun = with_passkey.post("/me/ways-in/passkey", {"registration": made})
    assert client.post(begun["Location"], {"assertion_1": "{}"}).status_code == 422
    assert not CredentialRow.objects.filter(closed_at=None).exists()


def test_nobody_else_signs_on_and_no_official_is_made(house: House, provider: Provider):
    before = (OfficialRow.objects.count(), SubjectRow.objects.count(), CredentialRow.objects.count())
    client, answer = signed_on(house, provider, subject="mallory")
    assert answer.status_code == 422
    assert b"opens no desk of this node" in alert(answer.content)
    assert not is_seated(client)
    assert (OfficialRow.objects.count(), SubjectRow.objects.count(), CredentialRow.objects.count()) == before


def test_who_administers_or_oversees_comes_in_with_a_passkey_only(house: House, provider: Provider):
    with pytest.raises(SignOnNotForThisOffice):
        gestures.prepare_subject(provider.issuer, "amara@court", entry=house.entry("amara"))
    amara = sat(house.node, house.keys["amara"])
    assert b"for=ask" not in amara.get("/me/ways-in").content
    SubjectRow.objects.update(official="amara", mandate=house.entry("amara").mandate)
    client, answer = signed_on(house, provider)
    assert answer.status_code == 422
    assert not is_seated(client)


def test_an_answer_is_good_once_and_in_the_browser_that_asked(house: House, provider: Provider):
    client, other = browser(house.node), browser(house.node)
    back = provider.signs_in(led_away(client), SUBJECT)
    led_away(other)
    assert came_back(browser(house.node), back).status_code == 422
    assert came_back(other, back).status_code == 422
    carried = client.cookies["comity_sign_on"].value
    assert came_back(client, back).status_code == 200
    again = browser(house.node)
    again.cookies["comity_sign_on"] = carried
    assert came_back(again, back).status_code == 422, "the provider redeems a code once"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=x",
        "state={state}",
        "code=x&state=other",
        "code=x&code=y&state={state}",
        "error=denied&state={state}",
        "code=x&state={state}&iss=https://elsewhere.example",
        "code=x&state={state}&" + "a=b&" * 40,
        "code=" + "x" * 9000,
    ],
)
def test_an_answer_in_another_form_is_refused(house: House, provider: Provider, query: str):
    client = browser(house.node)
    state = parse_qs(urlsplit(led_away(client)).query)["state"][0]
    answer = client.get(f"/login/sign-on/back?{query.format(state=state)}")
    assert answer.status_code == 422
    assert not is_seated(client)


def test_a_code_without_its_verifier_is_not_redeemed(house: House, provider: Provider):
    client = browser(house.node)
    back = provider.signs_in(led_away(client), SUBJECT)
    way = sign_on.Trip(state=parse_qs(urlsplit(back).query)["state"][0], nonce="n", verifier="v" * 64)
    found = doors.provider(house.node)
    assert found
    with pytest.raises(sign_on.ProviderDidNotAnswer, match="400"):
        sign_on.subject(found, way, answer=urlsplit(back).query, back="x")
    assert not any(code in back for code in provider.redeemed)


def stripped(token: str) -> str:
    """The provider's own token, without its signature and under no algorithm."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


def _stripped(path: str, told: dict[str, Any]) -> dict[str, Any]:
    return told | {"id_token": stripped(told["id_token"])} if "id_token" in told else told


def _other_issuer(path: str, told: dict[str, Any]) -> dict[str, Any]:
    return told | {"issuer": "https://elsewhere.example"} if "issuer" in told else told


def _plain_http(path: str, told: dict[str, Any]) -> dict[str, Any]:
    return told | {"token_endpoint": "http://elsewhere.example/token"} if "issuer" in told else told


def _flood(path: str, told: dict[str, Any]) -> dict[str, Any]:
    return told | {"padding": "x" * 300_000} if "id_token" in told else told


@pytest.mark.parametrize("change", [_stripped, _flood])
def test_a_provider_whose_answer_was_changed_opens_nothing(house: House, provider: Provider, change: Any):
    provider.change = change
    client, answer = signed_on(house, provider)
    assert answer.status_code == 422
    assert not is_seated(client)


@pytest.mark.parametrize("change", [_other_issuer, _plain_http])
def test_a_provider_that_calls_itself_otherwise_is_not_asked(house: House, provider: Provider, change: Any):
    provider.change = change
    assert browser(house.node).get("/login/sign-on").status_code == 422


def test_a_provider_that_does_not_answer_leaves_passkeys_as_they_are(house: House, provider: Provider):
    provider.down = True
    answer = browser(house.node).get("/login/sign-on")
    assert answer.status_code == 422
    assert b"Sign in with your passkey" in alert(answer.content)
    assert opens(house.node, house.keys["julia"])


def test_what_a_provider_says_of_itself_is_asked_once_in_minutes(house: House, provider: Provider):
    asked: list[str] = []

    def counting(path: str, told: dict[str, Any]) -> dict[str, Any]:
        asked.append(path)
        return told

    provider.change = counting
    for _ in range(3):
        led_away(browser(house.node))
    assert asked == ["/.well-known/openid-configuration"]


def test_visitors_in_a_flood_do_not_make_the_node_ask_the_provider(
    house: House, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(attempts, "VISITS_PER_ADDRESS_MAX", 0)
    provider.down = True  # who asks it is answered 422
    assert browser(house.node).get("/login/sign-on").status_code == 429


def test_few_threads_at_a_time_wait_for_a_provider(house: House, provider: Provider):
    with ExitStack() as others:
        for _ in range(sign_on.ASKING_MAX):
            others.enter_context(sign_on._asking)
        assert browser(house.node).get("/login/sign-on").status_code == 422
    led_away(browser(house.node))


def test_a_record_that_was_changed_in_its_table_opens_nothing(house: House, provider: Provider):
    SubjectRow.objects.update(subject="mallory")
    _, answer = signed_on(house, provider, subject="mallory")
    assert answer.status_code == 422


def test_single_sign_on_ends_with_its_official_the_mandate_or_an_administrator(house: House, provider: Provider):
    client, _ = signed_on(house, provider)
    reference = SubjectRow.objects.get().reference
    bento = sat(house.node, house.keys["bento"])
    assert bento.post(f"/me/ways-in/sign-on/{reference}/end").status_code == 404
    sat(house.node, house.keys["julia"]).post(f"/me/ways-in/sign-on/{reference}/end")
    assert not is_seated(client)
    assert signed_on(house, provider)[1].status_code == 422
    SubjectRow.objects.update(ended_at=None)
    client, _ = signed_on(house, provider)
    assert is_seated(client)
    ended(house, "julia", by=("amara", "bento"))
    assert not is_seated(client)
    assert signed_on(house, provider)[1].status_code == 422


def test_what_the_provider_said_is_asked_for_by_whom_it_was_said_to(house: House, provider: Provider):
    SubjectRow.objects.all().delete()
    julia = sat(house.node, house.keys["julia"])
    page = came_back(julia, provider.signs_in(julia.get("/login/sign-on?for=ask")["Location"], "somebody"))
    sealed = re.search(rb'name="sealed" value="([^"]+)"', page.content)
    assert sealed
    bento = sat(house.node, house.keys["bento"])
    assert bento.post("/me/ways-in/sign-on", {"sealed": sealed[1].decode()}).status_code == 422
    assert julia.post("/me/ways-in/sign-on", {"sealed": sealed[1].decode() + "x"}).status_code == 422
    assert browser(house.node).get("/login/sign-on?for=ask").status_code == 404


def test_after_single_sign_on_nobody_is_sent_to_another_site(house: House, provider: Provider):
    client = browser(house.node)
    away = client.get("/login/sign-on", {"next": "https://elsewhere.example/"})
    answer = came_back(client, provider.signs_in(away["Location"], SUBJECT))
    assert b"elsewhere.example" not in answer.content
    assert b"url=/desk" in answer.content


@pytest.mark.parametrize(
    "written",
    [
        "",
        "[sign_on]\nname = 'x'\n",
        "[sign_on]\nname='x'\nclient_id='y'\nissuer='http://login.example'\n",
        "sign_on = 1\n",
    ],
)
def test_without_a_provider_or_with_a_broken_one_there_is_no_such_address(house: House, tmp_path: Path, written: str):
    path = house.node.folder / "node.toml"
    path.write_text(path.read_text(encoding="utf-8").split("[sign_on]")[0] + written, encoding="utf-8")
    client = browser(house.node)
    assert client.get("/login/sign-on").status_code == 404
    assert client.get("/login/sign-on/back?code=x&state=y").status_code == 404
    assert b"/login/sign-on" not in client.get("/login").content
    assert opens(house.node, house.keys["julia"])
