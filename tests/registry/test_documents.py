"""Documents: what is on them, what they are as files, that a stranger can rely on them, and that they are recorded."""

import io
import json
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

import scenes
from authority import TimeAuthority
from comity.authorities.roles import MandateNotInForce
from comity.cli.story import Stage
from comity.errors import ComityError
from comity.exchange import pdf_file
from comity.exchange.document import Document, DocumentKey, DocumentTooLarge
from comity.ledger.time_stamp import trusted_roots
from comity.registry.access import NoSuchThing
from comity.registry.documents import again, paper, typesetting, words
from comity.registry.jobs import documents as jobs
from comity.registry.keys import KeyFileUnsafe
from comity.registry.models import EntryRow
from comity.registry.queries import documents as reads
from comity.web.shell import telling, wording
from papers import KINDS, Paper, judged_by_pyhanko, papers, steps, text_of
from scenes import World
from strangers import pdfsig

only_sqlite = pytest.mark.parametrize("world", ["sqlite"], indirect=True, scope="session")
MOMENT = datetime(2026, 11, 23, 9, tzinfo=UTC)
SCRIPTS = {
    "pt": "Ação judicial; não há",
    "el": "Αίτηση δικαστικής συνδρομής",
    "bg": "Искане за правна помощ",
    "ar": "طلب المساعدة القانونية",
    "vi": "Yêu cầu tương trợ tư pháp",
}
HOSTILE = (
    '#panic("x")',
    '#read("/etc/passwd")',
    '#import "@preview/cetz:0.3.0"',
    "#sys.inputs.record",
    "*bold* _emph_ $x^2$ `raw` @ref <label> = heading",
    '"] #{ while true {} } [',
    "\\u{41} \\ // comment /* comment */ ~ --- ...",
    '{"quote": "\\"}',
    "https://example.org/#fragment",
    "```typ #1+1 ```",
)


@pytest.fixture(scope="session")
def made(world: World) -> dict[str, Paper]:
    return papers(world)


@only_sqlite
@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_with_the_cards_holds_every_step_but_the_time(made: dict[str, Paper], kind: str):
    pdf = made[kind].signed()
    found = steps(pdf, pinned=made[kind].pinned)
    assert {step for step, result in found.items() if result != "holds"} == {"time"}
    assert {step for step, result in steps(pdf).items() if result != "holds"} == {"time", "fingerprints"}


@only_sqlite
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_record_is_the_same_file_before_and_after_signing(made: dict[str, Paper], kind: str):
    one = made[kind]
    laid_out = again.laid_out(one.document)
    assert laid_out == again.laid_out(one.document)
    signed = one.signed()
    assert signed == one.signed()
    assert signed.startswith(laid_out)


@only_sqlite
def test_a_document_is_made_within_a_second_of_work(made: dict[str, Paper]):
    made["letter"].signed()  # loads what is loaded once
    begun = time.process_time()
    made["letter"].signed()
    assert time.process_time() - begun < 1


@only_sqlite
@pytest.mark.parametrize("kind", KINDS)
def test_the_file_is_what_pdf_a_3a_and_pdf_ua_ask_for(made: dict[str, Paper], kind: str):
    pdf = made[kind].signed()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        with file.open_metadata() as said:
            assert (said["pdfaid:part"], said["pdfaid:conformance"], said["pdfuaid:part"]) == ("3", "A", "1")
            assert said["dc:title"]
        root = file.Root
        assert [str(one.S) for one in root.OutputIntents] == ["/GTS_PDFA1"]
        assert root.OutputIntents[0].DestOutputProfile.read_bytes()
        assert root.MarkInfo.Marked
        assert str(root.Lang) == "en"
        assert root.StructTreeRoot.K
        assert root.ViewerPreferences.DisplayDocTitle
        assert not file.is_encrypted
        assert not {"/OpenAction", "/AA", "/JavaScript"} & set(root.keys())
        assert [(str(one.AFRelationship), str(one.UF)) for one in root.AF] == [("/Data", "comity.json")]
        assert file.attachments["comity.json"].get_file().read_bytes() == made[kind].document.to_bytes()
        assert all("/FontFile2" in one or "/FontFile3" in one for one in descriptors(file))
        field = root.AcroForm.Fields[0]
        assert int(field.F) == 4 | 128, "it would be printed, and is locked"
        assert [float(one) for one in field.Rect][2:] <= [0, 0], "it lies outside the page"
        assert file.check_pdf_syntax() == []


def descriptors(file: pikepdf.Pdf) -> list[pikepdf.Object]:
    found = [
        one.FontDescriptor for one in file.objects if isinstance(one, pikepdf.Dictionary) and "/FontDescriptor" in one
    ]
    assert found
    return found


@only_sqlite
@pytest.mark.parametrize("kind", KINDS)
def test_another_implementation_of_pades_accepts_it(made: dict[str, Paper], kind: str):
    one = made[kind]
    certificate = asn1_x509.Certificate.load(DocumentKey.from_body(one.document.key.body).certificate)
    signatures = PdfFileReader(io.BytesIO(one.signed())).embedded_signatures
    assert len(signatures) == 1
    context = ValidationContext(trust_roots=[certificate], allow_fetching=False, moment=one.at)
    status = judged_by_pyhanko(signatures[0], context)
    assert status.bottom_line
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert status.docmdp_ok


if pdfsig() is not None:

    @only_sqlite
    def test_pdfsig_accepts_it_and_no_flipped_byte(made: dict[str, Paper], tmp_path: Path):
        pdf, file = made["letter"].signed(), tmp_path / "letter.pdf"
        for data, accepted in ((pdf, True), (flipped(pdf, len(pdf) // 3, 1), False)):
            file.write_bytes(data)
            command = [str(pdfsig()), "-nocert", str(file)]
            said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
            assert ("Signature is Valid." in said) is accepted
            assert "Total document signed" in said


def flipped(data: bytes, place: int, bit: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]


def test_the_words_are_those_of_the_desks():
    for event, word in wording.CUSTODY.items():
        assert words.WORDS["event"][event] == str(word), event
    for name, label in words.LABELS.items():
        if name in telling.LABELS and name != "state":  # there it has a context
            assert str(telling.LABELS[name]) == label, name


@pytest.mark.parametrize(("language", "said"), SCRIPTS.items())
def test_several_scripts_can_be_read_and_copied(language: str, said: str):
    shown = text_of(typeset([said], language=language))
    if language == "ar":  # shaped and from right to left: the letters are there, in their order on the line
        assert set(said) - {" "} <= set(shown)
    else:
        assert said in shown
    with pikepdf.open(io.BytesIO(typeset([said], language=language))) as file:
        assert str(file.Root.Lang) == language


def test_a_character_without_a_glyph_is_shown_by_its_number():
    assert "[U+4E2D][U+1F600]!" in text_of(typeset(["中😀!"]))


@pytest.mark.parametrize("said", HOSTILE)
def test_what_looks_like_markup_is_text(said: str):
    assert said.replace(" ", "") in text_of(typeset([said])).replace(" ", "").replace("\u200b", "")


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_text_is_laid_out(said: str):
    assert typeset([said]).startswith(b"%PDF-1.7")


def typeset(values: list[str], *, language: str = "en") -> bytes:
    """A paper that says these things."""
    told = {
        "language": language,
        "title": "Title",
        "author": "Node",
        "from": "Node",
        "banner": "",
        "intro": [["Label", one] for one in values],
        "parts": [],
        "columns": ["Field", "Value"],
        "page": "Page",
        "check": {"heading": "Check", "lines": [], "fingerprints": [["cv", "abcd"]], "columns": ["Node", "Print"]},
        "footer": "Title",
    }
    return typesetting.typeset(told, record=b"{}", at=MOMENT)


@only_sqlite
def test_every_field_of_every_text_is_on_the_paper(made: dict[str, Paper]):
    shown = "".join(text_of(made["letter"].signed()).split()).replace("\u200b", "")
    for statement in made["letter"].document.statements:
        for value in leaves(statement.body):
            assert "".join(value.split()) in shown, value


def leaves(value: object) -> list[str]:
    if isinstance(value, dict):
        return [one for inner in value.values() for one in leaves(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in leaves(inner)]
    text = str(value)
    return [text] if isinstance(value, str | int) and not isinstance(value, bool) and "T" not in text[10:11] else []


@only_sqlite
def test_labels_are_in_the_readers_language(world: World):
    german = papers(world, language="de")["letter"]
    assert "Betreff" in text_of(german.signed())
    assert steps(german.signed(), pinned=german.pinned)["paper"] == "holds"


@only_sqlite
def test_a_record_that_is_too_long_has_no_document(made: dict[str, Paper]):
    one = made["receipt"].document
    with pytest.raises(DocumentTooLarge):
        paper.compose(replace(one, statements=one.statements * (paper.ROWS_MAX // 2)), translate=str)
    with pytest.raises(DocumentTooLarge):
        replace(one, entry={"long": "x" * 5_000_000}).to_bytes()


@only_sqlite
def test_nothing_is_left_in_temporary_files(made: dict[str, Paper], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("TMPDIR", "TMP", "TEMP"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    made["letter"].signed()
    assert tempfile.gettempdir() == str(tmp_path)
    assert list(tmp_path.rglob("*")) == []


@only_sqlite
def test_who_may_not_see_the_letter_gets_no_document_of_it(world: World):
    stage = world.stage
    letter, item = world.letters["executed"], world.items["accepted"]
    stranger, overseer = stage.cv.machine("stranger"), stage.seat(stage.cv, "overseer").entry.actor
    with stage.cv.active():
        asked: tuple[Callable[[], object], ...] = (
            lambda: reads.of_letter(letter, viewer=stranger),
            lambda: reads.of_authorisation(letter, "0" * 64, viewer=stranger),
            lambda: reads.of_authorisation(letter, "0" * 64, viewer=overseer),
            lambda: reads.of_receipt(letter, "nl", viewer=stranger),
            lambda: reads.of_custody(item, viewer=stranger),
            lambda: reads.of_custody(item, viewer=overseer),
        )
        for refused in asked:
            with pytest.raises(NoSuchThing):
                refused()
    investigator = stage.seat(stage.cv, "investigator").entry.actor
    with stage.cv.active(), pytest.raises(reads.DraftHasNoPaper):
        reads.of_letter(world.letters["draft"], viewer=investigator)
    with stage.cv.active(), pytest.raises(reads.NoReceiptYet):
        reads.of_receipt(world.letters["authorised"], "nl", viewer=investigator)


@only_sqlite
def test_both_sides_have_the_receipt(world: World):
    stage, letter = world.stage, world.letters["received"]
    texts = []
    for node, role in ((stage.cv, "investigator"), (stage.nl, "liaison")):
        with node.active():
            texts.append(reads.of_receipt(letter, "nl", viewer=stage.seat(node, role).entry.actor).statements)
    assert texts[0] == texts[1]


def test_a_document_that_left_is_in_the_log_with_the_hash_of_its_file(stage: Stage):
    letter = scenes.authorised(stage, scenes.opened(stage))
    with stage.cv.active():
        seat = stage.seat(stage.cv, "investigator")
        before = EntryRow.objects.count()
        sheaf = reads.of_letter(letter, viewer=seat.entry.actor)
        done = jobs.make(sheaf, language="en", actor=seat.entry.actor, at=stage.cv.clock.now())
        assert EntryRow.objects.count() == before + 1
        entry = EntryRow.objects.order_by("-id")[0]
        facts = json.loads(bytes(entry.body))["facts"]
        assert entry.kind == "document.make"
        assert facts["file_sha256"] == done.sha256
        assert (facts["letter"], facts["document"]) == (letter, "letter")
        with pytest.raises(MandateNotInForce):
            jobs.make(sheaf, language="en", actor=stage.cv.machine("stranger"), at=stage.cv.clock.now())
        assert EntryRow.objects.count() == before + 1
    key = stage.cv.folder / "keys" / "document-2026"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert steps(done.pdf)["signature"] == "holds"
    key.chmod(0o644)
    with stage.cv.active(), pytest.raises(KeyFileUnsafe):
        jobs.make(sheaf, language="en", actor=seat.entry.actor, at=stage.cv.clock.now())


def hold_every_byte(pdf: bytes, *, roots: tuple[x509.Certificate, ...]) -> None:
    """No byte of the container differs unnoticed, the time stamp and its certificates included."""
    file = pdf_file.read(pdf)
    certificate = DocumentKey.from_body(Document.from_bytes(file.record).key.body).certificate
    _, begin, end, _ = file.ranges
    length = len(cms.ContentInfo.load(bytes.fromhex(pdf[begin + 1 : end - 1].decode())).dump())
    assert length > 1500

    def hold(data: bytes) -> None:
        altered = replace(file, data=data)
        altered.hold_signature(certificate)
        altered.hold_time(roots)

    hold(pdf)
    for place in range(begin + 1, begin + 1 + 2 * length, 17):
        other = b"%X" % (int(pdf[place : place + 1], 16) ^ 1 << place % 4)
        with pytest.raises((ComityError, ValueError, TypeError, KeyError, AttributeError, IndexError)):
            hold(pdf[:place] + other + pdf[place + 1 :])


@only_sqlite
def test_a_time_stamp_is_in_the_file_where_an_authority_answers(world: World, made: dict[str, Paper], tmp_path: Path):
    node, config = world.stage.cv, world.stage.cv.folder / "node.toml"
    before = config.read_text(encoding="utf-8")
    with TimeAuthority(tmp_path / "authority").serving() as clock, node.active():
        (node.folder / "roots.pem").write_bytes(clock.roots)
        try:
            config.write_text(f'{before}\n[time_stamps]\nurl = "{clock.url}"\nroots = "roots.pem"\npolicies = []\n')
            stamped = made["receipt"].signed(stamp=jobs.stamp_now)
            clock.mood = "busy"
            bare = made["receipt"].signed(stamp=jobs.stamp_now)
        finally:
            config.write_text(before, encoding="utf-8")
        assert jobs.stamp_now(bytes(32)) is None
    pinned = made["receipt"].pinned
    found = steps(stamped, pinned=pinned, roots=tuple(trusted_roots(clock.roots)))
    assert set(found.values()) == {"holds"}
    assert steps(stamped, pinned=pinned)["time"] == "not checked"
    assert bare == made["receipt"].signed()
    hold_every_byte(stamped, roots=tuple(trusted_roots(clock.roots)))
    signature = PdfFileReader(io.BytesIO(stamped)).embedded_signatures[0]
    clocks = [asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in trusted_roots(clock.roots)]
    held = ValidationContext(trust_roots=clocks, allow_fetching=False)
    status = judged_by_pyhanko(signature, held).timestamp_validity
    assert status is not None
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
