"""The pages on the sealed item, the custody record and the bundle show what the code writes; long base64 is shortened."""

import hashlib
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from comity.authorities.statement import Statement, signed
from comity.canon import canonical
from comity.evidence.archive import Placed, central_header, end_records, local_header
from comity.evidence.bundle import BUNDLE, Manifest, Member, listed, read_bundle, write_bundle
from comity.evidence.custody import first_text
from comity.evidence.item import Item
from comity.evidence.member import MANIFEST, checkpoint_member, node_member, sealed_member
from comity.evidence.seal import Header, cipher, key_commitment, sealed_size, unseal
from keys import NodeKey, OfficialKey
from streaming_aead import tink_opens

SPEC: Final = Path(__file__).parents[2] / "docs" / "spec"
PLAINTEXT: Final = b"evidence"
KEY: Final = bytes(range(32))
ITEM: Final = Item(
    id="00112233445566778899aabbccddeeff",
    name="note.txt",
    media_type="text/plain",
    bytes=len(PLAINTEXT),
    sha256=hashlib.sha256(PLAINTEXT).hexdigest(),
    key_commitment=key_commitment(KEY),
    sealed_bytes=sealed_size(len(PLAINTEXT)),
)
HEADER: Final = Header(salt=bytes(range(32, 64)), prefix=bytes(range(64, 71)))
CONTEXT: Final = {
    "expires_at": "2026-11-23T09:10:00.000Z",
    "mandate": "cv-ana-2026",
    "nonce": "00112233445566778899aabbccddeeff",
    "office": "Evidence custody",
}

CUSTODIAN: Final = {
    "official": "ana",
    "office": CONTEXT["office"],
    "authority": "Court of Praia",
    "role": "custodian",
    "mandate": CONTEXT["mandate"],
    "node": "cv",
}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)\n```", (SPEC / page).read_text(encoding="utf-8"), re.DOTALL)


def unspaced(page: str) -> list[bytes]:
    return [bytes.fromhex("".join(block.split())) for block in blocks(page, "hex")]


def shortened(value: Any) -> Any:
    """The value with base64 of more than 60 characters cut to its first 24."""
    if isinstance(value, dict):
        return {name: shortened(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shortened(item) for item in value]
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9+/=]{65,}", value):
        return value[:24] + "…"
    return value


def sealed() -> bytes:
    nonce = HEADER.nonce(0, last=True)
    return HEADER.to_bytes() + cipher(KEY, HEADER, item=ITEM.id).encrypt(nonce, PLAINTEXT, None)


def manifest(members: dict[str, Member]) -> Statement:
    made = Manifest(
        kind="demo",
        node="cv",
        made_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        by=CUSTODIAN,
        items=(ITEM,),
        members=listed(members),
    )
    official, node = OfficialKey.fresh(seed=b"ana"), NodeKey.fresh(b"cv")
    text = Statement(type=BUNDLE, body=made.as_body())
    text = signed(text, key=official.public, sign=official.sign, context=dict(CONTEXT))
    return signed(text, key=node.public, sign=node.sign)


def custody() -> Statement:
    facts = {
        "origin": {
            "place": "Data centre (synthetic)",
            "device": "Rack server, serial SYN-0001",
            "method": "Bit-for-bit image of one disk",
            "tool": "imager",
            "tool_version": "1",
            "time_source": "the node's clock",
            "taken_at": "2026-11-23T08:40:00.000Z",
            "taken_by": "A. Silva, forensic unit",
        },
        "letter": "ab" * 32,
        "authorisation": "cd" * 32,
        "scope": {
            "measure": "search_seizure_stored",
            "acts": ["collect", "disclose"],
            "selectors": ["domain:bluelagoon.example"],
            "data": ["content"],
            "from": "2025-11-23",
            "until": "2026-11-23",
            "territory": ["NL"],
        },
        "source": None,
    }
    official, node = OfficialKey.fresh(seed=b"ana"), NodeKey.fresh(b"cv")
    text = first_text(ITEM, by=CUSTODIAN, facts=facts, at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    text = signed(text, key=official.public, sign=official.sign, context=dict(CONTEXT))
    return signed(text, key=node.public, sign=node.sign)


MEMBERS: Final = {
    sealed_member(ITEM.id): Member.of(sealed()),
    node_member("cv"): Member.of(b"{}"),
    checkpoint_member("cv"): Member.of(b"comity.example/log/cv\n"),
}


def test_the_sealed_item_of_the_page_is_what_the_code_writes_and_tink_opens():
    key, shown = unspaced("sealed-item.md")
    assert (key, shown) == (KEY, sealed())
    assert b"".join(unseal([shown], key=key, item=ITEM.id)) == PLAINTEXT
    assert tink_opens(shown, key=key, item=ITEM.id) == PLAINTEXT
    assert [json.loads(block) for block in blocks("sealed-item.md", "json")] == [ITEM.as_record()]


def test_the_custody_record_of_the_page_is_what_the_code_writes():
    written = json.loads(canonical(custody().as_json()))
    assert [json.loads(block) for block in blocks("custody-record.md", "json")] == [shortened(written)]


def test_the_manifest_of_the_page_is_what_the_code_writes():
    written = json.loads(canonical(manifest(MEMBERS).as_json()))
    assert [json.loads(block) for block in blocks("bundle.md", "json")] == [shortened(written)]


def test_the_headers_of_the_page_are_what_the_code_writes():
    checkpoint = MEMBERS[checkpoint_member("cv")]
    member = Placed(name=checkpoint_member("cv"), size=checkpoint.size, crc32=checkpoint.crc32, offset=0x1234)
    end = end_records(count=4, offset=0x5678, size=0xFF)
    assert unspaced("bundle.md") == [local_header(member), central_header(member), end]


def test_the_bundle_of_the_page_is_read():
    out = io.BytesIO()
    write_bundle({**MEMBERS, MANIFEST: Member.of(manifest(MEMBERS).to_bytes())}, out, progress=lambda _: None)
    assert read_bundle(out).names == (MANIFEST, *sorted(MEMBERS))
