"""The gap map in a browser: with the keyboard alone, without JavaScript, and on paper."""

import re
from collections.abc import Callable
from typing import Final

from playwright.sync_api import Browser, Page, expect

import browsers
from comity.cli.story import Stage
from keyboard import Keyboard

ASKED: Final = "/law/gaps?state=CV&direction=out&measure=preservation&data=traffic"
Official = Callable[..., Page]


def test_who_has_no_mouse_goes_past_the_map_or_through_it(official: Official):
    page = official("ivo")
    page.goto(ASKED)
    keys = Keyboard(page)
    past = page.get_by_role("link", name="Past the map, to the list of states")
    keys.reach(past)
    expect(past).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#gap-groups")).to_be_focused()
    page.go_back()
    brazil = page.get_by_role("link", name=re.compile("^Brazil: "))
    brazil.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(brazil).to_be_focused()
    stroke = "one => parseFloat(getComputedStyle(one.querySelector('path')).strokeWidth)"
    assert brazil.evaluate(stroke) >= 3
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Cabo Verde . Brazil$"))


def test_a_pointer_on_a_country_and_on_a_dot_leads_to_what_stands_between(official: Official):
    page = official("ivo")
    for state in ("Algeria", "Singapore"):
        page.goto(ASKED)
        page.get_by_role("link", name=re.compile(f"^{state}: ")).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(f"^Cabo Verde . {state}$"))


def test_without_javascript_the_map_the_matrix_and_the_list_answer(chromium: Browser, demo: Stage):
    context = chromium.new_context(base_url=browsers.site(demo.cv), locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    browsers.sit_down(page, "ivo")
    page.goto("/law/gaps")
    page.locator("[name=state]").select_option("NL")
    page.locator("[name=direction]").select_option("in")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("is asked for")
    page.get_by_role("link", name="Matrix").click()
    page.get_by_role("link", name=re.compile("^Western Europe asks South America")).click()
    page.get_by_role("link", name=re.compile("^Austria asks Brazil")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Austria . Brazil$"))
    page.go_back()
    page.get_by_role("link", name="The same as a list").click()
    page.locator("[name=answer]").select_option("lawful")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"\d+ pairs? of states"))
    context.close()


def test_on_paper_the_whole_map_and_every_name_stand_and_nothing_to_press(official: Official):
    page = official("ivo")
    page.set_viewport_size({"width": 700, "height": 990})  # an A4 sheet between its margins
    page.goto(ASKED)
    page.emulate_media(media="print")
    frame, drawn = (page.locator(one).bounding_box() for one in (".map-frame", ".map"))
    assert frame is not None
    assert drawn is not None
    assert drawn["width"] <= frame["width"] + 1
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(page.locator(".map-names").first).to_be_visible()


def test_on_paper_no_name_and_no_cell_has_its_address_written_beside_it(official: Official):
    page = official("ivo")
    page.emulate_media(media="print")
    written = "links => links.filter((one) => getComputedStyle(one, '::after').content.includes('law')).length"
    for path, links in ((ASKED, ".map-names a"), ("/law/gaps/matrix", ".matrix a"), ("/law/gaps/list", ".gap-table a")):
        page.goto(path)
        assert page.locator(links).count() > 40
        assert page.locator(links).evaluate_all(written) == 0
