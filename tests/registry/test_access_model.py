"""Need-to-know against a small model of its own: grants, revocations, membership, marks and emergencies, in any order."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from comity.authorities.directory import Entry
from comity.authorities.roles import MandateNotInForce, PowerMissing, Role
from comity.cli.story import Stage
from comity.letters.letter import short_form
from comity.letters.life import State
from comity.registry import access
from comity.registry.act import bookkeeping
from comity.registry.actions import cases, openings
from comity.registry.limits import OPENINGS_PER_DAY_MAX
from comity.registry.models import CaseMember, CaseRow, ItemRow, LetterRow, OfficialRow, OpeningRow
from comity.registry.queries import people, sight
from scenes import drafted, opened
from stage import staged

WHO = ("amara", "ivo", "nadia", "julia", "luis", "carla", "otto")
REASON = "The server is emptied tonight; nobody of the case answers."
HANDLING = {Role.INVESTIGATOR, Role.JUDGE, Role.LIAISON}
MOVING = {State.RECOGNISED, State.PARTLY_EXECUTED, State.EXECUTED}
STATES = (State.DRAFT, State.SENT, State.ACKNOWLEDGED, State.RECOGNISED)


@dataclass
class Thing:
    """A letter of the model, with its item."""

    case: str
    confidential: bool
    red: bool
    outgoing: bool
    state: State
    item: str


@dataclass
class Model:
    """What the rules of need-to-know say, in the words of docs/spec/access.md and without any table."""

    roles: dict[str, Role]
    members: dict[str, set[str]] = field(default_factory=dict)
    letters: dict[str, Thing] = field(default_factory=dict)
    opened: dict[tuple[str, str], bool] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def sees_case(self, who: str, case: str) -> bool:
        return who in self.members[case] or self.roles[who] is Role.OVERSEER or self.opened.get((who, case), False)

    def sees_letter(self, who: str, letter: str) -> bool:
        one, role = self.letters[letter], self.roles[who]
        if one.outgoing and who in self.members[one.case]:
            return True
        waits = one.state is (State.DRAFT if one.outgoing else State.ACKNOWLEDGED)
        by_office = {
            Role.OVERSEER: True,
            Role.JUDGE: not one.red or waits,
            Role.LIAISON: not one.red or not one.outgoing,
            Role.CUSTODIAN: not (one.confidential or one.red) or one.state in MOVING,
        }
        return by_office.get(role, False) or self.opened.get((who, letter), False)

    def sees_item(self, who: str, letter: str) -> bool:
        one = self.letters[letter]
        return self.roles[who] is Role.CUSTODIAN or (one.outgoing and who in self.members[one.case])


class Officials(RuleBasedStateMachine):
    """Officials of one node, who let each other in, leave, and break the glass."""

    stage: ClassVar[Stage]
    people: ClassVar[dict[str, Entry]]
    like: ClassVar[dict[str, Any]]
    made = Bundle("letters")

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(roles={name: entry.role for name, entry in self.people.items()})
        self.at = self.stage.cv.clock.now()

    @initialize(owner=st.sampled_from(["ivo", "nadia"]))
    def a_case(self, owner: str) -> None:
        self.case = secrets.token_hex(16)
        with bookkeeping():
            row = CaseRow.objects.create(
                reference=self.case, title="T", marketplace="M", offences=[], opened_at=self.at
            )
            CaseMember.objects.create(case=row, official=owner)
        self.model.members[self.case] = {owner}

    @rule(
        target=made,
        confidential=st.booleans(),
        red=st.booleans(),
        outgoing=st.booleans(),
        state=st.sampled_from(STATES),
    )
    def a_letter(self, confidential: bool, red: bool, outgoing: bool, state: State) -> str:
        reference, digest, item = secrets.token_hex(16), secrets.token_hex(32), secrets.token_hex(16)
        columns = self.like | {"reference": reference, "short": short_form(reference), "digest": digest}
        columns |= {
            "confidential": confidential,
            "tlp": "red" if red else "",
            "outgoing": outgoing,
            "state": state.value,
        }
        case = CaseRow.objects.get(reference=self.case)
        with bookkeeping():
            row = LetterRow.objects.create(**columns | {"case_id": case.pk if outgoing else None})
            ItemRow.objects.create(reference=item, letter=row, record={}, wrapped_key=b"", month="2026-11", held=True)
        self.model.letters[digest] = Thing(self.case, confidential, red, outgoing, state, item)
        return digest

    @rule(letter=made, state=st.sampled_from(STATES))
    def its_life_goes_on(self, letter: str, state: State) -> None:
        LetterRow.objects.filter(digest=letter).update(state=state.value)
        self.model.letters[letter].state = state

    @rule(by=st.sampled_from(WHO), who=st.sampled_from(WHO))
    def somebody_is_let_in(self, by: str, who: str) -> None:
        if self._case_act(by, lambda actor: cases.add_member(self.case, who, actor=actor, at=self.at), target=who):
            self.model.members[self.case].add(who)

    @rule(by=st.sampled_from(WHO), who=st.sampled_from(WHO))
    def somebody_is_put_out(self, by: str, who: str) -> None:
        members = self.model.members[self.case]
        if who not in members or len(members) == 1:
            return
        if self._case_act(by, lambda actor: cases.remove_member(self.case, who, actor=actor, at=self.at)):
            members.discard(who)

    def _case_act(self, by: str, act: Any, *, target: str = "") -> bool:
        """Whether the act was done; a refusal is the one that the model says."""
        model = self.model
        expected: type[Exception] | None = None
        if by in model.gone:
            expected = MandateNotInForce
        elif model.roles[by] is not Role.INVESTIGATOR:
            expected = PowerMissing
        elif by not in model.members[self.case]:
            expected = access.OnlyReads if model.sees_case(by, self.case) else access.NoSuchThing
        elif target in model.gone:
            expected = access.NoSuchThing
        if expected is None:
            act(self.people[by].actor)
            return True
        with pytest.raises(expected):
            act(self.people[by].actor)
        return False

    @rule(who=st.sampled_from(WHO), letter=made)
    def the_glass_of_a_letter_is_broken(self, who: str, letter: str) -> None:
        self._open(who, letter, openings.open_letter, seen=self.model.sees_letter(who, letter))

    @rule(who=st.sampled_from(WHO))
    def the_glass_of_the_case_is_broken(self, who: str) -> None:
        self._open(who, self.case, openings.open_case_file, seen=self.model.sees_case(who, self.case))

    def _open(self, who: str, name: str, act: Any, *, seen: bool) -> None:
        model = self.model
        expected: type[Exception] | None = None
        if who in model.gone:
            expected = MandateNotInForce
        elif model.roles[who] not in HANDLING:
            expected = PowerMissing
        elif model.count.get(who, 0) >= OPENINGS_PER_DAY_MAX:
            expected = openings.TooManyOpenings
        elif seen:
            expected = openings.SeenAlready
        if expected is None:
            act(name, reason=REASON, actor=self.people[who].actor, at=self.at)
            model.opened[who, name] = True
            model.count[who] = model.count.get(who, 0) + 1
            return
        with pytest.raises(expected):
            act(name, reason=REASON, actor=self.people[who].actor, at=self.at)

    @rule()
    def an_hour_passes(self) -> None:
        """As the clock would have it: what was opened is behind us."""
        OpeningRow.objects.update(until=self.at - timedelta(seconds=1))
        self.model.opened.clear()

    @rule(who=st.sampled_from(WHO))
    def a_mandate_ends(self, who: str) -> None:
        OfficialRow.objects.filter(node="cv", official=who).update(ended_at=self.at - timedelta(seconds=1))
        self.model.gone.add(who)

    @rule(who=st.sampled_from(WHO))
    def a_mandate_begins_anew(self, who: str) -> None:
        OfficialRow.objects.filter(node="cv", official=who).update(ended_at=None)
        self.model.gone.discard(who)

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        model = self.model
        for who, entry in self.people.items():
            letters = access.visible_letters(viewer=entry.actor).filter(digest__in=model.letters)
            assert set(letters.values_list("digest", flat=True)) == {
                one for one in model.letters if model.sees_letter(who, one)
            }
            items = access.visible_items(viewer=entry.actor).filter(letter__digest__in=model.letters)
            assert set(items.values_list("letter__digest", flat=True)) == {
                one for one in model.letters if model.sees_item(who, one)
            }
            found = access.visible_cases(viewer=entry.actor).filter(reference__in=model.members)
            assert set(found.values_list("reference", flat=True)) == {
                one for one in model.members if model.sees_case(who, one)
            }

    @invariant()
    def who_may_ask_is_told_exactly_who_sees(self) -> None:
        model = self.model
        for letter in list(model.letters)[-1:]:
            if "otto" not in model.gone:
                told = sight.who_sees(sight.Thing.LETTER, letter, viewer=self.people["otto"].actor, at=self.at)
                expected = {one for one in WHO if one not in model.gone and model.sees_letter(one, letter)}
                assert {one.official for one in told.seen_by} & set(WHO) == expected

    def teardown(self) -> None:
        OfficialRow.objects.filter(node="cv").update(ended_at=None)
        with bookkeeping():
            OpeningRow.objects.all().delete()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def machine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Officials]]:
    databases = ("node.sqlite3", "node.sqlite3")
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        databases = (server.fresh(), server.fresh())
    with staged(tmp_path_factory.mktemp("model"), databases=databases) as stage:
        letter = drafted(stage, opened(stage))
        with stage.cv.active():
            listed = people.directory(viewer=stage.cv.machine("tests"))
            like = {**LetterRow.objects.values().get(digest=letter)}
            del like["id"], like["case_id"]
            made = {one.official: one for one in listed if one.official in WHO}
            yield type("Officials", (Officials,), {"stage": stage, "like": like, "people": made})


def test_need_to_know_holds_in_any_order_of_grants_revocations_and_emergencies(machine: type[Officials]):
    few = settings(
        max_examples=6,
        phases=(Phase.generate,),  # what fails is shown as it was found: making it smaller takes minutes
        stateful_step_count=14,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(machine, settings=few)
