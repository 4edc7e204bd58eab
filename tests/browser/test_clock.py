"""The clock and the library by hand: with the keyboard alone, without a script, on paper, and after a mistake."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

import browsers
from comity.cli.story import Stage
from keyboard import Keyboard

Official = Callable[..., Page]
KEEP = "Preservation of stored data, Art. 29(7): requested party keep preserved"
VALUE = "coe-ets185/bud.preservation_abroad/min_keep"


def test_with_the_keyboard_alone_a_deadline_is_computed_and_taken_along(official: Official):
    page = official("julia")
    keys = Keyboard(page)
    keys.follow("^The law$")
    keys.follow("^Clock$")
    keys.reach(page.get_by_label("Deadline", exact=True))
    page.keyboard.type(KEEP)
    keys.press("^Continue$")
    keys.write("Receipt of request", "2026-11-23 09:00")
    keys.reach(page.get_by_label("State in which the act is done"))
    page.keyboard.type("Netherlands")
    keys.press("^Compute$")
    expect(page.get_by_role("status")).to_contain_text("Friday, 22 January 2027, 24:00")
    keys.reach(page.get_by_role("link", name="Download as iCalendar"))
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    assert taken.value.suggested_filename == "coe-ets185-min_keep.ics"


def test_without_a_script_a_deadline_is_computed_step_by_step(chromium: Browser, demo: Stage):
    context = chromium.new_context(base_url=browsers.site(demo.cv), locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    browsers.sit_down(page, "julia")
    page.goto("/law/clock")
    page.get_by_label("Deadline", exact=True).select_option(VALUE)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Receipt of request").fill("2026-11-23 09:00")
    page.get_by_label("State in which the act is done").select_option("US")
    page.get_by_role("button", name="Compute").click()
    expect(page.locator("#id_zone_error")).to_contain_text("This state keeps several times")
    page.get_by_label("Time zone of the place").select_option("America/Chicago")
    page.get_by_role("button", name="Compute").click()
    expect(page.get_by_role("status")).to_contain_text("Friday, 22 January 2027, 24:00")
    context.close()


def test_a_mistake_keeps_what_was_typed_and_takes_the_reader_to_its_field(official: Official):
    page = official("julia")
    page.goto(f"/law/clock?deadline={VALUE}")
    page.get_by_label("Receipt of request").fill("last Monday")
    page.get_by_label("State in which the act is done").select_option("NL")
    page.get_by_role("button", name="Compute").click()
    summary = page.get_by_role("alert").first
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Receipt of request").press("Enter")
    field = page.get_by_label("Receipt of request")
    expect(field).to_be_focused()
    expect(field).to_have_value("last Monday")
    described = str(field.get_attribute("aria-describedby"))
    expect(page.locator(f"#{described.rsplit(maxsplit=1)[-1]}")).to_contain_text("This is no day with a time of day.")


def test_another_deadline_forgets_what_happened_before(official: Official):
    page = official("julia")
    page.goto(f"/law/clock?deadline={VALUE}&place=NL&event_1=2026-11-23+09:00")
    page.get_by_label("Deadline", exact=True).select_option(
        "eu-2023-1543/eev.production.traffic_or_content/produce_notified"
    )
    page.get_by_role("button", name="Take this one instead").click()
    expect(page.get_by_label("Receipt of EPOC")).to_have_value("")
    expect(page.get_by_role("heading", name="3. The dates")).to_have_count(0)


def test_on_paper_every_party_stands_in_a_table(official: Official):
    page = official("julia")
    page.goto("/law/instruments/coe-ets185")
    row = page.get_by_role("row", name="Cabo Verde")
    expect(row).to_be_hidden()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 1000})
    expect(row).to_be_visible()
    assert row.evaluate("one => getComputedStyle(one).display") == "table-row"


def test_a_measure_that_a_link_names_is_marked(official: Official):
    page = official("julia")
    page.goto("/law/instruments/coe-ets185#bud.preservation_abroad")
    measure = page.locator("[id='bud.preservation_abroad']")
    assert measure.evaluate("one => one.matches(':target')")
    assert measure.evaluate("one => one.getBoundingClientRect().top < innerHeight")
