"""Pictures of every page, from a filled demo in a scratch folder: run by `make screenshots`.

All of them land in docs/pictures/scratch, which is not kept in git: each stop of the tour (tests/tour.py), light and dark,
on a desk and in a hand. Four of them, made small, are the ones that README.md shows.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import django

ROOT = Path(__file__).parents[1]
os.environ["DJANGO_SETTINGS_MODULE"] = "comity.node.settings"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's loop runs in this thread; the nodes answer in others
sys.path.insert(0, str(ROOT / "tests"))
django.setup(set_prefix=False)

from playwright.sync_api import Page  # noqa: E402

import browsers  # noqa: E402
from comity.cli.demo import filled_nodes  # noqa: E402
from comity.cli.story import Stage  # noqa: E402
from comity.cli.telling import Teller  # noqa: E402
from comity.registry.models import CaseRow, ItemRow, LetterRow, TransferRow  # noqa: E402
from scenes import World  # noqa: E402
from stage import free_port, served, settle  # noqa: E402
from tour import STOPS, Stop, Town, visited  # noqa: E402

PICTURES: Final = ROOT / "docs" / "pictures"
SCRATCH: Final = PICTURES / "scratch"
SHOWN: Final = {
    "letter": ("letter-ivo-executed", ""),
    "answer": ("verdict-ivo", "lawful"),
    "signing": ("sign-julia", ""),
    "desk": ("desk-lotte", ""),
}
"""The pictures of README.md: the stop, and the heading at which the picture begins."""
SCREENS: Final = {"desk": {"width": 1280, "height": 900}, "hand": {"width": 390, "height": 844}}


def found(stage: Stage) -> World:
    """The filled nodes as a world: a letter in each state, items and transfers at each point of their way."""
    with stage.cv.active():
        ours = LetterRow.objects.filter(outgoing=True, drafted_by="ivo").order_by("written_at")
        letters = {state: _newest(ours, state=state) for state in ("draft", "authorised", "executed")}
        case = CaseRow.objects.filter(members__official="ivo").order_by("opened_at")[0].reference
        arrived = TransferRow.objects.filter(outgoing=False, state="arrived").order_by("id")[0]
        accepted = TransferRow.objects.filter(outgoing=False, state="accepted").order_by("id")[0]
    with stage.nl.active():
        theirs = LetterRow.objects.filter(outgoing=False).order_by("written_at")
        letters |= {state: _newest(theirs, state=state) for state in ("received", "recognised")}
        letters["acknowledged"] = _newest(theirs, state="acknowledged", form="preservation")
        letters["asked"] = _newest(theirs, state="acknowledged", form="production")
        held = ItemRow.objects.filter(held=True).exclude(reference__in=TransferRow.objects.values("item"))[0]
        letters["recognised"] = held.letter.digest
    return World(
        stage=stage,
        case=case,
        letters=letters,
        items={"held": held.reference, "accepted": accepted.item, "arrived": arrived.item},
        transfers={"arrived": arrived.reference, "accepted": accepted.reference},
    )


def _newest(rows: Any, **wanted: str) -> str:
    return str(rows.filter(**wanted).last().digest)


@contextmanager
def filled(folder: Path) -> Iterator[Town]:
    """The demo's two filled nodes, answering."""
    nodes, people = filled_nodes(folder, ports=(free_port(), free_port()), say=Teller(quiet=False))
    cv, nl = nodes
    stage = Stage(
        cv=cv,
        nl=nl,
        people=people,
        settle=lambda: settle(cv, nl),
        image_bytes=100_000,
        progress=lambda _what, _done, _of: None,
    )
    with served(cv), served(nl):
        yield visited(found(stage))
    for node in nodes:
        node.close()


def take(page: Page, stop: Stop) -> None:
    """One page in light and dark, on a desk and in a hand."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for screen, size in SCREENS.items():
            page.set_viewport_size(size)
            page.screenshot(path=SCRATCH / f"{stop.id}.{screen}.{scheme}.png", full_page=True)


def main(wanted: list[str]) -> None:
    """Every picture, or only those of the stops that are named."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, filled(Path(folder)) as town, browsers.started() as browser:
        walks = browsers.Walks(browser, town)
        for stop in STOPS:
            if not wanted or any(name in stop.id for name in wanted):
                take(walks.visit(stop), stop)
                print(stop.id, flush=True)
        for name, (stop_id, heading) in SHOWN.items():
            page = walks.visit(next(one for one in STOPS if one.id == stop_id))
            page.emulate_media(color_scheme="light")
            page.set_viewport_size(SCREENS["desk"])
            page.evaluate("id => document.getElementById(id)?.scrollIntoView()", heading)
            page.screenshot(path=PICTURES / f"{name}.png")
        walks.close()


if __name__ == "__main__":
    main(sys.argv[1:])
