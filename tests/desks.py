"""A browser at a desk of a demo node, without a screen: it signs in with one click, fills forms, and signs what it is shown."""

import re
from typing import Any

from django.test import Client

from comity.cli.story import Stage
from comity.registry.act import Node
from passkeys import browser


def at_desk(stage: Stage, node: Node, role: str) -> Client:
    """The official of that role, signed in; the node is active."""
    client = browser(node)
    answer = client.post("/login/demo", {"official": stage.people[node.id, role].official})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return client


def signed(client: Client, answer: Any) -> Any:
    """Go to the signing page that an answer leads to, and sign; the answer to that."""
    assert answer.status_code == 302, summary_of(answer)
    assert answer["Location"].startswith("/sign/"), answer["Location"]
    assert client.get(answer["Location"]).status_code == 200
    return client.post(answer["Location"])


def summary_of(answer: Any) -> str:
    """What a page says, without its frame: for messages of failed tests and for looking things up."""
    text = answer.content.decode()
    main = text.partition("<main")[2] or text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).strip()
