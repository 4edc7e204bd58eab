"""Documents at the desk: a button on each page gives a signed PDF in the reader's language."""

import re
from collections.abc import Iterator

import pytest

import scenes
from comity.cli.story import Stage
from comity.registry.models import EntryRow
from desks import at_desk
from papers import steps
from stage import staged

FORM = re.compile(r'<form method="post" action="([^"]*/document)">(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]+)">')


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("documents"), image_bytes=3_000) as made:
        yield made


def test_each_page_gives_its_documents(stage: Stage):
    letter = scenes.recognised(stage, scenes.opened(stage))
    item = scenes.taken_in(stage, letter)
    exhibit = scenes.seized(stage.seat(stage.nl, "custodian"), letter, "A-7")
    found = []
    for node, role, address in (
        (stage.cv, "investigator", f"/letters/{letter}"),
        (stage.nl, "custodian", f"/evidence/{item}"),
        (stage.nl, "custodian", f"/exhibits/{exhibit}"),
    ):
        with node.active():
            client = at_desk(stage, node, role)
            for action, fields in FORM.findall(client.get(address).content.decode()):
                before = EntryRow.objects.count()
                answer = client.post(action, dict(FIELD.findall(fields)))
                assert answer.status_code == 200, answer.content[-2000:]
                assert answer["Content-Type"] == "application/pdf"
                assert answer["Cache-Control"] == "no-store"
                assert EntryRow.objects.count() == before + 1
                said = re.fullmatch(r'attachment; filename="(\w+)-[0-9a-f]{8}\.pdf"', answer["Content-Disposition"])
                assert said
                found.append(said.group(1))
                assert steps(answer.content)["paper"] == "holds"
    assert found == ["authorisation", "authorisation", "receipt", "letter", "custody", "custody"]


def test_a_draft_has_no_button_and_no_document(stage: Stage):
    letter = scenes.drafted(stage, scenes.opened(stage))
    with stage.cv.active():
        client = at_desk(stage, stage.cv, "investigator")
        assert not FORM.findall(client.get(f"/letters/{letter}").content.decode())
        before = EntryRow.objects.count()
        answer = client.post(f"/letters/{letter}/document")
        assert answer.status_code == 422
        assert "not authorised" in answer.content.decode()
        assert client.get(f"/letters/{letter}/document").status_code == 405
        assert EntryRow.objects.count() == before
