"""A hand-over of an exhibit between nodes: read the giver's record, and the one that both sides signed."""

from datetime import datetime

from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.cases.protection import flags as read_flags
from comity.evidence.custody import CustodyEvent, extend, read_chain, read_offer, read_record
from comity.letters.letter import Letter
from comity.registry import introductions
from comity.registry.act import current
from comity.registry.actions import exhibits
from comity.registry.jobs.hand_overs import OfferNotForUs
from comity.registry.models import ExhibitRow, LetterRow
from comity.registry.queries.people import known
from comity.registry.rows import Inbound, Introduced


def offered(inbound: Inbound, content: JsonObject, *, people: tuple[Introduced, ...], at: datetime) -> None:
    """Take in a hand-over: custody unbroken, signed by the giver, for a letter of ours, to the custodian we named."""
    machine = current().machine("post")
    who = known({inbound.sender: introductions.statements(people)}, viewer=machine)
    if not isinstance(content["custody"], list):
        raise OfferNotForUs(why="its custody is no list")
    chain = read_chain([Statement.from_json(one) for one in content["custody"]], known=who)
    proven = read_offer(Statement.from_json(content["exhibit"]), known=who)
    extend(chain, proven)
    facts = proven.record.facts
    if proven.record.event is not CustodyEvent.HAND_OVER or chain.records[0].facts["letter"] != facts["letter"]:
        raise OfferNotForUs(why="it is no hand-over under the letter of its seizure")
    row = LetterRow.objects.filter(digest=str(facts["letter"]), peer=inbound.sender, outgoing=True).first()
    if row is None:
        raise OfferNotForUs(why="we sent that node no such letter")
    named = Letter.from_body(Statement.from_bytes(bytes(row.statement)).body).evidence_to
    if {name: facts["receiver"].get(name) for name in ("node", "official", "mandate")} != named:
        raise OfferNotForUs(why="it is for another custodian than the letter names")
    if ExhibitRow.objects.filter(reference=chain.exhibit.id).exists():
        raise OfferNotForUs(why="an exhibit of that reference is here already")
    exhibits.receive_offer(
        inbound,
        proven,
        begun=chain.records[0],
        custody=content["custody"],
        flags=sorted(read_flags(content["flags"])) if "flags" in content else [],
        people=people,
        actor=machine,
        at=at,
    )


def accepted(inbound: Inbound, content: JsonObject, *, people: tuple[Introduced, ...], at: datetime) -> None:
    """Take in that the receiver signed for the exhibit."""
    machine = current().machine("post")
    who = known({inbound.sender: introductions.statements(people)}, viewer=machine)
    proven = read_record(Statement.from_json(content["exhibit"]), known=who)
    if proven.record.event is not CustodyEvent.HAND_OVER:
        raise OfferNotForUs(why="the record that both sides should have signed is no hand-over")
    exhibits.record_acceptance(inbound, proven, people=people, actor=machine, at=at)
