"""Files, folders and streams are read once into the vault; what changes meanwhile, or cannot be read, leaves nothing there."""

import io
import os
import socket
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.registry import vault
from comity.registry.vault.sources import NotTakenIn, SourceChanged, SourceUnreadable
from killed import killed_at

ITEM = "0f" * 16
MIB = 1024 * 1024


def unheard(_bytes: int) -> None:
    pass


def sealed(path: Path, folder: Path) -> bytes:
    """Take it in, and what opens of it again."""
    with vault.source(path) as (source, _length):
        made = vault.seal(source, folder=folder, item=ITEM, progress=unheard)
    return b"".join(vault.read(folder, ITEM, key=made.key))


def nothing_left(folder: Path) -> bool:
    return not [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "seized"
    (root / "mail" / "inbox").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "mail" / "inbox" / "1.eml").write_bytes(b"first")
    (root / "mail" / "naïve ☂.txt").write_bytes(b"x" * 3000)
    (root / "big.img").write_bytes(os.urandom(3 * MIB + 17))
    os.utime(root / "big.img", (1_700_000_000, 1_700_000_000))
    return root


def test_a_folder_is_one_tar_that_stock_tools_unpack_the_same_each_time(tree: Path, tmp_path: Path):
    first = sealed(tree, tmp_path / "vault")
    assert first == sealed(tree, tmp_path / "again")
    with tarfile.open(fileobj=io.BytesIO(first)) as tar:
        tar.extractall(tmp_path / "out", filter="data")
        assert tar.getmember("seized/big.img").mtime == 1_700_000_000
        assert tar.getnames() == sorted(tar.getnames(), key=lambda name: name.split("/"))
    for path in tree.rglob("*"):
        copy = tmp_path / "out" / "seized" / path.relative_to(tree)
        assert copy.is_dir() if path.is_dir() else copy.read_bytes() == path.read_bytes()


def test_the_length_that_is_told_is_about_what_comes(tree: Path):
    with vault.source(tree) as (source, length):
        buffer = memoryview(bytearray(MIB))
        total = sum(iter(lambda: source.readinto(buffer) or 0, 0))
    assert length is not None
    assert abs(total - length) < 10 * 1024


def test_a_link_or_a_socket_in_a_folder_is_refused_by_name(tree: Path, tmp_path: Path):
    (tree / "mail" / "way-out").symlink_to("/etc/passwd")
    with pytest.raises(NotTakenIn, match="mail/way-out is a link"):
        sealed(tree, tmp_path / "vault")
    (tree / "mail" / "way-out").unlink()
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tree / "s"))
        with pytest.raises(NotTakenIn, match="s is no file"):
            sealed(tree, tmp_path / "vault")
    assert nothing_left(tmp_path / "vault")


def changing(path: Path, change: str) -> Iterator[None]:
    """What happens to a file between two reads."""
    yield
    with path.open("r+b") as file:
        if change == "shrinks":
            file.truncate(MIB)
        elif change == "grows":
            file.seek(0, os.SEEK_END)
            file.write(b"more")
        else:
            file.write(b"other")
    os.utime(path, (1_800_000_000, 1_800_000_000))
    while True:
        yield


@pytest.mark.parametrize("change", ["shrinks", "grows", "is written to"])
@pytest.mark.parametrize("within", ["file", "folder"])
def test_what_changes_while_it_is_read_leaves_nothing(tree: Path, tmp_path: Path, change: str, within: str):
    path = tree / "big.img"
    steps = changing(path, change)
    with vault.source(path if within == "file" else tree) as (source, _length):

        class Watched:
            def readinto(self, buffer: memoryview, /) -> int | None:
                count = source.readinto(buffer)
                next(steps)
                return count

        with pytest.raises(SourceChanged, match=r"big\.img"):
            vault.seal(Watched(), folder=tmp_path / "vault", item=ITEM, progress=unheard)
    assert nothing_left(tmp_path / "vault")


def test_a_folder_to_which_a_file_comes_is_refused(tree: Path, tmp_path: Path):
    with vault.source(tree) as (source, _length):
        (tree / "late").write_bytes(b"late")
        with pytest.raises(SourceChanged, match="came or went"):
            vault.seal(source, folder=tmp_path / "vault", item=ITEM, progress=unheard)
    assert nothing_left(tmp_path / "vault")


def test_a_file_that_goes_away_or_fails_to_be_read_is_named(tree: Path, tmp_path: Path):
    with vault.source(tree) as (source, _length):
        (tree / "mail" / "inbox" / "1.eml").unlink()
        with pytest.raises(SourceUnreadable, match=r"mail/inbox/1\.eml cannot be read"):
            vault.seal(source, folder=tmp_path / "vault", item=ITEM, progress=unheard)
    assert nothing_left(tmp_path / "vault")


@pytest.mark.parametrize("at", range(0, 40, 3))
def test_a_kill_at_any_touch_of_the_vault_leaves_no_half_item(tree: Path, tmp_path: Path, at: int):
    folder = tmp_path / "vault"
    folder.mkdir()

    def take() -> None:
        with vault.source(tree / "big.img") as (source, _length):
            vault.seal(source, folder=folder, item=ITEM, progress=unheard)

    killed_at(at, take, under=folder)
    if not vault.held(folder, ITEM):
        vault.sweep(folder)
        assert nothing_left(folder)
        take()
    assert vault.held(folder, ITEM)
