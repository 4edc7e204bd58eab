"""The vault: what is in it opens and never changes; what failed on the way in leaves nothing."""

import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.evidence.seal import SEGMENT_BYTES, SealBroken, key_commitment, plain_bytes, sealed_size
from comity.registry import vault
from comity.registry.vault.local import publish
from comity.registry.vault.shelf import AlreadySealed, NotInTheVault
from comity.registry.vault.store import Sealed, Source
from streaming_aead import tink_opens

ITEM, OTHER_ITEM = "0f" * 16, "1e" * 16
BORDERS = (0, plain_bytes(0), plain_bytes(0) + plain_bytes(1), plain_bytes(0) + 4 * plain_bytes(1))
SIZES = sorted({max(0, border + step) for border in BORDERS for step in (-1, 0, 1)})


def unheard(_: int) -> None:
    """Nobody listens to the progress."""


def bytes_of(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def seal(folder: Path, source: Source | bytes, *, item: str = ITEM) -> Sealed:
    readable = io.BytesIO(source) if isinstance(source, bytes) else source
    return vault.seal(readable, folder=folder, item=item, progress=unheard)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


class Trickle(io.RawIOBase):
    """A pipe: it gives as much as it likes."""

    def __init__(self, data: bytes, *, seed: int) -> None:
        self.data, self.chance = io.BytesIO(data), random.Random(seed)

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        return self.data.readinto(buffer[: self.chance.randint(1, len(buffer))])


class Broken(io.RawIOBase):
    """A source that fails after so many reads, or has nothing for the moment."""

    def __init__(self, *, reads: int, failure: OSError | None) -> None:
        self.reads, self.failure = reads, failure

    def readinto(self, buffer: memoryview, /) -> int | None:  # type: ignore[override]
        self.reads -= 1
        if self.reads >= 0:
            return len(buffer)
        if self.failure:
            raise self.failure
        return None


@pytest.mark.parametrize("reads", [0, 1, 2, 7])
@pytest.mark.parametrize("failure", [OSError("the disk under the source is broken"), None])
def test_a_source_that_fails_leaves_nothing(tmp_path: Path, reads: int, failure: OSError | None):
    with pytest.raises(OSError, match="broken" if failure else "has not ended"):
        seal(tmp_path, Broken(reads=reads, failure=failure))
    assert files(tmp_path) == []
    assert not vault.held(tmp_path, ITEM)


@pytest.mark.parametrize("limit", [0, 20, SEGMENT_BYTES, 3 * SEGMENT_BYTES + 5])
def test_a_full_disk_leaves_nothing(tmp_path: Path, limit: int):
    """The kernel refuses to let the file grow, in the middle of a segment; the room a file may take stands for the disk's."""
    code = f"""
import io, pathlib, resource, signal
from comity.registry import vault
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    vault.seal(io.BytesIO(bytes({4 * SEGMENT_BYTES})), folder=pathlib.Path({str(tmp_path)!r}), item={ITEM!r}, progress=print)
except OSError as full:
    raise SystemExit(full.errno)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 27, done.stderr  # EFBIG
    assert files(tmp_path) == []
    assert seal(tmp_path, b"after room was made").bytes == 19


def test_an_item_is_never_written_twice(tmp_path: Path):
    first = seal(tmp_path, b"first")
    with pytest.raises(AlreadySealed):
        seal(tmp_path, b"second")
    assert b"".join(vault.read(tmp_path, ITEM, key=first.key)) == b"first"
    assert files(tmp_path) == [f"{ITEM}.sealed"]


def test_a_draft_that_comes_second_does_not_replace_the_item(tmp_path: Path):
    first = seal(tmp_path, b"first")
    draft = tmp_path / "drafts" / f"{ITEM}.seal-00000000"
    draft.write_bytes(b"second")
    with pytest.raises(AlreadySealed):
        publish(draft, tmp_path / "items" / f"{ITEM}.sealed", item=ITEM)
    assert b"".join(vault.read(tmp_path, ITEM, key=first.key)) == b"first"


def test_what_is_not_in_the_vault_is_not_read(tmp_path: Path):
    asks = (
        lambda: vault.size(tmp_path, ITEM),
        lambda: vault.sealed_sha256(tmp_path, ITEM),
        lambda: vault.read_range(tmp_path, ITEM, offset=0, length=1),
        lambda: list(vault.read(tmp_path, ITEM, key=bytes(32))),
    )
    for ask in asks:
        with pytest.raises(NotInTheVault):
            ask()


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_an_item_altered_on_the_disk_does_not_open(tmp_path: Path):
    sealed = seal(tmp_path, bytes_of(BORDERS[2]))
    path = tmp_path / "items" / f"{ITEM}.sealed"
    whole = path.read_bytes()
    for broken in (
        whole[:-1],
        whole[:SEGMENT_BYTES],
        whole + b"!",
        flipped(whole, 7),
        flipped(whole, SEGMENT_BYTES),
    ):
        path.write_bytes(broken)
        with pytest.raises(SealBroken):
            list(vault.read(tmp_path, ITEM, key=sealed.key))


def test_a_sealed_file_under_another_items_name_does_not_open(tmp_path: Path):
    sealed = seal(tmp_path, b"evidence")
    (tmp_path / "items" / f"{ITEM}.sealed").rename(tmp_path / "items" / f"{OTHER_ITEM}.sealed")
    with pytest.raises(SealBroken):
        list(vault.read(tmp_path, OTHER_ITEM, key=sealed.key))


def test_a_seal_that_is_killed_leaves_no_item_and_its_draft_is_swept(tmp_path: Path):
    code = f"""
import pathlib, sys
from comity.registry import vault
vault.seal(sys.stdin.buffer.raw, folder=pathlib.Path({str(tmp_path)!r}), item={ITEM!r}, progress=lambda n: print(n, flush=True))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sealing:
        assert sealing.stdin
        assert sealing.stdout
        sealing.stdin.write(bytes(3 * SEGMENT_BYTES))
        sealing.stdin.flush()
        assert int(sealing.stdout.readline()) == plain_bytes(0)  # a segment is on the disk, more is to come
        os.kill(sealing.pid, signal.SIGKILL)
    assert not vault.held(tmp_path, ITEM)
    assert [name.startswith(f"{ITEM}.seal-") for name in files(tmp_path)] == [True]
    arriving = tmp_path / "drafts" / f"{OTHER_ITEM}.incoming"
    arriving.write_bytes(b"what arrives is continued, not swept")
    assert vault.sweep(tmp_path) == 1
    assert files(tmp_path) == [arriving.name]
    assert seal(tmp_path, b"again").bytes == 5


def test_sweeping_a_vault_that_was_never_used_finds_nothing(tmp_path: Path):
    assert vault.sweep(tmp_path / "vault") == 0


@pytest.mark.slow
def test_sealing_and_opening_take_the_same_memory_however_large_the_item():
    """The memory of a fresh process after 4 MiB, and what 64 MiB more added to it."""
    code = """
import pathlib, resource, sys, tempfile
from comity.registry import vault
class Zeros:
    def __init__(self, left): self.left = left
    def readinto(self, buffer):
        count = min(len(buffer), self.left); self.left -= count
        return count
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with tempfile.TemporaryDirectory() as folder:
    before = None
    for item, size in (("1" * 32, 4 << 20), ("2" * 32, 68 << 20)):
        before = before and peak()
        sealed = vault.seal(Zeros(size), folder=pathlib.Path(folder), item=item, progress=lambda n: None)
        assert sum(map(len, vault.read(pathlib.Path(folder), item, key=sealed.key))) == size
        before = before or peak()
    print(peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 6 * 1024  # KiB


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens_here_and_with_tink(tmp_path: Path, size: int):
    plaintext = bytes_of(size)
    sealed = seal(tmp_path, plaintext)
    stored = (tmp_path / "items" / f"{ITEM}.sealed").read_bytes()
    assert (sealed.item, sealed.bytes) == (ITEM, size)
    assert sealed.sha256 == hashlib.sha256(plaintext).hexdigest()
    assert sealed.sealed_bytes == vault.size(tmp_path, ITEM) == len(stored) == sealed_size(size)
    assert sealed.key_commitment == key_commitment(sealed.key)
    assert tink_opens(stored, key=sealed.key, item=ITEM) == plaintext
    assert b"".join(vault.read(tmp_path, ITEM, key=sealed.key)) == plaintext
    assert vault.sealed_sha256(tmp_path, ITEM) == hashlib.sha256(stored).hexdigest()


@settings(max_examples=25, deadline=None)
@given(size=st.sampled_from(SIZES) | st.integers(0, 6 * SEGMENT_BYTES), seed=st.integers(0, 99))
def test_a_source_may_give_its_bytes_in_any_portions(size: int, seed: int):
    plaintext = bytes_of(size)
    with tempfile.TemporaryDirectory() as name:
        sealed = seal(Path(name), Trickle(plaintext, seed=seed))
        assert sealed.sha256 == hashlib.sha256(plaintext).hexdigest()
        assert b"".join(vault.read(Path(name), ITEM, key=sealed.key)) == plaintext


def test_the_same_bytes_are_sealed_under_another_key_and_salt_each_time(tmp_path: Path):
    one, other = seal(tmp_path, b"same"), seal(tmp_path, b"same", item=OTHER_ITEM)
    stored = [(tmp_path / "items" / f"{item}.sealed").read_bytes() for item in (ITEM, OTHER_ITEM)]
    assert one.key != other.key
    assert stored[0][1:40] != stored[1][1:40]


def test_no_plaintext_is_in_the_vault(tmp_path: Path):
    marker = b"a marker that would be found"
    seal(tmp_path, marker * 100)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and marker in path.read_bytes()]


def test_progress_tells_every_byte(tmp_path: Path):
    seen: list[int] = []
    vault.seal(io.BytesIO(bytes_of(BORDERS[2] + 5)), folder=tmp_path, item=ITEM, progress=seen.append)
    assert sum(seen) == BORDERS[2] + 5
    assert len(seen) == 3


def test_ranges_join_to_the_sealed_item(tmp_path: Path):
    seal(tmp_path, bytes_of(BORDERS[1] + 9))
    size, step = vault.size(tmp_path, ITEM), 300_001
    parts = [vault.read_range(tmp_path, ITEM, offset=offset, length=step) for offset in range(0, size, step)]
    assert b"".join(parts) == b"".join(vault.ciphertext(tmp_path, ITEM))
    assert vault.read_range(tmp_path, ITEM, offset=size, length=step) == b""
