"""Codes with their scheme, tags of one vocabulary, and what handling codes bar until their owner gave leave."""

import pytest

from comity.cases.handling import Handling, Light, Restriction
from comity.errors import ComityError
from comity.evidence.exhibit import Exhibit, ExhibitKind, seal_numbers, seals_after, typed_seals
from comity.evidence.marking import Leave, Marking, Said, asks_leave, joined, read_leave
from comity.evidence.reliability import CONTENTS, SOURCES, Reliability, ReliabilityBroken, Scheme, typed_reliability
from comity.evidence.shapes import ShapeBroken
from comity.evidence.tags import OBJECTS, TagUnknown, hold_known, read_tags, vocabulary
from comity.law import Edition

H1, H2, H3 = Restriction.H1, Restriction.H2, Restriction.H3


def mark(node: str, *codes: Restriction, light: Light = Light.NOT_STATED, remark: str = "") -> Said:
    return Said(node, Marking(None, Handling(light, frozenset(codes), remark), (), "x"))


def leave(*codes: str) -> Said:
    return Said("cv", Leave(frozenset(codes), "owner", "letter", "x"))


def barred(*said: Said, by: str = "cv", exporting: bool) -> set[str]:
    return {code for one in asks_leave(said, by=by, exporting=exporting) for code in one.codes}


# Codes


@pytest.mark.parametrize("scheme", Scheme)
def test_every_code_of_a_scheme_is_read_back_with_its_scheme(scheme: Scheme):
    for source in SOURCES[scheme]:
        for content in CONTENTS[scheme]:
            one = typed_reliability(scheme.value, f"{source}{content}".lower())
            assert Reliability.from_record(one.as_record()) == one
            assert one.as_record()["scheme"] == scheme.value


@pytest.mark.parametrize(
    ("scheme", "code"),
    [
        ("admiralty", "X1"),
        ("admiralty", "A7"),
        ("europol_4x4", "D1"),
        ("europol_4x4", "F4"),
        ("europol_4x4", "A5"),
        ("europol_4x4", "A6"),
        ("admiralty", ""),
        ("admiralty", "B22"),
        ("nato", "B2"),
        ("", "B2"),
    ],
)
def test_a_code_of_one_scheme_is_none_of_the_other(scheme: str, code: str):
    with pytest.raises(ReliabilityBroken):
        typed_reliability(scheme, code)


@pytest.mark.parametrize("record", [{}, {"scheme": "admiralty"}, "B2", {"scheme": "x", "source": "B", "content": "2"}])
def test_a_code_without_its_scheme_is_refused(record: object):
    with pytest.raises(ReliabilityBroken):
        Reliability.from_record(record)


def test_the_same_letters_of_two_schemes_are_two_values():
    assert typed_reliability("admiralty", "B2") != typed_reliability("europol_4x4", "B2")


# Tags


def test_the_vocabulary_holds_the_law_s_offences_and_data_and_the_kinds_of_object():
    edition = Edition.packaged()
    listed = vocabulary(edition)
    assert {f"offence:{name}" for name in edition.offences} <= set(listed)
    assert {f"data:{name}" for name in edition.categories} <= set(listed)
    assert {f"object:{name}" for name in OBJECTS} <= set(listed)
    assert read_tags(list(listed[:40])) == listed[:40]
    hold_known(listed, edition=edition)


@pytest.mark.parametrize(
    "tags", [["drugs"], ["object:"], ["data:b", "data:a"], ["data:a", "data:a"], "data:a", [7], ["data:a"] * 50]
)
def test_tags_of_another_shape_or_order_are_refused(tags: object):
    with pytest.raises(TagUnknown):
        read_tags(tags)


def test_a_tag_outside_the_vocabulary_is_read_and_not_written():
    assert read_tags(["object:flying_saucer"]) == ("object:flying_saucer",)
    with pytest.raises(TagUnknown):
        hold_known(["object:flying_saucer"], edition=Edition.packaged())


# Handling codes


@pytest.mark.parametrize(
    ("said", "handing_over", "exporting"),
    [
        ([], set(), set()),
        ([mark("cv", Restriction.H0)], set(), set()),
        ([mark("cv", H1)], set(), {"H1"}),
        ([mark("nl", H1)], set(), {"H1"}),
        ([mark("cv", H2)], set(), set()),
        ([mark("nl", H2)], {"H2"}, {"H2"}),
        ([mark("nl", H3, remark="ask first")], {"H3"}, {"H3"}),
        ([mark("nl", light=Light.AMBER)], set(), set()),
        ([mark("nl", light=Light.AMBER_STRICT)], {"TLP"}, {"TLP"}),
        ([mark("nl", light=Light.RED)], {"TLP"}, {"TLP"}),
        ([mark("cv", light=Light.RED)], set(), set()),
        ([mark("nl", H1, H2), leave("H1")], {"H2"}, {"H2"}),
        ([mark("nl", H1, H2), leave("H1", "H2")], set(), set()),
        ([leave("H1"), mark("nl", H1)], set(), {"H1"}),  # given before the code was put on
        ([mark("nl", H1), leave("H1"), mark("nl", H1)], set(), {"H1"}),
        ([mark("nl", H1), mark("cv")], set(), {"H1"}),  # the receiver loosens nothing
        ([mark("nl", H1), mark("nl")], set(), set()),  # the owner does
    ],
)
def test_a_code_bars_what_it_is_there_to_bar(said: list[Said], handing_over: set[str], exporting: set[str]):
    assert barred(*said, exporting=False) == handing_over
    assert barred(*said, exporting=True) == exporting


def test_markings_of_two_nodes_count_together_and_the_narrower_wins():
    both = joined([mark("nl", H1, light=Light.RED), mark("cv", H2, light=Light.GREEN)])
    assert both == Handling(Light.RED, frozenset({H1, H2}))


@pytest.mark.parametrize("codes", [[], ["H0"], ["H9"], ["H2", "H1"], ["H1", "H1"], "H1"])
def test_a_leave_names_codes_that_bar_something(codes: object):
    with pytest.raises(ShapeBroken):
        read_leave({"codes": codes, "given_by": "x", "document": "x", "reason": "x"})


# Exhibits and their seals


def test_an_exhibit_is_read_back_as_it_was_written_and_nothing_else_is():
    one = Exhibit("f" * 32, "EX-1", ExhibitKind.WALLET, "A wallet", "")
    record = one.as_record()
    assert Exhibit.from_record(record) == one
    for change in (
        {"number": "ex-1"},
        {"number": "EX 1"},
        {"kind": "ship"},
        {"id": "x"},
        {"description": ""},
        {"more": ""},
    ):
        with pytest.raises(ComityError):
            Exhibit.from_record(record | change)


def test_seals_are_numbers_that_are_on_it_once():
    assert typed_seals(" s-2, S-1\nS-2 ") == ["S-1", "S-2"]
    assert seal_numbers(["S-1", "S-2"], field="seals") == ("S-1", "S-2")
    assert seals_after(["S-3"], broken=["S-1"], on=["S-1", "S-2"]) == {"S-2", "S-3"}
    for applied, broken in ((["S-1"], []), ([], ["S-9"])):
        with pytest.raises(ShapeBroken):
            seals_after(applied, broken=broken, on=["S-1"])
    for listed in (["s-1"], ["S-2", "S-1"], ["S-1", "S-1"], "S-1", ["S 1"], ["S"] * 60):
        with pytest.raises(ComityError):
            seal_numbers(listed, field="seals")
