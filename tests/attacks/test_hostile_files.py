"""Files that are made to exhaust whoever verifies them: a real process refuses each in little memory and little time.

What a container may not be (paths, links, names twice, another order) stands in `tests/evidence/test_bundle.py`; here is what it
costs. Each file is written as raw bytes, so that it may say what no library would write.
"""

import io
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from struct import pack

import pytest

from comity.canon import NotCanonical, canonical, parse
from comity.canon.json import VALUES_MAX
from comity.evidence.archive import BundleBroken, Placed, central_header, end_records, local_header
from comity.evidence.bag import INFO, PAYLOAD
from comity.evidence.bundle import read_bundle
from comity.evidence.member import JSON_BYTES_MAX, MANIFEST, MANIFEST_BYTES_MAX, MEMBERS_MAX
from containers import bagged, forged

MANY = 1_000_000
MEMORY_KIB_MAX = 256 * 1024
"""Of a whole process; loading the program takes some 55 MiB of it."""

CPU_SECONDS_MAX = 10
"""The slowest file takes less than 2."""

MEASURED = """
import pathlib, re, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]), int(sys.argv[1])))
from comity.cli import main
try:
    main(sys.argv[2:])
finally:
    print(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1], file=sys.stderr)
"""


def many_entries() -> Iterator[bytes]:
    """A whole ZIP with a million entries, each of a name that a bundle may hold, in order, all of them empty."""
    name = f"{PAYLOAD}log/cv/{MANY}.json"
    first = Placed(name=name, size=0, crc32=0, offset=0)
    local, central, width = local_header(first), central_header(first), len(name) - len(f"{MANY}.json")
    local_before, central_before = local[: 30 + width], central[: 46 + width]
    for number in range(MANY, 2 * MANY):
        yield b"%b%d.json" % (local_before, number)
    for number in range(MANY, 2 * MANY):
        offset = (number - MANY) * len(local)
        yield b"%b%b%b%d.json" % (central_before[:42], pack("<L", offset), central_before[46:], number)
    yield end_records(count=MANY, offset=MANY * len(local), size=MANY * len(central))


def claimed_entries() -> Iterator[bytes]:
    """One member, and an end that speaks of a million."""
    member = Placed(name=INFO, size=0, crc32=0, offset=0)
    yield local_header(member) + central_header(member)
    yield end_records(count=MANY, offset=len(local_header(member)), size=MANY * len(central_header(member)))


def end_alone() -> Iterator[bytes]:
    """No member at all, and an end that speaks of a million."""
    yield end_records(count=MANY, offset=0, size=MANY * 60)


def deflated() -> Iterator[bytes]:
    """One compressed member, 256 MiB of zeros in 256 KiB: the bomb of the high ratio."""
    packing, block = zlib.compressobj(wbits=-15), bytes(1024 * 1024)
    content = b"".join(packing.compress(block) for _ in range(256)) + packing.flush()
    member = Placed(name=PAYLOAD + MANIFEST, size=256 << 20, crc32=0, offset=0)
    local, central = bytearray(local_header(member)), bytearray(central_header(member))
    local[8:10] = central[10:12] = pack("<H", 8)
    local[18:22] = central[20:24] = pack("<L", len(content))
    yield bytes(local) + content + bytes(central)
    yield end_records(count=1, offset=len(local) + len(content), size=len(central))


def overlapping() -> Iterator[bytes]:
    """A directory whose entries all point into the same MiB: the bomb that needs no compression."""
    kernel = bytes(1024 * 1024)
    one = Placed(name=f"{PAYLOAD}log/cv/{MANY}.json", size=len(kernel), crc32=zlib.crc32(kernel), offset=0)
    yield local_header(one) + kernel
    directory = b"".join(
        central_header(replace(one, name=f"{PAYLOAD}log/cv/{number}.json")) for number in range(MANY, MANY + 50_000)
    )
    yield directory + end_records(count=50_000, offset=one.end, size=len(directory))


def nested_members() -> Iterator[bytes]:
    """Members whose content is the header of the next, which a reader that looks for headers takes for one."""
    inner = b""
    for number in range(2000, 1000, -1):
        one = Placed(name=f"{PAYLOAD}log/cv/{number}.json", size=len(inner), crc32=zlib.crc32(inner), offset=0)
        inner = local_header(one) + inner
    yield inner


def with_manifest(content: bytes) -> Iterator[bytes]:
    """A whole container around a manifest that is no more than this."""
    yield forged(bagged([(MANIFEST, content)]))


def flood(length: int) -> bytes:
    """Canonical JSON with as many empty objects as these bytes hold: some thirty times as much in memory."""
    return b'{"a":[' + b"{}," * ((length - 10) // 3) + b"{}]}"


def nested(length: int) -> bytes:
    return b'{"a":' + b"[" * (length - 5)


FILES: dict[str, tuple[Callable[[], Iterator[bytes]], int]] = {
    "a million entries": (many_entries, 1),
    "a million claimed": (claimed_entries, 1),
    "an end without a beginning": (end_alone, 2),
    "256 MiB in 256 KiB": (deflated, 1),
    "overlapping entries": (overlapping, 1),
    "members within members": (nested_members, 1),
    "a nested manifest": (lambda: with_manifest(nested(MANIFEST_BYTES_MAX)), 1),
    "a manifest of empty objects": (lambda: with_manifest(flood(MANIFEST_BYTES_MAX)), 1),
    "a nested text": (lambda: iter([nested(JSON_BYTES_MAX)]), 2),
    "a text of empty objects": (lambda: iter([flood(JSON_BYTES_MAX)]), 2),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_made_to_exhaust_is_refused_in_little_memory_and_time(tmp_path: Path, name: str):
    pieces, code = FILES[name]
    hostile = tmp_path / "hostile"
    with hostile.open("wb") as file:
        file.writelines(pieces())
    command = [sys.executable, "-c", MEASURED, str(CPU_SECONDS_MAX), "verify", str(hostile)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    hostile.unlink()
    assert done.returncode == code, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert int(done.stderr.split()[-1]) < MEMORY_KIB_MAX


class Counted(io.BytesIO):
    """A file that counts what is read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found


@pytest.mark.parametrize(
    ("pieces", "most"),
    [(claimed_entries, 2000), (deflated, 2000), (overlapping, 4000), (nested_members, 4000)],
)
def test_what_is_refused_by_its_headers_is_not_read(pieces: Callable[[], Iterator[bytes]], most: int):
    file = Counted(b"".join(pieces()))
    with pytest.raises(BundleBroken):
        read_bundle(file)
    assert file.taken < most


def test_of_a_million_entries_no_more_are_read_than_a_bundle_may_have():
    file = Counted(b"".join(many_entries()))
    with pytest.raises(BundleBroken, match=f"at most {MEMBERS_MAX} members"):
        read_bundle(file)
    assert file.tell() < (MEMBERS_MAX + 10) * 100


def test_a_text_of_more_values_than_anybody_writes_is_refused_before_it_is_unfolded():
    most = [0] * (VALUES_MAX - 1)  # and the bracket before the first
    assert parse(canonical(most), limit=JSON_BYTES_MAX) == most
    with pytest.raises(NotCanonical, match=f"more than {VALUES_MAX} values"):
        parse(canonical([*most, 0]), limit=JSON_BYTES_MAX)
