"""The container: one way to write it, and whatever was not written that way is refused.

What a whole bundle says is held by `test_manifest`; here stand headers, names, places and limits.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError
from comity.evidence import bag
from comity.evidence.archive import (
    LONG_MAX,
    NAME_CHARACTERS_MAX,
    SHORT_MAX,
    BundleBroken,
    Placed,
    central_header,
    end_records,
    local_header,
    read_local,
)
from comity.evidence.bundle import Member, MemberChanged, read_bundle, write_bundle
from comity.evidence.member import (
    JSON_BYTES_MAX,
    MANIFEST,
    MEMBERS_MAX,
    authorisation_member,
    bytes_max,
    checkpoint_member,
    custody_member,
    edition_member,
    entry_member,
    event_member,
    letter_member,
    node_member,
    official_member,
    receipt_member,
    sealed_member,
    verdict_member,
)
from containers import bagged, forged

ITEM, DIGEST = "0f" * 16, "ab" * 32
SEALED = sealed_member(ITEM)
CONTENTS = {
    MANIFEST: b'{"an":"example"}',
    SEALED: bytes(range(64)),
    checkpoint_member("cv"): b"comity.example/log/cv\n1\n",
    node_member("cv"): b"",
}


def unheard(_: int) -> None:
    """Nobody listens to the progress."""


def written(contents: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    write_bundle({name: Member.of(data) for name, data in contents.items()}, out, progress=unheard)
    return out.getvalue()


def stock(entries: list[tuple[str, bytes]], *, mode: int = 0o100644) -> bytes:
    """A ZIP as near to ours as Python's own writer comes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in entries:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, data)
    return out.getvalue()


def opened(data: bytes) -> dict[str, bytes]:
    """Everything that a reader gets of it."""
    bundle = read_bundle(io.BytesIO(data))
    return {name: bundle.read(name, limit=JSON_BYTES_MAX) for name in bundle.names}


WHOLE = written(CONTENTS)


def test_a_flipped_byte_is_found_wherever_it_is():
    for place in range(len(WHOLE)):
        for mask in (0xFF, *((1 << bit) for bit in range(8))):
            broken = WHOLE[:place] + bytes([WHOLE[place] ^ mask]) + WHOLE[place + 1 :]
            with pytest.raises(BundleBroken):
                opened(broken)


def test_a_missing_byte_is_found_wherever_it_is():
    for place in range(len(WHOLE)):
        with pytest.raises(BundleBroken):
            opened(WHOLE[:place] + WHOLE[place + 1 :])


def test_an_extra_byte_is_found_wherever_it_is():
    for place in range(len(WHOLE) + 1):
        for extra in (0x00, 0x50, 0xFF):
            with pytest.raises(BundleBroken):
                opened(WHOLE[:place] + bytes([extra]) + WHOLE[place:])


def test_a_bundle_cut_short_anywhere_is_refused():
    for length in range(len(WHOLE)):
        with pytest.raises(BundleBroken):
            opened(WHOLE[:length])


def test_a_refusal_says_where_and_in_which_member():
    place = WHOLE.index(CONTENTS[SEALED]) + 7
    with pytest.raises(BundleBroken) as refused:
        opened(WHOLE[:place] + b"!" + WHOLE[place + 1 :])
    assert refused.value.facts["member"] == SEALED
    assert refused.value.facts["offset"] == place - 7
    with pytest.raises(BundleBroken) as refused:
        opened(WHOLE[: place + len(CONTENTS[SEALED]) - 8])
    assert refused.value.facts["member"] == SEALED
    assert refused.value.facts["why"] == "the file ends within it"
    with pytest.raises(BundleBroken) as refused:
        opened(WHOLE + b"!")
    assert refused.value.facts == {"member": "end", "offset": len(WHOLE), "why": "1 bytes follow the end"}


@pytest.mark.parametrize(
    "name",
    [
        "../outside.json",
        "nodes/../../outside.json",
        "/etc/passwd",
        "nodes/..json/x",
        "nodes\\cv.json",
        "C:nodes/cv.json",
        "nodes/CV.json",
        "nodes/cv.json/",
        "nodes/cv.json ",
        "nodes//cv.json",
        "nodes/.json",
        "nodes/c.v.json",
        f"nodes/{'n' * 41}.json",
        "letters/00.json",
        f"letters/{DIGEST.upper()}.json",
        f"custody/{ITEM}/1.json",
        f"custody/{ITEM}/10000.json",
        f"items/{ITEM}",
        f"items/{ITEM}.sealed.exe",
        "law/edition.json",
        f"law/other-{DIGEST}.json",
        "log/cv/01.json",
        "log/cv/-1.json",
        "log/cv/checkpoint.json",
        "readme.txt",
        "",
    ],
)
def test_a_name_of_no_member_is_refused(name: str):
    assert bytes_max(name) is None
    with pytest.raises(BundleBroken):
        opened(forged(bagged([(name, b"{}")])))
    with pytest.raises(BundleBroken):
        written({name: b"{}"})


@pytest.mark.parametrize("name", ["nodes/cv\n.json", "nodes/cv\0.json", "nodes/\x1b[2Jcv.json", "n" * 201])
def test_a_name_that_deceives_a_terminal_is_refused_unseen(name: str):
    with pytest.raises(BundleBroken) as refused:
        opened(forged(bagged([(name, b"{}")])))
    assert name not in str(refused.value)


def test_a_name_beyond_ascii_is_refused():
    header = local_header(Placed(name="nodes/cv.json", size=0, crc32=0, offset=0))
    with pytest.raises(BundleBroken, match="ASCII"):
        opened(header.replace(b"cv", b"c\xfc"))


def test_names_stand_in_order_and_once():
    one, other = (node_member("cv"), b"1"), (node_member("nl"), b"2")
    assert opened(forged(bagged([one, other]))) == dict([one, other])
    for members in ([other, one], [one, one], [one, (one[0], b"another text")]):
        with pytest.raises(BundleBroken, match="in order, each once"):
            opened(forged(bagged(members)))


def test_a_zip_of_another_writer_is_refused_even_with_the_same_members():
    assert opened(forged(bagged([(MANIFEST, b"{}")]))) == {MANIFEST: b"{}"}
    with pytest.raises(BundleBroken):
        opened(stock(bagged([(MANIFEST, b"{}")])))


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFDIR | 0o755, 0o104755, 0o100600])
def test_links_folders_and_modes_are_refused(mode: int):
    attributes = struct.pack("<L", 0o100644 << 16)
    assert WHOLE.count(attributes) == len(CONTENTS) + len(bag.TAG_FILES)
    with pytest.raises(BundleBroken):
        opened(WHOLE.replace(attributes, struct.pack("<L", mode << 16), 1))


def test_a_member_larger_than_its_kind_is_refused_before_it_is_read():
    header = local_header(Placed(name=bag.PAYLOAD + edition_member(DIGEST), size=JSON_BYTES_MAX + 1, crc32=0, offset=0))
    with pytest.raises(BundleBroken, match=f"at most {JSON_BYTES_MAX}"):
        read_bundle(io.BytesIO(header))
    with pytest.raises(BundleBroken, match="at most 15"):
        read_bundle(io.BytesIO(WHOLE)).read(MANIFEST, limit=15)


def test_one_member_too_many_is_refused():
    contents = {entry_member("cv", index=index): b"" for index in range(MEMBERS_MAX)}
    most = written(contents)
    assert len(read_bundle(io.BytesIO(most)).names) == MEMBERS_MAX
    with zipfile.ZipFile(io.BytesIO(most)) as archive:  # more than 65,535: the count stands in ZIP64's record
        assert len(archive.namelist()) == MEMBERS_MAX + len(bag.TAG_FILES)
    with pytest.raises(BundleBroken, match=f"at most {MEMBERS_MAX} members"):
        written(contents | {MANIFEST: b"{}"})
    too_many = most[: most.index(bag.MANIFEST.encode()) - 30] + local_header(
        Placed(bag.PAYLOAD + node_member("cv"), 0, 0, 0)
    )
    with pytest.raises(BundleBroken, match=f"at most {MEMBERS_MAX} members"):
        read_bundle(io.BytesIO(too_many))


def test_a_member_that_is_not_there_is_refused_by_name():
    bundle = read_bundle(io.BytesIO(WHOLE))
    for ask in (
        bundle.size,
        bundle.offset,
        lambda name: bundle.read(name, limit=1),
        lambda name: [*bundle.stream(name)],
    ):
        with pytest.raises(BundleBroken, match="no such member"):
            ask(node_member("nl"))


def test_a_file_that_shrinks_after_it_was_opened_is_refused():
    stream = io.BytesIO(WHOLE)
    bundle = read_bundle(stream)
    stream.truncate(WHOLE.index(CONTENTS[SEALED]) + 5)
    with pytest.raises(BundleBroken, match="ends within"):
        bundle.read(SEALED, limit=100)


@given(st.binary(max_size=400))
def test_hostile_bytes_are_refused(data: bytes):
    with pytest.raises(ComityError):
        opened(b"P" + data)


@given(st.data())
def test_a_bundle_with_any_part_exchanged_is_refused_or_the_same(data: st.DataObject):
    start = data.draw(st.integers(0, len(WHOLE)))
    end = data.draw(st.integers(start, len(WHOLE)))
    patch = data.draw(st.binary(max_size=60) | st.sampled_from([WHOLE[:80], WHOLE[-90:], b"\xff" * 8]))
    changed = WHOLE[:start] + patch + WHOLE[end:]
    try:
        assert opened(changed) == CONTENTS
        assert changed == WHOLE
    except ComityError:
        assert changed != WHOLE


def test_a_member_that_changes_between_measuring_and_writing_is_not_written_as_whole():
    contents = iter([b"first", b"other", b"first and more"])
    member = Member.measured(lambda: [next(contents)], progress=unheard)
    for _ in range(2):  # of the same length, then of another
        with pytest.raises(MemberChanged):
            write_bundle({SEALED: member}, io.BytesIO(), progress=unheard)


def test_the_order_in_which_members_are_handed_in_changes_no_byte():
    assert written(dict(reversed(CONTENTS.items()))) == WHOLE


def test_a_measured_member_is_as_one_held_in_memory():
    pieces, seen = [b"in", b"", b" pieces"], [0]
    measured = Member.measured(lambda: pieces, progress=seen.append)
    held = Member.of(b"".join(pieces))
    assert (measured.size, measured.sha256, measured.crc32) == (held.size, held.sha256, held.crc32)
    assert sum(seen) == held.size


def test_what_was_written_is_read_back_piece_by_piece():
    large = bytes(3 * 1024 * 1024 + 5)
    bundle = read_bundle(io.BytesIO(written(CONTENTS | {SEALED: large})))
    one, other = bundle.stream(SEALED), bundle.stream(SEALED)
    first = next(one)
    assert first == next(other)  # readers do not disturb one another
    assert len(first) == 1024 * 1024
    assert first + b"".join(one) == large
    assert bundle.size(SEALED) == len(large)


def test_progress_tells_every_byte_of_content():
    seen: list[int] = []
    members = {name: Member.of(data) for name, data in CONTENTS.items()}
    write_bundle(members, io.BytesIO(), progress=seen.append)
    assert sum(seen) == sum(map(len, CONTENTS.values()))


def test_stock_tools_open_a_bundle(tmp_path: Path):
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted([*(bag.PAYLOAD + name for name in CONTENTS), *bag.TAG_FILES])
        archive.extractall(tmp_path)
    assert {name: (tmp_path / bag.PAYLOAD / name).read_bytes() for name in CONTENTS} == CONTENTS


def test_every_kind_of_member_has_a_name_with_a_limit():
    names = [
        *(MANIFEST, edition_member(DIGEST), node_member("cv"), official_member(DIGEST), letter_member(DIGEST)),
        *(authorisation_member(DIGEST), event_member(DIGEST), receipt_member(ITEM), custody_member(ITEM, seq=0)),
        *(custody_member(ITEM, seq=9999), sealed_member(ITEM), verdict_member(DIGEST), checkpoint_member("cv")),
        *(entry_member("n" * 40, index=0), entry_member("cv", index=2**53 - 1)),
    ]
    assert len(set(names)) == len(names)
    assert opened(written(dict.fromkeys(names, b"{}"))) == dict.fromkeys(sorted(names), b"{}")
    assert all(len(name) <= NAME_CHARACTERS_MAX for name in names)
    assert all(bytes_max(name) for name in names)


@pytest.mark.parametrize("size", [LONG_MAX - 1, LONG_MAX, LONG_MAX + 1, 2**40])
@pytest.mark.parametrize("offset", [0, LONG_MAX - 1, LONG_MAX, 2**41])
def test_zip64_stands_where_a_figure_needs_it_and_nowhere_else(size: int, offset: int):
    member = Placed(name=SEALED, size=size, crc32=7, offset=offset)
    local, central = local_header(member), central_header(member)
    assert read_local(local, offset=offset) == member
    assert len(local) == 30 + len(SEALED) + (20 if size >= LONG_MAX else 0)
    beyond = 16 * (size >= LONG_MAX) + 8 * (offset >= LONG_MAX)
    assert len(central) == 46 + len(SEALED) + (4 + beyond if beyond else 0)
    needs = size >= LONG_MAX
    assert len(end_records(count=1, offset=size, size=99)) == 22 + (76 if needs else 0)
    assert len(end_records(count=SHORT_MAX, offset=0, size=0)) == 22 + 76


def sparse(out: BinaryIO, sizes: dict[str, int]) -> None:
    """A bundle of zeros, of which only headers and tag files take room on the disk; digests and checksums are not its own."""
    tags = bag.tag_files(sizes=sizes, digests=dict.fromkeys(sizes, "0" * 64))
    parts = {bag.PAYLOAD + name: size for name, size in sizes.items()} | {
        name: len(data) for name, data in tags.items()
    }
    members: list[Placed] = []
    for name, size in sorted(parts.items()):
        crc32 = zlib.crc32(tags.get(name, b""))
        members.append(Placed(name=name, size=size, crc32=crc32, offset=members[-1].end if members else 0))
        out.seek(members[-1].offset)
        out.write(local_header(members[-1]) + tags.get(name, b""))
    directory = b"".join(map(central_header, members))
    out.seek(members[-1].end)
    out.write(directory + end_records(count=len(members), offset=members[-1].end, size=len(directory)))


@pytest.mark.parametrize("size", [LONG_MAX - 200, LONG_MAX - 1, LONG_MAX, LONG_MAX + 1, 20 * 2**30])
def test_sizes_and_places_beyond_four_gib_are_read_as_by_stock_tools(tmp_path: Path, size: int):
    sizes = {MANIFEST: 0, SEALED: size, sealed_member("f" * 32): 0, node_member("cv"): 0}
    with (tmp_path / "bundle.zip").open("wb+") as file:
        sparse(file, sizes)
        bundle = read_bundle(file)
        with zipfile.ZipFile(file) as archive:
            there = {one.filename: one.file_size for one in archive.infolist()}
            assert {name: there[bag.PAYLOAD + name] for name in sizes} == sizes
            assert len(there) == len(sizes) + len(bag.TAG_FILES)
        assert {name: bundle.size(name) for name in bundle.names} == sizes
        assert next(bundle.stream(SEALED)) == bytes(1024 * 1024)


Damage = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "damage",
    [
        lambda header: header[:-20] + b"\x01\x00\x10\x00" + struct.pack("<2Q", 5, 5),  # a small size hidden in ZIP64
        lambda header: header[:-8] + struct.pack("<Q", 5),  # two sizes that differ
        lambda header: header[:-20],
        lambda header: header[:-20] + b"\x02" + header[-19:],
    ],
)
def test_zip64_is_written_one_way_only(damage: Damage):
    header = local_header(Placed(name=SEALED, size=2**33, crc32=0, offset=0))
    with pytest.raises(BundleBroken):
        read_local(damage(header), offset=0)
