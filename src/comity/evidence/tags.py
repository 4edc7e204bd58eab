"""Evidence tags: one vocabulary for all nodes. The law's offences and categories of data, and the kinds of object.

* A tag is `family:word`. Whoever writes one takes it from the vocabulary of the edition in force (`hold_known`).
* Whoever reads one from a signed record holds its shape only: an older or newer edition has other words.
"""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from comity.canon import Json
from comity.errors import N_, ComityError
from comity.law import Edition

TAGS_MAX: Final = 40
_TAG: Final = re.compile(r"(offence|data|object):[a-z0-9][a-z0-9_-]{0,59}")


class TagUnknown(ComityError):
    """A tag is not of the common vocabulary."""

    code = "evidence.tag_unknown"
    sentence = N_("{tag} is no tag of the vocabulary")
    hint = N_("`comity evidence tags` lists them: offence:..., data:... and object:...")


OBJECTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account_record": N_("Record of an account"),
        "audio": N_("Sound"),
        "browser_data": N_("Data of a browser"),
        "chat": N_("Chat or messages"),
        "computer": N_("Computer"),
        "credentials": N_("Access data"),
        "database": N_("Database"),
        "disk_image": N_("Image of a disk"),
        "document": N_("Document"),
        "domain": N_("Domain name"),
        "drug": N_("Drug"),
        "email": N_("E-mail"),
        "forum_post": N_("Post in a forum"),
        "image": N_("Picture"),
        "key_material": N_("Keys"),
        "listing": N_("Offer on a market"),
        "log_file": N_("Log file"),
        "malware": N_("Malicious software"),
        "memory_image": N_("Image of memory"),
        "money": N_("Money"),
        "network_capture": N_("Capture of network traffic"),
        "parcel": N_("Parcel"),
        "payment_record": N_("Record of payments"),
        "phone": N_("Phone"),
        "server": N_("Server"),
        "source_code": N_("Source code"),
        "storage_medium": N_("Storage medium"),
        "transaction": N_("Transaction on a chain"),
        "video": N_("Film"),
        "wallet": N_("Wallet"),
        "weapon": N_("Weapon"),
        "web_page": N_("Web page"),
    }
)
"""The kinds of object, with the word for each."""


def vocabulary(edition: Edition) -> tuple[str, ...]:
    """Every tag that may be written under this edition of the law."""
    families = {"offence": edition.offences, "data": edition.categories, "object": OBJECTS}
    return tuple(sorted(f"{family}:{word}" for family, words in families.items() for word in words))


def hold_known(tags: Collection[str], *, edition: Edition) -> None:
    """Hold that each tag stands in the vocabulary; raises `TagUnknown`."""
    known = frozenset(vocabulary(edition))
    for tag in tags:
        if tag not in known:
            raise TagUnknown(tag=repr(tag[:80]))


def read_tags(listed: Json) -> tuple[str, ...]:
    """Tags as they stand in a record: shaped, each once, in order; raises `TagUnknown`."""
    if not isinstance(listed, list) or len(listed) > TAGS_MAX:
        raise TagUnknown(tag=repr(str(listed)[:40]))
    for tag in listed:
        if not isinstance(tag, str) or not _TAG.fullmatch(tag):
            raise TagUnknown(tag=repr(str(tag)[:80]))
    if listed != sorted(set(listed)):
        raise TagUnknown(tag=repr(", ".join(listed)[:80]))
    return tuple(listed)
