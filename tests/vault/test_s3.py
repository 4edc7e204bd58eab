"""A vault in a bucket (SeaweedFS): what is in it opens and is never written again; what failed on the way leaves nothing."""

import hashlib
import io
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import obstore
import pytest

from buckets import READER, Wire, bucket_of, s3, told
from comity.cli.doctor import State, sealed_items
from comity.evidence.item import Item
from comity.evidence.seal import SEGMENT_BYTES, SealBroken, sealed_size
from comity.registry import vault
from comity.registry.keys import KeyFileUnsafe
from comity.registry.vault.incoming import ContentDiffers, Incoming
from comity.registry.vault.s3 import PART_BYTES, Bucket, BucketUnusable, Kept, PartMissing, part_path, place_of
from comity.registry.vault.shelf import AlreadySealed, NotInTheVault
from comity.registry.vault.store import Sealed, Source
from scenes import accepted, opened, recognised, taken_in
from stage import staged
from streaming_aead import tink_opens

ITEM, OTHER = "0f" * 16, "1e" * 16
SIZES = (0, 8, PART_BYTES - 40 - 8 * 16, PART_BYTES - 40 - 8 * 16 + 1, 2 * PART_BYTES + 5)
"""No part but the first, one that is just full, one byte more, and three."""

PREFIXES = (f"nl-{number}" for number in count())
SEAL = """
import os, pathlib, signal, sys
from comity.registry import vault
def kill(event, arguments):
    if event == "os.remove" and ".seal-" in str(arguments[0]):
        os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[3:]:
    sys.addaudithook(kill)
vault.seal(sys.stdin.buffer.raw, folder=pathlib.Path(sys.argv[1]), item=sys.argv[2], progress=lambda n: print(n, flush=True))
"""


@pytest.fixture(name="wire", scope="module")
def _wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with s3(tmp_path_factory.mktemp("s3")) as wire:
        yield wire


@pytest.fixture(name="node")
def _node(wire: Wire, tmp_path: Path) -> Path:
    """A node's folder whose vault is a part of the bucket that nobody else uses."""
    wire.mend()
    told(tmp_path, wire, prefix=next(PREFIXES))
    return tmp_path


def bytes_of(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def unheard(_: int) -> None:
    """Nobody listens to the progress."""


def seal(node: Path, source: Source | bytes, *, item: str = ITEM) -> Sealed:
    readable = io.BytesIO(source) if isinstance(source, bytes) else source
    return vault.seal(readable, folder=node / "vault", item=item, progress=unheard)


def objects(node: Path) -> dict[str, int]:
    """Everything that lies in this node's part of the bucket."""
    return {one["path"]: one["size"] for some in obstore.list(bucket_of(node)._store) for one in some}


def notes(node: Path) -> list[str]:
    return [path.name for path in (node / "vault").rglob("*") if path.is_file()]


def nothing_left(node: Path) -> bool:
    return objects(node) == {} and notes(node) == [] and not vault.held(node / "vault", ITEM)


def arrived(node: Path) -> None:
    """Wait until a first part lies in the bucket."""
    until = time.monotonic() + 60
    while not objects(node):
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens_from_the_bucket_and_with_tink(node: Path, size: int):
    plaintext, folder = bytes_of(size), node / "vault"
    sealed = seal(node, plaintext)
    stored = b"".join(vault.ciphertext(folder, ITEM))
    assert sealed.sha256 == hashlib.sha256(plaintext).hexdigest()
    assert sealed.sealed_bytes == vault.size(folder, ITEM) == len(stored) == sealed_size(size)
    assert tink_opens(stored, key=sealed.key, item=ITEM) == plaintext
    assert b"".join(vault.read(folder, ITEM, key=sealed.key)) == plaintext
    assert notes(node) == [], "neither ciphertext nor note is left on the disk"
    step = PART_BYTES // 2 + 1
    parts = [vault.read_range(folder, ITEM, offset=offset, length=step) for offset in range(0, len(stored), step)]
    assert b"".join(parts) == stored
    assert vault.read_range(folder, ITEM, offset=len(stored), length=step) == b""
    assert len(objects(node)) == 1 + -(-len(stored) // PART_BYTES)
    vault.clear(folder, ITEM)
    vault.clear(folder, ITEM)
    assert nothing_left(node)


def test_an_item_is_never_written_twice(node: Path):
    first = seal(node, b"first")
    with pytest.raises(AlreadySealed):
        seal(node, b"second")
    assert b"".join(vault.read(node / "vault", ITEM, key=first.key)) == b"first"


def test_of_two_seals_of_one_item_the_bucket_lets_one_be_it(node: Path):
    class Slow(io.BytesIO):
        """While it is read, somebody else seals the same item."""

        def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
            if not vault.held(node / "vault", ITEM):
                kept.append(seal(node, b"first"))
            return super().readinto(buffer)

    kept: list[Sealed] = []
    with pytest.raises(AlreadySealed):
        seal(node, Slow(b"second"))
    assert b"".join(vault.read(node / "vault", ITEM, key=kept[0].key)) == b"first"
    assert len(objects(node)) == 2, "the parts of the second are gone"
    assert notes(node) == []


def test_an_answer_that_was_lost_does_not_make_two_seals_of_one(node: Path):
    bucket, kept = bucket_of(node), Kept(size=56, seal="0" * 32)
    bucket.publish(ITEM, kept)
    bucket.publish(ITEM, kept)
    with pytest.raises(AlreadySealed):
        bucket.publish(ITEM, Kept(size=56, seal="1" * 32))


def test_what_is_not_in_the_vault_is_not_read(node: Path):
    folder = node / "vault"
    for ask in (
        lambda: vault.size(folder, ITEM),
        lambda: vault.sealed_sha256(folder, ITEM),
        lambda: vault.read_range(folder, ITEM, offset=0, length=1),
        lambda: list(vault.read(folder, ITEM, key=bytes(32))),
    ):
        with pytest.raises(NotInTheVault):
            ask()


@pytest.mark.parametrize("how", ["wrong secret", "may only read", "no such bucket", "cut"])
def test_a_bucket_that_refuses_is_said_and_nothing_is_kept(node: Path, wire: Wire, how: str):
    (node / "node.toml").unlink()
    match how:
        case "wrong secret":
            told(node, wire, secret="not-the-secret")
        case "may only read":
            told(node, wire, key_id=READER)
        case "no such bucket":
            told(node, wire, bucket="another")
        case _:
            told(node, wire)
            wire.cut()
    with pytest.raises(BucketUnusable) as refused:
        bucket_of(node).hold_writes_once()
    with pytest.raises(BucketUnusable):
        seal(node, b"evidence")
    assert "not-the-secret" not in str(refused.value)
    assert ("SignatureDoesNotMatch" in str(refused.value.__cause__)) == (how == "wrong secret")
    wire.mend()
    (node / "node.toml").unlink()
    told(node, wire)
    vault.sweep(node / "vault")
    assert notes(node) == []
    assert not vault.held(node / "vault", ITEM)


@pytest.mark.parametrize("failure", ["read error", "cut"])
def test_what_breaks_off_in_the_middle_leaves_no_part(node: Path, wire: Wire, failure: str):
    class Failing:
        left = 2 * PART_BYTES + SEGMENT_BYTES

        def readinto(self, buffer: memoryview, /) -> int:
            self.left -= len(buffer)
            if self.left < 0 and failure == "read error":
                raise OSError("the disk under the source is broken")
            if self.left < 0:
                arrived(node)  # then the wire is cut, with more to come
                wire.cut()
                self.left = 1 << 40
            return len(buffer)

    with pytest.raises(OSError if failure == "read error" else BucketUnusable):
        seal(node, Failing())
    wire.mend()
    assert not vault.held(node / "vault", ITEM)
    assert vault.sweep(node / "vault") == (failure == "cut"), "what could not be thrown away at once is swept"
    assert nothing_left(node)


def test_a_seal_that_is_killed_leaves_no_item_and_its_parts_are_swept(node: Path):
    command = [sys.executable, "-c", SEAL, str(node / "vault"), ITEM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sealing:
        assert sealing.stdin
        sealing.stdin.write(bytes(PART_BYTES + 2 * SEGMENT_BYTES))
        sealing.stdin.flush()
        arrived(node)
        assert vault.sweep(node / "vault") == 0, "somebody is sealing"
        sealing.kill()
    assert not vault.held(node / "vault", ITEM)
    assert set(objects(node).values()) == {PART_BYTES}
    assert vault.sweep(node / "vault") == 1
    assert nothing_left(node)


def test_a_seal_that_is_killed_when_it_was_done_is_whole(node: Path):
    command = [sys.executable, "-c", SEAL, str(node / "vault"), ITEM, "kill"]
    assert subprocess.run(command, input=b"evidence", stdout=subprocess.PIPE, check=False).returncode == -9
    assert len(notes(node)) == vault.sweep(node / "vault") == 1
    assert len(b"".join(vault.ciphertext(node / "vault", ITEM))) == sealed_size(8)


def test_an_item_whose_throwing_away_broke_off_is_not_there_and_is_swept(node: Path, wire: Wire):
    seal(node, b"evidence")

    class Cut(Bucket):
        """The wire is cut once the item is gone and its parts are not."""

        def _delete(self, paths: list[str]) -> None:
            super()._delete(paths)
            wire.cut()

    place = place_of(node)
    assert place
    with pytest.raises(BucketUnusable):
        Cut(node / "vault", place).discard(ITEM)
    wire.mend()
    assert not vault.held(node / "vault", ITEM)
    assert len(objects(node)) == 1
    assert vault.sweep(node / "vault") == 1
    assert nothing_left(node)


def test_what_was_changed_in_the_bucket_does_not_open(node: Path):
    sealed, folder, store = seal(node, bytes_of(PART_BYTES)), node / "vault", bucket_of(node)._store
    kept = bucket_of(node)._kept(ITEM)
    assert kept
    path = part_path(ITEM, kept.seal, 1)
    part = bytearray(bytes(obstore.get(store, path).bytes()))
    part[0] ^= 1
    for data, refusal in ((bytes(part), SealBroken), (bytes(part[:-1]), PartMissing), (None, PartMissing)):
        obstore.put(store, path, data) if data else obstore.delete(store, path)
        with pytest.raises(refusal):
            list(vault.read(folder, ITEM, key=sealed.key))
    for said in (b"", b"{}", b'{"bytes":-1,"seal":"' + b"0" * 32 + b'"}', b'{"bytes":9,"seal":"../x"}', b"x" * 5000):
        obstore.put(store, f"items/{ITEM}.json", said)
        with pytest.raises(BucketUnusable, match="not written by a vault"):
            vault.size(folder, ITEM)


def test_an_item_that_arrives_is_put_into_the_bucket_when_it_is_whole_and_holds(node: Path, tmp_path: Path):
    giver = tmp_path / "giver" / "vault"
    sealed = vault.seal(io.BytesIO(b"evidence" * 500_000), folder=giver, item=ITEM, progress=unheard)
    item = Item(
        id=ITEM,
        name="image.dd",
        media_type="application/octet-stream",
        bytes=sealed.bytes,
        sha256=sealed.sha256,
        key_commitment=sealed.key_commitment,
        sealed_bytes=sealed.sealed_bytes,
    )
    data = b"".join(vault.ciphertext(giver, ITEM))
    incoming = Incoming(node / "vault", item)
    incoming.append(data[:-1] + b"!", offset=0)
    with pytest.raises((ContentDiffers, SealBroken)):
        incoming.complete(key=sealed.key)
    incoming.append(data, offset=0)
    assert objects(node) == {}
    for _ in range(2):
        incoming.complete(key=sealed.key)
        assert (incoming.received, notes(node)) == (len(data), [])
    assert b"".join(vault.ciphertext(node / "vault", ITEM)) == data
    vault.clear(node / "vault", ITEM)
    assert nothing_left(node)


def test_sealing_into_a_bucket_and_reading_take_the_same_little_memory_however_large_the_item(node: Path):
    """The memory of a fresh process once every part's buffer was used, and what 64 MiB more added to it."""
    code = """
import pathlib, re, sys
from comity.registry import vault
class Zeros:
    def __init__(self, left): self.left = left
    def readinto(self, buffer):
        count = min(len(buffer), self.left); self.left -= count
        return count
folder = pathlib.Path(sys.argv[1])
for item, size in (("1" * 32, 40 << 20), ("2" * 32, 104 << 20)):
    sealed = vault.seal(Zeros(size), folder=folder, item=item, progress=lambda n: None)
    assert sum(map(len, vault.read(folder, item, key=sealed.key))) == size
    print(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1])
"""
    command = [sys.executable, "-c", code, str(node / "vault")]
    before, after = map(int, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert after < 200 * 1024  # KiB
    assert after - before < 32 * 1024


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("http://127.0.0.1", "http://s3.example"),
        ('bucket = "', 'bucket = "../'),
        ('prefix = "', 'prefix = "a/'),
        ("region", "place"),
        ("key_id", 'more = "1"\nkey_id'),
    ],
)
def test_a_bucket_that_is_half_named_is_refused_and_no_folder_takes_its_place(node: Path, wrong: str, right: str):
    text = (node / "node.toml").read_text()
    (node / "node.toml").write_text(text.replace(wrong, right))
    with pytest.raises(BucketUnusable):
        seal(node, b"evidence")
    (node / "node.toml").write_text(text)
    (node / "keys" / "vault-s3").chmod(0o640)
    with pytest.raises(KeyFileUnsafe):
        seal(node, b"evidence")
    assert notes(node) == []


def test_an_item_is_taken_in_handed_over_and_accepted_by_nodes_whose_vaults_are_in_one_bucket(
    wire: Wire, tmp_path: Path
):
    wire.mend()
    with staged(tmp_path) as stage:
        for node in (stage.nl, stage.cv):
            assert sealed_items(node).found == "sealed items lie in the node's folder"
            told(node.folder, wire, prefix=node.id)
            assert sealed_items(node).state is State.OK
            (node.vault / "items").mkdir(parents=True)
            (node.vault / "items" / f"{OTHER}.sealed").touch()
            assert sealed_items(node).state is State.WRONG
            (node.vault / "items" / f"{OTHER}.sealed").unlink()
        item = taken_in(stage, recognised(stage, opened(stage)))
        accepted(stage, item)
        for node in (stage.nl, stage.cv):
            assert vault.held(node.vault, item)
            assert notes(node.folder) == []
        assert vault.sealed_sha256(stage.nl.vault, item) == vault.sealed_sha256(stage.cv.vault, item)
        wire.cut()
        with pytest.raises(BucketUnusable):
            sealed_items(stage.nl)
