"""Pages in a real browser. Where there is no Chromium nothing here is collected, and the last lines of the run say so."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

import browsers
import live
from comity.cli.story import Stage
from comity.registry.act import Node
from scenes import populated
from stage import served, staged
from tour import Stop, Town, visited

collect_ignore_glob = [] if browsers.chromium() else ["test_*.py"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the run."""
    # playwright runs a loop in this thread, which Django takes for asynchronous code; the nodes answer in threads of their own
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsers.started() as browser:
        yield browser
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two demonstration nodes, peopled and paired, answering; tests share them."""
    with staged(tmp_path_factory.mktemp("demo"), image_bytes=100_000) as stage:
        yield stage


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Two nodes with something on every page; who walks through it changes nothing."""
    with staged(tmp_path_factory.mktemp("town"), image_bytes=100_000) as stage:
        yield visited(populated(stage))


@pytest.fixture(scope="session")
def walks(chromium: Browser, town: Town) -> Iterator[browsers.Walks]:
    """Browsers of the officials of the town, signed in once; what their pages complain about is collected."""
    walks = browsers.Walks(chromium, town)
    yield walks
    walks.close()


@pytest.fixture
def visit(walks: browsers.Walks, town: Town) -> Callable[[Stop], Page]:
    """Opens a page of the tour, and sees that it is what it should be."""
    return walks.visit


@pytest.fixture
def live_node(tmp_path: Path) -> Iterator[Node]:
    """A live node without officials, answering."""
    node = live.unfounded(tmp_path / "ut")
    with served(node):
        yield node


@pytest.fixture
def people(chromium: Browser) -> Iterator[Callable[[Node], Page]]:
    """Makes browsers of people; at the end no page has complained about a script or about the policy of contents."""
    complaints: list[str] = []
    pages: list[Page] = []

    def person(node: Node) -> Page:
        pages.append(browsers.person(chromium, node, complaints=complaints))
        return pages[-1]

    yield person
    for page in pages:
        page.context.close()
    assert complaints == []


@pytest.fixture
def official(demo: Stage, people: Callable[[Node], Page]) -> Callable[..., Page]:
    """Makes a page at the desk of a demonstration official: `official("julia")`, `official("joost", node=demo.nl)`."""

    def at_the_desk(name: str, *, node: Node | None = None) -> Page:
        page = people(node or demo.cv)
        browsers.sit_down(page, name)
        return page

    return at_the_desk
