"""Lists of letters: everything that one may see and nothing else, in order, and flat."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from comity.authorities.roles import Actor
from comity.canon import TextNotAllowed
from comity.cli.demo import make_nodes
from comity.cli.story import Stage
from comity.letters.letter import Form
from comity.letters.life import State
from comity.registry import access
from comity.registry.act import Node, bookkeeping
from comity.registry.models import LetterRow
from comity.registry.queries import home, listing
from comity.registry.queries.duties import Duty
from comity.registry.queries.wanted import LAST, CursorBroken, Direction, NotListed, Sort, Wanted
from crowd import crowd
from scenes import World, drafted, opened
from stage import free_port

ROLES = ("investigator", "judge", "liaison", "custodian", "overseer")
CROWD = 100_000


@contextmanager
def undone() -> Iterator[None]:
    """What is changed inside is as it was afterwards."""
    with bookkeeping():
        yield
        transaction.set_rollback(True)


def viewers(world: World) -> Iterator[tuple[Node, Actor]]:
    """Each official at each node, also where they are strangers."""
    for node in (world.stage.cv, world.stage.nl):
        for entry in world.stage.people.values():
            yield node, entry.actor


def seen_one_by_one(viewer: Actor) -> set[str]:
    found = set()
    for row in LetterRow.objects.all():
        try:
            access.why_letter(row, viewer=viewer)
        except access.NoSuchThing:
            continue
        found.add(row.digest)
    return found


def in_list(wanted: Wanted, *, viewer: Actor, node: Node) -> list[listing.Line]:
    return list(listing.every(wanted, viewer=viewer, at=node.clock.now()))


def test_a_list_holds_exactly_the_letters_that_there_is_a_reason_to_see(world: World):
    chance = random.Random(1)
    for node, viewer in viewers(world):
        with node.active():
            assert {one.digest for one in in_list(Wanted(), viewer=viewer, node=node)} == seen_one_by_one(viewer)
            with undone():
                for row in LetterRow.objects.all():
                    row.confidential, row.state = chance.random() < 0.7, chance.choice(list(State)).value
                    row.save()
                assert {one.digest for one in in_list(Wanted(), viewer=viewer, node=node)} == seen_one_by_one(viewer)


def test_a_stranger_and_a_machine_are_shown_nothing(world: World):
    cv = world.stage.cv
    with cv.active():
        for viewer in (world.stage.people["nl", "overseer"].actor, cv.machine("post")):
            page = listing.letters(Wanted(), viewer=viewer, at=cv.clock.now())
            assert (page.lines, page.next, page.previous, page.count.number) == ((), "", "", 0)
            assert home.waiting(viewer=viewer, at=cv.clock.now()) == []
            assert home.counts(viewer=viewer, at=cv.clock.now()) == {}
            assert home.week(viewer=viewer, at=cv.clock.now()).due == ()
        assert listing.peers(viewer=world.stage.people["nl", "overseer"].actor) == []


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("descending", [True, False])
def test_pages_forward_and_backward_give_the_whole_list_in_order(world: World, sort: Sort, descending: bool):
    cv, viewer = world.stage.cv, world.stage.people["cv", "overseer"].actor
    wanted = Wanted(sort=sort, descending=descending, size=2)
    with cv.active():
        rows = LetterRow.objects.filter(due_at__isnull=False) if sort is Sort.DUE else LetterRow.objects.all()
        sign = "-" if descending else ""
        then = [f"{sign}written_at"] if sort is Sort.STATE else []
        expected = list(rows.order_by(f"{sign}{sort.value}", *then, f"{sign}id").values_list("digest", flat=True))
        forward: list[str] = []
        backward: list[str] = []
        cursor = ""
        while True:
            page = listing.letters(replace(wanted, cursor=cursor), viewer=viewer, at=cv.clock.now())
            forward += [line.digest for line in page.lines]
            assert page.count.number == len(expected)
            assert bool(page.previous) == bool(cursor)
            if not (cursor := page.next):
                break
        cursor = LAST
        while cursor:
            page = listing.letters(replace(wanted, cursor=cursor), viewer=viewer, at=cv.clock.now())
            assert (page.next == "") == (cursor == LAST)
            backward = [line.digest for line in page.lines] + backward
            cursor = page.previous
    assert len(expected) > 2
    assert forward == expected == backward


def test_every_filter_lets_pass_what_it_names(world: World):
    cv, viewer = world.stage.cv, world.stage.people["cv", "judge"].actor
    with cv.active(), undone():
        LetterRow.objects.update(urgent=False)
        one = LetterRow.objects.get(digest=world.letters["recognised"])
        one.urgent, one.subject, one.folded = True, "Überfall", "uberfall"
        one.due_at = cv.clock.now() - timedelta(days=1)
        one.save()

        def found(wanted: Wanted) -> set[str]:
            return {line.digest for line in in_list(wanted, viewer=viewer, node=cv)}

        everything = found(Wanted())
        assert found(Wanted(urgent=True)) == found(Wanted(overdue=True)) == {one.digest}
        assert found(Wanted(text="über")) == found(Wanted(text="UBERF")) == {one.digest}
        assert found(Wanted(text=one.short)) == found(Wanted(text=one.short[:6].lower())) == {one.digest}
        assert found(Wanted(text="100%")) == found(Wanted(peer="nobody")) == set()
        assert found(Wanted(peer=one.peer)) == found(Wanted(direction=Direction.OUT)) == everything
        assert found(Wanted(direction=Direction.IN)) == set()
        assert found(Wanted(states=frozenset({State.DRAFT}))) == {world.letters["draft"]}
        two = frozenset({State.DRAFT, State.AUTHORISED})
        assert found(Wanted(states=two)) == {world.letters["draft"], world.letters["authorised"]}
        forms = [found(Wanted(forms=frozenset({form}))) for form in Form]
        assert set.union(*forms) == everything == found(Wanted(forms=frozenset(Form), states=frozenset(State)))
        assert not set.intersection(*forms)
        assert found(Wanted(mine=True)) == {world.letters["draft"]}


HOSTILE = [
    {"sort": ["statement"]},
    {"sort": ["--written_at"]},
    {"state": ["draft", "dr\0aft"]},
    {"form": ["' OR 1=1"]},
    {"direction": ["sideways"]},
    {"urgent": ["1"]},
    {"size": ["0"]},
    {"size": ["201"]},
    {"size": ["٣"]},
    {"text": ["a\0b"]},
    {"peer": ["x" * 41]},
    {"text": ["\ud800"]},
    {"cursor": ["x"]},
    {"cursor": ["ä"]},
    {"cursor": ["LAST"]},
    {"cursor": ["e30"]},
    {"cursor": ["A" * 5000]},
]


@pytest.mark.parametrize("query", HOSTILE, ids=[str(one)[:40].encode("ascii", "replace").decode() for one in HOSTILE])
def test_an_address_that_no_list_takes_is_refused(query: dict[str, list[str]]):
    with pytest.raises((NotListed, CursorBroken, TextNotAllowed)):
        Wanted.read(query)


def test_a_place_of_one_order_is_none_of_another(world: World):
    cv, viewer = world.stage.cv, world.stage.people["cv", "overseer"].actor
    with cv.active():
        page = listing.letters(Wanted(size=1), viewer=viewer, at=cv.clock.now())
        for sort in ("due_at", "-short", "state"):
            with pytest.raises(CursorBroken):
                Wanted.read({"cursor": [page.next], "sort": [sort]})
        altered = page.next[:-6] + ("A" if page.next[-6] != "A" else "B") + page.next[-5:]
        with pytest.raises(CursorBroken):
            Wanted.read({"cursor": [altered]})


def test_the_address_of_a_list_is_read_back_as_it_was_written():
    wanted = Wanted(
        direction=Direction.IN,
        states=frozenset({State.SENT, State.QUERIED}),
        forms=frozenset({Form.PRODUCTION}),
        peer="nl",
        urgent=True,
        overdue=True,
        mine=True,
        text="lagoon & co",
        sort=Sort.DUE,
        descending=False,
        cursor=LAST,
        size=7,
    )
    query: dict[str, list[str]] = {}
    for name, value in wanted.as_query():
        query.setdefault(name, []).append(value)
    assert Wanted.read(query) == wanted
    assert Wanted().as_query() == []
    assert Wanted.read({"text": [" "], "of_somebody": ["else"]}) == Wanted()


def test_a_page_beyond_an_end_that_moved_leads_back(world: World):
    cv, viewer = world.stage.cv, world.stage.people["cv", "overseer"].actor
    with cv.active():
        page = listing.letters(Wanted(size=1, descending=False), viewer=viewer, at=cv.clock.now())
        with undone():
            LetterRow.objects.filter(state=State.DRAFT).update(due_at=cv.clock.now())
            due = listing.letters(Wanted(size=1, sort=Sort.DUE), viewer=viewer, at=cv.clock.now())
            LetterRow.objects.update(due_at=None)
            gone = listing.letters(Wanted(sort=Sort.DUE, cursor=due.next), viewer=viewer, at=cv.clock.now())
    assert page.next
    assert (gone.lines, gone.previous, gone.next) == ((), LAST, "")


WAITS = {
    ("cv", "investigator"): {("send", "authorised")},
    ("cv", "judge"): {("authorise", "draft")},
    ("cv", "liaison"): set(),
    ("cv", "custodian"): {("accept", "recognised")},
    ("nl", "investigator"): set(),
    ("nl", "judge"): {("recognise", "asked")},
    ("nl", "liaison"): {("acknowledge", "received"), ("preserve", "acknowledged"), ("execute", "recognised")},
    ("nl", "custodian"): {("hand_over", "recognised")},
}


@pytest.mark.parametrize(("where", "role"), WAITS, ids=["-".join(one) for one in WAITS])
def test_what_waits_for_an_office_is_what_its_role_has_to_do(world: World, where: str, role: str):
    node = world.stage.cv if where == "cv" else world.stage.nl
    viewer = world.stage.people[where, role].actor
    names = {digest: name for name, digest in world.letters.items()}
    with node.active():
        found = home.waiting(viewer=viewer, at=node.clock.now())
        counts = home.counts(viewer=viewer, at=node.clock.now())
        mine = {line.digest for line in in_list(Wanted(mine=True), viewer=viewer, node=node)}
    assert {(one.duty.value, names[one.letter.digest]) for one in found if one.letter} == WAITS[where, role]
    assert {duty: count.number for duty, count in counts.items()} == {
        duty: sum(one.duty is duty for one in found) for duty in {one.duty for one in found}
    }
    assert mine == {one.key for one in found if one.kind == "letter"}


def test_preserved_data_wait_to_be_asked_for_until_a_letter_follows(world: World):
    cv, viewer = world.stage.cv, world.stage.people["cv", "investigator"].actor

    def waits() -> set[str]:
        found = home.waiting(viewer=viewer, at=cv.clock.now())
        return {one.key for one in found if one.duty is Duty.REQUEST}

    with cv.active(), undone():
        LetterRow.objects.filter(digest=world.letters["acknowledged"]).update(state=State.PRESERVED)
        assert waits() == {world.letters["acknowledged"]}
        LetterRow.objects.filter(digest=world.letters["asked"]).update(linked=world.letters["acknowledged"])
        assert waits() == set()
        LetterRow.objects.filter(digest=world.letters["asked"]).update(state=State.REFUSED)
        assert waits() == {world.letters["acknowledged"]}


def test_the_week_holds_its_dates_and_counts_the_others(world: World):
    cv, viewer = world.stage.cv, world.stage.people["cv", "overseer"].actor
    with cv.active(), undone():
        at = cv.clock.now()
        LetterRow.objects.update(due_at=None)
        dates = {"draft": -timedelta(seconds=1), "authorised": timedelta(0), "received": timedelta(days=6)}
        for name, after in (dates | {"asked": timedelta(days=7)}).items():
            LetterRow.objects.filter(digest=world.letters[name]).update(due_at=at + after)
        week = home.week(viewer=viewer, at=at)
        waiting = home.waiting(viewer=viewer, at=at)
    assert [line.digest for line in week.due] == [world.letters["authorised"], world.letters["received"]]
    assert (week.overdue.number, week.later.number, week.more) == (1, 1, False)
    assert [(one.duty, one.key) for one in waiting] == [(Duty.OVERDUE, world.letters["draft"])]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A node with a hundred thousand letters; nothing is served and nothing sent."""
    (cv, nl), people = make_nodes(tmp_path_factory.mktemp("crowded"), ports=(free_port(), free_port()))
    stage = Stage(
        cv=cv, nl=nl, people=people, settle=lambda: None, image_bytes=0, progress=lambda _what, _done, _of: None
    )
    letter = drafted(stage, opened(stage))
    with cv.active():
        crowd(CROWD, like=letter, at=cv.clock.now())
    yield stage
    cv.close()
    nl.close()


COMMON = {
    "newest first": Wanted(),
    "oldest first": Wanted(descending=False),
    "by due date": Wanted(sort=Sort.DUE, descending=False),
    "by short form": Wanted(sort=Sort.SHORT, descending=False),
    "by state": Wanted(sort=Sort.STATE, descending=False),
    "one state": Wanted(states=frozenset({State.SENT})),
    "two states": Wanted(states=frozenset({State.SENT, State.QUERIED})),
    "one peer": Wanted(peer="far"),
    "overdue by date": Wanted(sort=Sort.DUE, overdue=True, descending=False),
    "incoming and urgent": Wanted(direction=Direction.IN, urgent=True),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMON)
@pytest.mark.parametrize("role", ["judge", "overseer", "custodian"])
def test_every_page_of_a_crowded_node_is_read_along_an_index_by_two_queries(crowded: Stage, name: str, role: str):
    viewer = crowded.people["cv", role].actor
    with crowded.cv.active():
        at = crowded.cv.clock.now()
        first = listing.letters(COMMON[name], viewer=viewer, at=at)
        for cursor in ("", first.next, LAST):
            with CaptureQueriesContext(connection) as asked:
                listing.letters(replace(COMMON[name], cursor=cursor), viewer=viewer, at=at)
            assert len(asked) <= 2
            plan = planned(asked.captured_queries[0]["sql"])
            assert "TEMP B-TREE" not in plan, plan
            assert "USING INDEX letters_" in plan, plan


@pytest.mark.slow
def test_the_start_page_of_a_crowded_node_sorts_nothing(crowded: Stage):
    with crowded.cv.active():
        at = crowded.cv.clock.now()
        for role in ROLES:
            viewer = crowded.people["cv", role].actor
            with CaptureQueriesContext(connection) as asked:
                home.week(viewer=viewer, at=at)
                home.counts(viewer=viewer, at=at)
                assert len(home.waiting(viewer=viewer, at=at)) <= home.WAITING_MAX
            assert len(asked) <= 20
            if role != "investigator":
                assert not [one["sql"] for one in asked.captured_queries if "TEMP B-TREE" in planned(one["sql"])]


def planned(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return " | ".join(str(row[-1]) for row in cursor.fetchall())
