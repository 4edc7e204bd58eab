"""The manifest: what it lists is there, whole and unaltered, and nothing else."""

import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from comity.authorities.statement import Statement, StatementBroken, signed, verify
from comity.canon import JsonObject, NotCanonical
from comity.errors import ComityError
from comity.evidence.archive import BundleBroken
from comity.evidence.bundle import (
    BUNDLE,
    Bundle,
    Listed,
    Manifest,
    Member,
    hold_manifest,
    listed,
    read_bundle,
    read_manifest,
    write_bundle,
)
from comity.evidence.item import Item
from comity.evidence.member import MANIFEST, MEMBERS_MAX, checkpoint_member, edition_member, node_member, sealed_member
from comity.evidence.seal import sealed_size
from comity.evidence.shapes import ShapeBroken
from keys import NodeKey

NODE = NodeKey.fresh(b"bundle")
ITEM = Item(
    id="0f" * 16,
    name="image-01.dd",
    media_type="application/octet-stream",
    bytes=3,
    sha256=hashlib.sha256(b"abc").hexdigest(),
    key_commitment="cd" * 32,
    sealed_bytes=sealed_size(3),
)
CONTENTS = {
    sealed_member(ITEM.id): bytes(ITEM.sealed_bytes),
    node_member("cv"): b'{"a":"card"}',
    checkpoint_member("cv"): b"comity.example/log/cv\n1\n",
}
EDITION = edition_member("ab" * 32)
BY: JsonObject = {
    "official": "ana",
    "office": "Custody",
    "authority": "Court of Praia",
    "role": "custodian",
    "mandate": "cv-ana-2026",
    "node": "cv",
}


def unheard(_: int) -> None:
    """Nobody listens to the progress."""


def members(contents: dict[str, bytes]) -> dict[str, Member]:
    return {name: Member.of(data) for name, data in contents.items()}


WHOLE = Manifest(
    kind="demo",
    node="cv",
    made_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    by=BY,
    items=(ITEM,),
    members=listed(members(CONTENTS)),
)


def bundled(manifest: Manifest, contents: dict[str, bytes]) -> Bundle:
    statement = signed(Statement(type=BUNDLE, body=manifest.as_body()), key=NODE.public, sign=NODE.sign)
    out = io.BytesIO()
    write_bundle(members(contents | {MANIFEST: statement.to_bytes()}), out, progress=unheard)
    return read_bundle(out)


def holds(bundle: Bundle) -> None:
    verified = verify(read_manifest(bundle), type=BUNDLE, key=NODE.public)
    hold_manifest(bundle, Manifest.from_body(verified.body), progress=unheard)


@pytest.mark.parametrize("name", CONTENTS)
def test_a_missing_member_is_named(name: str):
    contents = {other: data for other, data in CONTENTS.items() if other != name}
    with pytest.raises(BundleBroken, match="missing") as refused:
        holds(bundled(WHOLE, contents))
    assert refused.value.facts["member"] == name


def test_a_member_that_is_not_listed_is_named():
    with pytest.raises(BundleBroken, match="does not list") as refused:
        holds(bundled(WHOLE, CONTENTS | {EDITION: b"{}"}))
    assert refused.value.facts["member"] == EDITION


@pytest.mark.parametrize("name", CONTENTS)
def test_another_content_is_named_even_where_its_checksum_is_right(name: str):
    other = bytes(reversed(CONTENTS[name])) if any(CONTENTS[name]) else b"!" * len(CONTENTS[name])
    with pytest.raises(BundleBroken, match="not the content") as refused:
        holds(bundled(WHOLE, CONTENTS | {name: other}))
    assert refused.value.facts["member"] == name


def test_another_size_is_refused():
    name = node_member("cv")
    told = replace(WHOLE, members={**WHOLE.members, name: replace(WHOLE.members[name], bytes=11)})
    with pytest.raises(BundleBroken, match="not the content"):
        holds(bundled(told, CONTENTS))


def test_a_bundle_without_manifest_is_refused():
    out = io.BytesIO()
    write_bundle(members(CONTENTS), out, progress=unheard)
    with pytest.raises(BundleBroken, match="no such member"):
        read_manifest(read_bundle(out))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"body": {}}', b"\xff"])
def test_a_manifest_that_is_no_statement_is_refused(data: bytes):
    out = io.BytesIO()
    write_bundle(members(CONTENTS | {MANIFEST: data}), out, progress=unheard)
    with pytest.raises((NotCanonical, StatementBroken)):
        read_manifest(read_bundle(out))


ZERO = {"bytes": 0, "sha256": "00" * 32}


@pytest.mark.parametrize(
    "change",
    [
        {"format": 3},
        {"format": True},
        {"format": "1"},
        {"kind": "real"},
        {"kind": ["demo"]},
        {"node": "nl"},  # the official is of cv
        {"node": "../cv"},
        {"made_at": "2026-11-23"},
        {"by": "ana"},
        {"by": {}},
        {"items": {}},
        {"items": [None]},
        {"items": []},  # and yet one is listed
        {"items": [ITEM.as_record(), ITEM.as_record()]},
        {"items": [replace(ITEM, id="1e" * 16).as_record()]},
        {"items": [replace(ITEM, bytes=4, sealed_bytes=sealed_size(4)).as_record()]},
        {"members": []},
        {"members": {}},
        {"more": 1},
    ],
)
def test_a_manifest_of_another_shape_is_refused(change: dict[str, Any]):
    with pytest.raises(ComityError):
        Manifest.from_body(WHOLE.as_body() | change)


@pytest.mark.parametrize(
    ("name", "record"),
    [
        (MANIFEST, ZERO),
        ("../outside.json", ZERO),
        (EDITION, None),
        (EDITION, {"bytes": 0}),
        (EDITION, ZERO | {"more": 0}),
        (EDITION, ZERO | {"bytes": -1}),
        (EDITION, ZERO | {"bytes": 2**32}),
        (EDITION, ZERO | {"bytes": True}),
        (EDITION, ZERO | {"sha256": "00" * 31}),
        (EDITION, ZERO | {"sha256": "0A" * 32}),
    ],
)
def test_a_manifest_lists_only_what_a_bundle_can_hold(name: str, record: Any):
    body = WHOLE.as_body()
    with pytest.raises(ShapeBroken):
        Manifest.from_body(body | {"members": body["members"] | {name: record}})


def test_a_manifest_lists_one_member_less_than_a_bundle_has():
    body = WHOLE.as_body()
    more = {f"log/cv/{index}.json": ZERO for index in range(MEMBERS_MAX - 1 - len(CONTENTS))}
    assert len(Manifest.from_body(body | {"members": body["members"] | more}).members) == MEMBERS_MAX - 1
    more["log/nl/0.json"] = ZERO
    with pytest.raises(ShapeBroken, match="less than"):
        Manifest.from_body(body | {"members": body["members"] | more})


@pytest.mark.parametrize("name", WHOLE.as_body())
def test_a_manifest_without_one_of_its_parts_is_refused(name: str):
    with pytest.raises(ShapeBroken):
        Manifest.from_body({other: value for other, value in WHOLE.as_body().items() if other != name})


def test_a_whole_bundle_holds_and_tells_how_far_it_is():
    bundle, seen = bundled(WHOLE, CONTENTS), [0]
    manifest = Manifest.from_body(read_manifest(bundle).body)
    hold_manifest(bundle, manifest, progress=seen.append)
    assert manifest == WHOLE
    assert sum(seen) == sum(map(len, CONTENTS.values()))


def test_a_bundle_may_hold_no_item_at_all():
    contents = {node_member("cv"): b"{}"}
    manifest = replace(WHOLE, items=(), members={node_member("cv"): Listed(2, hashlib.sha256(b"{}").hexdigest())})
    holds(bundled(manifest, contents))
