"""Somebody who has no mouse: every control is reached with Tab, in its order, and shows that it has the focus."""

import re
from typing import Final

from playwright.sync_api import Locator, Page, expect

TABS_MAX: Final = 120
OPTIONS_MAX: Final = 60
SHOWN: Final = """() => {
  const one = document.activeElement, look = getComputedStyle(one), box = one.getBoundingClientRect();
  const marked = (look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0) || look.boxShadow !== 'none';
  return marked && box.bottom > 0 && box.top < innerHeight;
}"""


class Keyboard:
    """The keyboard in front of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, wanted: Locator) -> None:
        """Press Tab until the control has the focus; it is marked, and on the screen."""
        expect(wanted.first).to_be_attached()
        for _ in range(TABS_MAX):
            if self._on(wanted):
                assert self.page.evaluate(SHOWN), f"the focus on {wanted} cannot be seen at {self.page.url}"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{wanted} is not reached within {TABS_MAX} tabs at {self.page.url}")

    def _on(self, wanted: Locator) -> bool:
        return self.page.locator(":focus").and_(wanted).count() > 0

    def follow(self, name: str) -> None:
        """Open a link, wait for its page."""
        self._enter(self.page.get_by_role("link", name=re.compile(name)))

    def press(self, name: str) -> None:
        """Press a button that sends a form, wait for the answer."""
        self._enter(self.page.get_by_role("button", name=re.compile(name)))

    def enter(self, wanted: Locator) -> None:
        """Press Enter on a control that stays on the page."""
        self.reach(wanted)
        self.page.keyboard.press("Enter")

    def _enter(self, wanted: Locator) -> None:
        self.reach(wanted)
        with self.page.expect_navigation() as going:
            self.page.keyboard.press("Enter")
        answer = going.value
        assert answer.ok, self.page.locator("main").inner_text()

    def write(self, name: str, text: str) -> None:
        """Type into a field, in the place of what stands there."""
        self.reach(self.page.get_by_label(re.compile(f"^{name}")))
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)

    def write_day(self, name: str, digits: str) -> None:
        """Type a day digit by digit, as the browser's own field for days takes it."""
        self.reach(self.page.get_by_label(re.compile(f"^{name}")))
        self.page.keyboard.type(digits)

    def choose(self, wanted: Locator, option: str) -> None:
        """Go down a list of options until the wanted one is chosen."""
        self.reach(wanted)
        for _ in range(OPTIONS_MAX):
            if option in str(wanted.evaluate("one => one.selectedOptions[0]?.textContent ?? ''")):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{wanted} offers no {option} within {OPTIONS_MAX} options")

    def tick(self, wanted: Locator) -> None:
        """Tick a box."""
        self.reach(wanted)
        self.page.keyboard.press("Space")
        expect(wanted).to_be_checked()

    def turn_to(self, group: Locator, wanted: Locator) -> None:
        """Reach a group of radio buttons, and go on with the arrows to the wanted one."""
        self.reach(group)
        self.page.keyboard.press("Space")
        for _ in range(OPTIONS_MAX):
            if self._on(wanted):
                expect(wanted).to_be_checked()
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{wanted} is not in its group")
