"""Words for the kinds of log entries and for the messages between nodes. Every kind has its word."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.web.shell import wording
from comity.web.shell.wording import Word

_KINDS: Final[Mapping[str, Word]] = {
    "access.alarm_acknowledged": _("The overseer acknowledged an alarm"),
    "access.opened": _("Something was opened in an emergency"),
    "act.refuse": _("An act was refused"),
    "case.member_added": _("A member joined a case"),
    "case.member_removed": _("A member left a case"),
    "case.offences_stated": _("The offences of a case were stated anew"),
    "case.opened": _("A case was opened"),
    "case.selector_added": _("A target was added to a case"),
    "case.selector_flagged": _("A target was flagged as protected"),
    "competence.imported": _("An entry of the directory came as a file"),
    "competence.published": _("An entry of the directory was published"),
    "competence.received": _("Another node announced an entry of its directory"),
    "competence.told": _("A node was told of an entry of the directory"),
    "competence.withdrawn": _("An entry of the directory was withdrawn"),
    "credential.asked": _("An official asked for a further way in"),
    "credential.proposed": _("An administrator signed for a further way in"),
    "credential.withdrawn": _("A request for a further way in was withdrawn"),
    "document.make": _("A signed PDF was made"),
    "evidence.accept": _("An item was accepted"),
    "evidence.accept.received": _("The other side accepted an item"),
    "evidence.access": _("An item was opened"),
    "evidence.copy": _("An item was copied"),
    "evidence.correction": _("The origin of an item was corrected"),
    "evidence.derivation": _("Something was made of an item"),
    "evidence.leave": _("The leave of an owner was recorded"),
    "evidence.marking": _("An item was marked"),
    "evidence.read": _("The content of an item was handed out"),
    "evidence.sealing": _("The seal of an item was read again"),
    "exhibit.accept": _("An exhibit was signed for"),
    "exhibit.accept.received": _("The other side signed for an exhibit"),
    "exhibit.access": _("An exhibit was opened"),
    "exhibit.copy": _("An exhibit was copied"),
    "exhibit.correction": _("The origin of an exhibit was corrected"),
    "exhibit.derivation": _("Something was made of an exhibit"),
    "exhibit.disposal": _("An exhibit was disposed of"),
    "exhibit.leave": _("The leave of an owner was recorded"),
    "exhibit.marking": _("An exhibit was marked"),
    "exhibit.offer": _("An exhibit was signed over"),
    "exhibit.offer.dropped": _("A hand-over was taken back"),
    "exhibit.offer.received": _("The other side signed an exhibit over"),
    "exhibit.placement": _("An exhibit was put in its place"),
    "exhibit.return": _("An exhibit was returned"),
    "exhibit.sealing": _("An exhibit was sealed"),
    "exhibit.seizure": _("An exhibit was seized"),
    "evidence.acquisition": _("An item was taken in"),
    "evidence.arrival": _("An item arrived whole"),
    "evidence.erasure": _("An item was erased"),
    "evidence.erasure.final": _("What was erased cannot be recovered any more"),
    "disclosure.issued": _("A case was disclosed to the defence"),
    "disclosure.taken": _("The file of a disclosure was taken"),
    "node.backup": _("A backup was made"),
    "node.rejoined": _("The node was restored and went on"),
    "evidence.erasure.again": _("An erasure was applied again after a restore"),
    "retention.schedule": _("A retention schedule was signed"),
    "retention.hold": _("An item is held beyond its time"),
    "retention.lift": _("A hold has ended"),
    "evidence.erasure.received": _("The other side erased an item"),
    "evidence.flag": _("An item was flagged as protected"),
    "evidence.review": _("An item was reviewed for protected persons"),
    "evidence.export": _("An item was exported"),
    "evidence.offer": _("An item was offered"),
    "evidence.offer.received": _("The other side offered an item"),
    "invitation.withdrawn": _("An invitation was withdrawn"),
    "law.asked": _("The law was asked"),
    "letter.resume": _("A suspended decision was taken up again"),
    "letter.review": _("A letter was reviewed for protected persons"),
    "letter.suspend": _("A decision was suspended"),
    "mandate.dropped": _("A decision on a mandate was dropped"),
    "mandate.ended": _("A mandate was ended"),
    "mandate.learned": _("Another node told how a mandate stands"),
    "mandate.proposed": _("A decision on a mandate was signed by the first of two"),
    "mandate.reinstated": _("A mandate was reinstated"),
    "mandate.suspended": _("A mandate was suspended"),
    "message.receipt": _("A receipt came back"),
    "log.finding.settle": _("A finding about a log was closed"),
    "log.fork": _("A log signed two histories"),
    "log.fork.received": _("Another node showed two histories of a log"),
    "log.key.announce": _("A new key of the log was announced"),
    "log.key.use": _("The log signs with its new key"),
    "log.epoch": _("Entries are lost; a log of another name goes on"),
    "card.renewed": _("The node's card was renewed"),
    "card.keys.destroyed": _("Receive keys were destroyed"),
    "log.rollback": _("A log showed less than before"),
    "log.rollback.received": _("Another node showed that a log lost entries"),
    "message.refuse": _("A message was refused"),
    "node.command": _("The operator gave a command"),
    "node.founded": _("The node was founded"),
    "official.enrolled": _("An official was enrolled"),
    "official.invited": _("An official was invited"),
    "official.proposed": _("An official was proposed"),
    "passkey.added": _("A further passkey was added"),
    "passkey.kept": _("A passkey was kept for enrolment"),
    "passkey.revoked": _("An official revoked a passkey"),
    "sign-on.ended": _("Single sign-on of an official was ended"),
    "sign-on.recorded": _("Single sign-on of an official was recorded"),
    "peer.card": _("Another node renewed its card"),
    "peer.log_key": _("Another node's log signs with a new key"),
    "peer.admitted": _("Another node was admitted"),
    "training.policy": _("What training powers ask for was decided"),
    "training.recorded": _("A training was recorded"),
}
_SUBJECTS: Final[Mapping[str, Word]] = {
    "competence": pgettext_lazy("message between nodes", "An entry of the directory"),
    "letter": pgettext_lazy("message between nodes", "The letter"),
    "validation": pgettext_lazy("message between nodes", "The validation of a decision"),
    "lapse": pgettext_lazy("message between nodes", "The end of a decision"),
    "erasure": pgettext_lazy("message between nodes", "The erasure of an item"),
    "event": pgettext_lazy("message between nodes", "A step"),
    "transfer": pgettext_lazy("message between nodes", "Offer of an item"),
    "transfer-accepted": pgettext_lazy("message between nodes", "Acceptance of an item"),
    "receipt": pgettext_lazy("message between nodes", "A receipt"),
    "log-finding": pgettext_lazy("message between nodes", "What was seen of a log"),
    "log-key": pgettext_lazy("message between nodes", "New key of a log"),
    "standing": pgettext_lazy("message between nodes", "How a mandate stands"),
}
_RECEIVED: Final = ".received"


def word(kind: str) -> str:
    """What an entry of this kind says; a kind without a word is shown as it is written."""
    if kind in _KINDS:
        return str(_KINDS[kind])
    noun, _dot, step = kind.partition(".")
    taken_there = step.endswith(_RECEIVED)
    step = step.removesuffix(_RECEIVED)
    if noun != "letter" or step not in wording.STEPS:
        return kind
    said = wording.word(wording.STEPS, step)
    return (_now("Letter, by the other side: %(step)s") if taken_there else _now("Letter: %(step)s")) % {"step": said}


def subject(code: str) -> str:
    """What a message between nodes carries."""
    return wording.word(_SUBJECTS, code)
