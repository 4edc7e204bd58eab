"""`comity log ...`: who vouches for a node's log, what other logs showed, time stamps, and the key of the log."""

from pathlib import Path

import click

from comity.cli.printing import answer, json_option, table

NODE = click.option(
    "--node", "folder", envvar="COMITY_NODE", required=True, type=click.Path(exists=True, path_type=Path)
)
OVERSEER = click.option("--as", "official", required=True, help="An overseer of the node.")
STAMP_BYTES_MAX = 64 * 1024
FINDING_BYTES_MAX = 512 * 1024


@click.command()
@NODE
@OVERSEER
@json_option
def witnesses(*, folder: Path, official: str, as_json: bool) -> None:
    """Show who cosigned the log, and which logs the node watches."""
    from comity.canon import stamp
    from comity.cli.shell import seat
    from comity.registry.queries import witnesses as reads

    with seat(folder, official) as here:
        found = reads.vouched(viewer=here.entry.actor)
    rows = [
        {
            "name": one.name,
            "size": one.size,
            "at": stamp(one.at) if one.at else "",
            "trouble": one.trouble,
        }
        for one in found.witnesses
    ]
    watched = [{"origin": one.origin, "size": one.size, "at": stamp(one.at)} for one in found.watched]
    record = {
        "size": found.size,
        "needed": found.needed,
        "cosigned": found.cosigned,
        "witnesses": rows,
        "watched": watched,
        "open_findings": len([one for one in found.findings if one.settled_at is None]),
        "time_stamps": {"kept": found.stamped, "waiting": found.waiting, "trouble": found.trouble},
    }
    lines = [
        f"size {found.size}: cosigned by {found.cosigned}, needed {found.needed}; open findings {record['open_findings']}",
        table(rows, columns=("name", "size", "at", "trouble"), empty="no witness is asked"),
        table(watched, columns=("origin", "size", "at"), empty="no log was seen yet"),
    ]
    answer(record, as_json=as_json, text="\n".join(lines))


@click.command()
@NODE
@OVERSEER
@json_option
def findings(*, folder: Path, official: str, as_json: bool) -> None:
    """Show the logs that told two histories, or less than before; --json has the proofs."""
    from comity.cli.shell import seat
    from comity.registry.queries import witnesses as reads

    with seat(folder, official) as here:
        rows = [one.as_document() for one in reads.findings(viewer=here.entry.actor)]
    columns = ("reference", "kind", "origin", "found_by", "found_at", "settled_at")
    answer(rows, as_json=as_json, text=table(rows, columns=columns, empty="no finding"))


@click.command("verify-finding")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--vkey", multiple=True, required=True, help="A key of the log, from its node's card; may be repeated.")
@json_option
def verify_finding(*, file: Path, vkey: tuple[str, ...], as_json: bool) -> None:
    """Verify offline that FILE proves two histories of one log; the file is one finding of `comity log findings --json`."""
    from comity.canon import parse_object
    from comity.ledger import Fork, VerifierKey, verify_fork

    with file.open("rb") as opened:
        told = parse_object(opened.read(FINDING_BYTES_MAX + 1), limit=FINDING_BYTES_MAX)
    inner = told.get("finding", told)
    keys = tuple(VerifierKey.parse(one) for one in vkey)
    heads = verify_fork(Fork.from_record(inner if isinstance(inner, dict) else {}), keys=keys, origin=keys[0].name)
    record = {"origin": keys[0].name, "sizes": [one.size for one in heads], "roots": [one.root.hex() for one in heads]}
    sizes = " and ".join(str(one.size) for one in heads)
    answer(
        record,
        as_json=as_json,
        text=f"{keys[0].name} signed two histories: its trees of sizes {sizes} cannot both be true",
    )


@click.command()
@click.argument("reference")
@NODE
@OVERSEER
@click.option("--reason", required=True, help="How it is explained; it stands in the log.")
@json_option
def settle(*, reference: str, folder: Path, official: str, reason: str, as_json: bool) -> None:
    """Close the finding REFERENCE: the log that it is about is believed again."""
    from comity.cli.shell import seat
    from comity.registry.actions import witnesses as acts

    with seat(folder, official) as here:
        acts.settle_finding(reference, reason=reason, actor=here.entry.actor, at=here.node.clock.now())
    answer({"settled": reference}, as_json=as_json, text=f"finding {reference[:8]} is closed")


@click.command("time-stamps")
@NODE
@OVERSEER
@click.option("--save", type=click.Path(file_okay=False, path_type=Path), help="Write each answer to DIGEST.tsr there.")
@json_option
def time_stamps(*, folder: Path, official: str, save: Path | None, as_json: bool) -> None:
    """Show the newest time stamps (RFC 3161) of checkpoints and acquisitions."""
    from comity.cli.shell import seat
    from comity.registry.queries import witnesses as reads

    with seat(folder, official) as here:
        found = reads.time_stamps(viewer=here.entry.actor)
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
        for one in found:
            (save / f"{one.digest}.tsr").write_bytes(one.answer)
    rows = [one.as_document() for one in found]
    answer(rows, as_json=as_json, text=table(rows, columns=("about", "at", "digest"), empty="no time stamp yet"))


@click.command("verify-time")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--digest", required=True, help="The SHA-256 in hexadecimal that was stamped.")
@click.option("--roots", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PEM.")
@click.option("--policy", multiple=True, help="Only these policies count; may be repeated.")
@json_option
def verify_time(*, file: Path, digest: str, roots: Path, policy: tuple[str, ...], as_json: bool) -> None:
    """Verify the time stamp in FILE offline (RFC 3161, section 2.4.2) against roots of your own; no node is asked."""
    from comity.canon import stamp
    from comity.ledger.time_stamp import StampBroken, trusted_roots, verify_stamp

    try:
        wanted = bytes.fromhex(digest)
    except ValueError as broken:
        raise StampBroken(digest=digest[:16], why="that is no digest in hexadecimal") from broken
    with file.open("rb") as opened:
        data = opened.read(STAMP_BYTES_MAX + 1)
    said = verify_stamp(data, digest=wanted, roots=trusted_roots(roots.read_bytes()), policies=policy)
    record = {
        "at": stamp(said.at),
        "by": said.by,
        "policy": said.policy,
        "serial": str(said.serial),
        "accuracy_seconds": said.accuracy_seconds,
    }
    answer(record, as_json=as_json, text=f"stamped at {record['at']} by {said.by}, policy {said.policy}")


@click.command("rotate-key")
@NODE
@click.option("--as", "official", required=True, help="An administrator of the node.")
@json_option
def rotate_key(*, folder: Path, official: str, as_json: bool) -> None:
    """Give the log a new key: announced under the old one, which is destroyed. Goes on where a crash stopped it."""
    from comity.cli.shell import seat
    from comity.registry.jobs import log_keys

    with seat(folder, official) as here:
        card = log_keys.rotate(actor=here.entry.actor, at=here.node.clock.now())
    record = {"log_key": card.log_key, "former_log_keys": [one.as_record() for one in card.former_log_keys]}
    answer(record, as_json=as_json, text=f"the log signs with {card.log_key}; peers are told")


COMMANDS = (witnesses, findings, verify_finding, settle, time_stamps, verify_time, rotate_key)
