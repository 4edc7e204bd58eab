"""The first letter from its case to its verified bundle, at the desks of two nodes, by people who have no mouse."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Download, Locator, expect

from comity.cli.demo import verify
from comity.cli.script import FACTS, GROUND, ORIGIN, ROUTE
from comity.cli.story import Stage
from comity.letters.letter import Form
from comity.registry import post
from comity.registry.act import Node
from comity.registry.jobs import worker
from keyboard import Keyboard
from stage import staged

MARKET = "Blue Lagoon Market"
WAIT_SECONDS_MAX = 60.0
MEASURES = {Form.PRESERVATION: "preservation", Form.PRODUCTION: "search_seizure_stored"}


@contextmanager
def working(*nodes: Node) -> Iterator[None]:
    """The workers of the nodes, and who gives their logs the beat, each in a thread of its own."""
    ends = threading.Event()
    threads = [
        threading.Thread(target=works, args=[node], kwargs={"going": lambda: not ends.is_set()})
        for node in nodes
        for works in (worker.run, worker.keep)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ends.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Stage]:
    """Two nodes with their workers; nothing has happened yet. What hangs on the engine is told in tests/registry."""
    with staged(tmp_path) as stage, working(stage.cv, stage.nl):
        yield stage


class Desk:
    """The browser of one node, at which its officials sit down one after the other."""

    def __init__(self, keys: Keyboard) -> None:
        self.keys = keys
        self.page = keys.page

    def sit(self, name: str) -> None:
        """Whoever sat here leaves; this official sits down."""
        if self.page.url == "about:blank":
            self.page.goto("/login")
        else:
            self.keys.press("^Sign out$")
        self.keys.press(f"^{name}$")
        expect(self.page.get_by_role("heading", level=1)).to_have_text(name)

    def until(self, there: Locator) -> None:
        """Load the page again until it shows what the other side did."""
        begin = time.monotonic()
        while not there.count():
            assert time.monotonic() - begin < WAIT_SECONDS_MAX, f"{there} does not appear at {self.page.url}"
            self.page.reload()

    def task(self, name: str, *, step: str = "") -> None:
        """Take up what waits at this desk, and take the step that the page of the letter offers."""
        self.until(self.page.locator("main").get_by_role("link", name=name))
        self.keys.follow(name)
        self.keys.follow(f"^{step or name}$")

    def sign(self, name: str, *, button: str) -> None:
        """From the form to the text, and under it."""
        self.keys.press(button)
        self.keys.press(f"^Sign as {name}$")

    def said(self, note: str) -> None:
        """What the step tells the other side."""
        self.keys.write("Note to the", note)


def open_case(desk: Desk) -> None:
    keys, page = desk.keys, desk.page
    keys.follow("^Cases")
    keys.follow("^Open a case")
    keys.write("Title of the case", "Operation Harmattan")
    keys.write("Marketplace", MARKET)
    keys.write("Selectors", "domain:bluelagoon.example\nhandle:lagoon_admin")
    for number, offence, here, there in ((1, "arketplace", "8", "6"), (2, "rug", "12", "12")):
        keys.choose(page.locator(f"[name=offence_{number}]"), offence)
        keys.write(f"Offence {number}: highest penalty in our", here)
        keys.write(f"Offence {number}: highest penalty in the other", there)
    keys.press("^Open the case$")


def ask(desk: Desk, form: Form) -> None:
    """Ask the law on the page of the case, question by question, keep the answer, and go on to the draft on the route of the story."""
    keys, page = desk.keys, desk.page
    keys.follow("^Ask the law$")
    for step, value in (("authority", "judge"), ("stage", "investigation")):
        keys.turn_to(page.locator(f"[name={step}]"), page.locator(f"[name={step}][value={value}]"))
    keys.press("^Continue$")
    keys.choose(page.locator("[name=to]"), "Netherlands")
    keys.press("^Continue$")
    wanted = page.locator(f"[name=measure] option[value={MEASURES[form]}]").text_content()
    keys.choose(page.locator("[name=measure]"), str(wanted))
    keys.press("^Continue$")
    for data in ("content", "traffic"):
        keys.tick(page.locator(f"[name=categories][value={data}]"))
    keys.press("^Continue$")
    keys.turn_to(page.locator("[name=urgency]"), page.locator("[name=urgency][value=urgent]"))
    keys.press("^Continue$")
    while page.locator(".answers").count():
        answers = page.locator(".answers input[type=radio]")
        fact = str(answers.first.get_attribute("name")).removeprefix("fact_")
        said = "yes" if fact in FACTS else "unknown"
        keys.turn_to(answers, page.locator(f".answers input[value={said}]"))
        keys.press("^Continue$")
    keys.press("^Keep with the case$")
    keys.enter(page.locator(f"a[href*='{quote(ROUTE[form], safe='')}']"))
    page.wait_for_url("**/draft?*")


def draft(desk: Desk, form: Form) -> None:
    keys, page = desk.keys, desk.page
    named = page.locator("[name=named]")
    if named.count():
        keys.choose(named, "another authority")
    keys.write("Another authority" if named.count() else "Authority that is asked", "Contact point 24/7")
    keys.write("Subject", f"{MARKET}: {form.value}")
    keys.write("Facts", f"An online marketplace for drugs, named {MARKET}, is hosted in the Netherlands.")
    keys.write("Purpose", "Criminal investigation against the operators of the marketplace")
    keys.write_day("Data from", "01012026")
    keys.write_day("Data until", "11112026")
    if form is Form.PRODUCTION:
        keys.choose(page.locator("[name=linked]"), "preservation")
        keys.choose(page.locator("[name=custodian]"), "Carla")
    desk.sign("Ivo Tavares", button="^Continue to the text$")


REASONS = {
    "Necessity: what is to be found out": "Find out who operates the marketplace.",
    "Necessity: what the suspicion": "Test purchases were delivered by post.",
    "Necessity: how the data": "The server holds the orders of the market.",
    "Proportionality: why these data": "Traffic shows who administers the server.",
    "Proportionality: why this period": "The market has been open since last year.",
    "Proportionality: how serious": "Drugs are sold there on a large scale.",
    "Milder means": "Public pages",
    "Why it is not enough": "Public pages do not show who operates it.",
    "Protected confidences": "No target keeps the confidences of others.",
}


def decide(desk: Desk, name: str, *, task: str) -> None:
    """A judge's decision on everything that is asked for."""
    keys = desk.keys
    desk.task(task)
    keys.write("Law that gives the power", "Code of criminal procedure")
    keys.write("Article", "not_stated")
    keys.write("Purpose", "Secure the evidence on the marketplace's server")
    for field, reason in REASONS.items():
        keys.write(field, reason)
    if "recognition" in task:
        desk.said("Recognised for execution.")
    desk.sign(name, button="^Go on to sign")


def authorise_and_send(cv: Desk) -> None:
    cv.sit("Júlia Monteiro")
    decide(cv, "Júlia Monteiro", task="Decide on the draft")
    cv.sit("Ivo Tavares")
    cv.task("Send")
    cv.keys.press("^Send the letter$")


def acknowledge(nl: Desk) -> None:
    nl.sit("Lotte Visser")
    nl.task("Acknowledge")
    nl.said("Received by the contact point; handled at once.")
    nl.sign("Lotte Visser", button="^Go on to sign")


def take_in_and_hand_over(nl: Desk, image: Path) -> None:
    nl.sit("Cas Mulder")
    nl.task("Take in the evidence", step="Take in evidence")
    for name, text in (
        ("Place", ORIGIN.place),
        ("Device", ORIGIN.device),
        ("Method", ORIGIN.method),
        ("Tool", ORIGIN.tool),
        ("Version of the tool", ORIGIN.tool_version),
        ("Source of time", ORIGIN.time_source),
    ):
        nl.keys.write(name, text)
    nl.keys.reach(nl.page.get_by_label("File", exact=True))
    nl.page.set_input_files("input[type=file]", image)
    nl.sign("Cas Mulder", button="^Seal the file and go on$")
    nl.keys.follow("^Hand over$")
    nl.keys.turn_to(nl.page.locator("[name=kind]"), nl.page.locator(f"[name=kind][value={GROUND.kind.value}]"))
    nl.keys.write("Why the transfer is necessary", GROUND.reason)
    nl.keys.write("Origin of the data", GROUND.origin)
    derogation = nl.page.locator("[name=derogation]")
    wanted = nl.page.locator(f"[name=derogation] option[value={GROUND.derogation}]").text_content()
    nl.keys.choose(derogation, str(wanted))
    nl.keys.write("Rights weighed", GROUND.rights_weighed)
    nl.sign("Cas Mulder", button="^Read the sealed item and go on to sign$")


def accept_and_export(cv: Desk, folder: Path) -> tuple[Path, Path]:
    """Sign for the item, export it and say why its key is taken; where the bundle and the key were saved."""
    cv.sit("Carla Lopes")
    cv.until(cv.page.locator("main").get_by_role("link", name="Accept the item"))
    cv.keys.follow("Accept the item")
    cv.sign("Carla Lopes", button="^Go on to sign for the item$")
    cv.keys.follow("^Export$")
    cv.keys.write("For whom, and why", "For the court and the defence")
    cv.sign("Carla Lopes", button="^Go on to sign the export$")
    cv.sign("Carla Lopes", button="^Gather and sign the contents$")
    link = cv.page.get_by_role("link", name="Download the bundle")
    bundle = saved(cv, link, folder / "evidence.bundle")
    cv.keys.follow("^Record the access with its reason first$")
    cv.keys.write("Reason", "To hand the key to the court and the defence")
    cv.sign("Carla Lopes", button="^Go on to sign the record$")
    key = saved(cv, cv.page.get_by_role("button", name="Download the key"), folder / "evidence.key")
    return bundle, key


def saved(desk: Desk, wanted: Locator, path: Path) -> Path:
    desk.keys.reach(wanted)
    with desk.page.expect_download() as arriving:
        desk.page.keyboard.press("Enter")
    download: Download = arriving.value
    download.save_as(path)
    return path


def audit(desk: Desk, name: str) -> None:
    """The overseer recomputes the log, and lets the browser check the proof of its newest entry."""
    desk.sit(name)
    desk.keys.follow("^Oversight")
    desk.keys.press("^Audit the whole log now$")
    expect(desk.page.get_by_role("status")).to_contain_text("The log is whole.")
    desk.keys.follow("^Oversight")
    desk.keys.follow("^Look through the log$")
    desk.keys.enter(desk.page.locator("main table a").first)
    expect(desk.page.locator("[data-proof-holds]")).to_be_visible()
    expect(desk.page.locator("[data-proof-fails]")).to_be_hidden()


def test_the_first_letter_is_told_at_the_desks_by_keyboard_alone(
    at_work: Stage, people: Callable[[Node], object], tmp_path: Path
):
    cv, nl = (Desk(Keyboard(people(node))) for node in (at_work.cv, at_work.nl))  # type: ignore[arg-type]
    cv.sit("Ivo Tavares")
    open_case(cv)
    ask(cv, Form.PRESERVATION)
    draft(cv, Form.PRESERVATION)
    authorise_and_send(cv)
    acknowledge(nl)
    nl.keys.follow("^Record the preservation$")
    nl.said("The hosting provider has preserved the server.")
    nl.sign("Lotte Visser", button="^Go on to sign")

    cv.until(cv.page.get_by_role("link", name="Ask for the preserved data"))
    cv.keys.follow("^Ask for the preserved data$")
    ask(cv, Form.PRODUCTION)
    draft(cv, Form.PRODUCTION)
    authorise_and_send(cv)
    acknowledge(nl)
    nl.sit("Joost Bakker")
    decide(nl, "Joost Bakker", task="Decide on recognition")

    image = tmp_path / "lagoon-server.img"
    image.write_bytes(b"synthetic" * 300_000)
    take_in_and_hand_over(nl, image)
    bundle, key = accept_and_export(cv, tmp_path)
    trust = tmp_path / "trust.json"
    trust.write_text(
        json.dumps({"nodes": {one.id: post.own_card(one).fingerprint for one in (at_work.cv, at_work.nl)}})
    )
    assert verify(bundle, key=key, trust=trust)[-1] == "verified"

    nl.sit("Lotte Visser")
    nl.task("Report execution")
    nl.said("The server image was handed over; nothing is outstanding.")
    nl.sign("Lotte Visser", button="^Go on to sign")
    audit(cv, "Otília Fonseca")
    audit(nl, "Olga Smit")
