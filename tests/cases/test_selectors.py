"""Selectors: two officials who type the same thing differently get the same selector."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import TextNotAllowed
from comity.cases.selectors import KINDS, SelectorNotUsable, parse_selector, selector


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("domain", "market"),
        ("domain", "market..example"),
        ("domain", ".market.example"),
        ("domain", "market.example.."),
        ("domain", "-market.example"),
        ("domain", "market-.example"),
        ("domain", "mar_ket.example"),
        ("domain", "market.example/path"),
        ("domain", "https://market.example"),
        ("domain", "market.example:443"),
        ("domain", "market.123"),
        ("domain", "192.0.2.7"),
        ("domain", "a" * 64 + ".example"),
        ("domain", "mar ket.example"),
        ("wallet", "short"),
        ("wallet", "1BoatSLRHtKNngkdXEeobR76b53LETtpy-"),
        ("wallet", "1" * 121),
        ("handle", "@"),
        ("handle", "two words"),
        ("handle", "../../etc/passwd"),
        ("handle", "back\\slash"),
        ("account", "h" * 101),
        ("address", "192.0.2"),
        ("address", "192.0.2.256"),
        ("address", "192.0.2.07"),
        ("address", "192.0.2.0/24"),
        ("address", "2001:db8::g"),
        ("address", "fe80::1%eth0"),
        ("address", "3221225991"),
        ("phone", "+238 000"),
        ("Domain", "market.example"),
    ],
)
def test_what_is_no_selector_of_that_kind_is_refused(kind: str, typed: str):
    with pytest.raises(SelectorNotUsable):
        selector(kind, typed)


@pytest.mark.parametrize("typed", ["", " ", "mar\0ket.example", "market\u202e.example", "x" * 201, "a\nb.example"])
def test_text_that_no_field_takes_is_refused(typed: str):
    for kind in KINDS:
        with pytest.raises(TextNotAllowed):
            selector(kind, typed)


@pytest.mark.parametrize("text", ["", "domain", "market.example", "domain=market.example"])
def test_a_selector_without_a_kind_is_refused(text: str):
    with pytest.raises(SelectorNotUsable, match="expected kind:value"):
        parse_selector(text)


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [
        ("domain", ["market.example", "MARKET.Example", " market.example. ", "market\u3002example"]),
        ("domain", ["bücher.example", "BÜCHER.example", "bu\u0308cher.example", "xn--bcher-kva.example"]),
        # EIP-55: the case of a hexadecimal address is a checksum only
        (
            "wallet",
            ["0x52908400098527886E0F7030069857D2E4169EE7", "0x52908400098527886e0f7030069857d2e4169ee7"],
        ),
        # BIP 173: bech32 in upper case (as in QR codes) is the same address
        (
            "wallet",
            ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"],
        ),
        ("handle", ["silkfox", "@silkfox", "@@silkfox", " silkfox "]),
        ("address", ["2001:db8::1", "2001:DB8:0:0::1", "2001:0db8:0000:0000:0000:0000:0000:0001"]),
        ("address", ["192.0.2.7", "::ffff:192.0.2.7", "::ffff:c000:207"]),
    ],
)
def test_two_spellings_of_one_thing_are_one_selector(kind: str, spellings: list[str]):
    assert len({selector(kind, typed) for typed in spellings}) == 1


def test_wallets_whose_case_matters_keep_it():
    mixed = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
    assert selector("wallet", mixed) != selector("wallet", mixed.lower())
    # bech32 in mixed case is invalid (BIP 173) and is not repaired into somebody's address
    half = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7KV8F3T4"
    assert selector("wallet", half).value == half


@given(st.sampled_from(KINDS), st.text(max_size=40) | st.from_regex(r"[a-zA-Zß0-9.@:-]{1,40}", fullmatch=True))
def test_a_selector_that_is_typed_again_is_the_same(kind: str, typed: str):
    try:
        first = selector(kind, typed)
    except (SelectorNotUsable, TextNotAllowed):
        return
    assert selector(kind, first.value) == first == parse_selector(str(first))


@given(st.ip_addresses())
def test_every_address_has_one_spelling(address: object):
    exploded = address.exploded  # type: ignore[attr-defined]  # both kinds have it
    assert selector("address", str(address)) == selector("address", exploded) == selector("address", exploded.upper())
