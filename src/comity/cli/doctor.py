"""`comity doctor`: what is well with a node and its machine, what is not, and what to do about it.

Nothing is changed; a bucket that keeps sealed items is tried with an object that is taken away again.
"""

import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import click
import httpx
from django.conf import settings
from django.contrib.staticfiles import finders

from comity.canon import stamp
from comity.cli.printing import answer, json_option
from comity.errors import ComityError
from comity.exchange.wire import CLOCK_SKEW_MAX
from comity.registry import keys, log, post, vouching
from comity.registry.act import Node
from comity.registry.queries import health
from comity.registry.queries.retention import published
from comity.registry.vault import s3, token

PYTHON_LEAST: Final = (3, 11)
GIB: Final = 2**30
SPACE_BYTES_WRONG: Final = GIB // 2
SPACE_BYTES_WARNING: Final = 5 * GIB
ANSWER_SECONDS_MAX: Final = 2.0
SECRET_FILE: Final = 0o600
SECRET_FOLDER: Final = 0o700
LOOK: Final = ("vendor/kern/kern.min.css", "vendor/kern/fira-sans.css")
BUILD: Final = "Run `make setup` where Comity was cloned, or install the package again."
RESTORE: Final = "Restore the database from a backup."


class State(StrEnum):
    """How a thing stands: well; worth a look; or wrong, so that something does not work."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, how it stands, what was found, and what to do about it (empty if nothing)."""

    name: str
    state: State
    found: str
    fix: str = ""


@click.command()
@click.option(
    "--node",
    "folder",
    envvar="COMITY_NODE",
    type=click.Path(path_type=Path),
    help="The node's folder (or COMITY_NODE); without it only the machine is looked at.",
)
@json_option
def doctor(*, folder: Path | None, as_json: bool) -> None:
    """Check this machine and a node, and say what to do about what is wrong."""
    findings = examine(folder)
    well = all(one.state is not State.WRONG for one in findings)
    answer({"well": well, "checks": [asdict(one) for one in findings]}, as_json=as_json, text=_text(findings))
    if not well:
        sys.exit(1)


def _text(findings: list[Finding]) -> str:
    wide = max(len(one.name) for one in findings)
    lines = []
    for one in findings:
        lines.append(f"{one.state.value:8} {one.name:{wide}}  {one.found}")
        if one.fix:
            lines.append(f"{'':8} {'':{wide}}  {one.fix}")
    return "\n".join(lines)


def examine(folder: Path | None) -> list[Finding]:
    """Everything that can be looked at, in the order in which it should be mended."""
    findings = [python(), look(), catalogues()]
    if folder is None:
        return findings
    try:
        node = Node.open(folder)
    except ComityError as refusal:
        return [*findings, _refused("node", refusal)]
    findings.append(Finding("node", State.OK, f"{node.kind} node {node.id} of {node.state} in {folder}"))
    # to ask an SQLite file that is not there would make it
    checks = CHECKS if _tables_are_there(node) else {name: CHECKS[name] for name in CHECKS if name not in ASKING}
    try:
        with node.active():
            return findings + [_looked(name, check, node) for name, check in checks.items()]
    finally:
        node.close()


def _tables_are_there(node: Node) -> bool:
    return node.database.startswith("postgresql://") or (node.folder / node.database).exists()


def _looked(name: str, check: Callable[[Node], Finding], node: Node) -> Finding:
    try:
        return check(node)
    except ComityError as refusal:
        return _refused(name, refusal)


def _refused(name: str, refusal: ComityError) -> Finding:
    return Finding(name, State.WRONG, str(refusal), refusal.hint.format(**refusal.facts))


def python() -> Finding:
    """The interpreter is new enough."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON_LEAST:
        return Finding("python", State.WRONG, found, "Comity needs Python 3.11 or newer: make setup PYTHON=...")
    return Finding("python", State.OK, found)


def look() -> Finding:
    """What the desks look like was built, and is found where it is served from."""
    missing = [name for name in LOOK if finders.find(name) is None]
    if missing:
        return Finding("look", State.WRONG, f"{', '.join(missing)} is not there: pages have no style", BUILD)
    return Finding("look", State.OK, f"{len(LOOK)} style sheets are served")


def catalogues() -> Finding:
    """Each catalogue of translations was compiled."""
    sources = [path for folder in settings.LOCALE_PATHS for path in Path(folder).glob("*/LC_MESSAGES/*.po")]
    missing = [path.parent.parent.name for path in sources if not path.with_suffix(".mo").exists()]
    if missing:
        return Finding("catalogues", State.WRONG, f"not compiled: {', '.join(sorted(missing))}", BUILD)
    return Finding("catalogues", State.OK, f"{len(sources)} compiled")


def key_files(node: Node) -> Finding:
    """The private keys are there, and only the node's own account reads them."""
    folder = node.folder / "keys"
    if not folder.is_dir():
        return Finding("keys", State.WRONG, f"{folder} is not there", "Restore it from the node's own backup.")
    if (mode := stat.S_IMODE(folder.stat().st_mode)) != SECRET_FOLDER:
        return Finding("keys", State.WRONG, f"{folder} has mode {mode:04o}, expected 0700", f"chmod 700 {folder}")
    files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    for path in files:
        if (mode := stat.S_IMODE(path.stat().st_mode)) != SECRET_FILE:
            return Finding("keys", State.WRONG, f"{path} has mode {mode:04o}, expected 0600", f"chmod 600 {path}")
    keys.signer(node.folder)
    keys.log_signer(node.folder)
    keys.witness_signer(node.folder)
    return Finding("keys", State.OK, f"{len(files)} files, readable by their owner only")


def month_keys(node: Node) -> Finding:
    """Where the keys lie that wrap the keys of items; a token that keeps them answers."""
    place = token.place_of(node.folder)
    if place is None:
        return Finding("month keys", State.OK, "the key of each month is a file of the node")
    token.hold_usable(node.folder, place)
    return Finding("month keys", State.OK, f"kept by the token {place.label}, which opens with its PIN")


def sealed_items(node: Node) -> Finding:
    """Where sealed items lie; a bucket that keeps them answers, and writes nothing twice."""
    place = s3.place_of(node.folder)
    if place is None:
        return Finding("vault", State.OK, "sealed items lie in the node's folder")
    s3.Bucket(node.vault, place).hold_writes_once()
    if any((node.vault / "items").glob("*.sealed")):
        fix = f"Take [vault.s3] out of node.toml again: nothing looks into {node.vault / 'items'} while it is there."
        return Finding("vault", State.WRONG, "items were sealed into the folder before the bucket was named", fix)
    return Finding("vault", State.OK, f"sealed items lie in the bucket {place.bucket}, which writes nothing twice")


def card(node: Node) -> Finding:
    """The node's card is in force, says what `node.toml` says, and names the keys that lie here."""
    own, at = post.own_card(node), node.clock.now()
    own.in_force(at=at)
    for what, told, here in (
        ("id", own.node, node.id),
        ("kind", own.kind.value, node.kind),
        ("state", own.state, node.state),
        ("address", own.url, node.url),
        ("signing key", own.signing_key, keys.signer(node.folder)[0]),
        ("log key", own.log_key, log.verifier(node).vkey),
    ):
        if told != here:
            fix = "Put back the node.toml, the keys and the card of one and the same node."
            return Finding("card", State.WRONG, f"the card's {what} is not that of this folder", fix)
    keys.receiver(node.folder, key=own.receive_key(at=at).id, at=at)
    return Finding("card", State.OK, f"in force until {stamp(own.expires_at)[:10]}, and its keys are here")


def vouched(node: Node) -> Finding:
    """Whoever vouches for the log is named as `node.toml` has to name them."""
    told, authority = vouching.witnesses(node), vouching.authority(node)
    named = len(told.peers) + len(told.others)
    stamps = f"time stamps by {authority.url}" if authority else "no time stamps"
    return Finding("vouching", State.OK, f"{named} witnesses are asked, {told.needed} needed; {stamps}")


def database(node: Node) -> Finding:
    """The tables can be read, are whole and up to date, and what is answered survives a crash."""
    if not _tables_are_there(node):
        return Finding("database", State.WRONG, f"{node.folder / node.database} is not there", RESTORE)
    tables = health.tables(viewer=node.machine("doctor"))
    if tables.integrity != "ok":
        return Finding("database", State.WRONG, f"damaged: {tables.integrity[:200]}", RESTORE)
    if tables.missing:
        fix = f"Stop the node, then: comity node migrate --node {node.folder}"
        return Finding("database", State.WRONG, f"not applied: {', '.join(tables.missing)}", fix)
    how = f"{tables.vendor}, journal {tables.journal}, synchronous {tables.synchronous}"
    if tables.vendor == "sqlite" and (tables.journal, tables.synchronous) != ("wal", "full"):
        return Finding(
            "database", State.WRONG, how, "Put the file on a local disk: WAL does not work on network shares."
        )
    if tables.synchronous == "off":
        return Finding("database", State.WRONG, how, "Set synchronous_commit to on: an answered act must survive.")
    return Finding("database", State.OK, f"{how}, every migration applied")


def clock(node: Node) -> Finding:
    """The clock is not behind what the log has seen."""
    now, newest = node.clock.now(), health.newest_entry_at(viewer=node.machine("doctor"))
    shows = f"shows {stamp(now)[:19]}Z"
    if newest is not None and newest > now + CLOCK_SKEW_MAX:
        found = f"{shows}, and the newest entry of the log is of {stamp(newest)[:19]}Z"
        return Finding("clock", State.WRONG, found, "Set the machine's clock (NTP); do not write to this node before.")
    hours = node.clock.offset / timedelta(hours=1)
    apart = f", {abs(hours):.1f} hours {'ahead of' if hours > 0 else 'behind'} the machine's" if hours else ""
    return Finding("clock", State.OK, f"{shows}{apart}")


def space(node: Node) -> Finding:
    """There is room for evidence and for the tables."""
    free = min(shutil.disk_usage(path).free for path in (node.folder, node.vault) if path.exists())
    found = f"{free / GIB:.1f} GiB free"
    if free < SPACE_BYTES_WARNING:
        state = State.WRONG if free < SPACE_BYTES_WRONG else State.WARNING
        return Finding("space", state, found, "Make room on the disk of the node's folder and its vault.")
    return Finding("space", State.OK, found)


def port(node: Node) -> Finding:
    """Who answers where this node listens: itself, nobody, or somebody else."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(node.host, node.host)  # noqa: S104 - compared, not bound
    where = f"port {node.port}"
    other = "Choose another port for one of the two, or stop the other program."
    try:
        url = httpx.URL(scheme="http", host=host, port=node.port, path="/health")
        said = httpx.get(url, timeout=ANSWER_SECONDS_MAX, trust_env=False).json()["node"]
    except httpx.ConnectError:
        fix = f"Start it: comity node serve --node {node.folder}"
        return Finding("port", State.WARNING, f"nobody answers at {where}: the node does not run", fix)
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return Finding("port", State.WRONG, f"another program answers at {where}", other)
    if said != node.id:
        return Finding("port", State.WRONG, f"another node answers at {where}: {str(said)[:40]}", other)
    return Finding("port", State.OK, f"this node answers at {where}")


def worker(node: Node) -> Finding:
    """What is to be done is being done, and nothing was laid aside."""
    found = health.waiting(viewer=node.machine("doctor"), at=node.clock.now())
    if found.laid_aside:
        fix = "A person has to look: comity node status says why; trying again cannot help by itself."
        return Finding("worker", State.WRONG, f"laid aside: {'; '.join(found.laid_aside)[:400]}", fix)
    if found.overdue or found.leases_run_out or found.unsequenced:
        counts = f"{found.overdue} overdue, {found.leases_run_out} left by workers that ended"
        fix = f"No worker is at work. Start the node, or one more: comity node worker --node {node.folder}"
        return Finding("worker", State.WARNING, f"{counts}, {found.unsequenced} entries without place", fix)
    return Finding("worker", State.OK, "nothing waits longer than a minute")


def newest_checkpoint(node: Node) -> Finding:
    """The newest checkpoint verifies, and the tiles hash to it."""
    size = health.log_size(viewer=node.machine("doctor"))
    return Finding("log", State.OK, f"{size} entries hash to the checkpoint that is signed")


def retention(node: Node) -> Finding:
    """The node has said how long it keeps evidence."""
    told = published(viewer=node.machine("doctor"), at=node.clock.now())["schedules"]
    if not told:
        fix = "An administrator signs one: comity retention adopt FILE (docs/spec/retention-schedule.md)."
        return Finding("retention", State.WARNING, "no schedule: nothing is erased by itself", fix)
    return Finding("retention", State.OK, f"schedule version {told[0]['version']}, from {told[0]['from'][:10]}")


CHECKS: Final[dict[str, Callable[[Node], Finding]]] = {
    "keys": key_files,
    "month keys": month_keys,
    "vault": sealed_items,
    "card": card,
    "vouching": vouched,
    "database": database,
    "clock": clock,
    "space": space,
    "port": port,
    "worker": worker,
    "log": newest_checkpoint,
    "retention": retention,
}
ASKING: Final = frozenset({"clock", "worker", "log", "retention"})
"""The checks that ask the tables, besides the one of the tables themselves."""
