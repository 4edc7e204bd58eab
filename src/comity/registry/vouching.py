"""What `node.toml` says about those who vouch for this node's log: its witnesses, and a time-stamping authority.

[witnesses]                           # left out: nobody is asked
needed = 2                            # so many of them make a checkpoint one that counts as witnessed
peers = ["nl"]                        # admitted nodes, whose keys stand in their cards
others = [{ url = "https://witness.example", key = "witness.example/w1+c2f0...+BAdz..." }]

[time_stamps]                         # left out: no tokens are asked for
url = "https://tsa.example/tsr"
roots = "time-stamp-roots.pem"        # in the node's folder: who is believed to certify the authority
policies = ["0.4.0.2023.1.1"]         # the policies that count; empty: every one of this authority
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.errors import N_, ComityError
from comity.exchange.wire import NODE
from comity.ledger import CosignerKey, VerifierKeyBroken
from comity.registry.act import Node
from comity.registry.doors import is_safe

WITNESSES_MAX: Final = 16
ROOTS_BYTES_MAX: Final = 256 * 1024
_OID: Final = re.compile(r"[0-2](\.[0-9]{1,12}){1,20}")


class VouchingBroken(ComityError):
    """What `node.toml` says about witnesses or time stamps cannot be used; nobody is asked."""

    code = "registry.vouching_broken"
    sentence = N_("node.toml says of {subject}: {why}")
    hint = N_("Correct node.toml and start the node again. The log goes on; its checkpoints are not vouched for.")


@dataclass(frozen=True)
class Outside:
    """A witness that is no node of ours: where its `add-checkpoint` is, and its key."""

    url: str
    key: CosignerKey


@dataclass(frozen=True)
class Witnesses:
    """Who is asked to cosign, and how many of them make a checkpoint witnessed."""

    needed: int
    peers: tuple[str, ...]
    others: tuple[Outside, ...]


@dataclass(frozen=True)
class Authority:
    """The time-stamping authority: its address, its certificates in PEM, and the policies that count."""

    url: str
    roots: bytes
    policies: tuple[str, ...]


NOBODY: Final = Witnesses(needed=0, peers=(), others=())


def witnesses(node: Node) -> Witnesses:
    """Who vouches for this node's log; raises `VouchingBroken`."""
    told = _told(node).get("witnesses")
    if told is None:
        return NOBODY
    match told:
        case {"needed": int(needed), "peers": list(peers), "others": list(others), **rest} if not rest:
            pass
        case _:
            raise VouchingBroken(subject="witnesses", why="expected exactly needed, peers and others")
    if not all(isinstance(one, str) and NODE.fullmatch(one) and one != node.id for one in peers):
        raise VouchingBroken(subject="witnesses", why="peers are ids of other nodes")
    found = Witnesses(needed=needed, peers=tuple(peers), others=tuple(_outside(one) for one in others))
    names = [*found.peers, *(one.key.name for one in found.others)]
    if len(set(names)) != len(names) or len(names) > WITNESSES_MAX:
        raise VouchingBroken(subject="witnesses", why=f"at most {WITNESSES_MAX}, and each one once")
    if not 0 <= needed <= len(names):
        raise VouchingBroken(subject="witnesses", why=f"{needed} of {len(names)} cannot be reached")
    return found


def authority(node: Node) -> Authority | None:
    """The time-stamping authority, or None; raises `VouchingBroken`."""
    told = _told(node).get("time_stamps")
    if told is None:
        return None
    match told:
        case {"url": str(url), "roots": str(roots), "policies": list(policies), **rest} if not rest:
            pass
        case _:
            raise VouchingBroken(subject="time_stamps", why="expected exactly url, roots and policies")
    if not is_safe(url):
        raise VouchingBroken(subject="time_stamps", why="the authority is reached over https, or on loopback")
    if not all(isinstance(one, str) and _OID.fullmatch(one) for one in policies):
        raise VouchingBroken(subject="time_stamps", why="policies are object identifiers")
    path = node.folder / roots
    if "/" in roots or not path.is_file() or path.stat().st_size > ROOTS_BYTES_MAX:
        raise VouchingBroken(subject="time_stamps", why=f"{roots[:60]} is no file of certificates in the node's folder")
    return Authority(url=url, roots=path.read_bytes(), policies=tuple(policies))


def _outside(told: object) -> Outside:
    match told:
        case {"url": str(url), "key": str(key), **rest} if not rest:
            pass
        case _:
            raise VouchingBroken(subject="witnesses", why="expected exactly url and key of each of the others")
    if not is_safe(url):
        raise VouchingBroken(subject="witnesses", why="a witness is reached over https, or on loopback")
    try:
        return Outside(url=url.rstrip("/"), key=CosignerKey.parse(key))
    except VerifierKeyBroken as broken:
        raise VouchingBroken(subject="witnesses", why=str(broken)) from broken


def _told(node: Node) -> dict[str, object]:
    path: Path = node.folder / "node.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
