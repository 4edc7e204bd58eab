"""A bundle names the papers of its case, and brings the certificate under which its node signed them."""

import hashlib
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from comity.authorities.keys import b64, unb64
from comity.authorities.statement import Statement
from comity.canon import JsonObject, canonical
from comity.cli.exporting import export
from comity.evidence.member import certificate_member, document_key_member
from comity.exchange import pdf_file
from comity.exchange.document import DOCUMENT_KEY, Document
from comity.exchange.verification import DoesNotVerify, Verification
from comity.registry import log, post
from comity.registry.documents import signing
from comity.registry.jobs import documents
from comity.registry.queries import documents as reads
from exported import Exported, unheard, unzipped
from scenes import accepted, opened, recognised, settle, taken_in
from stage import staged

WORD, CERTIFICATE = document_key_member("cv", year=2026), certificate_member("cv", year=2026)


@dataclass(frozen=True)
class Papers:
    """A bundle, the papers about what is in it, and one about something else."""

    exported: Exported
    made: dict[str, bytes]
    other: bytes


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papers]:
    folder = tmp_path_factory.mktemp("papers")
    with staged(folder, image_bytes=3_000) as stage:
        letter = recognised(stage, opened(stage))
        items = [taken_in(stage, letter), taken_in(stage, letter)]
        for item in items:
            accepted(stage, item)
        settle(stage)
        file = folder / "papers.bundle"
        with stage.cv.active():
            seat, at = stage.seat(stage.cv, "custodian"), stage.cv.clock.now()
            liaison = stage.seat(stage.cv, "investigator").entry.actor
            viewer = seat.entry.actor
            made = {
                "letter": documents.make(reads.of_letter(letter, viewer=liaison), language="pt", actor=liaison, at=at),
                "custody": documents.make(
                    reads.of_custody(items[0], viewer=viewer), language="en", actor=viewer, at=at
                ),
            }
            other = documents.make(reads.of_custody(items[1], viewer=viewer), language="en", actor=viewer, at=at)
            export(items[0], file, reason="For the court", key_file=None, progress=unheard, seat=seat)
        exported = Exported(stage, file, file, file, unzipped(file.read_bytes()))
        yield Papers(exported, {name: one.pdf for name, one in made.items()}, other.pdf)


def told(data: bytes) -> dict[str, tuple[str, tuple[str, ...]]]:
    reading = Verification(io.BytesIO(data), pinned={}, key=None, progress=unheard)
    return {step.step: (step.result.value, step.details) for step in reading.steps()}


def failed(exported: Exported, members: dict[str, bytes]) -> str:
    try:
        told(exported.packed(members))
    except DoesNotVerify as refused:
        return str(refused.facts["step"])
    return ""


def without(exported: Exported, *names: str) -> dict[str, bytes]:
    return {name: data for name, data in exported.members.items() if name not in names}


def entries(exported: Exported) -> list[str]:
    return [name for name in exported.only("log") if exported.entry(name).get("kind") == "document.make"]


def test_each_paper_on_what_is_here_is_named_by_its_hash_and_no_other_is(papers: Papers):
    result, details = told(papers.exported.data)["documents"]
    assert (result, len(details)) == ("holds", 2)
    for kind, pdf in papers.made.items():
        (line,) = [one for one in details if one.startswith(f"{kind} ")]
        assert f"SHA-256 {hashlib.sha256(pdf).hexdigest()} (cv log " in line
    assert hashlib.sha256(papers.other).hexdigest() not in str(details)


def test_the_certificate_is_the_one_in_the_papers(papers: Papers):
    found = x509.load_der_x509_certificate(papers.exported.members[CERTIFICATE])
    assert found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value == "cv: documents 2026"
    for pdf in papers.made.values():
        file = pdf_file.read(pdf)
        assert Document.from_bytes(file.record).key.to_bytes() == papers.exported.members[WORD]
        file.hold_signature(papers.exported.members[CERTIFICATE])


def test_what_is_left_out_of_it_is_missed(papers: Papers):
    exported = papers.exported
    assert failed(exported, without(exported, WORD)) == "documents"
    assert failed(exported, without(exported, CERTIFICATE)) == "documents"
    assert failed(exported, without(exported, WORD, CERTIFICATE)) == "documents"
    assert failed(exported, without(exported, *entries(exported))) == "nothing else", "a certificate that nothing needs"


def test_a_changed_byte_in_it_is_found(papers: Papers):
    chance = random.Random(20261128)
    for name in (WORD, CERTIFICATE, *entries(papers.exported)):
        data = papers.exported.members[name]
        for _ in range(5):
            position = chance.randrange(len(data))
            altered = data[:position] + bytes([data[position] ^ 1 << chance.randrange(8)]) + data[position + 1 :]
            changed = papers.exported.members | {name: altered}
            assert failed(papers.exported, changed) in {"documents", "logs"}, (name, position)


def certificate(key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, *, years: tuple[int, int]) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cv: documents 2026")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    begins, ends = (datetime(year, 1, 1, tzinfo=UTC) for year in years)
    return built.not_valid_before(begins).not_valid_after(ends).sign(by, hashes.SHA256()).public_bytes(Encoding.DER)


def worded(papers: Papers, change: JsonObject, *, node: str = "cv", beside: bytes | None = None) -> str:
    """The step at which the bundle fails with another word of a node for the certificate."""
    exported = papers.exported
    body = exported.body(WORD) | change
    by = exported.stage.cv if node == "cv" else exported.stage.nl
    word = exported.by_node(DOCUMENT_KEY, body, node=by)
    lies = beside if beside is not None else unb64(body["certificate"])
    return failed(exported, exported.members | {WORD: word.to_bytes(), CERTIFICATE: lies})


def test_the_word_of_another_node_or_for_another_time_or_node_is_none(papers: Papers):
    assert worded(papers, {}) == ""
    assert worded(papers, {}, node="nl") == "documents"
    for change in (
        {"node": "nl"},
        {"kind": "live"},
        {"from": "2025-01-01T00:00:00.000Z"},
        {"until": "2026-01-01T00:00:00.000Z"},
        {"until": "2026-06-01T00:00:00.000Z"},
        {"until": "2126-01-01T00:00:00.000Z"},
    ):
        assert worded(papers, change) == "documents", change


def test_a_certificate_that_cannot_have_signed_the_papers_is_refused(papers: Papers):
    key, stranger = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    large = ec.generate_private_key(ec.SECP384R1())
    assert worded(papers, {}, beside=certificate(key, key, years=(2026, 2036))) == "documents", (
        "not the one vouched for"
    )
    for der in (
        b"",
        b"\x30\x00",
        certificate(key, stranger, years=(2026, 2036)),
        certificate(large, large, years=(2026, 2036)),
        certificate(key, key, years=(2027, 2036)),
        certificate(key, key, years=(2020, 2026)),
    ):
        assert worded(papers, {"certificate": b64(der)}) == "documents"


def test_a_certificate_of_a_year_in_which_no_paper_was_signed_does_not_ride_along(papers: Papers):
    stage = papers.exported.stage
    with stage.cv.active():
        word = signing.vouched_key(stage.cv, card=post.own_card(stage.cv), at=datetime(2027, 5, 1, tzinfo=UTC))
    more = {
        document_key_member("cv", year=2027): word.to_bytes(),
        certificate_member("cv", year=2027): unb64(word.body["certificate"]),
    }
    assert failed(papers.exported, papers.exported.members | more) == "nothing else"
    lone = {certificate_member("cv", year=2027): papers.exported.members[CERTIFICATE]}
    assert failed(papers.exported, papers.exported.members | lone) == "nothing else"


def test_a_certificate_under_the_name_of_another_year_or_node_is_refused(papers: Papers):
    exported = papers.exported
    word, der = exported.members[WORD], exported.members[CERTIFICATE]
    for node, year in (("cv", 2027), ("nl", 2026)):
        named = {document_key_member(node, year=year): word, certificate_member(node, year=year): der}
        assert failed(exported, without(exported, WORD, CERTIFICATE) | named) == "documents"
    assert Statement.from_bytes(word).type == DOCUMENT_KEY


def test_an_entry_on_a_paper_about_another_thing_does_not_ride_along(papers: Papers):
    exported, digest = papers.exported, hashlib.sha256(papers.other).hexdigest()
    with exported.stage.cv.active():
        size, signed = log.newest_checkpoint()
        for index in range(size):
            placed = log.prove(index, size=size, signed=signed)
            if placed.entry.facts.get("file_sha256") == digest:
                entry = canonical({"entry": placed.entry.as_body(), "inclusion": placed.inclusion.as_record()})
                more = {f"log/cv/{index}.json": entry}
    assert failed(exported, exported.members | more) == "documents"
