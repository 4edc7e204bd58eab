"""What leaves the node rests on an authorisation: each act that lets something out asks `covers`, or stands reviewed below."""

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from comity import registry
from comity.letters import dossier
from comity.registry import actions

HOUSE = Path(str(registry.__file__)).parent.parent
MODULES = {one.name: import_module(f"{actions.__name__}.{one.name}") for one in iter_modules(actions.__path__)}
TREES = {name: ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")) for name, module in MODULES.items()}
ASKS = {"covers", "authorised_to_send"}
"""What decides; the second is shown below to ask the first."""

LETS_OUT = {"queue", "tell_standing"}
"""`rows.queue` is the one way into the outbox; the other takes it for all peers that hold an entry."""

LEAVES_OTHERWISE = {"evidence.record_export", "evidence.offer", "evidence.take_in"}
"""Acts that let data out, or into a state's hands, by another way than the outbox: each asks `covers`, too."""

TELLING: Mapping[str, str] = {
    "authorisations.validate_emergency": "a judge's own signed decision, told to whoever holds the letter",
    "authorisations.end_decision": "the end of a power: it takes back, and reaches nothing",
    "erasure.erase_item": "the proof that a copy is gone; it holds no data",
    "erasure.erase_by_schedule": "the same",
    "evidence.accept": "the second signature under what the other side handed over; its decision is held in the act",
    "mandates.decide": "how a mandate stands, to nodes that hold its entry",
    "credentials.revoke_passkey": "that a passkey counts no more, to nodes that hold its entry",
    "competence.publish_entry": "the node's own directory, which it publishes",
    "competence.tell_peer": "the node's own directory, to a node that was admitted",
    "exhibits.accept": "the second signature under what the other side handed over",
    "witnesses.record_finding": "the proof that a node tells two histories, to that node and to those who rely on it",
    "cards.tell_card": "the card under which the node is written to, to nodes that were admitted",
    "log_keys.use_key": "the key under which the node's log goes on, to nodes that check it",
}
"""Acts that send and ask no authorisation, each with why: what they send is no act towards a person, data or property."""


def acts() -> Iterator[str]:
    for name, module in MODULES.items():
        for function, one in inspect.getmembers(module, inspect.isfunction):
            if getattr(one, "is_act", False) and one.__module__ == module.__name__:
                yield f"{name}.{function}"


ACTS = sorted(acts())


def called(module: str, function: str) -> set[str]:
    """Every name that an act calls, in its own text and in what it calls of its module."""
    known = {one.name: one for one in TREES[module].body if isinstance(one, ast.FunctionDef)}
    found: set[str] = set()
    left = [function]
    while left:
        here = known.get(left.pop())
        for node in ast.walk(here) if here is not None else ():
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name not in found:
                    found.add(name)
                    left += [name] if name in known else []
    return found


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_lets_something_out_asks_covers_or_is_reviewed(name: str):
    calls = called(*name.split("."))
    out = bool(calls & LETS_OUT) or name in LEAVES_OTHERWISE
    if name in TELLING:
        assert out, "it sends nothing, and needs no review"
        assert not calls & ASKS, "it asks an authorisation, and needs no review"
    elif out:
        assert calls & ASKS, f"{name} lets something out and asks no authorisation"


def test_the_reviewed_acts_exist_and_the_check_sees_the_others():
    assert set(TELLING) | LEAVES_OTHERWISE <= set(ACTS)
    asking = {name for name in ACTS if called(*name.split(".")) & ASKS}
    assert {"letters.send_letter", "letters.take_step", "letters.authorise_letter"} | LEAVES_OTHERWISE <= asking
    assert "covers" in {
        getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(inspect.getsource(dossier.authorised_to_send)))
        if isinstance(node, ast.Call)
    }


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(HOUSE.rglob("*.py")):
        yield path.relative_to(HOUSE), ast.parse(path.read_text(encoding="utf-8"))


def _calls(tree: ast.Module, wanted: Callable[[ast.Call], bool]) -> bool:
    return any(isinstance(node, ast.Call) and wanted(node) for node in ast.walk(tree))


def test_only_acts_put_something_into_the_outbox_and_only_by_that_way():
    def queues(call: ast.Call) -> bool:
        return isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "rows.queue"

    def makes_rows(call: ast.Call) -> bool:
        return ast.unparse(call.func).startswith("OutboxRow.objects.") and "create" in ast.unparse(call.func)

    queueing = {str(path) for path, tree in _trees() if _calls(tree, queues)}
    assert queueing
    assert all(path.startswith("registry/actions/") for path in queueing), queueing
    assert {str(path) for path, tree in _trees() if _calls(tree, makes_rows)} == {"registry/rows.py"}
