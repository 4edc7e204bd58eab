"""`python tests/seeds.py FOLDER`: real files to begin with when strange ones are tried, from the bundle that the story ends with."""

import json
import os
import sys
import tempfile
from pathlib import Path

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.node.settings")
    django.setup(set_prefix=False)

from exported import Exported, story_exported

FOLDERS = {
    "letters": "letter",
    "authorisations": "authorisation",
    "events": "event",
    "receipts": "receipt",
    "custody": "custody",
    "nodes": "card",
    "officials": "official",
    "case": "case",
    "log": "proof",
}
TEXTS = ("letters", "receipts", "log", "custody")
EACH_MAX = 12


def write_seeds(exported: Exported, folder: Path) -> None:
    """A folder for each format of `fuzz.formats` with a few real files in it."""
    found: dict[str, list[bytes]] = {"bundle": [exported.data], "manifest": [exported.members["bundle.json"]]}
    for name, data in exported.members.items():
        top = name.partition("/")[0]
        if top in FOLDERS and not name.endswith("/checkpoint"):
            found.setdefault(FOLDERS[top], []).append(data)
        if top in TEXTS:
            found.setdefault("text", []).append(data)
    note = next(data.decode() for name, data in exported.members.items() if name.endswith("/checkpoint"))
    found["consistency"] = [
        json.dumps({"consistency": {"earlier": note, "later": note, "proof": []}}, separators=(",", ":")).encode()
    ]
    found["text"] += [note.encode(), *found["consistency"]]
    for format_, files in found.items():
        (folder / format_).mkdir(parents=True)
        for number, data in enumerate(files[-EACH_MAX:]):
            (folder / format_ / f"seed-{number}").write_bytes(data)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made, story_exported(Path(made)) as story:
        write_seeds(story, Path(sys.argv[1]))
