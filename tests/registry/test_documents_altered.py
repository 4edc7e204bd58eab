"""Altered and forged documents: no changed byte, no other shape and no other key verifies, whoever makes it."""

import io
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from comity.authorities.statement import Statement, signed
from comity.exchange import pdf_file
from comity.exchange.document import DOCUMENT_KEY, RECORD_BYTES_MAX, Document, DocumentKey, NotADocument
from comity.exchange.verification import DoesNotVerify
from comity.exchange.verification_pdf import PdfVerification, Pinned
from comity.letters.letter import LETTER
from comity.registry import keys, post
from comity.registry.documents import again, pades, paper, signing, typesetting
from comity.registry.documents.again import laid_out_again
from papers import Paper, papers, steps
from scenes import World

only_sqlite = pytest.mark.parametrize("world", ["sqlite"], indirect=True, scope="session")
REFUSED = (DoesNotVerify, NotADocument)
BROKEN = (pdf_file.NotAsMade, pdf_file.PdfSignatureBroken, pdf_file.PdfBroken, ValueError, TypeError, KeyError)
HOSTILE = (
    *(
        b"[" * 5000,
        b"<<" * 5000,
        b"/Prev 0",
        b"/Size 999999999",
        b"/Length 999999999",
        b"99999 0 R",
        b"1 0 R",
        b"1e309",
    ),
    *(b"stream\n", b"endstream", b"endobj", b"/ObjStm", b"/#00", b"(\\", b"<zz>", b"%", b"startxref\n0\n%%EOF\n"),
)


@pytest.fixture(scope="session")
def made(world: World) -> dict[str, Paper]:
    return papers(world)


@pytest.fixture(scope="session")
def pdf(made: dict[str, Paper]) -> bytes:
    return made["receipt"].signed()


def refusal(data: bytes, **brought: Any) -> str:
    """The step that does not hold."""
    with pytest.raises(REFUSED) as refused:
        steps(data, **brought)
    return str(refused.value.facts.get("step", "not read"))


def holds(data: bytes) -> bool:
    """Whether a stranger would rely on it."""
    try:
        for _ in PdfVerification(data, pinned=Pinned({}, ()), lay_out=None).steps():
            pass
    except REFUSED:
        return False
    return True


@only_sqlite
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_file_with_a_flipped_bit_verifies(pdf: bytes, data: st.DataObject):
    place = data.draw(st.integers(0, len(pdf) - 1))
    bit = data.draw(st.integers(0, 7))
    assert not holds(pdf[:place] + bytes([pdf[place] ^ 1 << bit]) + pdf[place + 1 :])


@only_sqlite
def test_no_byte_of_the_signatures_own_container_can_differ(pdf: bytes):
    """No signature covers it: digits all over it are others, and each kind of other spelling is tried."""
    file = pdf_file.read(pdf)
    _, begin, end, _ = file.ranges
    length = len(cms.ContentInfo.load(bytes.fromhex(pdf[begin + 1 : end - 1].decode())).dump())
    certificate = DocumentKey.from_body(Document.from_bytes(file.record).key.body).certificate
    assert 500 < length < 2000
    file.hold_signature(certificate)
    for place in [*range(begin + 1, begin + 1 + 2 * length, 7), *range(begin + 1 + 2 * length, end - 1, 499)]:
        other = b"%X" % (int(pdf[place : place + 1], 16) ^ 1 << place % 4)
        with pytest.raises(BROKEN):
            replace(file, data=pdf[:place] + other + pdf[place + 1 :]).hold_signature(certificate)
    letter = next(place for place in range(begin + 1, end) if pdf[place : place + 1] in b"ABCDEF")
    for place, other in ((begin, b"("), (end - 1, b" "), (letter, pdf[letter : letter + 1].lower()), (end - 2, b" ")):
        assert not holds(pdf[:place] + other + pdf[place + 1 :])


@only_sqlite
@settings(max_examples=40, deadline=None)
@given(begin=st.floats(0, 1), length=st.integers(0, 4000), put=st.binary(max_size=60) | st.sampled_from(HOSTILE))
def test_nothing_can_be_cut_out_or_put_in(pdf: bytes, begin: float, length: int, put: bytes):
    place = int(begin * (len(pdf) - 1))
    altered = pdf[:place] + put + pdf[place + length :]
    assert altered == pdf or not holds(altered)


def appended(pdf: bytes) -> bytes:
    return pdf + b"\n"


def updated(pdf: bytes) -> bytes:
    """One more revision, as an editor would write it: readers may show it, and the signature does not cover it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root["/Note"] = generic.TextStringObject("changed")
    writer.update_root()  # type: ignore[no-untyped-call]
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def cut(pdf: bytes) -> bytes:
    return pdf[: len(pdf) // 2]


def unsigned(pdf: bytes) -> bytes:
    return pdf_file.read(pdf).typeset


def empty(_: bytes) -> bytes:
    return b""


def no_pdf(_: bytes) -> bytes:
    return b"PK\3\4 this is no PDF"


def only_a_header(_: bytes) -> bytes:
    return b"%PDF-1.7\n"


def compressed_tables(_: bytes) -> bytes:
    """Tables of objects in streams, which unpack to any size."""
    return b"%PDF-1.7\n1 0 obj\n<</Type/XRef/Size 2/W[1 1 1]/Length 4>>\nstream\nabcd\nendstream\nendobj\nstartxref\n9\n%%EOF\n"


@only_sqlite
@pytest.mark.parametrize(
    "alter",
    [appended, updated, cut, unsigned, empty, no_pdf, only_a_header, compressed_tables],
    ids=lambda one: one.__name__,
)
def test_a_file_of_another_shape_does_not_verify(pdf: bytes, alter: Callable[[bytes], bytes]):
    assert refusal(alter(pdf)) in {"file", "not read"}


@only_sqlite
def test_a_file_that_is_too_long_is_not_read(pdf: bytes):
    assert refusal(pdf + bytes(25 * 2**20)) == "not read"


class Script:
    """What an insider with the document key could add before signing."""

    @staticmethod
    def script(writer: IncrementalPdfFileWriter) -> None:
        action = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.TextStringObject("app.alert(1)")}
        writer.root["/OpenAction"] = generic.DictionaryObject(action)  # type: ignore[no-untyped-call]

    @staticmethod
    def bomb(writer: IncrementalPdfFileWriter) -> None:
        stream = writer.root["/AF"][0]["/EF"]["/F"]
        stream._encoded_data = zlib.compress(bytes(RECORD_BYTES_MAX * 4))
        stream._data = None
        stream[pdf_name("/Filter")] = pdf_name("/FlateDecode")
        writer.mark_update(writer.root["/AF"][0]["/EF"].raw_get("/F").reference)

    @staticmethod
    def two_files(writer: IncrementalPdfFileWriter) -> None:
        listed = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
        listed += [generic.TextStringObject("other.json"), listed[1]]
        writer.update_container(listed)

    @staticmethod
    def another_relation(writer: IncrementalPdfFileWriter) -> None:
        described = writer.root["/AF"][0]
        described[pdf_name("/AFRelationship")] = pdf_name("/Alternative")
        writer.update_container(described)


@only_sqlite
@pytest.mark.parametrize("name", ["script", "bomb", "two_files", "another_relation"])
def test_what_acts_or_hides_is_refused_though_the_node_signs_it(
    made: dict[str, Paper], name: str, monkeypatch: pytest.MonkeyPatch
):
    """Added in the very revision that the node signs, so that its signature covers it."""
    one, add = made["receipt"], getattr(Script, name)

    class Adding(pades._Writer):
        def write(self, stream: Any) -> None:
            add(self)
            self.update_root()  # type: ignore[no-untyped-call]
            super().write(stream)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(pades, "_Writer", Adding)
    assert refusal(one.signed(), pinned=one.pinned) == "file"


@only_sqlite
def test_another_key_than_the_vouched_one_signs_nothing(made: dict[str, Paper]):
    one = made["receipt"]
    card = post.own_card(one.node)
    stranger = ec.generate_private_key(ec.SECP256R1())
    own = signing._certificate(stranger, card, 2026)
    laid_out = again.laid_out(one.document)
    vouched = DocumentKey.from_body(one.document.key.body).certificate
    for certificate in (own, vouched):
        pdf = pades.certified(laid_out, certificate=certificate, key=stranger, stamp=None, at=one.at)
        assert refusal(pdf, pinned=one.pinned) == "signature"


@only_sqlite
def test_a_node_vouches_for_its_own_keys_only(made: dict[str, Paper], world: World):
    """The other node takes the record, and puts its own word for its own key beside it."""
    one = made["letter"]
    thief = world.stage.nl
    with thief.active():
        key = signing.vouched_key(thief, card=post.own_card(thief), at=one.at)
        stolen = one.changed(key=key)
        assert refusal(replace(stolen, node=thief).signed()) == "document key"
        public, sign = keys.signer(thief.folder)
        named = replace(DocumentKey.from_body(key.body), node="cv")
        claimed = signed(Statement(DOCUMENT_KEY, named.as_body()), key=public, sign=sign)
        assert refusal(replace(one.changed(key=claimed), node=thief).signed()) == "document key"


@only_sqlite
def test_a_key_signs_in_its_year_only(made: dict[str, Paper]):
    one = made["receipt"]
    for year in (2025, 2027):
        assert refusal(replace(one, at=one.at.replace(year=year)).signed()) == "signature"


@only_sqlite
def test_another_card_than_the_readers_does_not_verify(made: dict[str, Paper]):
    one = made["letter"]
    assert refusal(one.signed(), pinned=one.pinned | {"cv": one.pinned["nl"]}) == "fingerprints"


@only_sqlite
def test_a_paper_that_says_other_than_its_texts_does_not_verify(made: dict[str, Paper]):
    """The node itself lays out other pages over the true texts."""
    one = made["letter"]
    told = paper.compose(one.document, translate=str)
    told["intro"][2][1] = "Another subject"
    laid_out = typesetting.typeset(told, record=one.document.to_bytes(), at=paper.moment_of(one.document))
    forged = one.signed(typeset=laid_out)
    assert refusal(forged, pinned=one.pinned) == "paper"
    assert refusal(one.signed(typeset=laid_out + b"\n"), pinned=one.pinned) == "paper"


def another_subject(one: Document) -> Document:
    return replace(one, subject="0" * 64)


def changed_text(one: Document) -> Document:
    letter = one.statements[0]
    return replace(one, statements=(replace(letter, body=letter.body | {"subject": "Forged"}), *one.statements[1:]))


def no_decision(one: Document) -> Document:
    return replace(one, statements=tuple(text for text in one.statements if text.type != "comity/authorisation/v1"))


def out_of_order(one: Document) -> Document:
    events = [text for text in one.statements if text.type == "comity/letter-event/v1"]
    others = [text for text in one.statements if text.type != "comity/letter-event/v1"]
    return replace(one, statements=(*others, *reversed(events)))


def a_step_twice(one: Document) -> Document:
    return replace(one, statements=(*one.statements, one.statements[-1]))


def another_law(one: Document) -> Document:
    return replace(one, verdict=one.verdict | {"on": "2026-11-24"})


def no_law(one: Document) -> Document:
    return replace(one, verdict={})


def two_letters(one: Document) -> Document:
    return replace(one, statements=(one.statements[0], *one.statements))


@only_sqlite
@pytest.mark.parametrize(
    "alter",
    [another_subject, changed_text, no_decision, out_of_order, a_step_twice, another_law, no_law, two_letters],
    ids=lambda one: one.__name__,
)
def test_a_node_cannot_sign_into_being_what_its_texts_do_not_say(
    made: dict[str, Paper], alter: Callable[[Document], Document]
):
    """The node signs the altered record as a document; whoever has public keys sees that the texts do not hold."""
    one = made["letter"]
    forged = replace(one, document=alter(one.document))
    blank = typesetting.typeset(
        paper.compose(one.document, translate=str),
        record=forged.document.to_bytes(),
        at=paper.moment_of(one.document),
    )
    assert refusal(forged.signed(typeset=blank), pinned=one.pinned) == "letter, decisions and steps"


@only_sqlite
@pytest.mark.parametrize("kind", ["authorisation", "custody", "receipt"])
def test_a_text_that_is_not_what_was_signed_does_not_verify(made: dict[str, Paper], kind: str):
    one = made[kind]
    for place, text in enumerate(one.document.statements):
        name = next(one for one in ("received_at", "decided_at", "written_at", "at") if one in text.body)
        altered = replace(text, body=text.body | {name: "2026-11-20T00:00:00.000Z"})
        statements = (*one.document.statements[:place], altered, *one.document.statements[place + 1 :])
        forged = one.changed(statements=statements)
        assert refusal(forged.signed(), pinned=one.pinned) not in {"not read", "file", "signature", "paper"}


@only_sqlite
def test_nothing_rides_along_that_no_text_needs(made: dict[str, Paper]):
    one, letter = made["receipt"], made["letter"].document
    entries = letter.officials
    assert refusal(one.changed(officials=entries).signed(), pinned=one.pinned) == "nothing else"
    assert letter.statements[0].type == LETTER
    doubled = made["letter"].changed(cards=(*letter.cards, letter.cards[0]))
    assert refusal(doubled.signed()) == "node cards"


@only_sqlite
def test_pages_of_another_layout_are_not_called_the_same(made: dict[str, Paper]):
    one = made["receipt"].changed(layout="0" * 64)
    assert laid_out_again(one.document) is None
    assert steps(one.signed(), pinned=one.pinned)["paper"] == "not checked"


@only_sqlite
def test_a_certificate_that_cannot_be_read_is_a_refusal(made: dict[str, Paper]):
    """A node vouches for bytes that are no certificate, or one of a version or key that nobody knows."""
    one = made["receipt"]
    vouched = DocumentKey.from_body(one.document.key.body)
    public, sign = keys.signer(one.node.folder)
    for place in (0, 10, 12, 200, 240):  # the outer length, the version, names, the algorithm and curve of the key
        for bit in range(8):
            odd = (
                vouched.certificate[:place]
                + bytes([vouched.certificate[place] ^ 1 << bit])
                + vouched.certificate[place + 1 :]
            )
            key = signed(Statement(DOCUMENT_KEY, replace(vouched, certificate=odd).as_body()), key=public, sign=sign)
            pdf = one.signed(typeset=again.laid_out(replace(one.document, key=key)))
            assert refusal(pdf) in {"signature", "document key"}
