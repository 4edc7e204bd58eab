"""`comity access`: who may do what at a node, and who sees a letter, a case or an item, and why."""

from typing import TYPE_CHECKING

import click

from comity.canon import JsonObject
from comity.cli.printing import answer, json_option, table
from comity.cli.shell import at_desk, seat

if TYPE_CHECKING:
    from pathlib import Path

_THINGS = ("letter", "case", "item")


@click.group()
def access() -> None:
    """Who may do what, and who sees what."""


@access.command()
@click.option("--role", default="", help="Only this role; `nobody` for who is not signed in.")
@click.option("--name", default="", help="Only this page or act.")
@json_option
def matrix(*, role: str, name: str, as_json: bool) -> None:
    """Print the access matrix: role by page and act by relation, with the answer. No node is asked."""
    rows = [
        one for one in (*_pages(), *_deeds()) if (not role or one["role"] == role) and (not name or one["name"] == name)
    ]
    columns = ("kind", "name", "methods", "role", "relation", "answer")
    answer(rows, as_json=as_json, text=table(rows, columns=columns, empty="no page and no act of that name or role"))


@access.command()
@click.argument("thing", type=click.Choice(_THINGS))
@click.argument("name")
@at_desk
def why(*, thing: str, name: str, folder: "Path", official: str, as_json: bool) -> None:
    """Say who sees a THING (letter, case or item) called NAME at this node, and on which grounds.

    For its overseer and the members of the case.
    """
    from comity.registry.queries import letters, sight

    with seat(folder, official) as here:
        viewer, at = here.entry.actor, here.node.clock.now()
        full = letters.find(name, viewer=viewer) if thing == "letter" else name
        found = sight.who_sees(sight.Thing(thing), full, viewer=viewer, at=at)
    lines = [
        {"official": one.official, "role": one.role, "office": one.office, "because": "; ".join(one.reasons)}
        for one in found.seen_by
    ]
    text = table(lines, columns=("official", "role", "office", "because"), empty="nobody at this node sees it")
    for one in found.openings:
        text += f"\nopened in an emergency by {one.official} at {one.opened_at:%Y-%m-%d %H:%M}: {one.reason}"
    answer(found.as_record(), as_json=as_json, text=text)


@access.command(name="open")
@click.argument("thing", type=click.Choice(_THINGS[:2]))
@click.argument("name")
@click.option("--reason", required=True, help="Why it cannot wait; the overseer reads it at once.")
@at_desk
def open_(*, thing: str, name: str, reason: str, folder: "Path", official: str, as_json: bool) -> None:
    """Open one THING (letter or case) called NAME in an emergency: for an hour, to read it. The overseer is alarmed."""
    from comity.registry.actions import openings
    from comity.registry.queries.openings import named

    opening = openings.open_letter if thing == "letter" else openings.open_case_file
    with seat(folder, official) as here:
        full = named(thing, name, viewer=here.entry.actor)
        reference = opening(full, reason=reason, actor=here.entry.actor, at=here.node.clock.now())
    text = f"opened for an hour, to read it; the overseer is alarmed ({reference[:8]})"
    answer({"opening": reference, "thing": thing, "name": full}, as_json=as_json, text=text)


def _pages() -> list[JsonObject]:
    from comity.registry.access import pages

    return [
        {
            "kind": "page",
            "name": page.name,
            "methods": " ".join(page.methods),
            "about": page.what.value,
            "role": role.value if role else "nobody",
            "relation": relation.value,
            "answer": said.value,
        }
        for page in pages.PAGES.values()
        for role, relation, said in pages.expected(page)
    ]


def _deeds() -> list[JsonObject]:
    from comity.registry.access import deeds

    return [
        {
            "kind": "act",
            "name": deed.name,
            "methods": "",
            "about": deed.what.value,
            "role": role.value,
            "relation": relation.value,
            "answer": done.value,
        }
        for deed in deeds.DEEDS.values()
        for role, relation, done in deeds.expected(deed)
    ]
