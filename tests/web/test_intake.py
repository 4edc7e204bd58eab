"""Taking in: a file is sealed while it arrives; what is refused, broken off or not signed leaves nothing."""

import io
import os
import re
import tempfile
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from checker import untouched
from comity.registry.models import SigningRow
from custodians import ORIGIN, file, intake, raw, seated, seen, summary, vault_of
from scenes import World


@pytest.mark.parametrize("left_out", [name for name in ORIGIN if name != "media_type"])
def test_an_origin_that_is_not_stated_is_asked_for_and_the_rest_is_kept(evidence_world: World, left_out: str):
    stage = evidence_world.stage
    with seated(stage, stage.nl) as client, untouched(stage.nl):
        answer = client.post(intake(evidence_world), ORIGIN | {left_out: "", "name": "kept.dd", "file": file()})
        assert f"#id_{left_out}" in summary(answer)
        assert "kept.dd" in seen(answer, status=422)
        assert "must be chosen again" in seen(answer, status=422)


BAD_NAMES = ["../passwd", "a/b", "a\\b", "a\x00b", "a\u202efdp.exe", ".hidden", "con", "x" * 300, "a:b", "\uff0fx"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_deceives_is_refused_at_its_field(evidence_world: World, name: str):
    stage = evidence_world.stage
    with seated(stage, stage.nl) as client, untouched(stage.nl):
        assert "#id_name" in summary(client.post(intake(evidence_world), ORIGIN | {"name": name, "file": file()}))
        form = raw(ORIGIN | {"name": ""}, name)
        answer = client.post(intake(evidence_world), form, content_type="multipart/form-data; boundary=b")
        assert "#id_name" in summary(answer)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("media_type", "nonsense"),
        ("media_type", "text/html; charset=x"),
        ("media_type", ""),
        ("place", "x" * 5000),
        ("place", "a\u202eb"),
        ("device", "a\x00b"),
        ("selectors", "of-nobody"),
    ],
)
def test_wrong_words_are_refused_at_their_field(evidence_world: World, field: str, value: str):
    stage = evidence_world.stage
    with seated(stage, stage.nl) as client, untouched(stage.nl):
        assert f"#id_{field}" in summary(client.post(intake(evidence_world), ORIGIN | {field: value, "file": file()}))


def test_a_file_is_needed_and_must_come_last_and_hold_something(evidence_world: World):
    stage = evidence_world.stage
    with seated(stage, stage.nl) as client, untouched(stage.nl):
        assert "#id_file" in summary(client.post(intake(evidence_world), ORIGIN))
        assert "#id_file" in summary(client.post(intake(evidence_world), ORIGIN | {"file": file(b"")}))
        early = client.post(intake(evidence_world), {"file": file(), **ORIGIN})
        assert "#id_place" in summary(early)  # what follows the file is not read
        late = client.post(intake(evidence_world), ORIGIN | {"file": file(), "late": "x"})
        assert "must come last" in summary(late)
        assert "no form with a file" in summary(client.post(intake(evidence_world), "x", content_type="text/plain"))


def test_a_script_may_ask_before_it_sends_the_file(evidence_world: World):
    stage = evidence_world.stage
    with seated(stage, stage.nl) as client, untouched(stage.nl):
        assert client.post(intake(evidence_world), ORIGIN | {"check": "yes"}).status_code == 204
        assert "#id_place" in summary(client.post(intake(evidence_world), ORIGIN | {"place": "", "check": "yes"}))


def test_an_upload_that_breaks_off_leaves_nothing(evidence_world: World):
    stage = evidence_world.stage
    chance = os.urandom(3_000_000).replace(b"-", b"+")  # the boundary is "--b": one in six would hold it
    data = raw(ORIGIN | {"name": "x.dd"}, "x.dd").replace(b"evidence", chance)
    with seated(stage, stage.nl) as client, untouched(stage.nl):
        waiting = SigningRow.objects.count()
        broken: dict[str, Any] = {"CONTENT_LENGTH": len(data), "wsgi.input": io.BytesIO(data[:-1000])}
        answer = client.generic(
            "POST", intake(evidence_world), b"x", content_type="multipart/form-data; boundary=b", **broken
        )
        assert "bytes came" in summary(answer)
        assert SigningRow.objects.count() == waiting


class Slowly(io.RawIOBase):
    """A body of many MiB that is made while it is read; it looks around as it goes."""

    def __init__(self, head: bytes, tail: bytes, *, pieces: int, look: Callable[[], None]) -> None:
        super().__init__()
        self.length = len(head) + pieces * len(PIECE) + len(tail)
        self._pieces = chain([head], repeat(PIECE, pieces), [tail])
        self._left = b""
        self._look = look

    def read(self, size: int = -1) -> bytes:
        if not self._left:
            self._left = next(self._pieces, b"")
            self._look()
        taken, self._left = self._left[:size], self._left[size:]
        return taken


MARKER = b"PLAINTEXT-THAT-NO-DISK-MAY-HOLD."
PIECE = MARKER * 32768
PIECES, MEMORY_BYTES_MAX = 48, 16 * 2**20


def holds_marker(path: Path) -> bool:
    """Read piece by piece: the search must not need the memory that it measures."""
    with path.open("rb") as found:
        return any(MARKER in piece for piece in iter(lambda: found.read(2**20), b""))


def test_no_plaintext_touches_a_disk_and_memory_does_not_grow_with_the_file(
    evidence_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    stage, found = evidence_world.stage, set()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def look() -> None:
        there = [*tmp_path.rglob("*"), *stage.nl.folder.rglob("*"), *Path("/proc/self/fd").iterdir()]
        for path in there:
            with suppress(OSError):
                if path.is_file() and holds_marker(path):
                    found.add(str(path))

    head, _, tail = raw(ORIGIN | {"name": "x.dd"}, "x.dd").partition(b"evidence")
    last = iter(range(PIECES + 3))
    body = Slowly(head, tail, pieces=PIECES, look=lambda: look() if next(last, 0) % 12 == 5 else None)
    more: dict[str, Any] = {"CONTENT_LENGTH": body.length, "wsgi.input": body}
    with seated(stage, stage.nl) as client:
        tracemalloc.start()
        answer = client.generic(
            "POST", intake(evidence_world), b"x", content_type="multipart/form-data; boundary=b", **more
        )
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        look()
        assert answer["Location"].startswith("/sign/"), answer["Location"]
        client.post(f"{answer['Location']}/drop")
    assert found == set()
    assert peak < MEMORY_BYTES_MAX < PIECES * len(PIECE)


def test_a_sealed_file_that_nobody_signs_for_is_thrown_away(evidence_world: World):
    stage = evidence_world.stage
    with seated(stage, stage.nl) as client:
        before = vault_of(stage.nl)
        waiting = client.post(intake(evidence_world), ORIGIN | {"name": "x.dd", "file": file()})["Location"]
        assert len(vault_of(stage.nl) - before) == 2, "the sealed file, and the note that nothing names it yet"
        client.post(f"{waiting}/drop")
        assert vault_of(stage.nl) == before


def test_a_form_from_elsewhere_is_refused_before_its_file_is_read(evidence_world: World):
    stage = evidence_world.stage
    with seated(stage, stage.nl) as client, untouched(stage.nl):
        client.handler.enforce_csrf_checks = True
        assert client.post(intake(evidence_world), ORIGIN | {"file": file()}).status_code == 403
        page = seen(client.get(intake(evidence_world)))
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[-1]
        stolen = {"csrfmiddlewaretoken": "x" * 64}
        assert client.post(intake(evidence_world), stolen | ORIGIN | {"file": file()}).status_code == 403
        good = client.post(
            intake(evidence_world), {"csrfmiddlewaretoken": token} | ORIGIN | {"name": "y", "file": file()}
        )
        client.post(f"{good['Location']}/drop", {"csrfmiddlewaretoken": token})


def test_evidence_is_taken_in_under_a_recognition_only(evidence_world: World):
    stage = evidence_world.stage
    with seated(stage, stage.nl) as client, untouched(stage.nl):
        for letter in ("received", "acknowledged", "asked"):
            assert client.get(f"/letters/{evidence_world.letters[letter]}/intake").status_code == 404
        assert client.get(f"/letters/{'0' * 64}/intake").status_code == 404
    with seated(stage, stage.cv) as client:
        assert client.get(intake(evidence_world)).status_code == 404  # our own letter: nothing is taken in here
