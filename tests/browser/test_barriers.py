"""Nobody is kept out: every page of every desk against WCAG 2.2 AA, in light and dark, on a narrow screen, without JavaScript."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

import browsers
from comity.cli.script import ROUTE
from comity.cli.story import Stage
from comity.letters.letter import Form
from comity.registry import post
from no_pages import NOT_PAGES
from tour import STOPS, Stop, Town, named

Visit = Callable[[Stop], Page]
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE: Final = Axe().axe_script
WIDE: Final[ViewportSize] = {"width": 1280, "height": 900}
NARROW: Final[ViewportSize] = {"width": 360, "height": 740}
OVERFLOWS: Final = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > page.clientWidth + 1 || one.getBoundingClientRect().left < -1)
    .map((one) => `${one.tagName.toLowerCase()}.${one.className} ${one.textContent.trim().slice(0, 40)}`);
}"""


def violations(page: Page) -> list[str]:
    """What axe, which is in the page already, finds on it as it stands."""
    run = "tags => axe.run({resultTypes: ['violations'], runOnly: {type: 'tag', values: tags}})"
    found = page.evaluate(run, TAGS)["violations"]
    return [
        f"{page.url} {rule['id']}: {one['html'][:200]} {one['failureSummary']}"
        for rule in found
        for one in rule["nodes"]
    ]


def barriers(page: Page) -> list[str]:
    """Every rule, in light on a narrow screen and in dark on a wide one."""
    page.evaluate(AXE)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)
    found = [f"{page.url} is wider than the screen: {one}" for one in page.evaluate(OVERFLOWS)]
    found += violations(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(WIDE)
    return found + violations(page)


def test_every_address_with_a_name_is_visited_or_is_no_page():
    seen = {stop.name for stop in STOPS}
    assert named() == seen | set(NOT_PAGES)
    assert seen & set(NOT_PAGES) == set()


def test_no_two_stops_are_called_the_same():
    assert len({stop.id for stop in STOPS}) == len(STOPS)


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.id)
def test_a_page_keeps_nobody_out(stop: Stop, visit: Visit):
    assert barriers(visit(stop)) == []


def test_a_planted_barrier_is_found(visit: Visit):
    page = visit(STOPS[0])
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input>')")
    assert any("label" in one for one in barriers(page))
    page.evaluate("document.querySelector('main').lastChild.style.width = '2000px'")
    assert any("wider than the screen" in one for one in barriers(page))


FORMS: Final = tuple(
    stop
    for stop in STOPS
    if stop.id
    in {
        "case-new-ivo",
        "letter-draft-ivo",
        "letter-authorise-julia",
        "letter-refuse-lotte",
        "hand-over-cas",
        "intake-cas",
        "node-admit-amara",
    }
)


def test_the_page_that_asks_for_a_fingerprint_keeps_nobody_out(visit: Visit, town: Town):
    page = visit(next(stop for stop in STOPS if stop.id == "node-admit-amara"))
    page.get_by_label("Card of the other node").fill(post.own_card_statement(town.world.stage.nl).to_bytes().decode())
    page.get_by_role("button", name="Read the card").click()
    page.get_by_text("Everything that the card says").click()
    assert barriers(page) == []
    page.get_by_label("Fingerprint, as it was read aloud").fill("0000 " * 16)
    page.get_by_label("The other node's people read it").check()
    page.get_by_role("button", name="Admit the node").click()
    expect(page.get_by_role("alert").first).to_be_focused()
    assert barriers(page) == []


@pytest.mark.parametrize("stop", FORMS, ids=lambda stop: stop.id)
def test_a_form_that_is_refused_takes_the_reader_to_what_is_wrong(stop: Stop, visit: Visit):
    page = visit(stop)
    page.locator("main form[method=post] .kern-btn--primary").last.click()
    summary = page.get_by_role("alert").first
    expect(summary).to_be_focused()
    assert barriers(page) == []
    summary.get_by_role("link").first.press("Enter")
    assert page.evaluate(
        "document.activeElement.closest('.kern-form-input--error, .kern-fieldset--error, .kern-form-check--error') !== null"
    )


def test_without_javascript_a_case_is_opened_the_law_asked_and_a_letter_signed(chromium: Browser, demo: Stage):
    context = chromium.new_context(base_url=browsers.site(demo.cv), locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    browsers.sit_down(page, "ivo")
    page.goto("/cases/new")
    page.get_by_role("textbox", name="Title of the case").fill("Operation Salina")
    page.get_by_role("textbox", name="Marketplace").fill("Salt Market")
    page.get_by_role("textbox", name="Selectors").fill("domain:salt.example")
    page.locator("[name=offence_1]").select_option("running_the_marketplace")
    page.locator("[name=here_1]").fill("8")
    page.locator("[name=there_1]").fill("6")
    page.get_by_role("button", name="Open the case").click()
    page.get_by_role("link", name="Ask the law").first.click()
    further = page.get_by_role("button", name="Continue")
    page.locator("[name=authority][value=judge]").check()
    page.locator("[name=stage][value=investigation]").check()
    further.click()
    page.locator("[name=to]").select_option("NL")
    further.click()
    page.locator("[name=measure]").select_option("preservation")
    further.click()
    page.locator("[name=categories][value=content]").check()
    further.click()
    further.click()  # the urgency is the usual one, the provider not known
    while page.locator(".answers").count():
        page.locator(".answers input[value=unknown]").check()
        further.click()
    page.get_by_role("button", name="Keep with the case").click()
    page.locator(f"a[href*='{quote(ROUTE[Form.PRESERVATION], safe='')}']").first.click()
    page.locator("[name=named]").select_option("-")
    page.locator("[name=other]").fill("National contact point 24/7")
    page.locator("[name=subject]").fill("Salt Market: preservation")
    page.locator("[name=facts]").fill("A market.")
    page.locator("[name=purpose]").fill("Investigation")
    page.locator("[name=data_from]").fill("2026-01-01")
    page.locator("[name=data_until]").fill("2026-11-01")
    page.locator("main form .kern-btn--primary").click()
    page.locator("main form .kern-btn--primary").click()
    expect(page).to_have_url(re.compile(r"/letters/[0-9a-f]{64}$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Salt Market")
    context.close()
