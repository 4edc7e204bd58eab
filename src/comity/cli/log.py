"""`comity log`: look through a node's log, prove entries, and verify proofs without any node."""

import json
from pathlib import Path

import click

from comity.canon import NotCanonical, TooLarge, canonical
from comity.cli import vouching
from comity.cli.printing import answer, json_option, table
from comity.errors import N_, ComityError
from comity.ledger import VerifierKey, entry

PROOF_BYTES_MAX = 1024 * 1024


class ProofFileBroken(ComityError):
    """A file holds no proof of a log entry."""

    code = "log.proof_file_broken"
    sentence = N_("{file} holds no proof of a log entry: {why}")
    hint = N_("Make one with `comity log prove --json`.")


@click.group()
def log() -> None:
    """Look through a node's log; prove and verify entries."""


@log.command()
@click.option("--from", "start", type=click.IntRange(0), default=0, show_default=True, help="First index.")
@click.option("--node", "folder", envvar="COMITY_NODE", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--as", "official", required=True, help="An overseer of the node.")
@json_option
def show(*, start: int, folder: Path, official: str, as_json: bool) -> None:
    """Show entries with their bodies, a page at a time."""
    from comity.cli.shell import seat
    from comity.registry.queries import log as reads

    with seat(folder, official) as here:
        rows = reads.entries(viewer=here.entry.actor, start=start)
    lines = [
        {"index": row["index"], "at": row["at"], "kind": row["kind"], "by": row["actor"]["official"]} for row in rows
    ]
    answer(rows, as_json=as_json, text=table(lines, columns=("index", "at", "kind", "by"), empty="no entry"))


@log.command()
@click.argument("index", type=click.IntRange(0))
@click.option("--node", "folder", envvar="COMITY_NODE", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--as", "official", required=True, help="An overseer of the node.")
@json_option
def prove(*, index: int, folder: Path, official: str, as_json: bool) -> None:
    """Print the entry at INDEX with the proof that it stands under the newest checkpoint."""
    from comity.cli.shell import seat
    from comity.registry.queries import log as reads

    with seat(folder, official) as here:
        record = reads.proof(index, viewer=here.entry.actor)
    answer(record, as_json=as_json, text=canonical(record).decode())


@log.command()
@click.argument("size", type=click.IntRange(1))
@click.option("--to", "later", type=click.IntRange(1), help="The later size; the newest checkpoint if left out.")
@click.option("--node", "folder", envvar="COMITY_NODE", required=True, type=click.Path(exists=True, path_type=Path))
@json_option
def consistency(*, size: int, later: int | None, folder: Path, as_json: bool) -> None:
    """Print the proof that the log only added to what it was at SIZE, for `comity verify`."""
    from comity.cli import shell  # noqa: F401 - sets Django up
    from comity.registry.act import Node
    from comity.registry.queries import log as reads

    node = Node.open(folder)
    try:
        with node.active():
            record = reads.consistency(size, later, viewer=node.machine("log"))
    finally:
        node.close()
    answer(record, as_json=as_json, text=canonical(record).decode())


@log.command()
@click.option("--node", "folder", envvar="COMITY_NODE", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--as", "official", required=True, help="An overseer of the node.")
@json_option
def audit(*, folder: Path, official: str, as_json: bool) -> None:
    """Recompute the whole tree from every entry and hold it against the signed checkpoint."""
    from comity.cli.shell import seat
    from comity.registry.queries import log as reads

    with seat(folder, official) as here:
        found = reads.audit(viewer=here.entry.actor)
    record = {"origin": found.origin, "size": found.size, "root": found.root}
    answer(record, as_json=as_json, text=f"{found.size} entries of {found.origin} hash to the signed root {found.root}")


@log.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--vkey", required=True, help="The log's verifier key, from its node's card; not from the file.")
@json_option
def verify(*, file: Path, vkey: str, as_json: bool) -> None:
    """Verify the proof in FILE offline (RFC 9162, section 2.1.3.2); no node is asked."""
    data = file.read_bytes()[: PROOF_BYTES_MAX + 1]
    try:
        if len(data) > PROOF_BYTES_MAX:
            raise TooLarge(found=len(data), limit=PROOF_BYTES_MAX)
        record = json.loads(data)
        body, inclusion = record["entry"], record["inclusion"]
        read = entry.Entry.from_bytes(canonical(body))
        proof = entry.Inclusion.from_record(inclusion)
    except (ValueError, KeyError, TypeError, NotCanonical) as broken:
        raise ProofFileBroken(file=file, why=str(broken)[:200]) from broken
    key = VerifierKey.parse(vkey)
    head = entry.verify_logged(read, proof, key=key, origin=key.name)
    said = {"index": proof.index, "kind": read.kind, "size": head.size, "origin": head.origin}
    answer(said, as_json=as_json, text=f"entry {proof.index} ({read.kind}) stands in {head.origin} at size {head.size}")


for command in vouching.COMMANDS:
    log.add_command(command)
