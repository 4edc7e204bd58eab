import json
import re
from pathlib import Path
from typing import Final

from comity.canon import canonical
from comity.ledger import Entry, Inclusion, VerifierKey, open_checkpoint, verify_logged

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
