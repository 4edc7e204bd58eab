"""How somebody becomes an official of a live node, and what does not make anybody one."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client

import live
from comity.authorities.roles import Role
from comity.cli import comity
from comity.registry import post
from comity.registry.act import Node
from comity.registry.actions.directory import AlreadyFounded
from comity.registry.gestures import people as gestures
from comity.registry.invitations import WRONG_TRIES_MAX
from comity.registry.models import EntryRow, InvitationRow, OfficialRow
from comity.registry.queries import people
from comity.web.login import attempts
from keys import OfficialKey
from passkeys import USER_PRESENT, assertion, browser, challenge_on, key_for, registration


@pytest.fixture(scope="session")
def founded_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, OfficialKey]]:
    """The folder of a founded live node, to be copied, and the keys of its founders."""
    made, keys = live.founded(tmp_path_factory.mktemp("founded") / "ut")
    with made.active():
        made.close()
    return made.folder, keys


@pytest.fixture
def node(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Node]:
    """A live node: founded for a test that asks for `founders`, without officials for every other one."""
    attempts._ATTEMPTS._failed.clear()
    if "founders" in request.fixturenames:
        folder, _ = request.getfixturevalue("founded_once")
        shutil.copytree(folder, tmp_path / "ut")
        made = Node.open(tmp_path / "ut")
    else:
        made = live.unfounded(tmp_path / "ut")
    with made.active():
        yield made
    made.close()


@pytest.fixture
def founders(founded_once: tuple[Path, dict[str, OfficialKey]]) -> dict[str, OfficialKey]:
    """The keys of the two founders of `node`."""
    return founded_once[1]


def sat(node: Node, key: OfficialKey) -> Client:
    """A browser in which the owner of this key has signed in."""
    client = browser(node)
    page = client.get("/login")
    answer = client.post("/login", {"assertion": assertion(key, challenge_on(page.content))})
    assert answer.status_code == 302, answer.content.decode()
    return client


def opens_the_desk(node: Node, key: OfficialKey) -> bool:
    client = browser(node)
    page = client.get("/login")
    return client.post("/login", {"assertion": assertion(key, challenge_on(page.content))}).status_code == 302


def shown(page: bytes, name: str) -> str:
    found = re.search(rf"data-{name}[^>]*>([^<]+)<".encode(), page)
    assert found, page.decode()
    return found[1].decode().strip()


def invited(administrator: Client, official: str, role: Role) -> tuple[str, str]:
    """What the administrators' desk shows once: the path of the link, and the password."""
    person = {
        "official": official,
        "name": official.title(),
        "role": role.value,
        "office": "Court",
        "authority": "Justice",
    }
    page = administrator.post("/officials/invite", person)
    assert page.status_code == 200, page.content.decode()
    link = shown(page.content, "invitation-link")
    return "/enrol/" + link.rsplit("/", 1)[1], shown(page.content, "invitation-password")


def make_passkey(node: Node, path: str, password: str, key: OfficialKey) -> bytes:
    client = browser(node)
    page = client.post(path, {"password": password})
    return bytes(client.post(path, {"registration": registration(key, challenge_on(page.content))}).content)


def reference(official: str) -> str:
    return InvitationRow.objects.get(official=official, closed_at=None).reference


def signed(client: Client, key: OfficialKey, official: str, typed: dict[str, str]) -> None:
    """An administrator opens the invitation, and signs what follows with a passkey."""
    begun = client.post(f"/officials/invitations/{reference(official)}", {"compared": "on"} | typed)
    assert begun.status_code == 302, begun.content.decode()
    page = client.get(begun["Location"])
    done = client.post(begun["Location"], {"assertion_1": assertion(key, challenge_on(page.content))})
    assert done.status_code == 302, done.content.decode()


def kinds() -> list[str]:
    return list(EntryRow.objects.order_by("id").values_list("kind", flat=True))


def test_two_founders_with_passkeys_found_a_live_node(tmp_path: Path, databases: tuple[str, str]):
    node = live.unfounded(tmp_path / "ut", database=databases[0])
    with node.active():
        founders_found(node)
    node.close()


def founders_found(node: Node) -> None:
    keys = {one: key_for(node) for one in ("amara", "bento")}
    links = {one: live.invited_founder(node, one) for one in keys}
    live.enrolled(node, links["amara"], keys["amara"])
    assert not opens_the_desk(node, keys["amara"])
    assert not OfficialRow.objects.exists()
    live.enrolled(node, links["bento"], keys["bento"])
    assert opens_the_desk(node, keys["amara"])
    assert opens_the_desk(node, keys["bento"])
    assert kinds()[-1] == "node.founded"
    entries = people.directory(viewer=node.machine("tests"))
    assert [one.software_authenticator for one in entries] == [False, False]
    people.known({}, viewer=node.machine("tests"))  # every signature holds


def test_a_founded_node_takes_no_more_founders(node: Node, founders: dict[str, OfficialKey]):
    with pytest.raises(AlreadyFounded):
        live.invited_founder(node, "mallory")


def test_founding_is_made_up_for_when_the_process_ended_in_between(node: Node, monkeypatch: pytest.MonkeyPatch):
    keys = {one: key_for(node) for one in ("amara", "bento")}
    with monkeypatch.context() as ended:
        ended.setattr(gestures, "found_if_complete", lambda **_: False)
        for official, key in keys.items():
            live.enrolled(node, live.invited_founder(node, official), key)
    assert not OfficialRow.objects.exists()
    assert opens_the_desk(node, keys["amara"])


def test_an_official_is_invited_enrols_and_is_signed_for_by_two_administrators(
    node: Node, founders: dict[str, OfficialKey]
):
    amara, bento = (sat(node, founders[one]) for one in ("amara", "bento"))
    path, password = invited(amara, "julia", Role.JUDGE)
    key = key_for(node)
    last = make_passkey(node, path, password, key)
    fingerprint = shown(last, "fingerprint")
    assert not opens_the_desk(node, key)
    page = amara.get(f"/officials/invitations/{reference('julia')}").content
    assert shown(page, "fingerprint") == fingerprint == key.public.fingerprint
    signed(amara, founders["amara"], "julia", {"second": "bento"})
    assert not opens_the_desk(node, key)
    signed(bento, founders["bento"], "julia", {})
    assert opens_the_desk(node, key)
    entry = live.entry_of(node, "julia")
    assert entry.enrolled_by == ("amara", "bento")
    assert kinds()[-4:] == ["official.invited", "passkey.kept", "official.proposed", "official.enrolled"]
    assert b"Julia" in amara.get("/officials").content
    people.known({}, viewer=node.machine("tests"))


def test_one_administrator_cannot_sign_twice(node: Node, founders: dict[str, OfficialKey]):
    amara = sat(node, founders["amara"])
    path, password = invited(amara, "julia", Role.JUDGE)
    make_passkey(node, path, password, key_for(node))
    at = f"/officials/invitations/{reference('julia')}"
    assert amara.post(at, {"compared": "on", "second": "amara"}).status_code == 422
    signed(amara, founders["amara"], "julia", {"second": "bento"})
    assert amara.post(at, {"compared": "on"}).status_code == 200
    actor = live.entry_of(node, "amara").actor
    with pytest.raises(gestures.NotForThisAdministrator):
        gestures.prepare_second_signature(reference("julia"), actor=actor, at=node.clock.now())
    with pytest.raises(gestures.NotASecondAdministrator):
        gestures.prepare_enrolment(reference("julia"), second="amara", actor=actor, at=node.clock.now())
    assert not OfficialRow.objects.filter(official="julia").exists()


def test_a_passkey_put_in_the_place_of_another_is_not_enrolled(node: Node, founders: dict[str, OfficialKey]):
    amara, bento = (sat(node, founders[one]) for one in ("amara", "bento"))
    path, password = invited(amara, "julia", Role.JUDGE)
    make_passkey(node, path, password, key_for(node))
    signed(amara, founders["amara"], "julia", {"second": "bento"})
    InvitationRow.objects.filter(official="julia").update(public=key_for(node).public.public)
    begun = bento.post(f"/officials/invitations/{reference('julia')}", {"compared": "on"})
    page = bento.get(begun["Location"])
    done = bento.post(begun["Location"], {"assertion_1": assertion(founders["bento"], challenge_on(page.content))})
    assert done.status_code == 422
    assert not OfficialRow.objects.filter(official="julia").exists()


def alert(page: bytes) -> bytes:
    found = re.search(rb'role="alert".*?</ul>', page, re.DOTALL)
    assert found, page.decode()
    return found[0]


def test_wrong_late_used_withdrawn_and_unknown_invitations_get_one_and_the_same_answer(
    node: Node, founders: dict[str, OfficialKey]
):
    amara = sat(node, founders["amara"])
    answers = {}
    path, password = invited(amara, "one", Role.JUDGE)
    answers["wrong"] = browser(node).post(path, {"password": "aaaa-bbbb-cccc-dddd"})
    path, password = invited(amara, "two", Role.JUDGE)
    InvitationRow.objects.filter(official="two").update(expires_at=node.clock.now() - timedelta(seconds=1))
    answers["late"] = browser(node).post(path, {"password": password})
    path, password = invited(amara, "three", Role.JUDGE)
    make_passkey(node, path, password, key_for(node))
    answers["used"] = browser(node).post(path, {"password": password})
    path, password = invited(amara, "four", Role.JUDGE)
    amara.post(f"/officials/invitations/{reference('four')}/withdraw")
    answers["withdrawn"] = browser(node).post(path, {"password": password})
    path, password = invited(amara, "five", Role.JUDGE)
    invited(amara, "five", Role.JUDGE)
    answers["replaced"] = browser(node).post(path, {"password": password})
    answers["unknown"] = browser(node).post("/enrol/nothing", {"password": password})
    answers["without password"] = browser(node).post(path, {"registration": "{}"})
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 422)
    assert len({alert(answer.content) for answer in answers.values()}) == 1


def test_an_invitation_is_void_after_five_wrong_passwords(node: Node):
    link = live.invited_founder(node, "amara")
    for _ in range(WRONG_TRIES_MAX):
        assert browser(node).post(f"/enrol/{link.token}", {"password": "wrong"}).status_code == 422
    assert browser(node).post(f"/enrol/{link.token}", {"password": link.password}).status_code == 422


def test_four_wrong_passwords_and_a_right_one_open_the_invitation(node: Node):
    link = live.invited_founder(node, "amara")
    for _ in range(WRONG_TRIES_MAX - 1):
        browser(node).post(f"/enrol/{link.token}", {"password": "wrong"})
    for _ in range(3):  # who was interrupted comes back
        assert browser(node).post(f"/enrol/{link.token}", {"password": link.password}).status_code == 200


def bad_passkeys(node: Node, challenge: str) -> dict[str, str]:
    key = key_for(node)
    other_site = OfficialKey(private=key.private, rp_id="elsewhere.example", origin=key.origin)
    other_origin = OfficialKey(private=key.private, rp_id=key.rp_id, origin="https://elsewhere.example")
    ed25519 = bytes.fromhex("a4010103272006215820") + bytes(32)
    longer = b"\xa6" + key.public.public[1:] + b"\x18\x63\x00"
    return {
        "another challenge": registration(key, "A" * 43),
        "another site": registration(other_site, challenge),
        "another origin": registration(other_origin, challenge),
        "nobody was asked for": registration(key, challenge, flags=USER_PRESENT),
        "another algorithm": registration(key, challenge, cose=ed25519),
        "a key in another spelling": registration(key, challenge, cose=longer),
        "nothing": "",
        "no object": "[1]",
        "deep": "[" * 4000,
    }


def test_only_a_fresh_verified_es256_passkey_for_this_site_is_kept(node: Node):
    link = live.invited_founder(node, "amara")
    for name in bad_passkeys(node, ""):
        attempts._ATTEMPTS._failed.clear()
        client = browser(node)
        challenge = challenge_on(client.post(f"/enrol/{link.token}", {"password": link.password}).content)
        sent = bad_passkeys(node, challenge)[name]
        answer = client.post(f"/enrol/{link.token}", {"registration": sent})
        assert answer.status_code == 422, name
        assert challenge_on(answer.content) != challenge, name
    assert InvitationRow.objects.get().credential == ""


def test_a_challenge_for_a_passkey_is_good_once_and_not_for_signing_in(node: Node, founders: dict[str, OfficialKey]):
    amara = sat(node, founders["amara"])
    path, password = invited(amara, "julia", Role.JUDGE)
    client = browser(node)
    challenge = challenge_on(client.post(path, {"password": password}).content)
    assert client.post("/login", {"assertion": assertion(founders["amara"], challenge)}).status_code == 422
    made = registration(key_for(node), challenge)
    client.post(path, {"registration": "broken"})
    assert client.post(path, {"registration": made}).status_code == 422


def test_a_passkey_that_is_enrolled_is_not_enrolled_again(node: Node, founders: dict[str, OfficialKey]):
    amara = sat(node, founders["amara"])
    path, password = invited(amara, "julia", Role.JUDGE)
    page = make_passkey(node, path, password, founders["bento"])
    assert b"enrolled on this node already" in page


def test_link_and_password_lie_nowhere_in_clear(node: Node):
    link = live.invited_founder(node, "amara")
    node.close()
    stored = b"".join(path.read_bytes() for path in node.folder.rglob("*") if path.is_file())
    assert link.password.encode() not in stored
    assert link.token.encode() not in stored


def test_only_administrators_see_their_desk(node: Node, founders: dict[str, OfficialKey]):
    amara, bento = (sat(node, founders[one]) for one in ("amara", "bento"))
    path, password = invited(amara, "julia", Role.JUDGE)
    key = key_for(node)
    make_passkey(node, path, password, key)
    signed(amara, founders["amara"], "julia", {"second": "bento"})
    kept = reference("julia")
    signed(bento, founders["bento"], "julia", {})
    julia = sat(node, key)
    mandate = live.entry_of(node, "amara").mandate
    for at in ("/officials", "/officials/invite", f"/officials/invitations/{kept}", f"/officials/amara/{mandate}/end"):
        assert julia.get(at).status_code == 404, at


@pytest.mark.parametrize(
    "changed", [{"official": "Julia"}, {"official": "../x"}, {"role": "service"}, {"name": "\u202e"}]
)
def test_an_invitation_names_a_person_and_an_office_as_records_do(
    node: Node, founders: dict[str, OfficialKey], changed: dict[str, str]
):
    amara = sat(node, founders["amara"])
    person = {"official": "julia", "name": "Julia", "role": "judge", "office": "Court", "authority": "Justice"}
    assert amara.post("/officials/invite", person | changed).status_code == 422
    assert not InvitationRow.objects.filter(closed_at=None).exists()


def test_the_command_line_invites_founders_and_nobody_else(node: Node):
    command = ["node", "invite", "amara", "--name", "Amara", "--authority", "Justice", "--node", str(node.folder)]
    said = CliRunner().invoke(comity, command)
    assert said.exit_code == 0, said.output
    assert f"http://ut.localhost:{node.port}/enrol/" in said.output
    other = CliRunner().invoke(comity, [*command, "--role", "judge"])
    assert other.exit_code != 0
    assert InvitationRow.objects.count() == 1


@pytest.mark.parametrize(
    ("url", "site", "origin"),
    [
        ("https://ut.example", "ut.example", "https://ut.example"),
        ("https://ut.example:443", "ut.example", "https://ut.example"),
        ("https://ut.example:8443", "ut.example", "https://ut.example:8443"),
        ("", "ut.localhost", "http://ut.localhost:{port}"),
    ],
)
def test_passkeys_are_made_for_the_site_where_the_node_is_reached(tmp_path: Path, url: str, site: str, origin: str):
    made = live.unfounded(tmp_path / "ut", url=url)
    card = post.own_card(made)
    assert (card.official_rp_id, card.official_origin) == (site, origin.format(port=made.port))
