"""In a language that nobody speaks and that runs from right to left: every word is translated, every page mirrored."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from babel.messages.mofile import write_mo
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser, Page

import browsers
from comity.authorities.statement import Statement
from comity.canon import JsonObject, parse_object
from comity.law import Edition
from comity.registry.models import (
    AuthorisationRow,
    CompetenceRow,
    DeliveryRow,
    EntryRow,
    ExhibitRow,
    InvitationRow,
    ItemRow,
    LetterRow,
    OfficialRow,
    SelectorRow,
    VerdictRow,
)
from comity.registry.queries import people
from comity.web.shell import questions
from tour import STOPS, Stop, Town

SCRIPT: Final = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "messages.py"))
OPEN, CLOSE = SCRIPT["OPEN"], SCRIPT["CLOSE"]
LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
NAMES: Final = {"Art", "Comity", "CSV", "JSON", "SHA", "KERN", "UX"}
CODES: Final = re.compile(r"\b[0-9a-f]{8,}\b|\b[\w-]+/[\w.+-]+")
"""Digests, routes and types of files, as a drawing or a list of facts shows them."""
FROM_ELSEWHERE: Final = (
    "[lang=en]",  # the law and the record, as they are
    "[dir=auto], bdi",  # what somebody typed, and what people and nodes are called
    "[dir=ltr]",  # selectors and exact texts
    "code, pre, time, .mono",  # figures, digests, dates
    ".brand, .sitting, .lonely-kicker",  # the names of the platform, of the node and of who sits here
    ".languages",  # each language in its own words
    "[name=named]",  # authorities that a state has named, as the law holds them
)
"""Where words stand that are the same in every language; nothing else is left out."""
BLOCKS: Final = (
    "p, li, td, th, h1, h2, h3, h4, dt, dd, summary, button, label, legend, caption, option, svg, blockquote, div"
)
TEXTS: Final = """([elsewhere, blocks]) => {
  const found = new Map(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (parent.closest('script, style, noscript') || parent.closest(elsewhere)) continue;
    const block = parent.closest(blocks) ?? parent;
    found.set(block, `${found.get(block) ?? ''} ${walk.currentNode.textContent}`);
  }
  const told = [...found.values()];
  for (const one of document.querySelectorAll('[aria-label], [placeholder], [title], [data-label]'))
    if (!one.closest(elsewhere))
      for (const name of ['aria-label', 'placeholder', 'title', 'data-label']) told.push(one.getAttribute(name) ?? '');
  return told;
}"""
SIGNED: Final = ((OfficialRow, "name"), (CompetenceRow, "authority"), (AuthorisationRow, "purpose"))
"""What signed texts hold that stands in titles and drawings: also of who is in office no more."""
WIDER: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHORTENED: Final = "…"
MOMENTS: Final = re.compile(
    r"(?:Jan|Feb|March|April|May|June|July|Aug|Sept|Oct|Nov|Dec)[a-z]*\.? [0-9]{1,2}(?:, [0-9]{4})?(?:, (?:[0-9:]+ [ap]\.m\.|noon|midnight))?"
    r"|\b(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b|[0-9.]+\s(?:bytes?|KB|MB)"
)
"""Dates and sizes, for which Django has words of its own in every real language."""


@pytest.fixture(scope="module")
def backwards(chromium: Browser, town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[browsers.Walks]:
    """The officials of the town read the invented language; its catalogue is made of today's sentences."""
    folder = tmp_path_factory.mktemp("locale")
    compiled = folder / settings.PSEUDO / "LC_MESSAGES" / "django.mo"
    compiled.parent.mkdir(parents=True)
    with compiled.open("wb") as out:
        write_mo(out, SCRIPT["pseudo"](SCRIPT["catalogue"]()))
    languages = [*settings.LANGUAGES, (settings.PSEUDO, "Pseudo")]
    walks = browsers.Walks(chromium, town, language=settings.PSEUDO)
    with override_settings(LANGUAGES=languages, LOCALE_PATHS=[folder, *settings.LOCALE_PATHS]):
        yield walks
    walks.close()


@pytest.fixture(scope="module")
def record(town: Town) -> re.Pattern[str]:
    """What people, offices, nodes, letters and things are called in the record of the town, and states in the law."""
    names: set[str] = set(questions.states(Edition.packaged()).values())
    for node in (town.world.stage.cv, town.world.stage.nl):
        names |= {node.id, node.name, node.state}
        with node.active():
            for entry in people.directory(viewer=node.machine("tests")):
                names |= {entry.name, entry.office, entry.authority, entry.official, entry.mandate}
            for letter in LetterRow.objects.select_related("case"):
                names |= {letter.short, letter.subject} | (
                    {letter.case.title, letter.case.marketplace} if letter.case else set()
                )
            names |= {f"{one.kind}:{one.value}" for one in SelectorRow.objects.all()}
            names |= {str(item.record["name"]) for item in ItemRow.objects.all()}
            names |= set(ExhibitRow.objects.values_list("number", flat=True))
            for table, field in SIGNED:
                names |= {str(Statement.from_bytes(bytes(row.statement)).body[field]) for row in table.objects.all()}
            names |= set(EntryRow.objects.values_list("official", flat=True))  # the node's own machines act, too
            names |= set(DeliveryRow.objects.values_list("authority", flat=True))
            names |= set(InvitationRow.objects.values_list("name", flat=True))
            names |= {one["action"].replace("_", " ") for row in VerdictRow.objects.all() for one in clocks(row)}
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


def clocks(row: VerdictRow) -> list[JsonObject]:
    """The clocks that an answer of the law names, whose actions stand in the law's words."""
    routes: list[JsonObject] = parse_object(bytes(row.body), limit=len(row.body))["routes"]
    return [clock for route in routes for one in (route, *route["layers"]) for clock in one["clocks"]]


def untold(texts: list[str], *, record: re.Pattern[str]) -> list[str]:
    """What stands outside the marks, where it has words in it. Marks may lie within marks."""
    found = []
    for text in texts:
        depth, outside = 0, ""
        for character in text:
            depth += (character == OPEN) - (character == CLOSE)
            outside += character if depth == 0 and character != CLOSE else " "
        assert depth == 0 or SHORTENED in text, f"a translated sentence is cut off: {text}"
        left = CODES.sub(" ", MOMENTS.sub(" ", record.sub(" ", " ".join(outside.split()))))
        if set(LETTERS.findall(left)) - NAMES:
            found.append(left.strip())
    return found


def spoken(page: Page) -> list[str]:
    """Every text of the page that has to be translated, in one piece for each paragraph, cell or button."""
    return [str(one) for one in page.evaluate(TEXTS, [", ".join(FROM_ELSEWHERE), BLOCKS])]


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.id)
def test_a_page_says_every_word_in_the_readers_language_and_fits_a_narrow_screen(
    stop: Stop, backwards: browsers.Walks, record: re.Pattern[str]
):
    page = backwards.visit(stop)
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator("html").get_attribute("lang") == settings.PSEUDO
    assert untold([page.title(), *spoken(page)], record=record) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate(WIDER) <= 1  # the browser rounds


def test_a_planted_word_is_found(backwards: browsers.Walks, record: re.Pattern[str]):
    page = backwards.visit(STOPS[0])
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<p>untold</p>')")
    assert untold(spoken(page), record=record) == ["untold"]
    assert untold([f"{OPEN}one {OPEN}two{CLOSE} three{CLOSE} four Ivo Tavares"], record=record) == ["four"]


def test_the_frame_is_mirrored(backwards: browsers.Walks):
    page = backwards.visit(next(stop for stop in STOPS if stop.id == "letter-ivo"))
    page.set_viewport_size({"width": 1280, "height": 900})
    boxes = {
        name: page.locator(name).first.bounding_box()
        for name in (".brand", ".masthead-side", ".nav-list li", "h1", ".split > aside", ".split > div")
    }
    left = {name: box["x"] for name, box in boxes.items() if box}
    right = {name: box["x"] + box["width"] for name, box in boxes.items() if box}
    assert left[".brand"] > right[".masthead-side"]
    assert right[".nav-list li"] > 1100
    assert right[".split > aside"] < left[".split > div"]
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).direction") in {"rtl", "ltr"}
