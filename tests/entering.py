"""A live node with three administrators and a judge, and what people do there to get in: everything through its pages."""

import atexit
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.test import Client

import live
from comity.authorities.directory import Entry, context_for
from comity.authorities.passkeys import Passkey
from comity.authorities.roles import Role
from comity.authorities.standing import Change
from comity.authorities.statement import signed as signed_by
from comity.cli import desk
from comity.cli.shell import Seat
from comity.registry.act import Node
from comity.registry.gestures import Prepared, credentials, finish, mandates
from comity.registry.models import CredentialRow, InvitationRow, OfficialRow
from comity.registry.queries import people
from comity.web.login import attempts
from keys import OfficialKey
from passkeys import assertion, browser, challenge_on, credential, key_for, registration, url64


@dataclass(frozen=True)
class House:
    """A live node and the passkeys of its people."""

    node: Node
    keys: dict[str, OfficialKey]

    def entry(self, official: str) -> Entry:
        """The last running entry of an official."""
        found = [one for one in people.directory(viewer=self.node.machine("tests")) if one.official == official]
        return found[-1]

    def first(self, official: str) -> Entry:
        """The entry with which the office of an official began."""
        return next(one for one in people.directory(viewer=self.node.machine("tests")) if one.official == official)


def sat(node: Node, key: OfficialKey, *, agent: str = "") -> Client:
    """A browser in which the owner of this key has signed in."""
    client = browser(node)
    if agent:
        client.defaults["HTTP_USER_AGENT"] = agent
    answer = sign_in(client, key)
    assert answer.status_code == 302, answer.content.decode()
    return client


def sign_in(client: Client, key: OfficialKey):
    """What the login answers to this key."""
    page = client.get("/login")
    return client.post("/login", {"assertion": assertion(key, challenge_on(page.content))})


def opens(node: Node, key: OfficialKey) -> bool:
    """Whether this key opens a desk."""
    return bool(sign_in(browser(node), key).status_code == 302)


def signed(client: Client, address: str, key: OfficialKey, *, status: int = 302):
    """Sign the one text that waits at this address."""
    page = client.get(address)
    assert page.status_code == 200, page.content.decode()
    answer = client.post(address, {"assertion_1": assertion(key, challenge_on(page.content))})
    assert answer.status_code == status, answer.content.decode()
    return answer


def enrolled(house: House, official: str, role: Role) -> OfficialKey:
    """Invite somebody, make a passkey, and sign for it twice."""
    node, keys = house.node, house.keys
    amara, bento = (sat(node, keys[one]) for one in ("amara", "bento"))
    from comity.registry.gestures import people as gestures
    from comity.registry.invitations import Appointment

    one = Appointment(official=official, name=official.title(), role=role, office="Court", authority="Justice")
    link = gestures.invite(one, actor=house.entry("amara").actor, at=node.clock.now())
    key = key_for(node, seed=f"entering {official}".encode())
    live.enrolled(node, link, key)
    at = f"/officials/invitations/{InvitationRow.objects.get(official=official, closed_at=None).reference}"
    for client, name, typed in ((amara, "amara", {"second": "bento"}), (bento, "bento", {})):
        begun = client.post(at, {"compared": "on"} | typed)
        assert begun.status_code == 302, begun.content.decode()
        signed(client, begun["Location"], keys[name])
    return key


def made(folder: Path, *, database: str = "node.sqlite3", third: bool = True) -> House:
    """The node in a new folder, with its people; `third`: with a third administrator."""
    attempts._ATTEMPTS._failed.clear()
    node, keys = live.founded(folder, database=database)
    with node.active():
        house = House(node, dict(keys))
        if third:
            house.keys["dora"] = enrolled(house, "dora", Role.ADMINISTRATOR)
        house.keys["julia"] = enrolled(house, "julia", Role.JUDGE)
        node.close()
    return house


@cache
def built() -> tuple[Path, dict[str, OfficialKey]]:
    """The folder of the node, to be copied, and the keys of its people; made once for all tests of a process."""
    folder = Path(tempfile.mkdtemp(prefix="entering")) / "ut"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    return folder, made(folder).keys


def copied(folder: Path, to: Path, keys: dict[str, OfficialKey]) -> House:
    """The same node in another folder."""
    attempts._ATTEMPTS._failed.clear()
    shutil.copytree(folder, to)
    return House(Node.open(to), dict(keys))


def asked_passkey(house: House, client: Client, official: str, key: OfficialKey) -> str:
    """Ask for a further passkey and sign the request; its reference."""
    page = client.get("/me/ways-in/passkey")
    begun = client.post("/me/ways-in/passkey", {"registration": registration(key, challenge_on(page.content))})
    assert begun.status_code == 302, begun.content.decode()
    assert signed(client, begun["Location"], house.keys[official])["Location"] == "/me/ways-in"
    return str(CredentialRow.objects.filter(official=official, closed_at=None).order_by("-id")[0].reference)


def asked_for(seat: Seat, *, at: datetime) -> str:
    """What an official of a demonstration asked for at a terminal, a further passkey; its reference."""
    key = key_for(seat.node)
    prepared = credentials.prepare_passkey(Passkey(url64(credential(key)), key.public), entry=seat.entry)
    return desk.finished(prepared, seat=seat, at=at)


def signed_for(house: House, reference: str) -> None:
    """Two administrators other than who asked sign for what waits."""
    asked = CredentialRow.objects.get(reference=reference).official
    first, second = [one for one in ("amara", "bento", "dora") if one != asked][:2]
    for name, typed in ((first, {"second": second}), (second, {})):
        client = sat(house.node, house.keys[name])
        begun = client.post(f"/officials/ways-in/{reference}", {"compared": "on"} | typed)
        assert begun.status_code == 302, begun.content.decode()
        signed(client, begun["Location"], house.keys[name])


def second_passkey(house: House, official: str) -> OfficialKey:
    """A second passkey of this official, that opens the desk."""
    key = key_for(house.node)
    signed_for(house, asked_passkey(house, sat(house.node, house.keys[official]), official, key))
    return key


def shown(page: bytes, name: str) -> str:
    """What a page shows under this name."""
    found = re.search(rf"data-{name}[^>]*>([^<]+)<".encode(), page)
    assert found, page.decode()
    return found[1].decode().strip()


def _with_key(house: House, prepared: Prepared, official: str) -> None:
    entry, at = house.first(official), house.node.clock.now()
    context = dict(context_for(entry, nonce="0" * 32, expires_at=at + timedelta(minutes=10)))
    key = house.keys[official]
    texts = [signed_by(text, key=key.public, sign=key.sign, context=context) for text in prepared.texts]
    finish(prepared, texts, actor=entry.actor, at=at)


def ended(house: House, official: str, *, by: tuple[str, str], change: Change = Change.REVOKE) -> None:
    """Colleagues end or suspend the office of somebody, with one signature or two."""
    at, mandate = house.node.clock.now(), OfficialRow.objects.filter(official=official).order_by("id")[0].mandate
    actor = house.first(by[0]).actor
    prepared = mandates.prepare_decision(official, mandate, change, reason="left", second=by[1], actor=actor, at=at)
    _with_key(house, prepared, by[0])
    if prepared.gesture == "mandate.propose":
        second = house.first(by[1]).actor
        _with_key(house, mandates.prepare_second_decision(prepared.subject, actor=second, at=at), by[1])
