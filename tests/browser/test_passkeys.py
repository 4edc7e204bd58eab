"""Passkeys in a real browser, on a live node: from the invitation to signing out."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

import browsers
import live
from comity.registry.act import Node
from comity.registry.gestures.people import Link

People = Callable[[Node], Page]
ENROLLED = "Your passkey is kept"


def enrol(page: Page, path: str, password: str) -> str:
    """Go through an enrolment; the fingerprint that is shown at its end."""
    page.goto(path)
    page.get_by_label("Password of the invitation").fill(password)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ENROLLED)
    return page.locator("[data-fingerprint]").inner_text()


def enrol_founder(page: Page, link: Link) -> None:
    enrol(page, f"/enrol/{link.token}", link.password)


def invite(page: Page, official: str) -> tuple[str, str]:
    """Invite a judge; the path of the link and the password, which are shown once."""
    page.goto("/officials/invite")
    page.get_by_label("Name", exact=True).fill(official.title())
    page.get_by_label("Short name").fill(official)
    page.get_by_label("Judge").check()
    page.get_by_label("Office", exact=True).fill("Court of Utopia")
    page.get_by_role("button", name="Make the invitation").click()
    link = page.locator("[data-invitation-link]").inner_text()
    return "/enrol/" + link.rsplit("/", 1)[1], page.locator("[data-invitation-password]").inner_text()


def sign_for(page: Page, name: str, *, fingerprint: str) -> None:
    """Find who waits, compare the fingerprint, and sign with a passkey."""
    page.goto("/officials")
    page.get_by_role("link", name=name).click()
    expect(page.locator("[data-fingerprint]")).to_have_text(fingerprint)
    second = page.get_by_role("radio", name="Bento")
    if second.count():
        second.check()
    page.get_by_label("I compared the fingerprint").check()
    page.get_by_role("button", name="To the text that you sign").click()
    page.wait_for_url("**/sign/**")
    page.get_by_role("button", name="Sign with your passkey").click()
    page.wait_for_url("**/officials")


def test_from_the_invitation_to_signing_out_on_a_live_node(live_node: Node, people: People):
    amara, bento, julia = (people(live_node) for _ in range(3))
    with live_node.active():
        links = {one: live.invited_founder(live_node, one) for one in ("amara", "bento")}
    enrol_founder(amara, links["amara"])
    enrol_founder(bento, links["bento"])
    browsers.sign_in(amara)
    browsers.sign_in(bento)

    path, password = invite(amara, "julia")
    fingerprint = enrol(julia, path, password)
    julia.goto("/login")
    julia.get_by_role("button", name="Sign in with a passkey").click()
    expect(julia.get_by_role("alert")).to_contain_text("opens no desk")

    sign_for(amara, "Julia", fingerprint=fingerprint)
    sign_for(bento, "Julia", fingerprint=fingerprint)
    browsers.sign_in(julia)
    julia.goto("/officials")
    expect(julia.get_by_role("heading", level=1)).to_contain_text("nothing at this address")
    julia.get_by_role("button", name="Sign out").click()
    julia.wait_for_url("**/login")
    expect(julia.locator("main")).to_contain_text("Sign in to your desk")
    julia.goto("/officials")
    expect(julia).to_have_url(re.compile(r"/login\?next="))


def test_a_browser_without_a_passkey_is_told_so_and_can_try_again(live_node: Node, people: People):
    page = people(live_node)
    page.goto("/login")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()


def test_the_wrong_password_leaves_the_reader_with_what_to_do(live_node: Node, people: People):
    page = people(live_node)
    with live_node.active():
        link = live.invited_founder(live_node, "amara")
    page.goto(f"/enrol/{link.token}")
    page.get_by_label("Password of the invitation").fill("not this one")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("ask the administrator who invited you")
    expect(page.get_by_role("alert")).to_be_focused()


def test_a_second_passkey_is_made_signed_for_and_listed(live_node: Node, people: People):
    amara, bento, julia = (people(live_node) for _ in range(3))
    with live_node.active():
        links = {one: live.invited_founder(live_node, one) for one in ("amara", "bento")}
    enrol_founder(amara, links["amara"])
    enrol_founder(bento, links["bento"])
    browsers.sign_in(amara)
    browsers.sign_in(bento)
    path, password = invite(amara, "julia")
    fingerprint = enrol(julia, path, password)
    sign_for(amara, "Julia", fingerprint=fingerprint)
    sign_for(bento, "Julia", fingerprint=fingerprint)
    browsers.sign_in(julia)

    julia.goto("/me/ways-in")
    expect(julia.get_by_text("You have one passkey.")).to_be_visible()
    julia.get_by_role("link", name="Add a passkey").click()
    julia.get_by_role("button", name="Make the passkey").click()
    julia.wait_for_url("**/sign/**")
    julia.get_by_role("button", name="Sign with your passkey").click()
    julia.wait_for_url("**/me/ways-in")
    second = julia.locator("[data-fingerprint]").inner_text()
    for page in (amara, bento):
        page.goto("/officials/ways-in")
        page.get_by_role("link", name="julia").click()
        expect(page.locator("[data-fingerprint]")).to_have_text(second)
        if page.get_by_role("radio", name="Bento").count():
            page.get_by_role("radio", name="Bento").check()
        page.get_by_label("I compared this").check()
        page.get_by_role("button", name="To the text that you sign").click()
        page.wait_for_url("**/sign/**")
        page.get_by_role("button", name="Sign with your passkey").click()
        page.wait_for_url("**/officials/ways-in")
    julia.goto("/me/ways-in")
    expect(julia.get_by_role("row")).to_have_count(3)
    julia.get_by_role("link", name="Revoke").click()
    julia.get_by_label("What happened to it").fill("It stays in a drawer.")
    julia.get_by_label("It is this passkey").check()
    julia.get_by_role("button", name="Revoke this passkey").click()
    julia.wait_for_url("**/sign/**")
    julia.get_by_role("button", name="Sign with your passkey").click()
    julia.wait_for_url("**/me/ways-in")
    expect(julia.get_by_role("row")).to_have_count(2)
