"""Two tabs, the way back, two clicks: nothing happens twice, and each answer is a page that says what is so."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

import browsers
from comity.cli.story import Stage
from comity.registry.models import EntryRow, EventRow, LetterRow, SigningRow
from scenes import drafted, opened

Official = Callable[..., Page]


@pytest.fixture(scope="module")
def case(demo: Stage) -> str:
    """A case at cv."""
    return opened(demo)


def withdrawing(demo: Stage, case: str, page: Page) -> str:
    """A fresh draft, whose withdrawal is shown to be signed; its digest."""
    letter = drafted(demo, case)
    page.goto(f"/letters/{letter}/withdraw")
    page.get_by_label("Note to the other side").fill("Drafted twice.")
    page.get_by_role("button", name="Continue to the text").click()
    page.wait_for_url("**/sign/*")
    return letter


def withdrawn(demo: Stage, letter: str) -> int:
    """How often the letter was withdrawn."""
    with demo.cv.active():
        return EventRow.objects.filter(letter__digest=letter, step="withdraw").count()


def second_tab(page: Page) -> Page:
    """The same browser, at the same address, in one more tab."""
    other = page.context.new_page()
    other.goto(page.url)
    return other


def test_what_was_signed_is_not_signed_again_by_going_back(demo: Stage, case: str, official: Official):
    page = official("ivo")
    letter = withdrawing(demo, case, page)
    page.get_by_role("button", name="Sign as Ivo Tavares").click()
    page.wait_for_url("**/letters/*")
    page.go_back()
    again = page.get_by_role("button", name="Sign as Ivo Tavares")
    if again.count():  # the browser kept the page
        again.click()
    expect(page.locator("main")).to_contain_text("handed in already")
    assert withdrawn(demo, letter) == 1


def test_a_text_that_is_open_in_two_tabs_is_signed_once(demo: Stage, case: str, official: Official):
    page = official("ivo")
    letter = withdrawing(demo, case, page)
    other = second_tab(page)
    page.get_by_role("button", name="Sign as Ivo Tavares").click()
    page.wait_for_url("**/letters/*")
    other.get_by_role("button", name="Sign as Ivo Tavares").click()
    expect(other.locator("main")).to_contain_text("handed in already")
    assert withdrawn(demo, letter) == 1


def test_a_double_click_signs_once(demo: Stage, case: str, official: Official):
    page = official("ivo")
    letter = withdrawing(demo, case, page)
    page.get_by_role("button", name="Sign as Ivo Tavares").dblclick()
    page.wait_for_url(f"**/letters/{letter}")
    expect(page.locator(".head .state").first).to_have_text("Withdrawn")
    assert withdrawn(demo, letter) == 1


def test_a_double_click_on_a_case_opens_it_once(demo: Stage, official: Official):
    page = official("nadia")
    page.goto("/cases/new")
    page.get_by_label("Title of the case").fill("Operation Eco")
    page.get_by_label("Marketplace").fill("Echo Market")
    page.get_by_label("Selectors").fill("domain:echo.example")
    page.locator("[name=offence_1]").select_option("drugs")
    page.get_by_role("button", name="Open the case").dblclick()
    page.wait_for_url("**/cases/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Operation Eco")
    page.goto("/cases")
    expect(page.get_by_role("link", name="Operation Eco")).to_have_count(1)
    with demo.cv.active():
        assert EntryRow.objects.filter(kind="case.opened", official="nadia").count() <= 1


def test_a_form_that_outlived_its_session_is_not_sent_and_leads_to_the_login(
    demo: Stage, case: str, official: Official
):
    page = official("ivo")
    letter = withdrawing(demo, case, page)
    other = second_tab(page)
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/login")
    page.get_by_role("button", name="Sign as Ivo Tavares").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to your desk")
    assert withdrawn(demo, letter) == 0
    with demo.cv.active():
        assert LetterRow.objects.get(digest=letter).state == "draft"


def test_a_form_from_before_the_login_is_refused_on_a_page_that_says_so(official: Official):
    page = official("ivo")
    other = second_tab(page)
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/login")
    browsers.sit_down(other, "rui")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This page was open too long")
    other.reload()
    expect(other.locator(".sitting")).to_contain_text("Rui Fortes")


def test_who_sits_down_in_one_tab_signs_nothing_that_waits_in_the_other(demo: Stage, case: str, official: Official):
    page = official("ivo")
    letter = withdrawing(demo, case, page)
    other = second_tab(page)
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/login")
    browsers.sit_down(other, "rui")
    page.get_by_role("button", name="Sign as Ivo Tavares").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This page was open too long")
    page.reload()
    page.goto(page.url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("There is nothing at this address")
    assert withdrawn(demo, letter) == 0
    with demo.cv.active():
        assert SigningRow.objects.filter(official="ivo").exists()


def test_the_way_back_after_signing_out_shows_nothing_of_the_record(official: Official):
    page = official("ivo")
    page.goto("/letters")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to your desk")
