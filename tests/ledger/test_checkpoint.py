from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.ledger import (
    EMPTY_ROOT,
    SIZE_MAX,
    Checkpoint,
    CheckpointBroken,
    NoteBroken,
    VerifierKey,
    claimed,
    leaf_hash,
    open_checkpoint,
    sign_note,
)
from comity.ledger.note import b64
from keys import LogKey

ORIGIN: Final = "comity.example/log/nl"
PRIVATE: Final = LogKey.fresh(b"checkpoint")
KEY: Final = VerifierKey(name=ORIGIN, public=PRIVATE.public)
ROOT: Final = leaf_hash(b"entry")
ROOT_TEXT: Final = b64(ROOT)


def signed(text: str) -> bytes:
    return sign_note(text.encode(), key=KEY, sign=PRIVATE.sign)


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n1\n{ROOT_TEXT}\nan extension line\n",
        f"{ORIGIN}\n1\n{ROOT_TEXT}\n\n",
        f"{ORIGIN}\n1\n",
        f"{ORIGIN}\n",
        f"\n1\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n01\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n00\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n+1\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n-1\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n 1\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n1_0\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n\u0661\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n{SIZE_MAX + 1}\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n{'9' * 5000}\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n1\n{ROOT.hex()}\n",
        f"{ORIGIN}\n1\n{b64(ROOT[:31])}\n",
        f"{ORIGIN}\n1\n{b64(ROOT + b'x')}\n",
        f"{ORIGIN}\n1\n{ROOT_TEXT.rstrip('=')}\n",
        f"{ORIGIN}\n1\né\n",
        f"{ORIGIN}\n0\n{ROOT_TEXT}\n",
        f"{ORIGIN}x\n1\n{ROOT_TEXT}\n",
        f"comity.example/log/cv\n1\n{ROOT_TEXT}\n",
    ],
)
def test_what_is_no_checkpoint_of_this_log_is_refused_even_signed(text: str):
    with pytest.raises(CheckpointBroken):
        open_checkpoint(signed(text), key=KEY, origin=ORIGIN)


def test_a_checkpoint_signed_by_another_key_is_refused():
    other = LogKey.fresh(b"another")
    text = Checkpoint(origin=ORIGIN, size=1, root=ROOT).to_text()
    forged = sign_note(text, key=VerifierKey(name=ORIGIN, public=other.public), sign=other.sign)
    with pytest.raises(NoteBroken):
        open_checkpoint(forged, key=KEY, origin=ORIGIN)


def test_an_empty_log_has_the_root_of_the_empty_tree_and_no_other():
    empty = Checkpoint(origin=ORIGIN, size=0, root=EMPTY_ROOT)
    assert open_checkpoint(signed(empty.to_text().decode()), key=KEY, origin=ORIGIN) == empty
    with pytest.raises(CheckpointBroken):
        Checkpoint(origin=ORIGIN, size=0, root=ROOT)


@pytest.mark.parametrize(("origin", "size", "root"), [("", 1, ROOT), ("a\nb", 1, ROOT), ("a", -1, ROOT), ("a", 1, b"")])
def test_a_checkpoint_that_cannot_be_written_cannot_be_made(origin: str, size: int, root: bytes):
    with pytest.raises(CheckpointBroken):
        Checkpoint(origin=origin, size=size, root=root)


def test_text_that_is_no_utf8_is_refused():
    with pytest.raises(CheckpointBroken):
        Checkpoint.from_text(b"\xff\n1\n\n")


@given(st.integers(1, SIZE_MAX), st.binary(min_size=32, max_size=32))
def test_what_was_signed_is_what_is_read(size: int, root: bytes):
    head = Checkpoint(origin=ORIGIN, size=size, root=root)
    note = signed(head.to_text().decode())
    assert open_checkpoint(note, key=KEY, origin=ORIGIN) == head
    assert claimed(note) == head


def test_the_example_of_the_specification_is_read():
    # c2sp.org/tlog-checkpoint, the example at the top; its key is not published, so nothing is believed
    note = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
        "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    ).encode()
    assert (claimed(note).origin, claimed(note).size) == ("example.com/behind-the-sofa", 20852163)
