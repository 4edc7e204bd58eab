"""Every address as every role, with own, foreign, confidential, red and vanished things: answered as the matrix says.

This is also the attack on every id: whatever an address names is tried with the names of all others.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from comity.authorities.roles import POWERS, Role
from comity.registry.access.pages import PAGES, PUBLIC, Page, expected
from comity.registry.access.relations import SEEN, Answer, Relation, What
from comity.registry.models import EntryRow
from relations import ROLES, Nodes, at_desk, leave, related, to_sign
from stage import staged

SLOW = {
    "law-library": "?measure=alchemy",
    "law-gaps": "?measure=alchemy",
    "law-gaps-matrix": "?measure=alchemy",
    "law-gaps-list": "?answer=maybe",
}
"""Pages of the law that take long to draw, asked for what they refuse: they let in before they say so."""

REFUSALS = ("act.refuse",)
NOT_MADE = {
    "decision": "a decision on a mandate that waits for its second administrator",
    "decision-drop": "the same",
    "mandate-reinstate": "a mandate that was suspended",
    "way-waiting": "a way in that an official asked for",
    "way-refuse": "the same",
    "competence-edit": "an entry of the directory of competence",
    "competence-confirm": "the same",
    "competence-withdraw": "the same",
    "competence-entry": "the same",
    "exhibit-drop": "a hand-over of an exhibit that nobody has accepted yet, at the node that gives",
}
"""What the world of the walk does not hold: its pages are walked with names that name nothing, and tested elsewhere."""

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
MESSAGES = re.compile(r'<div class="note [^"]+" role="status">.*?</div>', re.DOTALL)


def patterns(listed: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for one in listed:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns)
        else:
            yield one


NAMED = {one.name for one in patterns(get_resolver().url_patterns)}
ADDRESSES = {one.name or str(one.pattern): one for one in patterns(get_resolver().url_patterns)}


def path(page: Page, arguments: list[str]) -> str:
    """The address of a page for these arguments."""
    if page.name in NAMED:
        return reverse(page.name, args=arguments) + SLOW.get(page.name, "")
    route = page.name.replace("^", "").replace("$", "")
    return "/" + re.sub(r"\(.*\)|<.*>", lambda _: arguments[0], route)


def answered(response: object) -> Answer:
    """What a response is, in the words of the matrix."""
    status = response.status_code  # type: ignore[attr-defined]
    assert status < 500, status
    if status == 302 and response["Location"].startswith("/login?"):  # type: ignore[index]
        return Answer.LOGIN
    return Answer.HIDDEN if status in {404, 403} else Answer.OPEN


def same(text: str, url: str, arguments: list[str]) -> str:
    """A page without what was asked for, its tokens, and what is said of the request before."""
    text = text.replace(url, "*")
    for one in sorted(arguments, key=len, reverse=True):
        text = text.replace(one, "*")
    return re.sub(r"\s+", " ", MESSAGES.sub("", TOKEN.sub("", text)))


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with staged(tmp_path_factory.mktemp("matrix"), image_bytes=100_000) as stage:
        yield related(stage)


class Walk:
    """Goes through every page of one node as one person, and notes what was answered otherwise than it should be."""

    def __init__(self, nodes: Nodes, place: str, role: Role | None, client: Client) -> None:
        self.nodes, self.place, self.role, self.client = nodes, place, role, client
        self.wrong: list[str] = []
        self.walked: set[tuple[str, Relation]] = set()
        self._missing: dict[tuple[str, str], str] = {}

    def go(self, page: Page, relation: Relation, answer: Answer, *, of: Relation | None = None) -> None:
        """Every method of one page in one relation; `of`: whose thing it is where the relation is about the person."""
        powerless = bool(self.role and page.powers and not page.powers & POWERS[self.role])
        for method in page.methods[-1:] if powerless else page.methods:  # the form, where there is one
            arguments = self.nodes.named(self.place, page.what, of or relation, page.name)
            if arguments is None and answer is Answer.HIDDEN and (of or relation) is Relation.ANY:
                arguments = self.nodes.named(self.place, page.what, Relation.MISSING, page.name)
            if arguments is None and page.what is not What.NOTHING:
                return
            self.walked.add((page.name, relation))
            self._ask(page, method, relation, answer, arguments or [])

    def _ask(self, page: Page, method: str, relation: Relation, answer: Answer, arguments: list[str]) -> None:
        entries = EntryRow.objects.exclude(kind__in=REFUSALS).count()
        url = path(page, arguments)
        response = self.client.get(url) if method == "GET" else self.client.post(url)
        found = answered(response)
        if page.powers is PUBLIC:
            found = Answer.OPEN if found is not Answer.LOGIN else found
        if found is not answer:
            self.wrong.append(f"{self.place} {self.role} {method} {page.name} {relation}: {found}, not {answer}")
        elif answer is not Answer.OPEN:
            changed = EntryRow.objects.exclude(kind__in=REFUSALS).count() - entries
            if changed:
                self.wrong.append(f"{self.place} {self.role} {method} {page.name} {relation}: did something")
        if found is Answer.HIDDEN:
            said = same(response.content.decode(), url, arguments)
            if said != self._missing.setdefault((page.name, method), said):
                self.wrong.append(f"{self.place} {self.role} {method} {page.name} {relation}: says more than nothing")


def in_order(page: Page) -> tuple[bool, bool]:
    """Reading first; what ends a session last."""
    return "POST" in page.methods, page.name == "logout"


def relations(page: Page, role: Role) -> list[tuple[Relation, Answer]]:
    """In which relations a page is tried: all, or, for an office without its power, the nearest: no other is nearer."""
    table: list[tuple[Relation, Answer]] = [
        (relation, answer)
        for who, relation, answer in expected(page)
        if who is role and relation is not Relation.REVOKED
    ]
    if page.powers and not page.powers & POWERS[role]:
        return table[:1]
    return sorted(table, key=lambda one: one[1] is Answer.OPEN)


def walk(nodes: Nodes, place: str, role: Role, *, walked: set[tuple[str, Role, Relation]]) -> Walk:
    """One official through all pages but those `walked`, what is hidden first, so that nothing was changed by then."""
    entry = nodes.people[place, role]
    going = Walk(nodes, place, role, at_desk(nodes.node(place), entry))
    for page in sorted(PAGES.values(), key=in_order):
        if page.what is What.TEXT and place == "cv":
            to_sign(nodes, entry)
        for relation, answer in relations(page, role):
            if (page.name, role, relation) not in walked:
                going.go(page, relation, answer)
    return going


def test_every_address_is_declared_and_every_declaration_is_an_address():
    assert sorted(ADDRESSES) == sorted(PAGES)


def test_every_address_answers_every_role_in_every_relation_as_the_matrix_says(nodes: Nodes):
    wrong: list[str] = []
    walked: set[tuple[str, Role, Relation]] = set()
    for place in ("cv", "nl"):
        with nodes.node(place).active():
            for role in ROLES:
                going = walk(nodes, place, role, walked=walked)
                wrong += going.wrong
                walked |= {(name, role, relation) for name, relation in going.walked}
    assert not wrong, "\n".join(wrong)
    declared = {
        (page.name, role, relation)
        for page in PAGES.values()
        for role in ROLES
        for relation, _ in relations(page, role)
    }
    assert {name for name, _, _ in declared - walked} == NOT_MADE.keys()


def test_nobody_and_whose_mandate_ended_get_no_further_than_the_login(nodes: Nodes):
    node = nodes.node("cv")
    with node.active():
        gone = {role: at_desk(node, nodes.left["cv", role]) for role in ROLES}
        leave(nodes, "cv")
        wrong: list[str] = []
        for role, client in [*gone.items(), (None, Client(headers={"host": "127.0.0.1"}))]:
            relation = Relation.REVOKED if role else Relation.NOBODY
            going = Walk(nodes, "cv", role, client)
            for page in sorted(PAGES.values(), key=in_order):
                if page.powers is not PUBLIC:
                    of = next(iter(SEEN[page.what]))
                    of = of if ("cv", page.what, of) in nodes.names else Relation.MISSING
                    if page.what is What.TEXT:
                        of = Relation.FOREIGN
                    going.go(page, relation, page.answer(role, relation), of=of)
            wrong += going.wrong
            assert len(going.walked) > 60
        assert not wrong, "\n".join(wrong)


def test_every_address_takes_the_methods_that_the_matrix_names_and_no_other(nodes: Nodes):
    with nodes.node("cv").active():
        desks = {role: at_desk(nodes.node("cv"), nodes.people["cv", role]) for role in ROLES}
        for page in PAGES.values():
            if page.name in {"home", "health", "logout"}:
                continue
            role = next(
                role
                for role in ROLES
                if page.answer(role, next(iter(SEEN[page.what]))) is not Answer.LOGIN
                and (not page.powers or page.powers & nodes.people["cv", role].powers)
            )
            named = nodes.named("cv", page.what, Relation.MISSING, page.name) or nodes.named(
                "cv", page.what, Relation.ANY, page.name
            )
            response = desks[role].patch(path(page, named or []))
            assert response.status_code == 405, page.name
            allowed = {one.strip() for one in response["Allow"].split(",")} - {"HEAD", "OPTIONS"}
            assert allowed == set(page.methods), page.name


def test_the_tables_hold_open_hidden_and_login_for_every_kind_of_page():
    found = Counter(answer for page in PAGES.values() for _, _, answer in expected(page))
    assert min(found[answer] for answer in Answer) > 50


def test_the_page_on_access_tells_every_word_of_the_matrix():
    told = (Path(__file__).parents[2] / "docs" / "spec" / "access.md").read_text(encoding="utf-8")
    assert [one.value for one in (*Relation, *Answer) if f"`{one.value}`" not in told] == []
