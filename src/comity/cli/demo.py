"""`comity demo`: two nodes on this machine, filled with letters; the first letter between them, told and verified.

Two node processes serve over HTTP; the officials' gestures are those of the command line. Everything lies in one folder,
which is made afresh each time.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import click
import httpx

from comity.authorities.directory import Entry
from comity.canon import JsonObject, canonical, moment
from comity.cli import cast, founding
from comity.cli.exporting import export
from comity.cli.filling import fill
from comity.cli.filling_script import FOUNDED
from comity.cli.printing import answer, json_option, table
from comity.cli.shell import Seat
from comity.cli.story import Stage, run
from comity.cli.telling import Counter, Teller
from comity.errors import N_, ComityError
from comity.registry import log as registry_log
from comity.registry import post
from comity.registry.act import Node
from comity.registry.clock import offset_to, stopwatch
from comity.registry.queries import log as log_reads

START: Final = "2026-11-23T09:00:00.000Z"
MARK: Final = ".comity-demo"
OFFSET: Final = "clock_offset_seconds"
STARTED_SECONDS_MAX: Final = 60.0
STOPPED_SECONDS_MAX: Final = 8.0


class FolderNotOurs(ComityError):
    """The demo only ever removes a folder that a demo made."""

    code = "demo.folder_not_ours"
    sentence = N_("{folder} exists and was not made by the demo")
    hint = N_("Name another folder with --folder.")


class NodeDidNotStart(ComityError):
    """A node process does not answer."""

    code = "demo.node_did_not_start"
    sentence = N_("node {node} does not answer at {url} after {seconds} seconds")
    hint = N_("Read {output}; choose other ports with --ports.")


class DemoDoesNotVerify(ComityError):
    """The bundle that the demo made does not verify."""

    code = "demo.does_not_verify"
    sentence = N_("the bundle {bundle} does not verify (exit code {exit})")


class Processes:
    """The nodes' processes: started in groups of their own, started again when they died."""

    def __init__(self, folder: Path, nodes: tuple[Node, ...]) -> None:
        self._folder = folder
        self._nodes = nodes
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def keep(self) -> None:
        """Start every node process that is not running."""
        for node in self._nodes:
            running = self._running.get(node.id)
            if running is None or running.poll() is not None:
                self._running[node.id] = self._start(node)

    def _start(self, node: Node) -> subprocess.Popen[bytes]:
        with (self._folder / f"{node.id}.log").open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "comity.cli", "node", "serve", "--node", str(node.folder)],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def group(self, node: str) -> int:
        """The process group of a node."""
        return self._running[node].pid

    def wait_until_serving(self) -> None:
        """Until every node answers for itself; raises `NodeDidNotStart`."""
        begin = stopwatch()
        for node in self._nodes:
            while not _serves(node):
                if stopwatch() - begin > STARTED_SECONDS_MAX:
                    output = self._folder / f"{node.id}.log"
                    raise NodeDidNotStart(node=node.id, url=node.url, seconds=int(STARTED_SECONDS_MAX), output=output)
                self.keep()
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop every node; who does not stop in time is killed with its group."""
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            try:
                process.wait(timeout=STOPPED_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _serves(node: Node) -> bool:
    try:
        said = httpx.get(f"{node.url}/health", timeout=2.0, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return False
    return bool(said.get("node") == node.id)


@click.command()
@click.option("--exit", "ends", is_flag=True, help="End when all is done; without it the nodes stay up until Ctrl-C.")
@click.option("--no-story", "silent", is_flag=True, help="Only serve the two nodes, filled with ten weeks of letters.")
@click.option("--no-fill", "empty", is_flag=True, help="Begin with empty desks.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default=Path("demo"), show_default=True)
@click.option("--ports", default="8101,8102", show_default=True, help="Ports of the two nodes.")
@click.option("--image-mib", type=click.IntRange(1, 16384), default=256, show_default=True, help="Size of the image.")
@json_option
def demo(*, ends: bool, silent: bool, empty: bool, folder: Path, ports: str, image_mib: int, as_json: bool) -> None:
    """Fill two nodes with letters, run the first letter between them, and verify what it leaves."""
    folder = folder.resolve()
    say = Teller(quiet=as_json)
    listening = _ports(ports, say=say)
    afresh(folder)
    say.line(f"everything lies in {folder}")
    if empty:
        nodes, people = make_nodes(folder, ports=listening)
    else:
        nodes, people = filled_nodes(folder, ports=listening, say=say)
    with serving(folder, nodes) as processes:
        _show_desks(nodes, say=say)
        record: JsonObject = {"folder": str(folder), "nodes": [node.url for node in nodes]}
        if silent:
            answer(record, as_json=as_json, text="both nodes serve")
        else:
            stage = Stage(
                cv=nodes[0],
                nl=nodes[1],
                people=people,
                settle=lambda: _settle(processes),
                image_bytes=image_mib * 1024 * 1024,
                progress=say.progress,
            )
            bundle, summary = tell(stage, folder, say=say)
            record |= {"bundle": str(bundle), "steps": summary, "verified": True}
            columns = ("step", "node", "article", "clock", "log", "seconds")
            answer(record, as_json=as_json, text="\n" + table(summary, columns=columns, empty=""))
        if not ends:
            _until_interrupted(processes, say)
    if not silent:
        say.line("verified")


def _show_desks(nodes: tuple[Node, Node], *, say: Teller) -> None:
    """Where a browser finds the desks: passkeys belong to these names, which browsers resolve by themselves."""
    for node in nodes:
        say.line(f"{node.name}: {post.own_card(node).official_origin}/")
    say.line("sign in with one click as any of the demo officials")


def tell(stage: Stage, folder: Path, *, say: Teller) -> tuple[Path, list[JsonObject]]:
    """Tell the whole story and verify it; the bundle that it leaves, and its steps."""
    for told in run(stage):
        say.told(told)
    bundle = close(stage, folder, say=say)
    return bundle, summarise(stage)


def afresh(folder: Path) -> None:
    """An empty folder of our own; raises `FolderNotOurs` for one that a demo did not make."""
    if folder.exists():
        if any(folder.iterdir()) and not (folder / MARK).exists():
            raise FolderNotOurs(folder=folder)
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


def _ports(typed: str, *, say: Teller) -> tuple[int, int]:
    try:
        first, second = (int(port) for port in typed.split(","))
    except ValueError as broken:
        raise click.BadParameter("two numbers such as 8101,8102", param_hint="--ports") from broken
    if not (0 < first < 65536 and 0 < second < 65536) or first == second:  # noqa: PLR2004 - ports
        raise click.BadParameter("two different ports between 1 and 65535", param_hint="--ports")
    with ExitStack() as held:  # both at once, so that no port is found free twice
        found = tuple(held.enter_context(_free(port)).getsockname()[1] for port in (first, second))
    for wanted, port in zip((first, second), found, strict=True):
        if port != wanted:
            say.line(f"port {wanted} is taken by another program; {port} is used instead")
    return found[0], found[1]


def _free(port: int) -> socket.socket:
    """A socket on the port, or on another one where somebody else listens there."""
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        probe.bind(("127.0.0.1", 0))
    return probe


def filled_nodes(
    folder: Path, *, ports: tuple[int, int], say: Teller
) -> tuple[tuple[Node, Node], dict[tuple[str, str], Entry]]:
    """The two nodes of the story with ten weeks of letters behind them; their clocks show `START`."""
    begin = stopwatch()
    (cv, nl), people = make_nodes(folder, ports=ports, start=FOUNDED)
    letters = fill(cv, nl, until=moment(START), progress=say.progress)
    say.line(f"{letters} letters of ten weeks lie on the desks ({stopwatch() - begin:.1f} s)")
    return (_set_clock(cv), _set_clock(nl)), people


def _set_clock(node: Node) -> Node:
    """The node with a clock that shows `START`, written down as when it was made."""
    node.close()
    told = node.folder / "node.toml"
    offset = int(offset_to(moment(START)).total_seconds())
    lines = told.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(f"{OFFSET} = ")]
    told.write_text("\n".join([*kept, f"{OFFSET} = {offset}", ""]), encoding="utf-8")
    return Node.open(node.folder)


def make_nodes(
    folder: Path,
    *,
    ports: tuple[int, int],
    databases: tuple[str, str] = ("node.sqlite3", "node.sqlite3"),
    start: str = START,
) -> tuple[tuple[Node, Node], dict[tuple[str, str], Entry]]:
    """The two nodes of the story, peopled and paired; `databases` as in `node.toml`, `start` what their clocks show."""
    nodes: list[Node] = []
    people: dict[tuple[str, str], Entry] = {}
    for place, port, database in zip((cast.CV, cast.NL), ports, databases, strict=True):
        spec = founding.Spec(
            id=place.id,
            kind="demo",
            name=place.name,
            state=place.state,
            host="127.0.0.1",
            port=port,
            url="",
            database=database,
            responsible=place.founders[0],
            zone=place.zone,
            clock_start=moment(start),
        )
        node = founding.found(folder / place.id, spec)
        people |= cast.populate(node, place)
        nodes.append(node)
    cv, nl = nodes
    cast.pair((cv, cast.CV), (nl, cast.NL))
    return (cv, nl), people


@contextmanager
def serving(folder: Path, nodes: tuple[Node, ...]) -> Iterator[Processes]:
    """The nodes' processes, answering; stopped at the end, also when this process is asked to end."""
    processes = Processes(folder, nodes)
    before = signal.signal(signal.SIGTERM, _end)
    try:
        processes.wait_until_serving()
        yield processes
    finally:
        processes.stop()
        signal.signal(signal.SIGTERM, before)


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _settle(processes: Processes) -> None:
    processes.keep()
    time.sleep(0.02)


def close(stage: Stage, folder: Path, *, say: Teller) -> Path:
    """Export the bundle, verify it as a stranger would, and let each overseer recompute its log."""
    bundle, key, trust = folder / "evidence.bundle", folder / "evidence.key", folder / "trust.json"
    with stage.cv.active():
        custodian: Seat = stage.seat(stage.cv, "custodian")
        size = stage.image_bytes
        done = Counter(lambda count: say.progress("exporting", count, size))
        stage.wait("the logs have not caught up", lambda: _logged(stage))
        export(stage.item, bundle, reason="For the court and the defence", key_file=key, progress=done, seat=custodian)
    say.told(stage.tell("a bundle is exported", node=stage.cv, kind="evidence.export"))
    pinned = {node.id: post.own_card(node).fingerprint for node in (stage.cv, stage.nl)}
    trust.write_bytes(canonical({"nodes": pinned}))
    say.verified(verify(bundle, key=key, trust=trust))
    say.told(stage.tell("verified offline, without Django or a node", node=stage.cv, kind="evidence.export"))
    for node in (stage.cv, stage.nl):
        overseer = stage.seat(node, "overseer").entry.actor
        with node.active():
            audit = log_reads.audit(viewer=overseer)
        say.told(stage.tell(f"overseer recomputes the log: {audit.size} entries", node=node, kind=""))
    return bundle


def _logged(stage: Stage) -> bool:
    """Whether both logs have a checkpoint over all that has happened."""
    for node in (stage.cv, stage.nl):
        with node.active():
            if registry_log.waiting():
                return False
    return True


def verify(bundle: Path, *, key: Path, trust: Path) -> list[str]:
    """Verify in a process of its own, as a stranger does; what it said. Raises `DemoDoesNotVerify`."""
    command = [sys.executable, "-m", "comity.cli", "verify", str(bundle), "--key", str(key), "--trust", str(trust)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines or lines[-1] != "verified":
        raise DemoDoesNotVerify(bundle=bundle, exit=f"{done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return lines


def summarise(stage: Stage) -> list[JsonObject]:
    """Every step with its article, its clock, the index of its log entry, and how long it took."""
    rows: list[JsonObject] = []
    for told in stage.told:
        node = stage.cv if told.node == stage.cv.id else stage.nl
        index = None
        if told.kind:
            with node.active():
                overseer = stage.seat(node, "overseer").entry.actor
                index = log_reads.index_of(kind=told.kind, statement=told.statement, viewer=overseer)
        rows.append(
            {
                "step": told.step,
                "node": told.node,
                "article": told.article,
                "clock": told.clock,
                "log": "" if index is None else index,
                "seconds": f"{told.seconds:.2f}",
            }
        )
    return rows


def _until_interrupted(processes: Processes, say: Teller) -> None:
    say.line("the nodes stay up; Ctrl-C ends them")
    try:
        while True:
            processes.keep()
            time.sleep(0.5)
    except KeyboardInterrupt:
        say.line("")
