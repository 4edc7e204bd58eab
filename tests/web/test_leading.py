"""Which question of the interview comes first, and what moved: on answers of a law that was made up."""

from typing import Any

from comity.web.investigator import leading
from interviewing import EDITION


def made_up(**statuses: tuple[str, list[tuple[str, dict[str, str]]]]) -> Any:
    """An answer with these routes: their status, and their open facts with what each answer makes of them."""
    empty = dict.fromkeys(("layers", "issuers", "validation", "delivery", "notification", "form", "consultation"), ())
    empty |= dict.fromkeys(
        ("postponement", "confidentiality", "use_limits", "safeguards", "remedies", "costs", "relation"), ()
    )
    return {
        "routes": [
            {
                **empty,
                "id": name,
                "title": name,
                "articles": ["1"],
                "status": status,
                "priority": {"rank": rank},
                "open_facts": [{"fact": fact, "changes": changes} for fact, changes in facts],
                "reasons": [],
                "refusal_grounds": {"grounds": []},
            }
            for rank, (name, (status, facts)) in enumerate(statuses.items(), start=1)
        ]
    }


def test_the_fact_that_decides_more_routes_comes_before_one_that_more_routes_need():
    decides, leaves = {"yes": "lawful", "no": "closed"}, {"yes": "open", "no": "open"}
    answer = made_up(
        one=("open", [("fiscal_offence", leaves), ("political_offence", decides)]),
        two=("open", [("fiscal_offence", leaves), ("political_offence", decides)]),
        three=("open", [("fiscal_offence", decides)]),
        four=("closed", [("military_offence", decides)]),
    )
    assert leading.decisive(answer, edition=EDITION) == ["political_offence", "fiscal_offence"]


def test_of_facts_that_decide_as_much_the_one_that_the_asking_authority_knows_comes_first():
    decides = {"yes": "lawful", "no": "closed"}
    theirs = [("fiscal_offence", decides)]
    answer = made_up(
        one=("open", theirs), two=("open", [*theirs, ("in_requested_language", decides)]), three=("open", [])
    )
    assert leading.decisive(answer, edition=EDITION) == ["fiscal_offence", "in_requested_language"]
    answer = made_up(one=("open", [*theirs, ("in_requested_language", decides)]))
    assert leading.decisive(answer, edition=EDITION) == ["in_requested_language", "fiscal_offence"]


def test_a_move_is_told_from_where_a_route_stood():
    before = made_up(one=("open", []), two=("open", []), three=("lawful", []))
    after = made_up(one=("lawful", []), two=("closed", []), three=("lawful", []), four=("open", []))
    assert [(move.route.id, move.before, move.route.status) for move in leading.moves(before, after)] == [
        ("one", "open", "lawful"),
        ("two", "open", "closed"),
        ("four", "", "open"),
    ]
