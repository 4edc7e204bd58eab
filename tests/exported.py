"""A real bundle with the keys of everybody who signed it, so that tests can forge what an insider could."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.cli import desk
from comity.cli.exporting import export
from comity.cli.story import Stage, run
from comity.evidence.bundle import BUNDLE, Member, listed, read_bundle, write_bundle
from comity.evidence.member import MANIFEST
from comity.registry import authenticator, post
from comity.registry.act import Node
from stage import staged
from witnessing import witnessed_by


def unheard(_: int) -> None:
    """Nobody listens to the progress."""


@dataclass(frozen=True)
class Exported:
    """The bundle of the first letter, what belongs to it, and the stage on which everybody can sign again."""

    stage: Stage
    path: Path
    key_file: Path
    trust_file: Path
    members: dict[str, bytes]

    @property
    def data(self) -> bytes:
        return self.path.read_bytes()

    @property
    def key(self) -> bytes:
        return bytes.fromhex(self.key_file.read_text().strip())

    @property
    def pinned(self) -> dict[str, str]:
        pinned: dict[str, str] = json.loads(self.trust_file.read_text())["nodes"]
        return pinned

    def only(self, folder: str) -> list[str]:
        """The members of a folder, in order."""
        return [name for name in self.members if name.startswith(folder + "/")]

    def body(self, name: str) -> JsonObject:
        body: JsonObject = json.loads(self.members[name])["body"]
        return body

    def entry(self, name: str) -> JsonObject:
        """The log entry in a member; nothing of a checkpoint."""
        return json.loads(self.members[name])["entry"] if name.endswith(".json") else {"statement": ""}

    def signed(self, type_: str, body: JsonObject, *, node: Node, role: str) -> Statement:
        """A text that this official and this node have signed."""
        with node.active():
            return desk.signed(Statement(type_, body), seat=self.stage.seat(node, role), at=node.clock.now())

    def by_node(self, type_: str, body: JsonObject, *, node: Node) -> Statement:
        """A text that this node has signed."""
        with node.active():
            return post.countersign(Statement(type_, body))

    def witnessed(self, entry: Statement, *, node: Node) -> Statement:
        """A directory entry that the node and its two founding administrators have signed."""
        with node.active():
            entry = post.countersign(entry)
            for official in entry.body["enrolled_by"]:
                administrator = authenticator.seated(node, official, at=node.clock.now())
                entry = authenticator.sign(entry, node=node, entry=administrator, at=node.clock.now())
        return entry

    def packed(self, members: dict[str, bytes], **changed: object) -> bytes:
        """A bundle of these members, whose manifest the exporter has signed (with these parts of it changed)."""
        kept = {name: Member.of(data) for name, data in members.items() if name != MANIFEST}
        said = {name: {"bytes": one.bytes, "sha256": one.sha256} for name, one in listed(kept).items()}
        body = self.body(MANIFEST) | {"members": said} | changed
        manifest = self.signed(BUNDLE, body, node=self.stage.cv, role="custodian")
        return zipped({**members, MANIFEST: manifest.to_bytes()})


def zipped(members: dict[str, bytes]) -> bytes:
    """A canonical container of these members, whatever they are."""
    out = io.BytesIO()
    write_bundle({name: Member.of(data) for name, data in members.items()}, out, progress=unheard)
    return out.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    bundle = read_bundle(io.BytesIO(data))
    return {name: bundle.read(name, limit=len(data)) for name in bundle.names}


@contextmanager
def story_exported(folder: Path) -> Iterator[Exported]:
    """What the receiving custodian exports at the end of the story, played in that folder."""
    with staged(folder, image_bytes=3_000) as stage:
        witnessed_by(stage.cv, "nl")
        list(run(stage))
        bundle, key, trust = folder / "evidence.bundle", folder / "evidence.key", folder / "trust.json"
        with stage.cv.active():
            seat = stage.seat(stage.cv, "custodian")
            export(stage.item, bundle, reason="For the defence", key_file=key, progress=unheard, seat=seat)
        pinned = {node.id: post.own_card(node).fingerprint for node in (stage.cv, stage.nl)}
        trust.write_text(json.dumps({"nodes": pinned}))
        yield Exported(stage, bundle, key, trust, unzipped(bundle.read_bytes()))
