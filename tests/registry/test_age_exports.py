"""Evidence for a person without a node: stock programs open it, nobody else does, and the record says for whom it left."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import bagit
import pyrage
import pytest

from comity.authorities.roles import Role
from comity.authorities.statement import Statement
from comity.cases.handling import Handling
from comity.cli import desk
from comity.cli.exporting import FileTaken, export_age
from comity.cli.script import Image
from comity.cli.shell import Seat
from comity.errors import ComityError
from comity.evidence.custody import CustodyEvent
from comity.evidence.events import Thing
from comity.evidence.marking import Marking
from comity.registry import authenticator
from comity.registry.actions.custody import NotOpened
from comity.registry.jobs.age_exports import NotTheItem, take
from comity.registry.jobs.age_files import NotARecipient, encrypted, recipients
from comity.registry.jobs.exports import NotExported
from comity.registry.models import CustodyRow, EntryRow, OfficialRow
from comity.registry.vault.local import path_of
from scenes import ITEM_BYTES, opened, recognised, taken_in
from stage import staged
from strangers import age

SSH = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN"


@pytest.fixture(scope="module")
def item(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Seat, str]]:
    """An item at nl, and its custodian at the desk; the node is active."""
    databases = ("node.sqlite3", "node.sqlite3")
    with staged(tmp_path_factory.mktemp("age"), databases=databases, image_bytes=ITEM_BYTES) as stage:
        reference = taken_in(stage, recognised(stage, opened(stage)))
        seat = stage.seat(stage.nl, "custodian")
        with seat.node.active():
            yield seat, reference


@pytest.fixture
def identity() -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.generate()


def unheard(_: int) -> None:
    """Nobody listens to the progress."""


def exported(item: tuple[Seat, str], file: Path, *to: str) -> bytes:
    seat, reference = item
    export_age(reference, file, reason="For counsel", recipients=to, progress=unheard, seat=seat)
    return file.read_bytes()


def untar(data: bytes, folder: Path) -> Path:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(folder, filter="data")
    (base,) = folder.iterdir()
    return base


def test_the_bag_in_the_file_is_valid_and_holds_the_item_with_its_custody(
    item: tuple[Seat, str], identity: pyrage.x25519.Identity, tmp_path: Path
):
    data = exported(item, tmp_path / "item.tar.age", str(identity.to_public()), SSH + " counsel@example")
    base = untar(pyrage.decrypt(data, [identity]), tmp_path / "open")
    bagit.Bag(str(base)).validate()
    content = bytearray(ITEM_BYTES)
    Image(ITEM_BYTES, progress=lambda _done, _of: None).readinto(memoryview(content))
    (plain,) = (base / "data" / "item").iterdir()
    records = sorted((base / "data" / "custody").iterdir())
    first = Statement.from_bytes(records[0].read_bytes()).body
    assert bagit.Bag(str(base)).entries[f"data/item/{plain.name}"]["sha256"] == first["facts"]["item"]["sha256"]
    assert plain.read_bytes() == content
    told = [Statement.from_bytes(one.read_bytes()).body["event"] for one in records]
    assert told[-2:] == [CustodyEvent.ACCESS.value, CustodyEvent.EXPORT.value]
    logged = bytes(EntryRow.objects.filter(kind="evidence.age").latest("id").body).decode()
    assert str(identity.to_public()) in logged
    assert SSH in logged
    assert "counsel@example" not in logged


if age() is not None:

    def test_stock_age_and_tar_open_it(item: tuple[Seat, str], identity: pyrage.x25519.Identity, tmp_path: Path):
        file, key = tmp_path / "item.tar.age", tmp_path / "identity"
        key.write_text(f"{identity}\n")
        exported(item, file, str(identity.to_public()))
        opened_ = subprocess.run([str(age()), "-d", "-i", str(key), str(file)], check=True, capture_output=True)
        base = untar(opened_.stdout, tmp_path / "open")
        bagit.Bag(str(base)).validate()
        unpacked = subprocess.run(["tar", "-t"], input=opened_.stdout, check=True, capture_output=True)
        assert unpacked.stdout.count(b"data/custody/") >= 3


def test_nobody_else_opens_it_and_a_changed_or_shorter_file_does_not_open(
    item: tuple[Seat, str], identity: pyrage.x25519.Identity, tmp_path: Path
):
    data = exported(item, tmp_path / "item.tar.age", str(identity.to_public()))
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(data, [pyrage.x25519.Identity.generate()])
    for broken in (data[:-1], data[: len(data) // 2], data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]):
        with pytest.raises((pyrage.DecryptError, OSError)):
            pyrage.decrypt(broken, [identity])


@pytest.mark.parametrize(
    "typed",
    ["", "age1", "age1qqqq", "ssh-ed25519 AAAA", "ssh-dss x", "somebody@example", "age1" + "q" * 2000],
)
def test_what_is_no_public_key_is_refused_before_anything_is_recorded(
    item: tuple[Seat, str], tmp_path: Path, typed: str
):
    before = (CustodyRow.objects.count(), EntryRow.objects.count())
    with pytest.raises(NotARecipient):
        exported(item, tmp_path / "item.tar.age", typed)
    assert (CustodyRow.objects.count(), EntryRow.objects.count()) == before
    assert list(tmp_path.iterdir()) == []


def test_a_secret_key_is_refused_and_not_repeated(identity: pyrage.x25519.Identity):
    with pytest.raises(NotARecipient) as refused:
        recipients([str(identity)])
    assert str(identity)[16:] not in str(refused.value)


def test_no_recipient_and_too_many_are_refused():
    for typed in ([], [str(pyrage.x25519.Identity.generate().to_public()) for _ in range(21)]):
        with pytest.raises(NotARecipient, match="1 to 20"):
            recipients(typed)


def test_an_existing_file_is_not_written_over(item: tuple[Seat, str], identity: pyrage.x25519.Identity, tmp_path: Path):
    file = tmp_path / "taken"
    file.write_text("mine")
    before = CustodyRow.objects.count()
    with pytest.raises(FileTaken):
        exported(item, file, str(identity.to_public()))
    assert (file.read_text(), CustodyRow.objects.count()) == ("mine", before)


def test_without_a_recorded_export_or_a_fresh_access_nothing_is_taken(
    item: tuple[Seat, str], identity: pyrage.x25519.Identity
):
    seat, reference = item
    to, at = recipients([str(identity.to_public())]), seat.node.clock.now()
    marked = Marking(None, Handling(), (), "Looked at again").as_record()
    desk.record(Thing.ITEM, reference, CustodyEvent.MARKING, facts=marked, seat=seat, at=at)
    with pytest.raises(NotExported):
        take(reference, to=to, actor=seat.entry.actor, at=at)
    desk.sign_export(reference, reason="For counsel", seat=seat, at=seat.node.clock.now())
    with pytest.raises(NotOpened):
        take(reference, to=to, actor=seat.entry.actor, at=at + timedelta(minutes=16))


@pytest.mark.parametrize("role", [Role.JUDGE, Role.OVERSEER, Role.LIAISON])
def test_nobody_but_who_exports_evidence_takes_it(item: tuple[Seat, str], identity: pyrage.x25519.Identity, role: Role):
    seat, reference = item
    official = OfficialRow.objects.filter(node=seat.node.id, role=role.value).values_list("official", flat=True)[0]
    stranger = authenticator.seated(seat.node, official, at=seat.node.clock.now())
    to, before = recipients([str(identity.to_public())]), EntryRow.objects.filter(kind="evidence.age").count()
    with pytest.raises(ComityError):
        take(reference, to=to, actor=stranger.actor, at=seat.node.clock.now())
    assert EntryRow.objects.filter(kind="evidence.age").count() == before


def test_where_the_vault_was_altered_the_file_has_no_end(
    item: tuple[Seat, str], identity: pyrage.x25519.Identity, tmp_path: Path
):
    seat, reference = item
    sealed = path_of(seat.node.vault, reference)
    whole = sealed.read_bytes()
    sealed.chmod(0o600)
    sealed.write_bytes(whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:])
    try:
        with pytest.raises(ComityError):
            exported(item, tmp_path / "item.tar.age", str(identity.to_public()))
    finally:
        sealed.write_bytes(whole)
    assert list(tmp_path.iterdir()) == []


def test_what_breaks_in_the_middle_is_raised_and_leaves_no_file_that_opens(identity: pyrage.x25519.Identity):
    def pieces() -> Iterator[bytes]:
        yield bytes(100_000)
        raise NotTheItem(item="0" * 8)

    got: list[bytes] = []
    with pytest.raises(NotTheItem):
        got.extend(encrypted(pieces(), to=recipients([str(identity.to_public())])))
    with pytest.raises((pyrage.DecryptError, OSError)):
        pyrage.decrypt(b"".join(got), [identity])


def test_who_stops_taking_it_leaves_no_thread_behind(identity: pyrage.x25519.Identity):
    taken = encrypted((bytes(65536) for _ in range(10_000)), to=recipients([str(identity.to_public())]))
    assert next(taken)
    taken.close()  # type: ignore[attr-defined]  # it is a generator
