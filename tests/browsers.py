"""The Chromium of this machine, and the people who use it: browsers with passkeys of their own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from comity.registry import post
from comity.registry.act import Node

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
