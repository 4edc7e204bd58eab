"""Making a node: its folder, keys, card, tables and first officials. Nothing is overwritten."""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from comity.authorities.directory import ENTRY, Entry
from comity.authorities.passkeys import software_credential
from comity.authorities.statement import Statement, signed
from comity.canon import plain
from comity.errors import N_, ComityError
from comity.exchange.card import CARD, CARD_LIFE, NodeCard, NodeKind, ReceiveKey, read_card
from comity.exchange.suite import SUITE
from comity.exchange.wire import CLOCK_SKEW_MAX
from comity.registry import authenticator, keys, log, post, schema, witness
from comity.registry.act import LOOPBACK, Node
from comity.registry.actions import directory
from comity.registry.clock import offset_to
from comity.registry.gestures import people
from comity.registry.invitations import Appointment
from comity.registry.queries.people import known

HTTPS_PORT: Final = 443
BEAT_SECONDS: Final = 1.0


class FolderTaken(ComityError):
    """A node is made in a new folder."""

    code = "node.folder_taken"
    sentence = N_("{folder} exists already")
    hint = N_("Name a folder that does not exist; a node is never made over another.")


class NeedsPasskeys(ComityError):
    """A live node's officials enrol their own passkeys."""

    code = "node.needs_passkeys"
    sentence = N_("officials of live node {node} cannot be enrolled from the command line")
    hint = N_(
        "Invite the two founders with `comity node invite`; they enrol their passkeys in a browser, and invite others."
    )


@dataclass(frozen=True)
class Spec:
    """What a new node is. `url`: where others reach it (empty: where it listens); `clock_start` None: the machine's clock."""

    id: str
    kind: str
    name: str
    state: str
    host: str
    port: int
    url: str
    database: str
    responsible: str
    zone: str
    clock_start: datetime | None


def found(folder: Path, spec: Spec) -> Node:
    """Make a node: folder, `node.toml`, keys, card and tables; raises `FolderTaken` or `NotANode`."""
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError as taken:
        raise FolderTaken(folder=folder) from taken
    try:
        return _furnish(folder, spec)
    except BaseException:
        shutil.rmtree(folder)  # nothing in it was ever used: a half node is worse than none
        raise


def _furnish(folder: Path, spec: Spec) -> Node:
    offset = offset_to(spec.clock_start) if spec.clock_start else timedelta()
    (folder / "node.toml").write_text(_toml(spec, offset), encoding="utf-8")
    node = Node.open(folder)
    receive = keys.create(folder)
    (folder / "vault").mkdir(mode=0o700)
    (folder / post.CARD_FILE).write_bytes(_card(node, receive).to_bytes())
    schema.migrate(node)
    with node.active():
        log.sequence(at=node.clock.now())
    return node


def _toml(spec: Spec, offset: timedelta) -> str:
    # JSON strings are TOML basic strings
    lines = {
        "id": spec.id,
        "kind": spec.kind,
        "name": plain(spec.name, field="name", limit=200),
        "state": spec.state,
        "host": spec.host,
        "port": spec.port,
        "url": spec.url or f"http://{spec.host}:{spec.port}",
        "database": spec.database,
        "responsible": spec.responsible,
        "zone": spec.zone,
        "clock_offset_seconds": int(offset.total_seconds()),
        "checkpoint_beat_seconds": BEAT_SECONDS,
    }
    return "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in lines.items())


def _card(node: Node, receive: bytes) -> Statement:
    public, sign = keys.signer(node.folder)
    now = node.clock.now() - CLOCK_SKEW_MAX  # a peer's clock may be behind ours
    site, origin = officials_site(node)
    card = NodeCard(
        node=node.id,
        name=node.name,
        state=node.state,
        kind=NodeKind(node.kind),
        url=node.url,
        signing_key=public,
        log_origin=node.log_origin,
        log_key=log.verifier(node).vkey,
        former_log_keys=(),
        former_logs=(),
        witness_key=witness.own_key(node).vkey,
        receive_keys=(ReceiveKey(suite=SUITE, public=receive, from_=now, until=now + CARD_LIFE),),
        official_rp_id=site,
        official_origin=origin,
        issued_at=now,
        expires_at=now + CARD_LIFE,
    )
    statement = signed(Statement(type=CARD, body=card.as_body()), key=public, sign=sign)
    read_card(statement)  # what a peer would refuse is not handed out
    return statement


def officials_site(node: Node) -> tuple[str, str]:
    """Where the node's officials sit down, as passkeys name it: host and origin.

    On loopback each node has a host of its own below `localhost`: cookies and passkeys are per host, not per port.
    """
    address = urlsplit(node.url)
    host = address.hostname or node.host
    if host in LOOPBACK:
        site = f"{node.id}.localhost"
        return site, f"http://{site}:{node.port}"
    port = "" if address.port in {None, HTTPS_PORT} else f":{address.port}"
    return host, f"{address.scheme}://{host}{port}"


def appoint_founders(node: Node, founders: tuple[Appointment, ...]) -> None:
    """Record the two founding administrators, vouched for by the node alone."""
    with node.active():
        enrolments = tuple(_enrolment(node, one, witnesses=()) for one in founders)
        directory.found_node(enrolments, actor=node.machine("founding"), at=node.clock.now())


def appoint(node: Node, appointment: Appointment, *, witnesses: tuple[Entry, Entry]) -> Entry:
    """Enrol an official: software passkey, entry signed by the node and two administrators; the entry."""
    with node.active():
        enrolment = _enrolment(node, appointment, witnesses=witnesses)
        known({node.id: [enrolment.statement]}, viewer=witnesses[0].actor)  # every signature, as at the desk
        directory.enrol_official(enrolment, actor=witnesses[0].actor, at=node.clock.now())
    return enrolment.entry


def _enrolment(node: Node, one: Appointment, *, witnesses: tuple[Entry, ...]) -> directory.Enrolment:
    if node.kind == "live":
        raise NeedsPasskeys(node=node.id)
    card = post.own_card(node)
    now = node.clock.now()
    credential = authenticator.enrol(node, one.official, rp_id=card.official_rp_id, origin=card.official_origin)
    entry = people.new_entry(
        one,
        credential=credential,
        enrolled_by=tuple(witness.official for witness in witnesses),
        software=True,
        at=now,
    )
    statement = post.countersign(Statement(type=ENTRY, body=entry.as_body()))
    for enroller in witnesses:
        statement = authenticator.sign(statement, node=node, entry=enroller, at=now)
    return directory.Enrolment(
        entry=post.home_of(card).entry(statement),
        statement=statement,
        witnesses=tuple(witness.official for witness in witnesses),
        credential=software_credential(credential),
    )
