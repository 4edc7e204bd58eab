"""The custody of an item as a picture, and as records to read."""

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from comity.registry.queries.custody import History, Link, Signed
from comity.web.shell import telling, wording
from comity.web.shell.desk import now
from comity.web.shell.drawing import custody


@dataclass(frozen=True)
class Told:
    """One record of custody as it is read: what was done, by whom, the whole text, and its signatures."""

    link: Link
    label: str
    rows: tuple[telling.Row, ...]


def records(history: History) -> list[Told]:
    """Every record in order."""
    return [Told(link=link, label=_label(link), rows=telling.rows(link.body)) for link in history.links]


def drawn(history: History) -> SafeString:
    """The lanes of the custodians, and every record on them."""
    story = custody.Custody(
        title=_("Custody of the item"),
        custodians=tuple(custody.Custodian(key=node, name=name) for node, name in history.nodes),
        records=tuple(_record(link) for link in history.links),
        now=now(),
    )
    return custody.figure(story, name="custody", rtl=get_language_bidi())


def _record(link: Link) -> custody.Record:
    return custody.Record(
        kind=custody.Kind(link.event.value),
        holder=link.holder,
        label=_label(link),
        at=link.at,
        who=link.by,
        receiver=link.receiver,
        seals=tuple(_seal(one) for one in link.signatures) if link.receiver else (),
    )


def _seal(signed: Signed) -> custody.Seal:
    who = _("node %(name)s") % {"name": signed.who} if signed.node else signed.who
    return custody.Seal(who=who, given=signed.given)


def _label(link: Link) -> str:
    return wording.word(wording.CUSTODY, link.event) if link.settled else _("Offered")
