"""Month keys in a PKCS#11 token (SoftHSM): they wrap as files do, never leave it, and what goes wrong is said."""

import os
import subprocess
import sys
from pathlib import Path

import pkcs11
import pytest

from comity.registry import keys, vault
from comity.registry.vault import token
from comity.registry.vault.keys import ItemKeyDoesNotOpen
from comity.registry.vault.token import TokenUnusable
from strangers import softhsm

KEY, ITEM, OTHER = b"k" * 32, "0f" * 16, "1e" * 16
MONTH, PIN = "2026-11", "1234-synthetic"
USE = """
import sys
from pathlib import Path
from comity.registry import vault
folder, wrapped = Path(sys.argv[1]), bytes.fromhex(sys.argv[2])
print(vault.key_of(wrapped, folder=folder, month="2026-11", item=sys.argv[3]).hex())
print(vault.keep(bytes(32), folder=folder, month="2026-12", item=sys.argv[3]).hex())
"""


def told(folder: Path, *, label: str = "comity", module: str = "") -> None:
    """What the operator writes into node.toml."""
    text = f'[vault.token]\nmodule = "{module or softhsm()}"\nlabel = "{label}"\n'
    (folder / "node.toml").write_text(text, encoding="utf-8")


if softhsm() is not None:

    @pytest.fixture(scope="module")
    def hsm(tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A token of its own; the library reads where it lies once for each process."""
        place = tmp_path_factory.mktemp("hsm")
        (place / "tokens").mkdir()
        (place / "softhsm2.conf").write_text(f"directories.tokendir = {place / 'tokens'}\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(place / "softhsm2.conf")
        command = ["softhsm2-util", "--init-token", "--free", "--label", "comity", "--so-pin", "so-pin-1", "--pin", PIN]
        subprocess.run(command, check=True, capture_output=True)
        return place

    @pytest.fixture
    def node(hsm: Path, tmp_path: Path) -> Path:
        """A node's folder whose month keys are in the token."""
        assert hsm.exists()
        keys.create(tmp_path)
        keys.write_once(tmp_path / "keys" / "vault-pin", f"{PIN}\n".encode())
        told(tmp_path)
        return tmp_path

    def kept(node: Path, *, month: str = MONTH) -> bytes:
        return vault.keep(KEY, folder=node, month=month, item=ITEM)

    def test_a_key_in_the_token_wraps_and_opens_and_no_secret_lies_in_the_folder(node: Path):
        wrapped = kept(node)
        assert vault.key_of(wrapped, folder=node, month=MONTH, item=ITEM) == KEY
        assert sorted(one.name for one in (node / "keys").glob("vault-*")) == ["vault-2026-11.token", "vault-pin"]
        assert len(wrapped) == len(vault.wrap(KEY, month_key=bytes(32), item=ITEM))
        assert kept(node) != wrapped, "a nonce is used once"

    def test_the_token_does_not_give_the_key_away(node: Path):
        kept(node)
        id_ = token.key_id(node, month=MONTH)
        place = token.place_of(node)
        assert place is not None

        def read(session: object) -> object:
            key = session.get_key(object_class=pkcs11.ObjectClass.SECRET_KEY, id=id_)  # type: ignore[attr-defined]
            assert key[pkcs11.Attribute.EXTRACTABLE] is False
            assert key[pkcs11.Attribute.SENSITIVE] is True
            return key[pkcs11.Attribute.VALUE]

        with pytest.raises(TokenUnusable, match="AttributeSensitive"):
            token._ask(node, place, read)

    def test_what_was_changed_or_is_another_items_or_months_does_not_open(node: Path):
        wrapped = kept(node)
        kept(node, month="2026-10")
        for place in range(len(wrapped)):
            broken = wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :]
            with pytest.raises(ItemKeyDoesNotOpen):
                vault.key_of(broken, folder=node, month=MONTH, item=ITEM)
        for month, item in ((MONTH, OTHER), ("2026-10", ITEM), ("2026-09", ITEM)):
            with pytest.raises(ItemKeyDoesNotOpen):
                vault.key_of(wrapped, folder=node, month=month, item=item)
        for short in (b"", wrapped[:12], wrapped[:28]):
            with pytest.raises(ItemKeyDoesNotOpen):
                vault.key_of(short, folder=node, month=MONTH, item=ITEM)

    def test_another_process_opens_it_and_makes_the_next_month(node: Path):
        wrapped = kept(node)
        command = [sys.executable, "-c", USE, str(node), wrapped.hex(), ITEM]
        done = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        assert bytes.fromhex(done[0]) == KEY
        assert vault.key_of(bytes.fromhex(done[1]), folder=node, month="2026-12", item=ITEM) == bytes(32)

    def test_a_month_that_began_with_a_file_ends_with_it(node: Path):
        keys.month_key(node, month="2026-08")
        wrapped = kept(node, month="2026-08")
        assert vault.unwrap(wrapped, month_key=keys.month_key(node, month="2026-08"), item=ITEM) == KEY
        assert token.key_id(node, month="2026-08") is None

    def test_old_months_move_from_the_file_into_the_token_and_their_file_is_destroyed(node: Path):
        (node / "node.toml").write_text("", encoding="utf-8")
        wrapped = kept(node)
        told(node)
        after = vault.successor(node, MONTH)
        again = vault.rewrap_kept(wrapped, folder=node, month=MONTH, to_month=after, item=ITEM)
        vault.destroy_month(node, MONTH)
        assert sorted(one.name for one in (node / "keys").glob("vault-2*")) == [
            "vault-2026-11.2.token",
            "vault-2026-11.destroyed",
        ]
        assert vault.key_of(again, folder=node, month=after, item=ITEM) == KEY

    def test_a_key_that_was_destroyed_is_gone_from_the_token(node: Path):
        wrapped = kept(node)
        id_, place = token.key_id(node, month=MONTH), token.place_of(node)
        assert id_ is not None
        assert place is not None
        vault.successor(node, MONTH)
        token.encrypt(node, place, id_=id_, nonce=bytes(12), text=KEY, bound=b"")
        vault.destroy_month(node, MONTH)
        vault.destroy_month(node, MONTH)
        with pytest.raises(TokenUnusable, match="not in it"):
            token.encrypt(node, place, id_=id_, nonce=bytes(12), text=KEY, bound=b"")
        with pytest.raises(ItemKeyDoesNotOpen):
            vault.key_of(wrapped, folder=node, month=MONTH, item=ITEM)

    def test_a_destruction_that_the_token_did_not_hear_of_is_ended_later(node: Path):
        wrapped = kept(node)
        vault.successor(node, MONTH)
        (node / "node.toml").write_text("", encoding="utf-8")
        with pytest.raises(TokenUnusable, match="none is named"):
            vault.destroy_month(node, MONTH)
        with pytest.raises(ItemKeyDoesNotOpen):
            vault.key_of(wrapped, folder=node, month=MONTH, item=ITEM)
        assert vault.months(node) == (MONTH, f"{MONTH}.2"), "it is there until it is gone"
        told(node)
        vault.destroy_month(node, MONTH)
        assert vault.months(node) == (f"{MONTH}.2",)

    def test_without_its_token_a_month_is_not_continued_with_a_file(node: Path):
        wrapped = kept(node)
        (node / "node.toml").write_text("", encoding="utf-8")
        with pytest.raises(TokenUnusable, match="none is named"):
            kept(node)
        with pytest.raises(TokenUnusable, match="none is named"):
            vault.key_of(wrapped, folder=node, month=MONTH, item=ITEM)
        assert not keys.has_month_file(node, month=MONTH)

    def test_two_that_make_the_months_first_key_at_once_end_with_one(node: Path):
        place = token.place_of(node)
        assert place is not None
        first, second = (token.make(node, place, month=MONTH) for _ in range(2))
        assert first == second == token.key_id(node, month=MONTH)

    @pytest.mark.parametrize("what", ["wrong PIN", "no PIN", "another label", "no library", "key gone"])
    def test_a_token_that_cannot_be_used_is_said_with_its_reason_and_without_its_pin(node: Path, what: str):
        wrapped = kept(node)
        pin = node / "keys" / "vault-pin"
        match what:
            case "wrong PIN":
                pin.unlink()
                keys.write_once(pin, b"not-the-pin")
            case "no PIN":
                pin.unlink()
            case "another label":
                told(node, label="stranger")
            case "no library":
                told(node, module="/nowhere/lib.so")
            case _:
                (node / "keys" / f"vault-{MONTH}.token").unlink()
                keys.write_once(node / "keys" / f"vault-{MONTH}.token", bytes(16))
        token.forget()
        with pytest.raises((TokenUnusable, keys.KeyFileUnsafe)) as refused:
            vault.key_of(wrapped, folder=node, month=MONTH, item=ITEM)
        assert "not-the-pin" not in str(refused.value)
        token.forget()


@pytest.mark.parametrize("text", ['[vault.token]\nmodule = "x"\n', "[vault.token]\nmodule = 1\nlabel = 2\n"])
def test_a_token_that_is_half_named_is_refused_and_no_file_takes_its_place(tmp_path: Path, text: str):
    keys.create(tmp_path)
    (tmp_path / "node.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TokenUnusable, match="module and label"):
        vault.keep(KEY, folder=tmp_path, month=MONTH, item=ITEM)
    assert list((tmp_path / "keys").glob("vault-*")) == []
