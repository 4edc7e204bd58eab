"""The directory at the desks: administrators write, confirm and withdraw entries; everybody reads them, nobody else writes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from checker import untouched
from comity.cli.story import Stage
from comity.registry.models import CompetenceRow
from desks import signed, summary_of
from passkeys import browser
from stage import staged

TYPED = {
    "authority": "Landelijk Parket",
    "level": "national",
    "measures": ["preservation", "production_traffic"],
    "territory": "NL",
    "law": "coe-ets185",
    "article": "27(2)",
    "hours": "office",
    "days": ["1", "2", "3", "4", "5"],
    "opens": "08:30",
    "closes": "17:00",
    "zone": "Europe/Amsterdam",
    "languages": "nl, en",
    "node": "nl",
    "phone": "+31 70 000 0000",
    "forms_": "comity/letter/v1\nPDF/A-3 by secure mail",
    "capacity_per_week": "40",
    "first": "2026-01-01",
    "last": "2028-01-01",
}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One pair of nodes for all tests here; each says what it adds."""
    folder: Path = tmp_path_factory.mktemp("hall")
    with staged(folder) as stage:
        yield stage


def sat(stage: Stage, official: str) -> Client:
    """Somebody of nl, signed in; the node is active."""
    client = browser(stage.nl)
    assert client.post("/login/demo", {"official": official}).status_code == 302
    return client


def written(client: Client, **changed: object) -> str:
    """An entry that the administrator at this browser publishes; its reference."""
    answer = signed(client, client.post("/officials/directory/new", TYPED | changed))
    assert answer["Location"] == "/officials/directory", summary_of(answer)
    return CompetenceRow.objects.order_by("-id")[0].reference


def test_an_entry_is_written_signed_read_confirmed_changed_and_withdrawn(hall: Stage):
    with hall.nl.active():
        anna, joost = sat(hall, "anna"), sat(hall, "joost")
        reference = written(anna)
        said = summary_of(joost.get(f"/directory/nl/{reference}"))
        for text in (
            "Landelijk Parket",
            "27(2)",
            "08:30 to 17:00 (Europe/Amsterdam)",
            "+31 70 000 0000",
            "nl, en",
            "40",
        ):
            assert text in said, text
        answer = summary_of(joost.get("/directory", {"measure": "preservation", "state": "NL"}))
        assert "The state itself says so" in answer
        assert answer.index("Landelijk Parket") < answer.index("National Prosecutor")
        assert "the state has not confirmed it here" in answer
        signed(anna, anna.post(f"/officials/directory/{reference}/confirm"))
        form = anna.get(f"/officials/directory/{reference}/edit").content.decode()
        assert 'value="Landelijk Parket"' in form
        assert 'value="2026-01-01"' in form
        assert 'value="2028-01-01"' in form
        signed(
            anna, anna.post(f"/officials/directory/{reference}/edit", TYPED | {"authority": "Landelijk Parket, AIRS"})
        )
        assert "Landelijk Parket, AIRS" in summary_of(joost.get("/directory"))
        signed(anna, anna.post(f"/officials/directory/{reference}/withdraw", {"reason": "Merged with another office."}))
        assert CompetenceRow.objects.filter(reference=reference).count() == 4
        page = joost.get(f"/directory/nl/{reference}")
        assert "Merged with another office." in summary_of(page)
        assert "not to be relied on" in summary_of(page)


WRONG = {
    "opens": ("18:00", "closes before it opens"),
    "zone": ("Amsterdam", "no time zone"),
    "territory": ("BE", "outside NL"),
    "languages": ("Dutch", "languages"),
    "phone": ("112", "phone"),
    "last": ("2040-01-01", "later than"),
    "first": ("0001-01-01", "1900"),
    "closes": ("24:00", "closes"),
    "measures": (["alchemy"], "alchemy"),
    "days": ([], "days"),
    "authority": ("", "required"),
}


def test_a_last_day_beyond_every_calendar_is_refused(hall: Stage):
    with hall.nl.active():
        answer = sat(hall, "anna").post("/officials/directory/new", TYPED | {"last": "9999-12-31"})
    assert answer.status_code == 422


@pytest.mark.parametrize("field", sorted(WRONG))
def test_what_no_entry_holds_is_refused_in_words_and_what_was_typed_stays(hall: Stage, field: str):
    value, said = WRONG[field]
    with hall.nl.active():
        anna = sat(hall, "anna")
        with untouched(hall.nl):
            answer = anna.post("/officials/directory/new", TYPED | {field: value})
        assert answer.status_code == 422
        assert said in summary_of(answer)
        assert 'value="27(2)"' in answer.content.decode()


def test_only_administrators_write_and_only_officials_of_the_node_read(hall: Stage):
    with hall.nl.active():
        reference = written(sat(hall, "anna"))
        judge = sat(hall, "joost")
        closed = [
            judge.get("/officials/directory"),
            judge.post("/officials/directory/new", TYPED),
            judge.get(f"/officials/directory/{reference}/edit"),
            judge.post(f"/officials/directory/{reference}/confirm"),
            judge.post(f"/officials/directory/{reference}/withdraw", {"reason": "x"}),
            judge.get(f"/directory/cv/{reference}"),
            sat(hall, "anna").get(f"/officials/directory/{'0' * 32}/edit"),
        ]
        assert [answer.status_code for answer in closed] == [404] * len(closed)
        for path in ("/directory", f"/directory/nl/{reference}", "/officials/directory"):
            answer = browser(hall.nl).get(path)
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login")


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"measure": "preservation", "state": "BY"}, 200, "Nobody is known."),
        ({"measure": "preservation", "state": "JP"}, 200, "Not known."),
        ({"measure": "extradition", "state": "NL"}, 200, "Confirm first."),
        ({"measure": "preservation", "state": "NL", "territory": "DE-BY"}, 422, "is not NL and no part of it"),
        ({"measure": "alchemy", "state": "NL"}, 422, "alchemy"),
        ({"state": "NL"}, 422, "required"),
    ],
)
def test_a_question_is_answered_or_refused_in_words(hall: Stage, query: dict[str, str], status: int, said: str):
    with hall.nl.active():
        answer = sat(hall, "joost").get("/directory", query)
    assert answer.status_code == status
    assert said in summary_of(answer)


def test_an_entry_that_cannot_be_read_any_more_is_named_on_every_page(hall: Stage):
    with hall.nl.active():
        anna = sat(hall, "anna")
        reference = written(anna)
        kept = bytes(CompetenceRow.objects.get(reference=reference).statement)
        CompetenceRow.objects.filter(reference=reference).update(statement=b"{}")
        try:
            assert reference in summary_of(anna.get("/directory"))
            assert reference in summary_of(anna.get("/officials/directory"))
            page = anna.get(f"/directory/nl/{reference}")
            assert (page.status_code, "cannot be read any more" in summary_of(page)) == (422, True)
            assert anna.get(f"/officials/directory/{reference}/edit").status_code == 404
        finally:
            CompetenceRow.objects.filter(reference=reference).update(statement=kept)
