"""Admissibility profiles are data: the packaged one is whole, and a file that is none is refused with what is wrong."""

import pytest

from comity.evidence.admissibility import TESTS, ProfileBroken, general, read_profile

HEAD = 'schema_version = 1\nstate = "cv"\nname = "Courts"\nas_of = "2026-11-23"\n'
ROW = (
    '[[criteria]]\nid = "a"\ntest = "origin"\nasks = "Asked."\nlaw = "x"\narticle = "not_stated"\n'
    'verification = "unverified"\n'
)


def test_the_general_profile_asks_for_each_test_and_for_no_article():
    asked = general()
    assert {one.test for one in asked.criteria} == set(TESTS) - {"person"}
    assert {(one.law, one.article, one.verification) for one in asked.criteria} == {
        ("not_stated", "not_stated", "unverified")
    }


def test_a_state_s_profile_is_read_as_it_is_written():
    read = read_profile((HEAD + ROW).encode(), name="cv")
    assert (read.state, read.name, [one.id for one in read.criteria]) == ("cv", "Courts", ["a"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD, "expected exactly"),
        (HEAD.replace("1", "2") + ROW, "schema_version"),
        (HEAD.replace("cv", "nl") + ROW, "its file is named cv"),
        (HEAD.replace("cv", "CV") + ROW, "its file is named cv"),
        (HEAD.replace("2026-11-23", "today") + ROW, "as_of"),
        (HEAD + ROW + ROW, "two criteria have one id"),
        (HEAD + ROW.replace("origin", "oracle"), "has the test"),
        (HEAD + ROW.replace("unverified", "sure"), "verification is one of"),
        (HEAD + ROW.replace('id = "a"', 'id = "A b"'), "has the id"),
        (HEAD + ROW + 'more = "x"\n', "criterion 1"),
        (HEAD + ROW.replace('law = "x"\n', ""), "criterion 1"),
        (HEAD + ROW.replace("Asked.", ""), "asks"),
        ("criteria = ", "Invalid value"),
        (HEAD + "criteria = []", "1 to 100"),
        ("x" * 300_000, "bytes"),
    ],
)
def test_a_file_that_is_no_profile_is_refused_with_what_is_wrong(text: str, says: str):
    with pytest.raises(ProfileBroken) as refused:
        read_profile(text.encode(), name="cv")
    assert says in str(refused.value)


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(ProfileBroken):
        read_profile(b"\xff\xfe", name="cv")
