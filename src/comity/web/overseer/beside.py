"""A message of a letter as an overseer reads it: what we sent, what came back, what the other log holds, and the gaps."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.errors import ComityError
from comity.exchange.delivery import DeliveryState
from comity.ledger.entry import Inclusion
from comity.registry.queries.crossing import Came, Sent
from comity.web.overseer import kinds
from comity.web.shell.desk import said

Answers = dict[str, Inclusion | ComityError]


@dataclass(frozen=True)
class Mark:
    """A state in words and colour, with a sentence where one is needed."""

    label: str
    tone: str
    more: str = ""


@dataclass(frozen=True)
class Row:
    """A message with its words; `kind` is the entry that its receiver wrote; `proof` is what is known of it."""

    of: Sent | Came
    subject: str
    kind: str
    way: Mark
    proof: Mark


def sent(one: Sent, *, answers: Answers, at: datetime) -> Row:
    """A message that left this node."""
    return Row(
        of=one,
        subject=kinds.subject(one.subject),
        kind=kinds.word(one.receipt.entry.kind) if one.receipt else "",
        way=_way(one),
        proof=_proof(one, answers.get(one.message), at=at),
    )


def came(one: Came) -> Row:
    """A message that came to this node, and our receipt for it."""
    if one.delivered:
        way = Mark(pgettext("receipt", "Sent and taken"), "good")
    elif one.receipted:
        way = Mark(pgettext("receipt", "Signed, on its way"), "warn", one.trouble)
    else:
        way = Mark(pgettext("receipt", "Not signed yet"), "warn", one.trouble)
    placed = (
        Mark(_("Under our checkpoint"), "good") if one.index is not None else Mark(_("Waits for its place"), "warn")
    )
    return Row(of=one, subject=kinds.subject(one.subject), kind=kinds.word(one.kind), way=way, proof=placed)


def _way(one: Sent) -> Mark:
    if one.receipt is not None:
        return Mark(pgettext("message", "Receipted"), "good")
    if one.state == DeliveryState.DEAD.value:
        return Mark(pgettext("message", "Laid aside"), "bad", one.trouble)
    if one.state == DeliveryState.SENT.value:
        return Mark(pgettext("message", "Sent, without receipt"), "warn", one.trouble)
    return Mark(pgettext("message", "Not sent yet"), "warn", one.trouble)


def _proof(one: Sent, answer: Inclusion | ComityError | None, *, at: datetime) -> Mark:
    """What is known of the entry that the receipt names."""
    if one.receipt is None:
        return Mark(_("Gap: no receipt"), "warn")
    if not one.receipt.same:
        return Mark(_("Gap: changed here"), "bad", _("The entry kept here is not the one that the receipt names."))
    if isinstance(answer, Inclusion):
        return Mark(
            _("Proven: entry %(index)d of %(size)d") % {"index": answer.index, "size": answer.size},
            "good",
        )
    if answer is not None and at <= one.receipt.logged_by:
        return Mark(_("Not shown yet"), "info", said(answer))
    if answer is not None:
        return Mark(_("Gap: not shown"), "bad", said(answer))
    return Mark(_("Promised"), "info", _("The other log was not asked yet."))
