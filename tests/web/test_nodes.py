"""How two live nodes are paired at their administrators' desks, and which cards and fingerprints pair nobody."""

import html
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import live
from comity.cli.story import Stage
from comity.exchange.card import CARD_BYTES_MAX, NodeKind
from comity.exchange.envelope import Message, PeerUnknown, seal_envelope
from comity.registry import keys, post
from comity.registry.act import Node
from comity.registry.gestures import people as gestures
from comity.registry.models import EntryRow, PeerRow
from comity.registry.queries import people
from comity.web.login import attempts
from desks import at_desk, summary_of
from keys import OfficialKey
from passkeys import assertion, browser, challenge_on
from stations import Station, station

ADMIT = "/officials/nodes/admit"
COMPARED = {"compared": "on"}


@dataclass(frozen=True)
class Desk:
    """A founded live node and the key of an administrator of it."""

    node: Node
    key: OfficialKey

    def sat(self) -> Client:
        """The administrator, signed in; the node is active."""
        client = browser(self.node)
        page = client.get("/login")
        assert client.post("/login", {"assertion": assertion(self.key, challenge_on(page.content))}).status_code == 302
        return client


@pytest.fixture(scope="session")
def founded_nodes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, OfficialKey]]:
    """Folders of two founded live nodes, to be copied, each with the key of its first administrator."""
    made = {}
    for name in ("ut", "xu"):
        node, officials = live.founded(tmp_path_factory.mktemp(name) / name, id_=name)
        node.close()
        made[name] = (node.folder, officials["amara"])
    return made


@pytest.fixture
def desks(founded_nodes: dict[str, tuple[Path, OfficialKey]], tmp_path: Path) -> Iterator[dict[str, Desk]]:
    """Two live nodes that know nothing of one another."""
    attempts._ATTEMPTS._failed.clear()
    opened = {}
    for name, (folder, key) in founded_nodes.items():
        shutil.copytree(folder, tmp_path / name)
        opened[name] = Desk(Node.open(tmp_path / name), key)
    yield opened
    for one in opened.values():
        one.node.close()


def other(node: Node, name: str = "xx", *, kind: NodeKind = NodeKind.LIVE, seed: bytes | None = None) -> Station:
    """A node elsewhere, whose card was issued a minute ago."""
    made, now = station(name, state="NL", kind=kind, seed=seed), node.clock.now()
    issued, until = now - timedelta(minutes=1), now + timedelta(days=300)
    return replace(made, card=replace(made.card, issued_at=issued, expires_at=until))


def dated(made: Station, *, issued: timedelta, expires: timedelta) -> Station:
    """The same node with a card that is so much older or newer."""
    card = made.card
    return replace(made, card=replace(card, issued_at=card.issued_at + issued, expires_at=card.expires_at + expires))


def text(made: Station) -> str:
    return made.card_statement.to_bytes().decode()


def held() -> tuple[int, int, list[bytes]]:
    """What a refusal must leave as it was: the log, the peers and their cards."""
    cards = [bytes(row.card) for row in PeerRow.objects.order_by("id")]
    return EntryRow.objects.count(), len(cards), cards


def fingerprint_on(page: bytes) -> str:
    found = re.search(rb"data-fingerprint[^>]*>([^<]+)<", page)
    assert found, page.decode()
    return found[1].decode()


def errors_on(answer: Any) -> dict[str, str]:
    """What is said at each field that is not well."""
    found = re.findall(r'id="id_(\w+)_error">(.*?)</div>\s*</div>', answer.content.decode(), re.DOTALL)
    return {field: html.unescape(re.sub(r"<[^>]+>", " ", said)).strip() for field, said in found}


def typed_on(answer: Any, field: str) -> str:
    """What stands in a field of the page, shown or hidden."""
    page = answer.content.decode()
    found = re.search(rf'<textarea name="{field}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    found = found or re.search(rf'<input type="hidden" name="{field}" value="([^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


def admitted(client: Client, card: str, fingerprint: str) -> Any:
    """Go through both pages; the answer to the second."""
    shown = client.post(ADMIT, {"card": card})
    assert shown.status_code == 200, summary_of(shown)
    return client.post(ADMIT, {"card": card, "fingerprint": fingerprint} | COMPARED)


def sent(giver: Node, to: Node) -> bytes:
    """A message that one node seals to the card that it admitted of the other."""
    _, sign = keys.signer(giver.folder)
    message = Message(id=secrets.token_hex(16), subject="letter", content={})
    with giver.active():
        peer = post.peer(to.id)
        return seal_envelope(message, to=peer, sender=post.own_card(giver), sign=sign, at=giver.clock.now()).data


def test_two_live_nodes_pair_at_their_desks_and_open_what_the_other_sends(desks: dict[str, Desk]):
    shown: dict[str, tuple[str, str]] = {}
    for name, one in desks.items():
        with one.node.active():
            client = one.sat()
            card = client.get("/officials/nodes/card")
            assert card.content == client.get("/peer/card").content
            assert card["Content-Disposition"] == f'attachment; filename="{name}-card.json"'
            shown[name] = (card.content.decode(), fingerprint_on(client.get("/officials/nodes").content))
    for name, peer in (("ut", "xu"), ("xu", "ut")):
        one = desks[name]
        with one.node.active():
            client = one.sat()
            if name == "ut":
                assert "No node is admitted" in summary_of(client.get("/officials/nodes"))
            answer = admitted(client, *shown[peer])
            assert (answer.status_code, answer["Location"]) == (302, "/officials/nodes"), summary_of(answer)
            assert post.peer(peer).fingerprint == shown[peer][1]
            assert EntryRow.objects.order_by("-id")[0].kind == "peer.admitted"
            assert shown[peer][1] in summary_of(client.get("/officials/nodes"))
        if name == "ut":
            message = sent(desks["ut"].node, desks["xu"].node)
            with desks["xu"].node.active(), pytest.raises(PeerUnknown):
                post.open_sealed(message, at=desks["xu"].node.clock.now())
    for giver, taker in (("ut", "xu"), ("xu", "ut")):
        message = sent(desks[giver].node, desks[taker].node)
        with desks[taker].node.active():
            assert post.open_sealed(message, at=desks[taker].node.clock.now()).sender == giver


def unreadable(_node: Node, _known: Station) -> str:
    return "the card is in the annex"


CARDS: dict[str, tuple[str, Callable[[Node, Station], str]]] = {
    "no card": ("not canonical", unreadable),
    "too long": ("at most", lambda _node, _known: "x" * (CARD_BYTES_MAX + 1)),
    "altered": ("signature", lambda node, _known: text(other(node)).replace("Node xx", "Node xy")),
    "of a demo node": ("demo node", lambda node, _known: text(other(node, kind=NodeKind.DEMO))),
    "of a drill node": ("drill node", lambda node, _known: text(other(node, kind=NodeKind.DRILL))),
    "run out": (
        "is valid from",
        lambda node, _known: text(dated(other(node), issued=-timedelta(days=301), expires=-timedelta(days=301))),
    ),
    "not valid yet": (
        "is valid from",
        lambda node, _known: text(dated(other(node), issued=timedelta(days=2), expires=timedelta(days=2))),
    ),
    "our own": ("which is this node", lambda node, _known: post.own_card_statement(node).to_bytes().decode()),
    "with our name": ("which is this node", lambda node, _known: text(other(node, node.id))),
    "of a known node with another key": (
        "signed by another key",
        lambda node, _known: text(other(node, "known", seed=b"somebody else's")),
    ),
    "older than the one held": (
        "was issued at",
        lambda _node, known: text(dated(known, issued=-timedelta(hours=1), expires=timedelta())),
    ),
}


@pytest.mark.parametrize("which", CARDS)
def test_a_card_that_cannot_be_believed_is_refused_at_its_field_and_leaves_nothing(desks: dict[str, Desk], which: str):
    says, made = CARDS[which]
    node = desks["ut"].node
    with node.active():
        client, known = desks["ut"].sat(), other(node, "known")
        assert admitted(client, text(known), known.card.fingerprint).status_code == 302
        card, before = made(node, known), held()
        heard = re.search(r"([0-9a-f]{4} ){15}[0-9a-f]{4}", card)
        for typed in ({}, {"fingerprint": heard[0] if heard else "0" * 64} | COMPARED):
            answer = client.post(ADMIT, {"card": card} | typed)
            assert answer.status_code == 422
            assert list(errors_on(answer)) == ["card"]
            assert says in errors_on(answer)["card"]
            assert typed_on(answer, "card") == card
            assert held() == before


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"fingerprint": "0000 " * 15 + "0000"} | COMPARED, "fingerprint"),
        ({"fingerprint": "", **COMPARED}, "fingerprint"),
        ({"fingerprint": "the one in the mail"} | COMPARED, "fingerprint"),
        ({"fingerprint": "RIGHT"}, "compared"),
    ],
)
def test_a_fingerprint_that_was_not_read_aloud_admits_nobody(desks: dict[str, Desk], typed: dict[str, str], field: str):
    node = desks["ut"].node
    with node.active():
        client, xx, before = desks["ut"].sat(), other(node), held()
        sent_in = {"card": text(xx)} | typed
        if typed["fingerprint"] == "RIGHT":
            sent_in["fingerprint"] = xx.card.fingerprint
        answer = client.post(ADMIT, sent_in)
        assert answer.status_code == 422
        assert list(errors_on(answer)) == [field]
        assert typed_on(answer, "card") == sent_in["card"]
        assert typed_on(answer, "fingerprint") == sent_in["fingerprint"]
        assert held() == before


@pytest.mark.parametrize("heard", [str.upper, lambda one: one.replace(" ", ""), lambda one: f" {one}\r\n"])
def test_spaces_and_capitals_of_a_fingerprint_do_not_matter(desks: dict[str, Desk], heard: Callable[[str], str]):
    node = desks["ut"].node
    with node.active():
        xx = other(node)
        assert admitted(desks["ut"].sat(), text(xx) + "\r\n", heard(xx.card.fingerprint)).status_code == 302
        assert post.peer("xx") == xx.card


def test_the_page_between_shows_what_the_card_says_and_keeps_nothing(desks: dict[str, Desk]):
    node = desks["ut"].node
    with node.active():
        client, xx, before = desks["ut"].sat(), other(node), held()
        shown = client.post(ADMIT, {"card": text(xx)})
        assert fingerprint_on(shown.content) == xx.card.fingerprint
        said = summary_of(shown)
        assert all(part in said for part in ("Node xx", xx.card.url, xx.card.log_origin, xx.card.official_origin))
        assert held() == before


def test_a_newer_card_of_a_known_node_takes_the_place_of_the_old_one(desks: dict[str, Desk]):
    node = desks["ut"].node
    with node.active():
        client, xx = desks["ut"].sat(), other(node)
        assert admitted(client, text(xx), xx.card.fingerprint).status_code == 302
        newer = dated(xx, issued=timedelta(seconds=1), expires=timedelta(days=1))
        assert "admitted already" in summary_of(client.post(ADMIT, {"card": text(newer)}))
        assert admitted(client, text(newer), xx.card.fingerprint).status_code == 302
        assert [one.card for one in people.peers(viewer=live.entry_of(node, "amara").actor)] == [newer.card]


@pytest.mark.parametrize(
    ("days", "says"),
    [(31, ""), (29, "runs out within thirty days"), (-1, "has run out")],
)
def test_a_key_that_runs_out_is_announced_thirty_days_before(desks: dict[str, Desk], days: int, says: str):
    node = desks["ut"].node
    with node.active():
        client, xx = desks["ut"].sat(), other(node)
        key = replace(xx.card.receive_keys[0], until=node.clock.now() + timedelta(days=days))
        key = replace(key, from_=key.until - timedelta(days=90))
        xx = replace(xx, card=replace(xx.card, receive_keys=(key,)))
        assert admitted(client, text(xx), xx.card.fingerprint).status_code == 302
        said = summary_of(client.get("/officials/nodes"))
        assert (says in said) if says else ("run out" not in said and "runs out" not in said)


def test_nobody_but_administrators_finds_the_nodes(stage: Stage):
    cv = stage.cv
    with cv.active():
        judge, nobody = at_desk(stage, cv, "judge"), browser(cv)
        for address in ("/officials/nodes", "/officials/nodes/card", ADMIT):
            assert judge.get(address).status_code == 404, address
            assert nobody.get(address).status_code == 302, address
        xx, before = other(cv, kind=NodeKind.DEMO), held()
        pasted = {"card": text(xx), "fingerprint": xx.card.fingerprint} | COMPARED
        assert judge.post(ADMIT, pasted).status_code == 404
        assert held() == before
        actor = stage.people["cv", "judge"].actor
        assert people.peers(viewer=actor) == []
        assert "nl" in {one.card.node for one in people.peers(viewer=live.entry_of(cv, "amara").actor)}
        assert (
            gestures.offered(text(xx).encode(), actor=live.entry_of(cv, "amara").actor, at=cv.clock.now()).node == "xx"
        )
