import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from comity.canon import canonical
from comity.ledger import CosignerKey, Entry, Inclusion, Quorum, VerifierKey, open_checkpoint, verify_logged

SPEC: Final = Path(__file__).parents[2] / "docs" / "spec"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (SPEC / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_examples_of_the_specification_verify():
    note, vkey = blocks("checkpoint.md", "text")
    key = VerifierKey.parse(vkey.strip())
    head = open_checkpoint(note.encode(), key=key, origin="comity.example/log/nl")
    shown, place = (json.loads(block) for block in blocks("log-entry.md", "json"))
    entry, inclusion = Entry.from_bytes(canonical(shown)), Inclusion.from_record(place)
    assert inclusion.checkpoint == note.encode()
    assert verify_logged(entry, inclusion, key=key, origin=head.origin) == head
    assert entry.leaf_hash.hex() in (SPEC / "log-entry.md").read_text(encoding="utf-8")


def test_the_cosigned_checkpoint_of_the_specification_verifies_with_the_key_on_its_page():
    cosigned, vkey = blocks("witness.md", "text")
    note, log_key = blocks("checkpoint.md", "text")
    assert cosigned.startswith(note)
    key = VerifierKey.parse(log_key.strip())
    assert open_checkpoint(cosigned.encode(), key=key, origin="comity.example/log/nl").size > 0
    (found,) = Quorum(needed=1, witnesses=(CosignerKey.parse(vkey.strip()),)).hold(cosigned.encode())
    assert found.at == datetime(2026, 11, 23, 9, 1, tzinfo=UTC)
