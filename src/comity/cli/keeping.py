"""`comity node backup`, `restore`, `rejoin`: what an operator does so that nothing is lost, and nothing is told twice."""

from dataclasses import asdict
from pathlib import Path

import click

from comity.cli.printing import answer, json_option, told
from comity.cli.shell import at_node
from comity.registry.act import Node
from comity.registry.jobs import age_files, backups, epochs, rejoining, restoring

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("to_folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--to", "to", multiple=True, required=True, help="Public age key of who may open the tables.")
@click.option(
    "--keys-to", "keys_to", multiple=True, required=True, help="Public age key of who may open the keys: another."
)
@at_node
def backup(*, to_folder: Path, to: tuple[str, ...], keys_to: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Write two age files into TO_FOLDER: the tables, and the keys. The vault is copied by any tool; it is sealed."""
    node = Node.open(folder)
    try:
        with node.active():
            made = backups.make(
                to_folder, to=age_files.recipients(to), keys_to=age_files.recipients(keys_to), at=node.clock.now()
            )
    finally:
        node.close()
    record = {"tables": str(made.tables), "keys": str(made.keys), "rows": made.rows, "log_size": made.log_size}
    answer(record, as_json=as_json, text=told(record))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--tables", type=_FILE, required=True)
@click.option("--keys", type=_FILE, required=True)
@click.option("--identity", "identities", type=_FILE, multiple=True, required=True, help="File with a secret age key.")
@click.option("--erasures", type=_FILE, multiple=True, help="A newer copy of erasures.jsonl.")
@click.option("--vault", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A copy of the vault.")
@click.option("--database", default="", help="Another database than the backup's: a file, or postgresql://...")
@json_option
def restore(
    *,
    folder: Path,
    tables: Path,
    keys: Path,
    identities: tuple[Path, ...],
    erasures: tuple[Path, ...],
    vault: Path | None,
    database: str,
    as_json: bool,
) -> None:
    """Make the node of a backup in a new FOLDER; it serves and signs only after `comity node rejoin`."""
    read = [one for path in identities for one in age_files.identities(path)]
    source = restoring.Source(tables=tables, keys=keys, identities=read, erasures=erasures)
    found = restoring.restore(folder, source, database=database, vault_from=vault)
    record = asdict(found) | {"lacking": list(found.lacking), "without_key": list(found.without_key)}
    text = told(record) + "\nnext: comity node check, then comity node rejoin"
    answer(record, as_json=as_json, text=text)


@click.command()
@at_node
def rejoin(*, folder: Path, as_json: bool) -> None:
    """Ask who saw this node's log, and go on with it; refused while somebody holds more than the restored tables."""
    node = Node.open(folder)
    try:
        with node.active():
            found = rejoining.rejoin(at=node.clock.now())
    finally:
        node.close()
    record = {"size": found.size, "held": found.sizes, "silent": list(found.silent), "unaware": list(found.unaware)}
    answer(record, as_json=as_json, text=told(record))


@click.command()
@click.option("--reason", required=True, help="What became of the entries that are lost.")
@click.option(
    "--seen",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint of this log that somebody kept; several.",
)
@at_node
def epoch(*, reason: str, seen: tuple[Path, ...], folder: Path, as_json: bool) -> None:
    """Go on in a log of another name, after entries were lost that others hold; hand out the card that says so."""
    shown = [path.read_bytes() for path in seen]
    node = Node.open(folder)
    try:
        with node.active():
            epochs.begin(shown=shown, at=node.clock.now())
    finally:
        node.close()
    node = Node.open(folder)  # its log has another name now
    try:
        with node.active():
            card = epochs.complete(reason=reason, at=node.clock.now())
    finally:
        node.close()
    former = card.former_logs[-1]
    record = {"log": card.log_origin, "begins_with": former.ended.size, "lost_after": former.known.size}
    text = told(record) + f"\nnext: hand {folder / 'card.json'} to each peer, whose administrators admit it"
    answer(record, as_json=as_json, text=text)


COMMANDS = (backup, restore, rejoin, epoch)
