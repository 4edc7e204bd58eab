"""The interview in a browser: going back takes an answer back, and every page of the way keeps nobody out."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from interviewing import NETHERLANDS
from keyboard import Keyboard

Official = Callable[..., Page]
ASKED = f"/ask?{urlencode(NETHERLANDS)}"


def test_going_back_takes_an_answer_back(official: Official):
    page = official("ivo")
    page.goto(ASKED)
    question = page.get_by_role("heading", level=1).text_content() or ""
    for said, moved in (("no", "closed by the last answer"), ("yes", "")):
        page.locator(f".answers input[value={said}]").check()
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text(question)
        expect(page.locator(".said")).to_contain_text(question)
        if moved:
            expect(page.locator(".ladder")).to_contain_text(moved)
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text(question)
        expect(page.locator(".said")).not_to_contain_text(question)


def test_a_question_is_answered_and_its_reasons_are_read_by_keyboard(official: Official):
    page = official("ivo")
    page.goto(ASKED)
    keys = Keyboard(page)
    keys.turn_to(page.locator(".answers input[type=radio]"), page.locator(".answers input[value=no]"))
    described = page.locator(":focus").get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_be_visible()
    keys.press("^Continue$")
    link = page.locator(".ladder a").first
    name = link.locator("[lang=en]").text_content() or ""
    keys.enter(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("The answer as it stands")
    expect(page.locator(f"{page.url[page.url.index('#') :]} h3")).to_have_text(name)


@pytest.mark.parametrize("said", ["no", "unknown"])
def test_what_was_said_is_chosen_when_it_is_changed(official: Official, said: str):
    page = official("ivo")
    page.goto(ASKED)
    page.locator(f".answers input[value={said}]").check()
    page.get_by_role("button", name="Continue").click()
    page.locator(".said a", has_text="Change").last.click()
    expect(page.locator(f".answers input[value={said}]")).to_be_checked()
