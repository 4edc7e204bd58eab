"""Witnesses: what they sign, what they are asked, how they decide, and what proves that a log told two histories."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError
from comity.ledger import (
    EMPTY_ROOT,
    Checkpoint,
    CosignerKey,
    Fork,
    HashAt,
    HeldAtAnotherSize,
    HistoriesDiffer,
    NotAFork,
    NoteBroken,
    ProofDoesNotMatch,
    Quorum,
    Submission,
    SubmissionBroken,
    TooFewWitnesses,
    VerifierKey,
    VerifierKeyBroken,
    claimed,
    consistency_proof,
    cosign,
    cosigners,
    judge,
    leaf_hash,
    lines_by,
    open_checkpoint,
    path_between,
    root,
    sign_note,
    verify_fork,
    with_lines,
)
from keys import LogKey

ORIGIN: Final = "comity.example/log/nl"
LOG: Final = LogKey.fresh(b"a log")
KEY: Final = VerifierKey(name=ORIGIN, public=LOG.public)
AT: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)

# A request, its log's key and its two successors, as a public witness is tested with them (torchwood, witness_test.go)
SIGSUM: Final = VerifierKey(
    name="sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562",
    public=bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"),
)
PUBLISHED: Final = [
    f"""old 0

{SIGSUM.name}
1
KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

— {SIGSUM.name} UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=
""",
    f"""old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

{SIGSUM.name}
3
RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=

— {SIGSUM.name} UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=
""",
    f"""old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=
KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

{SIGSUM.name}
5
QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=

— {SIGSUM.name} UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=
""",
]


def witness(name: str) -> tuple[CosignerKey, LogKey]:
    private = LogKey.fresh(name.encode())
    return CosignerKey(name=f"comity.example/witness/{name}", public=private.public), private


def leaves_of(size: int, *, fork: int | None = None) -> list[bytes]:
    return [leaf_hash(b"other" if number == fork else b"%d" % number) for number in range(size)]


def reading(leaves: list[bytes]) -> HashAt:
    return lambda level, index: root(leaves[index << level : (index + 1) << level])


def checkpoint(leaves: list[bytes]) -> bytes:
    head = Checkpoint(origin=ORIGIN, size=len(leaves), root=root(leaves))
    return sign_note(head.to_text(), key=KEY, sign=LOG.sign)


def line(note: bytes, name: str, *, at: datetime = AT) -> bytes:
    key, private = witness(name)
    return cosign(note.split(b"\n\n")[0] + b"\n", key=key, sign=private.sign, at=at)


# Cosignatures


def test_a_published_key_of_a_witness_is_read_and_written():
    vkey = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
    assert CosignerKey.parse(vkey).vkey == vkey
    with pytest.raises(VerifierKeyBroken, match="0x01"):
        VerifierKey.parse(vkey)
    with pytest.raises(VerifierKeyBroken, match="0x04"):
        CosignerKey.parse(KEY.vkey)


def test_a_cosignature_signs_the_words_of_the_specification():
    note, (key, private) = checkpoint(leaves_of(3)), witness("w")
    made = cosign(claimed(note).to_text(), key=key, sign=private.sign, at=AT)
    stamped = base64.b64decode(made.split(b" ")[2])[4:]
    assert int.from_bytes(stamped[:8]) == 1795424400
    public = Ed25519PublicKey.from_public_bytes(key.public)
    public.verify(stamped[8:], b"cosignature/v1\ntime 1795424400\n" + claimed(note).to_text())
    assert made.startswith("— comity.example/witness/w ".encode())
    assert [one.at for one in cosigners(with_lines(note, [made]), [key])] == [AT]


def test_a_cosigned_checkpoint_still_opens_with_the_key_of_its_log():
    note = checkpoint(leaves_of(3))
    both = with_lines(note, [line(note, "a"), line(note, "b"), line(note, "a")])
    assert both.count("—".encode()) == 3, "each line stands there once"
    assert open_checkpoint(both, key=KEY, origin=ORIGIN).size == 3


def test_a_quorum_counts_the_witnesses_that_it_knows_and_no_others():
    note = checkpoint(leaves_of(3))
    trusted = tuple(witness(name)[0] for name in ("a", "b", "c"))
    two = Quorum(needed=2, witnesses=trusted)
    for few in ("", "a", "axy", "xyz"):
        with pytest.raises(TooFewWitnesses):
            two.hold(with_lines(note, [line(note, name) for name in few]))
    for enough in ("ab", "xca", "abc"):
        assert len(two.hold(with_lines(note, [line(note, name) for name in enough]))) >= 2
    twice = [line(note, "a"), line(note, "a", at=AT + timedelta(hours=1))]
    with pytest.raises(TooFewWitnesses):
        two.hold(with_lines(note, twice))
    assert Quorum(needed=0, witnesses=()).hold(note) == ()


def test_a_trusted_line_that_does_not_verify_is_refused_beside_good_ones():
    note, other = checkpoint(leaves_of(3)), checkpoint(leaves_of(4))
    keys = [witness("a")[0], witness("b")[0]]
    with pytest.raises(NoteBroken, match="does not verify"):
        cosigners(with_lines(note, [line(note, "a"), line(other, "b")]), keys)


@given(st.integers(0, 75), st.integers(0, 7))
def test_any_flipped_bit_of_a_cosignature_is_refused_or_makes_it_a_strangers(byte: int, bit: int):
    note, (key, _) = checkpoint(leaves_of(3)), witness("a")
    name, value = line(note, "a").decode().rstrip("\n").rsplit(" ", 1)
    raw = bytearray(base64.b64decode(value))
    raw[byte] ^= 1 << bit
    changed = with_lines(note, [f"{name} {base64.b64encode(raw).decode()}\n".encode()])
    if byte < 4:
        assert cosigners(changed, [key]) == ()
    else:
        with pytest.raises(NoteBroken):
            cosigners(changed, [key])


def test_of_a_witnesss_answer_only_its_own_line_is_taken():
    note, (key, _) = checkpoint(leaves_of(3)), witness("a")
    assert lines_by(line(note, "x") + line(note, "a"), key=key, over=note) == line(note, "a")
    for answer in (b"", line(note, "x"), b"hello\n", line(checkpoint(leaves_of(4)), "a")):
        with pytest.raises(NoteBroken):
            lines_by(answer, key=key, over=note)


@pytest.mark.parametrize("bad", [b"", b"x", b"\n", b"x\n\ny\n", "— a AAAA".encode(), "— a b c\n".encode()])
def test_nothing_but_signature_lines_is_added_to_a_note(bad: bytes):
    with pytest.raises(NoteBroken):
        with_lines(checkpoint(leaves_of(3)), [bad])


# Requests


def test_published_requests_are_read_written_and_decided_as_a_public_witness_does():
    held: Checkpoint | None = None
    first, three, five = (Submission.from_bytes(text.encode()) for text in PUBLISHED)
    assert [one.to_bytes().decode() for one in (first, three, five)] == PUBLISHED
    for one in (first, five):
        head = open_checkpoint(one.checkpoint, key=SIGSUM, origin=SIGSUM.name)
        judge(one, head=head, held=held)
        held = head
    late = open_checkpoint(three.checkpoint, key=SIGSUM, origin=SIGSUM.name)
    with pytest.raises(HeldAtAnotherSize):
        judge(three, head=late, held=held)


@pytest.mark.parametrize(
    "head",
    [
        *("", "old", "old -1", "old 01", "old  1", "old 1 ", "new 1", "old 1\n\n", "old 1\nAAAA", "old 1\nx"),
        *("old 1e3", "old 99999999999999999", "old 1" + "\nKgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" * 64),
    ],
)
def test_what_is_no_request_is_refused(head: str):
    def asked() -> None:
        one = Submission.from_bytes(f"{head}\n\n".encode() + checkpoint(leaves_of(3)))
        judge(one, head=open_checkpoint(one.checkpoint, key=KEY, origin=ORIGIN), held=None)

    with pytest.raises(ComityError) as refused:
        asked()
    assert refused.value.code in {"ledger.submission_broken", "ledger.note_broken", "ledger.checkpoint_broken"}


def decided(known: list[bytes], new: list[bytes], *, old: int, proof: list[bytes] | None = None) -> None:
    """What a witness that holds `known` decides about `new`."""
    note = checkpoint(new)
    made = proof
    if made is None:
        grows = 0 < old < len(new)
        made = consistency_proof(size1=old, size2=len(new), hash_at=reading(new)) if grows else []
    held = claimed(checkpoint(known)) if known else None
    judge(Submission(old=old, proof=made, checkpoint=note), head=claimed(note), held=held)


@pytest.mark.parametrize(
    ("known", "new", "old", "proof", "refusal"),
    [
        (0, 0, 0, [], None),
        (0, 1, 0, [], None),
        (0, 7, 0, [], None),
        (1, 1, 1, [], None),
        (7, 7, 7, [], None),
        (4, 9, 4, None, None),
        (3, 9, 3, None, None),
        (0, 1, 0, [EMPTY_ROOT], ProofDoesNotMatch),
        (0, 0, 0, [EMPTY_ROOT], ProofDoesNotMatch),
        (1, 1, 0, [], HeldAtAnotherSize),
        (1, 1, 0, [EMPTY_ROOT], HeldAtAnotherSize),
        (1, 9, 4, None, HeldAtAnotherSize),
        (9, 4, 4, [], HeldAtAnotherSize),
        (9, 4, 9, [], SubmissionBroken),
        (1, 0, 1, [], SubmissionBroken),
        (4, 9, 4, [], ProofDoesNotMatch),
        (4, 9, 4, [EMPTY_ROOT] * 3, ProofDoesNotMatch),
        (4, 4, 4, [EMPTY_ROOT], ProofDoesNotMatch),
    ],
)
def test_a_witness_lets_a_log_grow_and_nothing_else(
    known: int, new: int, old: int, proof: list[bytes] | None, refusal: type[ComityError] | None
):
    if refusal is None:
        decided(leaves_of(known), leaves_of(new), old=old, proof=proof)
    else:
        with pytest.raises(refusal):
            decided(leaves_of(known), leaves_of(new), old=old, proof=proof)


def test_a_second_tree_of_one_size_is_refused_by_name():
    with pytest.raises(HistoriesDiffer):
        decided(leaves_of(5), leaves_of(5, fork=2), old=5)
    with pytest.raises(HistoriesDiffer):
        decided(leaves_of(5), leaves_of(5, fork=2), old=0)


# Forks


@given(st.data())
def test_a_rewritten_history_proves_itself_and_an_honest_one_never_does(data: st.DataObject):
    size2 = data.draw(st.integers(2, 70))
    size1 = data.draw(st.integers(1, size2 - 1))
    honest, told = leaves_of(size2), leaves_of(size2, fork=data.draw(st.integers(0, size1 - 1)))
    earlier = checkpoint(honest[:size1])
    proven = Fork(earlier=earlier, later=checkpoint(told), path=path_between(size1, size2, reading(told)))
    read = Fork.from_record(proven.as_record())
    heads = verify_fork(read, keys=(KEY,), origin=ORIGIN)
    assert [one.size for one in heads] == [size1, size2]
    for path in (path_between(size1, size2, reading(honest)), proven.path):
        with pytest.raises((NotAFork, ProofDoesNotMatch)):
            verify_fork(Fork(earlier=earlier, later=checkpoint(honest), path=path), keys=(KEY,), origin=ORIGIN)


def test_two_roots_of_one_size_are_a_fork_and_one_root_is_none():
    one, other = checkpoint(leaves_of(5)), checkpoint(leaves_of(5, fork=1))
    assert verify_fork(Fork(earlier=one, later=other, path=[]), keys=(KEY,), origin=ORIGIN)[0].size == 5
    with pytest.raises(NotAFork, match="of one tree"):
        verify_fork(Fork(earlier=one, later=one, path=[]), keys=(KEY,), origin=ORIGIN)


def test_nobody_proves_a_fork_with_a_checkpoint_that_the_log_did_not_sign():
    other = LogKey.fresh(b"somebody else")
    head = Checkpoint(origin=ORIGIN, size=5, root=root(leaves_of(5, fork=1)))
    forged = sign_note(head.to_text(), key=VerifierKey(name=ORIGIN, public=other.public), sign=other.sign)
    with pytest.raises(NoteBroken):
        verify_fork(Fork(earlier=checkpoint(leaves_of(5)), later=forged, path=[]), keys=(KEY,), origin=ORIGIN)


@pytest.mark.parametrize(
    ("earlier", "later", "path"), [(5, 3, [EMPTY_ROOT]), (0, 3, [EMPTY_ROOT]), (3, 5, []), (3, 5, [b"x"])]
)
def test_checkpoints_without_a_path_that_fits_them_prove_nothing(earlier: int, later: int, path: list[bytes]):
    with pytest.raises((NotAFork, ProofDoesNotMatch)):
        verify_fork(
            Fork(earlier=checkpoint(leaves_of(earlier)), later=checkpoint(leaves_of(later)), path=path),
            keys=(KEY,),
            origin=ORIGIN,
        )


@pytest.mark.parametrize(
    "record", [{}, {"earlier": "", "later": "", "path": [1]}, {"earlier": "", "later": "", "path": ["x"]}]
)
def test_what_is_no_record_of_a_fork_is_refused(record: dict[str, object]):
    with pytest.raises(NotAFork):
        Fork.from_record(record)
