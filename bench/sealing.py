"""Sealing beside the slower of what no sealing can avoid: hashing the plaintext, and writing as many bytes durably.

* Both peers are measured in the same run, on the same source file and the same disk as the vault; each figure is the
  median of five runs. What is read lies in the page cache, so that no figure waits for reading.
* SHA-256 alone: `hashlib.file_digest`. Copy: `shutil.copyfileobj` in pieces of 1 MiB, then fsync.
* `opening` is beside SHA-256 alone, which everybody who opens an item computes too.
* age, where it is installed, encrypts and decrypts the same file on the same disk; it computes no hash of the content.
* The memory is that of a process that does nothing but seal: the most that it held, beside the limit set for it.
"""

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

import pyrage

from comity.registry import vault

RUNS: Final = 5
MIB: Final = 1024 * 1024
GOAL: Final = 0.85
MEMORY_MB_MAX: Final = 200


def rows(*, quick: bool) -> list[dict[str, Any]]:
    """What was measured, as `bench/__main__.py` prints it; `quick` takes 64 MiB instead of 1 GiB."""
    size = (64 if quick else 1024) * MIB
    with tempfile.TemporaryDirectory() as folder:
        return _measured(Path(folder), size)


def _measured(folder: Path, size: int) -> list[dict[str, Any]]:
    source, copy = folder / "source", folder / "copy"
    with source.open("wb") as out:
        for _ in range(size // MIB):
            out.write(os.urandom(MIB))
        os.fsync(out.fileno())
    hashed, copied, sealed, opened = [], [], [], []
    for _ in range(RUNS):
        item = secrets.token_hex(16)
        hashed.append(_mib_per_second(partial(_hash, source), size))
        copied.append(_mib_per_second(partial(_copy, source, copy), size))
        keys: list[bytes] = []
        sealed.append(_mib_per_second(partial(_seal, source, folder, item, keys), size))
        vault.sealed_sha256(folder, item)  # sealing leaves nothing in the page cache
        opened.append(_mib_per_second(partial(_open, folder, item, keys), size))
        copy.unlink()
        (folder / "items" / f"{item}.sealed").unlink()
    beside_age = _age(folder, source, size)
    peer, name = min((median(hashed), "SHA-256 alone"), (median(copied), "copy and fsync"))
    return [
        {**_row(f"{size // MIB:,} MiB sealed", sealed, peer=peer, beside=name), "goal": GOAL},
        _row(f"{size // MIB:,} MiB opened", opened, peer=median(hashed), beside="SHA-256 alone"),
        *(
            _row(f"{size // MIB:,} MiB {what} beside age", ours, peer=median(theirs), beside="age, no hash")
            for (what, ours), theirs in zip((("sealed", sealed), ("opened", opened)), beside_age, strict=False)
        ),
        _memory(source, folder, size),
    ]


def _age(folder: Path, source: Path, size: int) -> list[list[float]]:
    """How fast age encrypts and decrypts the same file; nothing where it is not installed."""
    program = shutil.which("age")
    if program is None:
        return []
    identity, closed, opened = pyrage.x25519.Identity.generate(), folder / "closed.age", folder / "opened"
    (folder / "identity").write_text(f"{identity}\n", encoding="ascii")
    encrypt = [program, "-r", str(identity.to_public()), "-o", str(closed), str(source)]
    decrypt = [program, "-d", "-i", str(folder / "identity"), "-o", str(opened), str(closed)]
    found: list[list[float]] = [[], []]
    for _ in range(RUNS):
        for command, figures, made in ((encrypt, found[0], closed), (decrypt, found[1], opened)):
            figures.append(_mib_per_second(partial(_run, command, made), size))
        closed.unlink()
        opened.unlink()
    return found


def _run(command: list[str], made: Path) -> None:
    subprocess.run(command, check=True)
    with made.open("rb") as out:
        os.fsync(out.fileno())


_ALONE: Final = """
import sys
from pathlib import Path
from comity.registry import vault
with Path(sys.argv[1]).open("rb", buffering=0) as file:
    vault.seal(file, folder=Path(sys.argv[2]), item="0f" * 16, progress=lambda _: None)
held = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))  # of this program alone
print(int(held.split()[1]) / 1024)
"""


def _memory(source: Path, folder: Path, size: int) -> dict[str, Any]:
    alone = subprocess.run(
        [sys.executable, "-c", _ALONE, str(source), str(folder / "alone")], check=True, capture_output=True, text=True
    )
    used = float(alone.stdout)
    name = f"memory of a process that seals {size // MIB:,} MiB"
    limit = {"peer": MEMORY_MB_MAX, "ratio": MEMORY_MB_MAX / used, "peer_name": "the limit set for it", "goal": 1.0}
    return {"name": name, "ours": used, "unit": "MB", **limit}


def _hash(source: Path) -> None:
    with source.open("rb", buffering=0) as file:
        hashlib.file_digest(file, "sha256")


def _copy(source: Path, copy: Path) -> None:
    with source.open("rb", buffering=0) as file, copy.open("wb", buffering=0) as out:
        shutil.copyfileobj(file, out, MIB)
        os.fsync(out.fileno())


def _seal(source: Path, folder: Path, item: str, keys: list[bytes]) -> None:
    with source.open("rb", buffering=0) as file:
        keys.append(vault.seal(file, folder=folder, item=item, progress=lambda _: None).key)


def _open(folder: Path, item: str, keys: list[bytes]) -> None:
    digest = hashlib.sha256()
    for piece in vault.read(folder, item, key=keys[0]):
        digest.update(piece)


def _mib_per_second(work: Callable[[], object], size: int) -> float:
    started = perf_counter()
    work()
    return size / MIB / (perf_counter() - started)


def _row(name: str, ours: Sequence[float], *, peer: float, beside: str) -> dict[str, Any]:
    return {
        "name": name,
        "ours": median(ours),
        "peer": peer,
        "ratio": median(ours) / peer,
        "unit": "MiB/s",
        "peer_name": beside,
    }
