"""What `node.toml` says about the ways in: proxies in front of the node, and the provider of single sign-on.

    trusted_proxies = ["10.0.0.5"]        # who ends TLS in front of the node and says where a reader comes from

    [sign_on]                             # left out: officials sign in with passkeys only
    name = "Ministry sign-in"
    issuer = "https://login.example"
    client_id = "comity"

What the provider knows the node by, if it gave a secret, stands in `keys/sign-on`, mode 0600.
"""

import ipaddress
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from comity.canon import TextNotAllowed, plain
from comity.errors import N_, ComityError
from comity.registry import keys
from comity.registry.act import LOOPBACK, Node

ISSUER_CHARACTERS_MAX: Final = 300
NAME_CHARACTERS_MAX: Final = 80


class DoorBroken(ComityError):
    """What `node.toml` says about a way in cannot be used; nobody comes in by it."""

    code = "registry.door_broken"
    sentence = N_("node.toml says of {door}: {why}")
    hint = N_("Correct node.toml and start the node again. Passkeys open the desks all the same.")


@dataclass(frozen=True)
class Provider:
    """Who signs officials on: a name for people, the issuer's address, and what the issuer calls this node."""

    name: str
    issuer: str
    client_id: str
    client_secret: str


def trusted_proxies(node: Node) -> frozenset[str]:
    """The addresses of who may say where a reader comes from; raises `DoorBroken`."""
    listed = _told(node).get("trusted_proxies", [])
    if not isinstance(listed, list):
        raise DoorBroken(door="trusted_proxies", why="expected a list of addresses")
    try:
        return frozenset(str(ipaddress.ip_address(one)) for one in listed)
    except ValueError as broken:
        raise DoorBroken(door="trusted_proxies", why=str(broken)[:200]) from broken


def provider(node: Node) -> Provider | None:
    """The provider of single sign-on, or None; raises `DoorBroken`."""
    told = _told(node).get("sign_on")
    if told is None:
        return None
    if not isinstance(told, dict) or set(told) != {"name", "issuer", "client_id"}:
        raise DoorBroken(door="sign_on", why="expected exactly name, issuer and client_id")
    try:
        name = plain(told["name"], field="name", limit=NAME_CHARACTERS_MAX)
        issuer = plain(told["issuer"], field="issuer", limit=ISSUER_CHARACTERS_MAX)
        client_id = plain(told["client_id"], field="client_id", limit=ISSUER_CHARACTERS_MAX)
    except TextNotAllowed as refused:
        raise DoorBroken(door="sign_on", why=str(refused)) from refused
    if not is_safe(issuer):
        raise DoorBroken(door="sign_on", why="the issuer is reached over https, or on loopback")
    return Provider(name=name, issuer=issuer, client_id=client_id, client_secret=keys.sign_on_secret(node.folder))


def is_safe(url: str) -> bool:
    """Whether an address is one over https, or over http on this very machine; without a name or password in it."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return False
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _told(node: Node) -> dict[str, object]:
    path = node.folder / "node.toml"
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: Path, _written: int) -> dict[str, object]:
    """The file as it was written at that moment."""
    return tomllib.loads(path.read_text(encoding="utf-8"))
