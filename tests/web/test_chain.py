"""The chain of authorisation is told whole on both sides: who asked, on which law, who decided, what was done, until when."""

from dataclasses import dataclass

import pytest

from comity.cli.story import Stage
from comity.letters.life import Step
from comity.registry.queries import chain
from desks import at_desk, summary_of
from scenes import accepted, opened, recognised, settle, stepped, taken_in


@dataclass
class Told:
    """A letter that was carried out, with an item that crossed, on both nodes."""

    stage: Stage
    letter: str
    item: str


@pytest.fixture
def told(stage: Stage) -> Told:
    letter = recognised(stage, opened(stage))
    item = taken_in(stage, letter)
    accepted(stage, item)
    stepped(stage.seat(stage.nl, "liaison"), letter, Step.EXECUTE)
    settle(stage)
    return Told(stage=stage, letter=letter, item=item)


def test_both_sides_tell_the_same_whole_chain_and_draw_it(told: Told):
    stage = told.stage
    seen = {}
    for node in (stage.cv, stage.nl):
        judge, custodian = (stage.people[node.id, role].actor for role in ("judge", "custodian"))
        with node.active():
            links = chain.of_letter(told.letter, viewer=judge)
            assert chain.of_item(told.item, viewer=custodian)[: len(links)] == links
            seen[node.id] = links, chain.of_item(told.item, viewer=custodian)[-1]
            for path, client in (
                (f"/letters/{told.letter}", at_desk(stage, node, "judge")),
                (f"/evidence/{told.item}", at_desk(stage, node, "custodian")),
            ):
                answer = client.get(path)
                assert answer.status_code == 200
                _hold_told(summary_of(answer), stage, item=path.startswith("/evidence"))
                assert answer.content.decode().count('id="chain') >= 1
    (ours, item), (theirs, their_item) = seen["cv"], seen["nl"]
    assert ours == theirs
    assert [(one.what, one.by.name) for one in item.done][:3] == [(one.what, one.by.name) for one in their_item.done][
        :3
    ]
    assert [one.kind for one in ours] == ["asked", "warrant", "recognition"]
    keys = {one.key for one in (*ours, item)}
    assert all(one.rests_on in keys for one in (*ours[1:], item)), "nothing hangs in the air"
    assert item.rests_on == ours[2].key


def _hold_told(page: str, stage: Stage, *, item: bool) -> None:
    for names in (
        ("Ivo Tavares", "Cybercrime unit", "Prosecution service of Cabo Verde (demo)", "Art. 31"),
        ("Júlia Monteiro", "Court of Praia", "appointed by Amara, Bento"),
        ("Joost Bakker", "District court", "appointed by Anna, Bram"),
        ("Acknowledged: Lotte Visser", "Executed: Lotte Visser"),
        ("Recognised by", "rests on", "until"),
        ("Cas Mulder", "Carla Lopes") if item else (),
    ):
        for name in names:
            assert name in page, name
    for node, role in (("cv", "investigator"), ("cv", "judge"), ("nl", "judge")):
        assert stage.people[node, role].mandate in page
