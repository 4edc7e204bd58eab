"""An interview in a browser, for tests: its form is sent as it stands, its pages are read."""

import re
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict
from django.test import Client

from comity.law import Edition, routes
from comity.web.investigator import address
from investigating import text, words

Pairs = list[tuple[str, str]]
EDITION = Edition.packaged()
FRANCE: Pairs = [
    ("authority", "judge"),
    ("stage", "investigation"),
    ("to", "FR"),
    ("measure", "preservation"),
    ("data", "traffic"),
    ("offence", "drugs:12:"),
    ("purpose", "evidence"),
    ("urgency", "urgent"),
]
NETHERLANDS = [(name, {"FR": "NL", "preservation": "production_traffic"}.get(value, value)) for name, value in FRANCE]


def at(*pairs: tuple[str, str], base: str = "/ask") -> str:
    return f"{base}?{urlencode(pairs)}"


def hidden(page: Any) -> Pairs:
    """What the form of a page sends besides what is typed."""
    form = re.search(r'<form class="form".*?</form>', text(page), re.DOTALL)
    assert form, words(page)
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return [(unescape(name), unescape(value)) for name, value in found if name != "csrfmiddlewaretoken"]


def say(client: Client, page: Any, *typed: tuple[str, str]) -> Any:
    """Send the form of a page, and follow to where it leads."""
    base = page.request["PATH_INFO"]
    return client.get(at(*hidden(page), *typed, base=base), follow=True)


def keep(client: Client, page: Any, **more: str) -> Any:
    """Send the form that keeps the answer of a page."""
    sent: dict[str, Any] = {}
    for name, value in hidden(page):
        sent.setdefault(name, []).append(value)
    return client.post("/ask/keep", sent | more)


def heading(page: Any) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text(page), re.DOTALL)
    return unescape(found[1]) if found else ""


def query(page: Any) -> Pairs:
    return parse_qsl(page.request["QUERY_STRING"], keep_blank_values=True)


def asked_fact(page: Any) -> str:
    """The fact that a page asks for, or nothing."""
    found = re.search(r'type="radio" name="fact_([a-z0-9_]+)"', text(page))
    return found[1] if found else ""


def law(pairs: Pairs, *, on: date, **facts: str) -> Any:
    """What the law says to a state of the interview."""
    given = QueryDict(urlencode([*pairs, *((f"fact_{name}", said) for name, said in facts.items())]))
    interview = address.read(given, own_state="CV", edition=EDITION)
    return routes(interview.question(own_state="CV", edition=EDITION), on=on).as_json()
