"""Sweeping: what a killed seal left goes, what somebody is sealing right now stays."""

from pathlib import Path

from comity.registry import vault

ITEM = "00112233445566778899aabbccddeeff"


class Sweeping:
    """A source during whose reading somebody sweeps the vault."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._left = 3
        self.swept: list[int] = []

    def readinto(self, buffer: memoryview, /) -> int:
        self.swept.append(vault.sweep(self._folder))
        self._left -= 1
        return len(buffer) if self._left >= 0 else 0


def test_a_living_seal_is_not_swept(tmp_path: Path):
    source = Sweeping(tmp_path)
    sealed = vault.seal(source, folder=tmp_path, item=ITEM, progress=lambda _length: None)
    assert set(source.swept) == {0}
    assert vault.held(tmp_path, ITEM)
    assert sealed.bytes > 0


def test_a_draft_that_nobody_holds_is_swept_and_an_arriving_item_is_not(tmp_path: Path):
    drafts = tmp_path / "drafts"
    drafts.mkdir(parents=True)
    (drafts / f"{ITEM}.seal-0badcafe").write_bytes(b"left by a killed process")
    (drafts / f"{ITEM}.incoming").write_bytes(b"half of an item")
    assert vault.sweep(tmp_path) == 1
    assert [path.name for path in drafts.iterdir()] == [f"{ITEM}.incoming"]
