"""One changed byte anywhere, and everything else that somebody without keys can do to a bundle: it never verifies."""

import io
import json
import random
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.authorities.statement import Statement
from comity.errors import ComityError
from comity.evidence.archive import LOCAL_SIGNATURE
from comity.evidence.bundle import BUNDLE, Member, read_bundle
from comity.evidence.member import MANIFEST
from comity.exchange.verification import DoesNotVerify, NotABundle, Verification
from containers import bagged, forged
from exported import Exported, unheard, zipped
from keys import NodeKey, OfficialKey

CHANGED = 1500


def refusal(data: bytes) -> ComityError:
    """Why these bytes do not verify; whatever else is raised rises."""
    try:
        for _ in Verification(io.BytesIO(data), pinned={}, key=None, progress=unheard).steps():
            continue
    except (DoesNotVerify, NotABundle) as refused:
        return refused
    raise AssertionError("it verifies")


def flipped(data: bytes, position: int, *, bit: int) -> bytes:
    return data[:position] + bytes([data[position] ^ (1 << bit)]) + data[position + 1 :]


def placed(data: bytes) -> Iterator[tuple[str, int, int]]:
    """Each member: its name, where its header begins and where its content begins."""
    bundle = read_bundle(io.BytesIO(data))
    for name in bundle.names:
        content = bundle.offset(name)
        yield name, data.rindex(LOCAL_SIGNATURE, 0, content), content


def test_a_flipped_bit_in_any_content_fails_and_names_the_member(exported: Exported):
    data, chance = exported.data, random.Random(20261123)
    spans = [(name, start, start + len(exported.members[name])) for name, _, start in placed(data)]
    wanted = {name: 3 for name, _, _ in spans}
    while sum(wanted.values()) < CHANGED:
        name, start, end = chance.choice(spans)
        wanted[name] += 1
    for name, start, end in spans:
        for _ in range(wanted[name]):
            position = chance.randrange(start, end)
            failed = refusal(flipped(data, position, bit=chance.randrange(8)))
            assert failed.facts["member"] == name, position


def test_a_flipped_bit_at_any_place_of_any_header_fails(exported: Exported):
    data, chance = exported.data, random.Random(20261124)
    places = {position for _, header, start in placed(data) for position in range(header, start)}
    end_of_contents = max(start + len(exported.members[name]) for name, _, start in placed(data))
    # the list of the bag is content as well, and `test_bundle` flips each of its bytes: here some of them
    tail = range(end_of_contents, len(data))
    listed = range(data.index(b"  data/", end_of_contents) - 64, data.rindex(b"  data/") + 7)
    places |= {*tail} - {*listed} | {*chance.sample(listed, 300)}
    assert len(places) > 5_000
    for position in places:
        failed = refusal(flipped(data, position, bit=chance.randrange(8)))
        assert isinstance(failed, NotABundle) == (position < len(LOCAL_SIGNATURE))
        assert isinstance(failed, NotABundle) or failed.facts["step"] in {"container", "manifest"}


def test_every_shorter_and_longer_file_fails(exported: Exported):
    data, chance = exported.data, random.Random(20261125)
    for length in [*range(5), *(chance.randrange(len(data)) for _ in range(200)), len(data) - 1]:
        refusal(data[:length])
    for more in (b"\0", b"\n", data, LOCAL_SIGNATURE):
        assert refusal(data + more).facts["step"] == "container"
        refusal(more + data)


@given(st.binary(max_size=2000))
def test_random_bytes_are_no_bundle(data: bytes):
    refusal(data)
    assert isinstance(refusal(LOCAL_SIGNATURE + data), DoesNotVerify)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_stock_zip_is_no_bundle_and_a_zip_bomb_is_never_unpacked(exported: Exported, compression: int):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in exported.members.items():
            archive.writestr(name, data)
        archive.writestr("letters/" + "ab" * 32 + ".json", bytes(64 * 1024 * 1024))
    assert refusal(out.getvalue()).facts["step"] == "container"


def raw(members: list[tuple[str, bytes]]) -> bytes:
    """A container of these members in this order, as often as they stand here."""
    return forged(bagged(members))


def test_members_in_another_order_or_twice_fail(exported: Exported):
    members = sorted(exported.members.items())
    assert raw(members) == exported.data
    assert refusal(raw(members[::-1])).facts["step"] == "container"
    assert refusal(raw([*members[:1], *members])).facts["step"] == "container"
    assert refusal(raw([*members[:3], members[2], *members[3:]])).facts["step"] == "container"


def by_attacker(exported: Exported, members: dict[str, bytes]) -> bytes:
    """The bundle with a manifest that fits its members, signed by keys that the bundle does not know."""
    manifest = Statement.from_bytes(exported.members[MANIFEST])
    kept = {name: Member.of(data) for name, data in members.items() if name != MANIFEST}
    said = {name: {"bytes": one.size, "sha256": one.sha256} for name, one in kept.items()}
    text = Statement(BUNDLE, manifest.body | {"members": said})
    context = next(one.context for one in manifest.signatures if one.context)
    node, official = NodeKey.fresh(b"attacker"), OfficialKey.fresh(seed=b"attacker")
    for key, bound in ((official, context), (node, {})):
        text = text.signed_with(
            type(manifest.signatures[0])(key=key.public.id, value=key.sign(text.text(bound)), context=bound)
        )
    return zipped({**members, MANIFEST: text.to_bytes()})


def test_a_manifest_signed_by_strangers_fails_whatever_was_done_to_the_members(exported: Exported):
    assert refusal(by_attacker(exported, exported.members)).facts["step"] == "exporter"
    for dropped in exported.members:
        if dropped != MANIFEST and not dropped.startswith("items/"):
            fewer = {name: data for name, data in exported.members.items() if name != dropped}
            refusal(by_attacker(exported, fewer))
    receipts = exported.only("receipts")
    swapped = exported.members | dict(
        zip(receipts, [exported.members[name] for name in receipts[1:] + receipts[:1]], strict=True)
    )
    assert refusal(by_attacker(exported, swapped)).facts["step"] == "exporter"


def test_the_old_signatures_under_a_new_manifest_fail(exported: Exported):
    manifest = json.loads(exported.members[MANIFEST])
    manifest["body"]["made_at"] = "2026-11-23T10:00:00.000Z"
    data = json.dumps(manifest, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    failed = refusal(zipped({**exported.members, MANIFEST: data}))
    assert (failed.facts["step"], failed.facts["member"]) == ("exporter", MANIFEST)


def test_a_missing_manifest_fails(exported: Exported):
    fewer = {name: data for name, data in exported.members.items() if name != MANIFEST}
    assert refusal(zipped(fewer)).facts["step"] == "manifest"
