"""Attack: what a demonstration signed is handed to a live node, where it must count for nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

import live
from comity.authorities.directory import ENTRY, EntryBroken
from comity.authorities.roles import MandateNotInForce, Role
from comity.authorities.statement import Statement
from comity.exchange.card import KindsDiffer, NodeKind
from comity.exchange.envelope import Message
from comity.registry import authenticator, post
from comity.registry.act import NotANode
from comity.registry.authenticator import NoSoftwareAuthenticator
from comity.registry.gestures import people as gestures
from comity.registry.models import OfficialRow, PeerRow
from comity.registry.queries import people
from entering import House
from keys import NodeKey, OfficialKey, entry
from stations import NOON, REFERENCE, station


def test_the_card_of_a_demonstration_is_not_admitted(house: House, tmp_path: Path):
    demo = live.unfounded(tmp_path / "demo", id_="xx", kind="demo")
    card = post.own_card_statement(demo).to_bytes()
    fingerprint = post.own_card(demo).fingerprint
    actor = house.entry("amara").actor
    with pytest.raises(KindsDiffer):
        gestures.offered(card, actor=actor, at=house.node.clock.now())
    with pytest.raises(KindsDiffer):
        gestures.admit(card, fingerprint=fingerprint, actor=actor, at=house.node.clock.now())
    assert not PeerRow.objects.exists()


def test_an_envelope_of_a_demonstration_is_refused_before_its_text_is_read():
    demo, here = station("cv", state="CV"), station("nl", state="NL")
    sealed = demo.send(Message(id=REFERENCE, subject="letter", content={}), to=here.card)
    live_here = replace(here, card=replace(here.card, kind=NodeKind.LIVE))
    with pytest.raises(KindsDiffer):
        live_here.open(sealed.data, peers=[replace(demo.card, kind=NodeKind.LIVE)], at=NOON)


def test_an_official_with_a_software_authenticator_is_nobody_on_a_live_node(house: House):
    """Whoever has the node's own key can write such an entry, and it counts for nothing all the same."""
    card = post.own_card(house.node)
    key = OfficialKey.fresh(card.official_rp_id, card.official_origin)
    written, _ = entry(key, NodeKey.fresh(), node="ut", official="nadia", role=Role.ADMINISTRATOR)
    assert written.software_authenticator
    statement = post.countersign(Statement(type=ENTRY, body=written.as_body()))
    row = OfficialRow.objects.create(
        node="ut",
        official="nadia",
        office="x",
        role="administrator",
        mandate=str(statement.body["mandate"]),
        key_id=key.public.id,
        digest=statement.digest,
        statement=statement.to_bytes(),
    )
    with pytest.raises(MandateNotInForce, match="software"):
        people.sitting("nadia", row.mandate, viewer=house.node.machine("tests"), at=house.node.clock.now())
    with pytest.raises(EntryBroken, match="software"):
        people.known({}, viewer=house.node.machine("tests"))


def test_the_software_authenticator_does_not_work_on_a_live_node(house: House):
    with pytest.raises(NoSoftwareAuthenticator):
        authenticator.enrol(house.node, "nadia", rp_id="ut.localhost", origin="http://ut.localhost")
    with pytest.raises(NoSoftwareAuthenticator):
        authenticator.seated(house.node, "amara", at=house.node.clock.now())
    with pytest.raises(NoSoftwareAuthenticator):
        authenticator.sign(
            Statement(type="x", body={}), node=house.node, entry=house.entry("amara"), at=house.node.clock.now()
        )


def test_no_setting_makes_a_live_node_of_a_demonstration(tmp_path: Path):
    demo = live.unfounded(tmp_path / "demo", id_="xx", kind="demo")
    path = demo.folder / "node.toml"
    told = path.read_text(encoding="utf-8")
    path.write_text(told.replace('kind = "demo"', 'kind = "live"'), encoding="utf-8")
    changed = type(demo).open(demo.folder)
    assert post.own_card(changed).kind is NodeKind.DEMO, "the card is signed; peers go by it"
    path.write_text(told.replace('host = "127.0.0.1"', 'host = "0.0.0.0"'), encoding="utf-8")
    with pytest.raises(NotANode):
        type(demo).open(demo.folder)
