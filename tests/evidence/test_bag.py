"""The bag within the ZIP: what the tools of archives say of it, and that it, too, has one way to be written."""

import io
import zipfile
from pathlib import Path

import bagit
import pytest

from comity.evidence import bag
from comity.evidence.archive import BundleBroken
from comity.evidence.bundle import Member, read_bundle, write_bundle
from comity.evidence.member import MANIFEST, checkpoint_member, node_member, sealed_member
from containers import bagged, forged

SEALED = sealed_member("0f" * 16)
CONTENTS = {
    MANIFEST: b'{"an":"example"}',
    SEALED: bytes(range(64)),
    checkpoint_member("cv"): b"comity.example/log/cv\n1\n",
    node_member("cv"): b"",
}


def written() -> bytes:
    out = io.BytesIO()
    write_bundle({name: Member.of(data) for name, data in CONTENTS.items()}, out, progress=lambda _: None)
    return out.getvalue()


def opened(data: bytes) -> dict[str, bytes]:
    bundle = read_bundle(io.BytesIO(data))
    return {name: bundle.read(name, limit=len(data)) for name in bundle.names}


WHOLE = written()


def test_the_reader_of_the_library_of_congress_finds_a_valid_bag(tmp_path: Path):
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        archive.extractall(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["bundle"]
    unpacked = bagit.Bag(str(tmp_path / "bundle"))
    unpacked.validate()
    assert unpacked.version_info == (1, 0)
    (tmp_path / bag.PAYLOAD / node_member("cv")).write_bytes(b"!")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(tmp_path / "bundle")).validate()


@pytest.mark.parametrize("name", bag.TAG_FILES)
def test_a_tag_file_that_is_missing_or_says_something_else_is_refused(name: str):
    parts = bagged(sorted(CONTENTS.items()))
    with pytest.raises(BundleBroken, match="it is missing"):
        opened(forged([one for one in parts if one[0] != name]))
    said = dict(parts)[name]
    for other in (said + b"More: x\n", said[:-1], said.replace(b"\n", b"\r\n")):
        with pytest.raises(BundleBroken) as refused:
            opened(forged([(one, other if one == name else data) for one, data in parts]))
        assert refused.value.facts["member"] in {name, bag.TAGS}


def test_a_member_beside_the_bag_and_a_second_bag_are_refused():
    parts = bagged(sorted(CONTENTS.items()))
    for stray in (
        "bundle/nodes/cv.json",
        "nodes/cv.json",
        "bundle/fetch.txt",
        "bundle/manifest-md5.txt",
        "other/bagit.txt",
    ):
        with pytest.raises(BundleBroken):
            opened(forged(sorted([*parts, (stray, b"")])))


def test_a_digest_of_the_bag_that_is_not_its_members_is_found_when_it_is_read():
    contents = sorted(CONTENTS.items())
    parts = dict(bagged([(name, b"!" * len(data) if name == SEALED else data) for name, data in contents]))
    parts[bag.PAYLOAD + SEALED] = CONTENTS[SEALED]
    with pytest.raises(BundleBroken, match="SHA-256") as refused:
        opened(forged(list(parts.items())))
    assert refused.value.facts["member"] == SEALED
