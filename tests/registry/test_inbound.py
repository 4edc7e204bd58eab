"""What is handed in at a node's door: noise, forgeries and replays end at the door and leave nothing behind."""

import secrets
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from checker import check, untouched
from comity.authorities.statement import Statement, signed
from comity.canon import JsonObject, canonical, parse_object
from comity.cli.story import Stage
from comity.exchange.card import NodeKind
from comity.exchange.envelope import HEADER_BYTES_MAX, Message
from comity.exchange.wire import CLOCK_SKEW_MAX, COURIER_AGE_MAX
from comity.registry import keys
from comity.registry.act import Node
from comity.registry.clock import Clock
from comity.registry.limits import ENVELOPE_BYTES_MAX, REFUSALS_LOGGED_PER_HOUR_MAX
from comity.registry.models import EntryRow, InboxRow, OutboxRow
from couriers import CLIENT, card, code_of, hand_in, people, sealed, sign
from scenes import World, drafted, opened, received
from stage import free_port, served
from stations import Station, station

ADDRESSES = ("/peer/inbox", "/peer/chunk")


@pytest.fixture
def cv(world: World):
    return world.stage.cv


@pytest.fixture
def nl(world: World):
    return world.stage.nl


@contextmanager
def clock_moved(node: Node, by: timedelta):
    """The same node, answering at another address with its clock moved."""
    port = free_port()
    moved = replace(node, port=port, url=f"http://127.0.0.1:{port}", clock=Clock(offset=node.clock.offset + by))
    with served(moved):
        yield moved


def known_message(cv: Node):
    """A letter that nl took in, as it was sealed then."""
    with cv.active():
        row = OutboxRow.objects.filter(subject="letter").order_by("id")[0]
        return row.message, parse_object(bytes(row.content), limit=ENVELOPE_BYTES_MAX), row.queued_at


# Sizes and shapes


@pytest.mark.parametrize("address", ADDRESSES)
def test_more_bytes_than_an_address_takes_are_answered_413_and_not_read(world: World, nl: Node, address: str):
    with untouched(nl):
        answer = hand_in(b"x" * (ENVELOPE_BYTES_MAX + 1), to=nl, address=address)
    assert answer.status_code == 413
    assert code_of(answer) == "web.body_too_large"


@pytest.mark.parametrize("told", ["²", "-1", "1e3", "9" * 5000, " 7x"])
def test_a_length_that_is_no_number_is_a_refusal_and_not_a_failure(world: World, nl: Node, told: str):
    from comity.node.application import application_for

    answered = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/peer/inbox",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(nl.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "CONTENT_LENGTH": told,
    }
    with untouched(nl), (nl.folder / "card.json").open("rb") as body:
        b"".join(
            application_for(nl)(
                environ | {"wsgi.input": body, "wsgi.errors": None},
                lambda status, _headers: answered.append(status),
            )
        )
    assert answered == ["413 Request Entity Too Large"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"{}\n",
        b"\x00" * 100,
        b"not an envelope\n" * 10,
        b"[" * 4000 + b"\n",
        b"{" + b" " * HEADER_BYTES_MAX,
        '{"format":"comity-envelope-v1","from":"cv\u202e"}\n'.encode(),
        "\ud800".encode("utf-16", "surrogatepass") + b"\n",
    ],
)
def test_what_is_no_envelope_is_noise(world: World, nl: Node, data: bytes):
    with untouched(nl):
        answer = hand_in(data, to=nl)
    assert (answer.status_code, code_of(answer)) == (422, "exchange.header_broken")


def test_a_truncated_envelope_is_refused_wherever_it_breaks_off(world: World, cv: Node, nl: Node):
    whole = sealed("letter", {"a": "b"}, sender=cv, to=nl).data
    line = whole.index(b"\n")
    codes = set()
    with untouched(nl):
        for length in (1, line // 2, line, line + 1, line + 2, line + 1000, len(whole) - 1):
            answer = hand_in(whole[:length], to=nl)
            assert answer.status_code == 422
            codes.add(code_of(answer))
    assert codes == {"exchange.header_broken", "exchange.envelope_does_not_open"}


def test_an_envelope_with_one_byte_flipped_is_refused_wherever_it_was_flipped(world: World, cv: Node, nl: Node):
    whole = sealed("letter", {"a": "b"}, sender=cv, to=nl).data
    line = whole.index(b"\n")
    places = [*range(0, line, 7), line, line + 1, line + 600, line + 1200, len(whole) - 17, len(whole) - 1]
    with untouched(nl):
        for place in places:
            flipped = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
            answer = hand_in(flipped, to=nl)
            assert answer.status_code in (422, 425), place
            assert code_of(answer).startswith("exchange."), place


# Who may send what to whom


def test_an_envelope_for_another_node_is_refused(world: World, cv: Node, nl: Node):
    with untouched(cv, nl):
        answer = hand_in(sealed("letter", {}, sender=cv, to=cv).data, to=nl)
    assert code_of(answer) == "exchange.not_the_addressee"


def test_a_node_that_nobody_paired_with_is_refused_and_learns_nothing_else(world: World, nl: Node):
    stranger = station("xx", state="XX")
    with untouched(nl):
        answer = hand_in(stranger.send(Message(id="0" * 32, subject="letter", content={}), to=card(nl)).data, to=nl)
    assert code_of(answer) == "exchange.peer_unknown"
    assert set(answer.json()["facts"]) == {"node"}


@pytest.mark.parametrize("kind", [NodeKind.DRILL, NodeKind.LIVE])
def test_a_node_of_another_kind_is_refused_even_under_the_name_of_a_peer(world: World, nl: Node, kind: NodeKind):
    other = station("cv", state="CV", kind=kind)
    theirs = replace(card(nl), kind=kind)
    with untouched(nl):
        answer = hand_in(other.send(Message(id="0" * 32, subject="letter", content={}), to=theirs).data, to=nl)
    assert code_of(answer) == "exchange.kinds_differ"


def test_a_message_signed_by_another_nodes_key_is_refused_whatever_its_header_says(world: World, cv: Node, nl: Node):
    stranger = station("xx", state="XX")
    message = Message(id=secrets.token_hex(16), subject="letter", content={})
    now = cv.clock.now()
    under_our_key = replace(stranger, card=card(cv)).send(message, to=card(nl), at=now)
    under_his_own = replace(stranger, card=replace(card(cv), signing_key=stranger.key.public)).send(
        message, to=card(nl), at=now
    )
    with untouched(nl):
        assert code_of(hand_in(under_our_key.data, to=nl)) == "authorities.signature_does_not_verify"
        assert code_of(hand_in(under_his_own.data, to=nl)) == "authorities.signer_missing"


def test_an_envelope_from_the_future_is_refused(world: World, cv: Node, nl: Node):
    at = cv.clock.now() + CLOCK_SKEW_MAX + timedelta(minutes=1)
    with untouched(nl):
        answer = hand_in(sealed("letter", {}, sender=cv, to=nl, at=at).data, to=nl)
    assert code_of(answer) == "exchange.envelope_from_the_future"


def test_an_envelope_that_was_under_way_for_too_long_is_refused(world: World, cv: Node, nl: Node):
    data = sealed("letter", {}, sender=cv, to=nl).data
    with clock_moved(nl, COURIER_AGE_MAX + timedelta(days=1)) as later, untouched(nl):
        answer = hand_in(data, to=later)
    assert code_of(answer) == "exchange.envelope_too_old"


def test_an_envelope_to_a_key_that_this_node_does_not_hold_is_asked_for_again(world: World, cv: Node, nl: Node):
    """The sender's copy of our card may be older than our key: a newer card can change the answer."""
    theirs = replace(card(nl), receive_keys=station("xx", state="XX").card.receive_keys)
    carried = replace(station("cv", state="CV"), card=card(cv))
    message = Message(id=secrets.token_hex(16), subject="letter", content={})
    with untouched(nl):
        answer = hand_in(carried.send(message, to=theirs, at=cv.clock.now()).data, to=nl)
    assert (answer.status_code, code_of(answer)) == (425, "exchange.receive_key_unknown")


# Exactly once


def test_a_replayed_envelope_is_answered_and_takes_no_second_effect(world: World, cv: Node, nl: Node):
    message, content, at = known_message(cv)
    again = sealed("letter", content, sender=cv, to=nl, message=message, at=at)
    with nl.active():
        before = (EntryRow.objects.count(), InboxRow.objects.count())
    answers = [hand_in(again.data, to=nl) for _ in range(3)]
    assert {(one.status_code, one.json()["status"]) for one in answers} == {(202, "duplicate")}
    with nl.active():
        assert (EntryRow.objects.count(), InboxRow.objects.count()) == before
    world.stage.settle()  # the receipt goes out once more, and cv has it already
    check(cv, nl)
    with cv.active():
        assert OutboxRow.objects.get(message=message).state == "receipted"


def test_a_second_text_under_a_used_id_is_refused_and_the_first_stays(world: World, cv: Node, nl: Node):
    message, content, at = known_message(cv)
    others: tuple[JsonObject, ...] = (content | {"officials": []}, {})
    for other in others:
        with untouched(nl, entries=("message.refuse",)):
            answer = hand_in(sealed("letter", other, sender=cv, to=nl, message=message, at=at).data, to=nl)
        assert code_of(answer) == "exchange.replayed_with_other_content"


def test_what_a_message_brought_before_is_refused_under_a_new_id(world: World, cv: Node, nl: Node):
    _, content, _ = known_message(cv)
    with untouched(nl, entries=("message.refuse",)):
        answer = hand_in(sealed("letter", content, sender=cv, to=nl).data, to=nl)
    assert code_of(answer) == "registry.content_broken"
    assert "repeats" in answer.json()["message"]


def test_one_envelope_handed_in_by_many_at_once_takes_effect_once(stage: Stage):
    from concurrent.futures import ThreadPoolExecutor

    case = opened(stage)
    letter = drafted(stage, case)
    content = letter_content(stage, letter)
    data = sealed("letter", content, sender=stage.cv, to=stage.nl).data
    with ThreadPoolExecutor(4) as couriers:
        answers = list(couriers.map(lambda _: hand_in(data, to=stage.nl), range(4)))
    assert sorted(one.json()["status"] for one in answers) == ["duplicate"] * 3 + ["received"]
    with stage.nl.active():
        assert InboxRow.objects.count() == 1
    check(stage.nl)


def letter_content(stage: Stage, letter: str):
    """What cv would send with this draft, had it been authorised and sent."""
    from comity.registry import rows
    from comity.registry.models import LetterRow
    from comity.registry.queries.texts import authorisation_text
    from scenes import DECISION

    judge, drafter = stage.seat(stage.cv, "judge"), stage.seat(stage.cv, "investigator")
    with stage.cv.active():
        row = LetterRow.objects.get(digest=letter)
        decision = authorisation_text(letter, DECISION, viewer=judge.entry.actor, at=stage.cv.clock.now())
        assert rows.letter_of(row).grounding.verdict == row.verdict.digest
        statement = Statement.from_bytes(bytes(row.statement))
        verdict = parse_object(bytes(row.verdict.body), limit=ENVELOPE_BYTES_MAX)
    return {
        "letter": statement.as_json(),
        "authorisation": sign(decision, seat=judge).as_json(),
        "verdict": verdict,
        "officials": people(judge, drafter),
    }


# What is logged of refusals


def test_a_refusal_of_a_known_peer_is_logged_with_its_reason_until_the_hours_limit(stage: Stage):
    other = station("xx", state="XX")
    admit(stage.nl, other, stage)
    with stage.nl.active():
        before = EntryRow.objects.count()
    for _ in range(REFUSALS_LOGGED_PER_HOUR_MAX + 3):
        assert hand_in(sealed("nonsense", {}, sender=stage.cv, to=stage.nl).data, to=stage.nl).status_code == 422
    with stage.nl.active():
        assert EntryRow.objects.count() == before + REFUSALS_LOGGED_PER_HOUR_MAX
    message = Message(id="1" * 32, subject="nonsense", content={})
    assert hand_in(other.send(message, to=card(stage.nl), at=stage.nl.clock.now()).data, to=stage.nl).status_code == 422
    with stage.nl.active():
        newest = parse_object(bytes(EntryRow.objects.order_by("-id")[0].body), limit=ENVELOPE_BYTES_MAX)
    assert newest["facts"]["peer"] == "xx", "one peer's noise does not hide another's refusals"
    assert newest["facts"]["code"] == "registry.content_broken"
    with clock_moved(stage.nl, timedelta(hours=1, seconds=1)) as later:
        hand_in(sealed("nonsense", {}, sender=stage.cv, to=stage.nl).data, to=later)
    with stage.nl.active():
        assert EntryRow.objects.filter(kind="message.refuse").count() == REFUSALS_LOGGED_PER_HOUR_MAX + 2
    check(stage.nl)


def admit(node: Node, other: Station, stage: Stage):
    """Pair `node` with a station."""
    from comity.cli.cast import NL, administrators
    from comity.registry.gestures import people as gestures

    administrator, _second = administrators(node, NL)
    with node.active():
        gestures.admit(
            other.card_statement.to_bytes(),
            fingerprint=other.card.fingerprint,
            actor=administrator.actor,
            at=node.clock.now(),
        )


# Addresses


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_takes_messages_answers_no_get(world: World, nl: Node, address: str):
    with untouched(nl):
        assert CLIENT.get(f"{nl.url}{address}").status_code == 405


@pytest.mark.parametrize("address", ["/peer/card", "/log/checkpoint", f"/log/leaf/{'0' * 64}", "/log/tile/0/000"])
def test_an_address_that_shows_something_takes_no_post(world: World, nl: Node, address: str):
    with untouched(nl):
        assert hand_in(b"x", to=nl, address=address).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        *("/peer", "/peer/inbox/", "/peer/outbox", "/log/", "/log/entries", "/log/leaf/zz", "/admin/"),
        *("/log/tile/0/../../node.toml", "/log/tile/..%2f..%2fkeys%2fsigning", "/keys/signing", "/vault/items/x"),
        *("/log/tile/0/000.p/9999", "/log/tile/64/000", "/log/tile/0/999", "/log/tile/0/x000/000", "/%00"),
    ],
)
def test_what_does_not_exist_is_answered_404_without_a_hint_of_what_does(world: World, nl: Node, path: str):
    with untouched(nl):
        answer = CLIENT.get(f"{nl.url}{path}")
    assert answer.status_code == 404
    said = answer.text.lower().replace(
        answer.url.path.lower(), ""
    )  # where one is asked for the language brings one back here
    for word in ("inbox", "traceback", "urls", "node.toml", "django.", str(nl.folder)):
        assert word not in said


def test_a_leaf_that_is_not_in_the_log_is_not_found(world: World, nl: Node):
    assert CLIENT.get(f"{nl.url}/log/leaf/{secrets.token_hex(32)}").status_code == 404


def test_a_message_for_a_host_that_is_not_this_node_is_refused(world: World, nl: Node):
    with untouched(nl):
        answer = CLIENT.get(f"{nl.url}/peer/card", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_a_receipt_in_place_of_a_message_takes_no_effect(world: World, cv: Node, nl: Node):
    """A statement that a node signed for one purpose is no envelope for another."""
    _, sign_as = keys.signer(cv.folder)
    bare = signed(Statement(type="comity/message/v1", body={}), key=card(cv).signing_key, sign=sign_as)
    with untouched(nl):
        assert code_of(hand_in(bare.to_bytes(), to=nl)) == "exchange.header_broken"
        assert code_of(hand_in(canonical({"a": 1}) + b"\n" + bare.to_bytes(), to=nl)) == "exchange.header_broken"


def test_a_letter_that_arrives_while_the_world_stands_still_is_taken_in_once(stage: Stage):
    letter = received(stage, opened(stage))
    with stage.nl.active():
        assert InboxRow.objects.filter(letter__digest=letter).count() == 1
    check(stage.cv, stage.nl)
