"""A chain of custody is whole or it is none: nothing dropped, doubled, moved or added where it does not belong."""

from types import SimpleNamespace
from typing import Any

import pytest

from comity.canon import JsonObject
from comity.errors import ComityError
from comity.evidence.custody import (
    CustodyBroken,
    CustodyEvent,
    CustodyRecord,
    OriginMissing,
    begin_chain,
    read_record,
)
from comity.evidence.events import HAPPENS_TO, Thing
from comity.evidence.exhibit import Exhibit
from comity.evidence.item import Item
from evidence_chains import BEGUN, BY, EXHIBIT, FACTS_OF, ITEM, begun, followed, proven, told, whole

LIVES = (
    (ITEM, [CustodyEvent.SEALING, CustodyEvent.ACCESS, CustodyEvent.MARKING, CustodyEvent.LEAVE, CustodyEvent.EXPORT]),
    (EXHIBIT, [CustodyEvent.PLACEMENT, CustodyEvent.ACCESS, CustodyEvent.COPY, CustodyEvent.RETURN]),
)


@pytest.mark.parametrize(("thing", "events"), LIVES)
def test_a_record_that_is_dropped_doubled_or_moved_breaks_the_chain(thing: Item | Exhibit, events: list[CustodyEvent]):
    records = told(thing, *events)
    assert len(whole(records).records) == len(events) + 1
    for place in range(len(records)):
        dropped = records[:place] + records[place + 1 :]
        doubled = [*records[: place + 1], *records[place:]]
        swapped = records[:place] + list(reversed(records[place : place + 2])) + records[place + 2 :]
        for changed in (dropped, doubled, swapped):
            if changed not in (records, records[:-1]):  # the newest record is missed by the log, not by the chain
                with pytest.raises(CustodyBroken):
                    whole(changed)


@pytest.mark.parametrize("event", sorted(FACTS_OF))
@pytest.mark.parametrize("thing", [ITEM, EXHIBIT], ids=["item", "exhibit"])
def test_an_event_happens_to_what_it_can_happen_to_and_states_exactly_its_facts(
    thing: Item | Exhibit, event: CustodyEvent
):
    chain = begin_chain(proven(begun(thing)))
    kind = Thing.ITEM if isinstance(thing, Item) else Thing.EXHIBIT
    if kind not in HAPPENS_TO[event]:
        with pytest.raises(CustodyBroken):
            followed(chain, event)
        return
    body = followed(chain, event).body
    assert CustodyRecord.from_body(body).as_body() == body
    for name in body["facts"]:
        left = {other: fact for other, fact in body["facts"].items() if other != name}
        for facts in (left, body["facts"] | {"more": ""}, body["facts"] | {name: 7}):
            with pytest.raises((ComityError, KeyError)):
                CustodyRecord.from_body(body | {"facts": facts})


@pytest.mark.parametrize("end", [CustodyEvent.RETURN, CustodyEvent.DISPOSAL])
def test_nothing_follows_the_end(end: CustodyEvent):
    chain = whole(told(EXHIBIT, end))
    assert chain.ended
    with pytest.raises(CustodyBroken, match="the chain ended"):
        followed(chain, CustodyEvent.ACCESS)


def test_who_gave_it_away_acts_on_it_no_more():
    chain = whole(told(ITEM, CustodyEvent.TRANSFER))
    assert chain.holder == "nl"
    with pytest.raises(CustodyBroken, match="nl holds the item, and cv acts"):
        followed(chain, CustodyEvent.ACCESS)


@pytest.mark.parametrize("name", ["sha256", "key_commitment"])
def test_a_transfer_with_other_hashes_breaks_the_chain(name: str):
    with pytest.raises(CustodyBroken, match="other hashes"):
        followed(begin_chain(proven(begun(ITEM))), CustodyEvent.TRANSFER, **{name: "0" * 64})


class Everybody:
    """Whom everybody knows, in any office."""

    def who(self, by: JsonObject, *, what: str) -> Any:
        return SimpleNamespace(node=by["node"], actor=SimpleNamespace(require=lambda power: power)), what


def test_nobody_hands_over_to_himself_in_another_office():
    receiver = BY | {"role": "judge", "mandate": "n", "office": "y"}
    text = followed(begin_chain(proven(begun(EXHIBIT))), CustodyEvent.HAND_OVER, receiver=receiver)
    everybody: Any = Everybody()
    with pytest.raises(CustodyBroken, match="to himself"):
        read_record(text, known=everybody)


def test_a_hand_over_names_the_seals_that_are_on_it():
    chain = begin_chain(proven(begun(EXHIBIT)))
    with pytest.raises(CustodyBroken, match="other seals"):
        followed(chain, CustodyEvent.HAND_OVER, seals=["S-1", "S-2"])


@pytest.mark.parametrize("name", ["place", "device", "method", "tool", "time_source"])
def test_what_has_to_be_known_of_the_origin_is_missed_until_it_is_corrected(name: str):
    unknown = BEGUN["origin"] | {name: "not_stated"}
    records = [proven(begun(ITEM, origin=unknown))]
    with pytest.raises(OriginMissing, match=name):
        whole(records).hold_origin()
    records.append(proven(followed(whole(records), CustodyEvent.CORRECTION)))
    whole(records).hold_origin()
    assert whole(records).records[0].facts["origin"] == unknown


def test_a_chain_of_a_thing_has_no_item_and_that_of_an_item_no_thing():
    with pytest.raises(CustodyBroken):
        _ = begin_chain(proven(begun(EXHIBIT))).item
    with pytest.raises(CustodyBroken):
        _ = begin_chain(proven(begun(ITEM))).exhibit
