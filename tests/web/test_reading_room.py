"""The reading room: every official gets in, everything on its shelves can be opened, and nobody else sees it."""

import pytest
from django.urls import reverse

from comity.law import Edition
from comity.web.law.room import SHELVES
from desks import at_desk, summary_of
from passkeys import browser
from scenes import World


@pytest.mark.parametrize("role", ["investigator", "judge", "liaison", "custodian", "overseer"])
def test_every_official_reads_the_law(world: World, role: str):
    with world.stage.cv.active():
        answer = at_desk(world.stage, world.stage.cv, role).get("/law")
    assert answer.status_code == 200
    assert Edition.packaged().id in summary_of(answer)
    assert '<a href="/law" aria-current="page">' in answer.content.decode()


def test_who_has_not_signed_in_is_led_to_the_login_first(world: World):
    with world.stage.cv.active():
        answer = browser(world.stage.cv).get("/law")
    assert answer["Location"] == "/login?next=%2Flaw"


def test_what_stands_on_the_shelves_can_be_opened(world: World):
    with world.stage.cv.active():
        client = at_desk(world.stage, world.stage.cv, "overseer")
        for shelf in SHELVES:
            assert client.get(reverse(shelf.name)).status_code == 200, shelf.name
