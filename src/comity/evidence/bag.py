"""The bag: a bundle is one BagIt 1.0 bag in a ZIP, so that the tools of archives and libraries validate it as well.

    bundle/bag-info.txt               how many members, how many bytes
    bundle/bagit.txt                  that it is a bag
    bundle/data/<member>              the members of the bundle
    bundle/manifest-sha256.txt        SHA-256 of each member
    bundle/tagmanifest-sha256.txt     SHA-256 of the three other tag files

* The ZIP unpacks to one folder, which is the bag (RFC 8493, section 4).
* Every byte of a tag file follows from names, sizes and hashes of the members: there is one way to write each.

Source: RFC 8493, sections 2.1, 2.2 and 4.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final

BASE: Final = "bundle/"
PAYLOAD: Final = f"{BASE}data/"
INFO: Final = f"{BASE}bag-info.txt"
DECLARATION: Final = f"{BASE}bagit.txt"
MANIFEST: Final = f"{BASE}manifest-sha256.txt"
TAGS: Final = f"{BASE}tagmanifest-sha256.txt"
TAG_FILES: Final = (INFO, DECLARATION, MANIFEST, TAGS)

DECLARED: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_LINE: Final = re.compile(r"([0-9a-f]{64})  data/([!-~]+)")


def info(sizes: Iterable[int]) -> bytes:
    """`bag-info.txt`: the octets and the number of the members (Payload-Oxum)."""
    counted = list(sizes)
    return f"Payload-Oxum: {sum(counted)}.{len(counted)}\n".encode("ascii")


def manifest(digests: Mapping[str, str]) -> bytes:
    """`manifest-sha256.txt`: SHA-256 of each member by its name, in the order of names (RFC 8493, 2.1.3: a percent sign is written %25)."""
    lines = (f"{digests[name]}  data/{name.replace('%', '%25')}\n" for name in sorted(digests))
    return "".join(lines).encode()


def read_manifest(data: bytes) -> dict[str, str] | None:
    """The digests that `manifest` wrote; None where it would not have written these bytes."""
    try:
        lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError:
        return None
    read = [_LINE.fullmatch(line) for line in lines[:-1]]
    digests = {found[2]: found[1] for found in read if found}
    return digests if manifest(digests) == data else None


def tags(tag_files: Mapping[str, bytes]) -> bytes:
    """`tagmanifest-sha256.txt`: SHA-256 of each other tag file."""
    lines = (
        f"{hashlib.sha256(tag_files[name]).hexdigest()}  {name.removeprefix(BASE)}\n"
        for name in (INFO, DECLARATION, MANIFEST)
    )
    return "".join(lines).encode("ascii")


def tag_files(*, sizes: Mapping[str, int], digests: Mapping[str, str]) -> dict[str, bytes]:
    """Every tag file of a bag of these members, by its name in the ZIP."""
    files = {INFO: info(sizes.values()), DECLARATION: DECLARED, MANIFEST: manifest(digests)}
    return {**files, TAGS: tags(files)}
