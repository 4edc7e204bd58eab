"""Selectors: the domain, wallet, handle, account or address by which a target is found, in one spelling each.

Two officials who type the same thing differently must get the same selector: scopes are compared by it.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from comity.canon import plain
from comity.errors import N_, ComityError

VALUE_CHARACTERS_MAX: Final = 200
_DOMAIN: Final = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_WALLET: Final = re.compile(r"[A-Za-z0-9]{20,120}")
_ONE_CASE: Final = re.compile(r"0x[0-9a-fA-F]{40}|(bc|tb|ltc)1[02-9ac-hj-np-z]+|(BC|TB|LTC)1[02-9AC-HJ-NP-Z]+")
"""Wallets that mean the same in either case: EIP-55 (hexadecimal), BIP 173 (bech32, in one case or the other)."""

_HANDLE: Final = re.compile(r"[^\s/\\]{1,100}")


class SelectorNotUsable(ComityError):
    """What was typed is no selector of that kind."""

    code = "cases.selector_not_usable"
    sentence = N_("{value} is no {kind}: expected {expected}")


@dataclass(frozen=True, order=True)
class Selector:
    """A kind and a value in the one spelling of that kind; `str` gives `kind:value`."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


def selector(kind: str, typed: str) -> Selector:
    """The selector that somebody typed, in its one spelling; raises `SelectorNotUsable` or `TextNotAllowed`."""
    value = plain(typed, field=f"selector {kind}"[:40], limit=VALUE_CHARACTERS_MAX)
    match kind:
        case "domain":
            return Selector(kind, _shaped(kind, _ascii_domain(value), _DOMAIN, "a domain name such as market.example"))
        case "wallet":
            lowered = value.lower() if _ONE_CASE.fullmatch(value) else value
            return Selector(kind, _shaped(kind, lowered, _WALLET, "20 to 120 letters and digits"))
        case "handle":
            return Selector(kind, _shaped(kind, value.lstrip("@"), _HANDLE, "a name without spaces or slashes"))
        case "account":
            return Selector(kind, _shaped(kind, value, _HANDLE, "an account name without spaces or slashes"))
        case "address":
            return Selector(kind, _address(value))
        case _:
            raise SelectorNotUsable(value=kind[:40], kind="kind of selector", expected=", ".join(KINDS))


KINDS: Final = ("account", "address", "domain", "handle", "wallet")


def parse_selector(text: str) -> Selector:
    """Read `kind:value`; raises as `selector`."""
    kind, separator, value = text.partition(":")
    if not separator:
        raise SelectorNotUsable(value=text[:60], kind="selector", expected="kind:value, such as domain:market.example")
    return selector(kind, value)


def _shaped(kind: str, value: str, shape: re.Pattern[str], expected: str) -> str:
    if not shape.fullmatch(value):
        raise SelectorNotUsable(value=value[:60], kind=kind, expected=expected)
    return value


def _ascii_domain(value: str) -> str:
    try:
        return value.lower().removesuffix(".").encode("idna").decode("ascii")
    except UnicodeError as broken:
        raise SelectorNotUsable(value=value[:60], kind="domain", expected="a name that IDNA can spell") from broken


def _address(value: str) -> str:
    try:
        address = ipaddress.ip_address(value)
    except ValueError as broken:
        raise SelectorNotUsable(value=value[:60], kind="address", expected="an IPv4 or IPv6 address") from broken
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise SelectorNotUsable(
                value=value[:60], kind="address", expected="an address without the zone of a machine"
            )
        return str(address.ipv4_mapped or address)
    return str(address)
