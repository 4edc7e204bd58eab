"""Containers of an attacker's choice: our own headers around any names, in any order, as often as they stand there."""

import hashlib
import zlib

from comity.evidence import bag
from comity.evidence.archive import Placed, central_header, end_records, local_header

Parts = list[tuple[str, bytes]]


def forged(parts: Parts) -> bytes:
    """A ZIP of these parts, whatever they are called."""
    out, placed, offset = [], [], 0
    for name, data in parts:
        placed.append(Placed(name=name, size=len(data), crc32=zlib.crc32(data), offset=offset))
        out += [local_header(placed[-1]), data]
        offset = placed[-1].end
    directory = b"".join(central_header(one) for one in placed)
    return b"".join(out) + directory + end_records(count=len(placed), offset=offset, size=len(directory))


def bagged(members: Parts) -> Parts:
    """These members in this order as the payload of a bag whose tag files fit them."""
    sizes = {name: len(data) for name, data in members}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in members}
    tags = bag.tag_files(sizes=sizes, digests=digests)
    before = [(name, tags[name]) for name in (bag.INFO, bag.DECLARATION)]
    after = [(name, tags[name]) for name in (bag.MANIFEST, bag.TAGS)]
    return [*before, *((bag.PAYLOAD + name, data) for name, data in members), *after]
