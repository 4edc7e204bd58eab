"""Where a request comes from: the address of the browser, past the proxies that `node.toml` trusts, and past no other one."""

import ipaddress

from django.http import HttpRequest

from comity.registry import doors
from comity.registry.act import current


def address(request: HttpRequest) -> str:
    """The address of who asks; behind a proxy that nobody named, that is the proxy."""
    found = str(request.META.get("REMOTE_ADDR", ""))
    trusted = _trusted()
    if found not in trusted:
        return found
    for one in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        try:
            said = str(ipaddress.ip_address(one.strip()))
        except ValueError:
            return found
        if said not in trusted:
            return said
    return found


def household(request: HttpRequest) -> str:
    """The address under which failures are counted: one of IPv6 has so many neighbours that its network counts."""
    said = address(request)
    try:
        one = ipaddress.ip_address(said)
    except ValueError:
        return said
    return str(ipaddress.ip_network((one, 64), strict=False)) if one.version == 6 else said  # noqa: PLR2004 - IPv6


def _trusted() -> frozenset[str]:
    try:
        return doors.trusted_proxies(current())
    except doors.DoorBroken:
        return frozenset()
