"""What a custodian types and sees, for tests of that desk."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import desks
from comity.cli.story import Stage
from comity.registry.act import Node
from scenes import World

ORIGIN = {
    "media_type": "application/octet-stream",
    "place": "Data centre (synthetic)",
    "device": "Rack server",
    "method": "Image",
    "tool": "generated",
    "tool_version": "1",
    "time_source": "the node's clock",
}


@contextmanager
def seated(stage: Stage, node: Node, role: str = "custodian") -> Iterator[Client]:
    """A browser in which this official has sat down, with the node active."""
    with node.active():
        yield desks.at_desk(stage, node, role)


def signed(client: Client, answer: Any) -> Any:
    """Go to the signing page, and sign; it is done."""
    done = desks.signed(client, answer)
    assert done.status_code == 302, desks.summary_of(done)
    return done


def seen(answer: Any, *, status: int = 200) -> str:
    text: str = answer.content.decode()
    assert answer.status_code == status, text
    return text


def summary(answer: Any) -> str:
    """The errors of a form that came back."""
    text = seen(answer, status=422)
    found = re.search(r'id="error-summary".*?</ul>', text, re.DOTALL)
    assert found, text
    return found[0]


def file(content: bytes = b"evidence", name: str = "image.dd") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def vault_of(node: Node) -> set[str]:
    return {path.name for path in node.vault.rglob("*") if path.is_file()}


def intake(world: World) -> str:
    return f"/letters/{world.letters['recognised']}/intake"


def raw(fields: dict[str, str], file_name: str) -> bytes:
    """A form as no browser of good will sends it: the file's name as it is."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    quoted = file_name.replace("\\", "\\\\")
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
    return "".join([*parts, head, "evidence\r\n--b--\r\n"]).encode()
