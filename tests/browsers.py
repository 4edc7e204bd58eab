"""The Chromium of this machine, and the people who use it: browsers with passkeys of their own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from comity.registry import post
from comity.registry.act import Node
from tour import Stop, Town

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
AUTHENTICATOR: Final = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def chromium() -> str | None:
    """Where Chromium is, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def started() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def site(node: Node) -> str:
    """Where browsers reach the officials' pages of a node."""
    return post.own_card(node).official_origin


def person(browser: Browser, node: Node, *, complaints: list[str]) -> Page:
    """A browser of one person, with an empty passkey device; what its pages complain about is collected."""
    context: BrowserContext = browser.new_context(base_url=site(node), locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{page.url}: {message.text}") if "Content Security Policy" in message.text else None
        ),
    )
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable", {})
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


def sit_down(page: Page, official: str) -> None:
    """Sign in on a demonstration node with one click."""
    page.goto("/login")
    page.click(f'button[name="official"][value="{official}"]')
    page.wait_for_url("**/desk")


def sign_in(page: Page) -> None:
    """Sign in with the passkey of this browser."""
    page.goto("/login")
    page.click('form[data-passkey="sign"] button[type="submit"]')
    page.wait_for_url("**/desk")


class Walks:
    """One page for each official of a town, signed in once; whatever the pages complain about is kept."""

    def __init__(self, browser: Browser, town: Town, *, language: str = "") -> None:
        """`language` is what the officials read."""
        self._browser = browser
        self._town = town
        self._language = language
        self._pages: dict[str, Page] = {}
        self.complaints: list[str] = []

    def visit(self, stop: Stop) -> Page:
        """The page of that stop, open; it answers as the stop says, and no page complains on the way."""
        page = self._pages.get(stop.official) or self._arrive(stop.official)
        answer = page.goto(stop.path(self._town))
        assert answer is not None
        assert answer.status == stop.status, f"{page.url}: {answer.status}"
        complaints, self.complaints = self.complaints, []
        assert complaints == []
        return page

    def _arrive(self, official: str) -> Page:
        node = self._town.node(official)
        context = self._browser.new_context(base_url=site(node), locale="en-GB", reduced_motion="reduce")
        if self._language:
            context.add_cookies([{"name": "comity_language", "value": self._language, "url": site(node)}])
        page = self._pages[official] = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", self._heard)
        if official:
            sit_down(page, official)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        """Errors and warnings; that an answer was a refusal is no complaint."""
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def close(self) -> None:
        """Every browser of the walk is closed."""
        for page in self._pages.values():
            page.context.close()
