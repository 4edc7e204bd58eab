"""An investigator's browser, for tests: what is typed into the forms of the desk, and how its pages are read."""

import re
from html import unescape
from typing import Any

from django.http import HttpRequest
from django.test import Client

from comity.authorities.directory import Entry
from comity.registry.act import Node
from comity.registry.models import EntryRow
from comity.web.shell.session import sit_down

REFERENCE = "0123456789abcdef" * 2
CASE = {
    "reference": REFERENCE,
    "title": "Operation Sirocco",
    "marketplace": "Green Cove Market",
    "selectors": "domain:greencove.example\nhandle:cove_admin",
    "offence_1": "drugs",
    "here_1": "12",
    "there_1": "",
    "offence_2": "running_the_marketplace",
    "here_2": "8",
    "there_2": "0",
}
QUESTION = {
    "authority": "judge",
    "stage": "investigation",
    "to": "NL",
    "measure": "preservation",
    "data": ["traffic", "content"],
    "urgency": "urgent",
    "purpose": "evidence",
}
DRAFT = {
    "to_node": "nl",
    "named": "-",
    "other": "Landelijk Parket",
    "subject": "Preservation of the server of Green Cove Market",
    "facts": "The marketplace sells drugs.\nIts server stands in a data centre.",
    "purpose": "Evidence in the proceedings",
    "data_from": "2026-06-01",
    "data_until": "2026-11-20",
}
PRESERVE = "coe-ets185/bud.preservation_abroad"
BIDI = "Operation \u202eocco"
HUGE = "x" * 100_000


def seated(node: Node, entry: Entry) -> Client:
    """The browser of somebody who sits at this node's desk."""
    client = Client(headers={"host": "127.0.0.1"})
    request = HttpRequest()
    request.session = client.session
    sit_down(request, entry, by="demo", at=node.clock.now())
    request.session.save()
    client.cookies["comity_session"] = str(request.session.session_key)
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


def words(answer: Any) -> str:
    """What a page says, without its elements."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text(answer))))


def summary(answer: Any) -> str:
    found = re.search(r'id="error-summary".*?</ul>', text(answer), re.DOTALL)
    return found[0] if found else ""


def begin(client: Client, **more: object) -> str:
    """The address of a case that was just opened."""
    answer = client.post("/cases/new", CASE | more)
    assert answer.status_code == 302, summary(answer)
    return str(answer["Location"])


def ask(client: Client, case: str, **more: object) -> Any:
    """The page of the law's answer to a question of a case, kept with it."""
    reference = case.removeprefix("/cases/")
    answer = client.post("/ask/keep", QUESTION | {"in": reference, "case": reference} | more)
    assert answer.status_code == 302, summary(answer)
    return client.get(answer["Location"])


def draft_address(client: Client, case: str) -> str:
    found = re.search(r'href="(/cases/[^"]+/draft\?[^"]+)"', text(ask(client, case)))
    assert found, "no lawful route offers a draft"
    return unescape(found[1])


def entries(node: Node) -> list[str]:
    return list(EntryRow.objects.order_by("id").values_list("kind", flat=True))
