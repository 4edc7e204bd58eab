"""Every act asks for the power that the access matrix declares, before it looks at anything else."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from comity.authorities.roles import POWERS, MandateNotInForce, Power, PowerMissing, Role
from comity.letters import dossier
from comity.registry import actions
from comity.registry.access.deeds import DEEDS, MACHINE, ONESELF, Done, expected
from comity.registry.access.relations import Relation
from gestures import changed
from scenes import World

REQUIRE = "require"
MODULES = {one.name: import_module(f"{actions.__name__}.{one.name}") for one in iter_modules(actions.__path__)}
ACTS: dict[str, Callable[..., object]] = {
    f"{name}.{function}": getattr(module, function)
    for name, module in MODULES.items()
    for function, _ in inspect.getmembers(module, inspect.isfunction)
    if getattr(getattr(module, function), "is_act", False) and getattr(module, function).__module__ == module.__name__
}
TREES = {name: ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")) for name, module in MODULES.items()}


def functions(module: str) -> dict[str, ast.FunctionDef]:
    return {one.name: one for one in TREES[module].body if isinstance(one, ast.FunctionDef)}


def asked(module: str, function: str) -> Iterator[Power]:
    """Every power that an act can ask for: in its own text, and in what it calls of its module."""
    known, seen, left = functions(module), set(), [function]
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        for call in (node for node in ast.walk(known[name]) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr == REQUIRE:
                yield from named(call, module)
                yield from lists(known[name], module)
                for inner in ast.walk(call):
                    if isinstance(inner, ast.Name) and inner.id in known:
                        yield from lists(known[inner.id], module)
            elif isinstance(call.func, ast.Name) and call.func.id in known:
                left.append(call.func.id)


def named(call: ast.Call, module: str) -> Iterator[Power]:
    """The powers that stand in a call."""
    for node in ast.walk(call):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Power":
            yield Power[node.attr]
        elif isinstance(node, ast.Name) and node.id == "power_for":
            yield from dossier._POWER.values()


def lists(function: ast.FunctionDef, module: str) -> Iterator[Power]:
    """The powers of every list of powers that a function names."""
    for node in ast.walk(function):
        value = getattr(MODULES[module], node.id, None) if isinstance(node, ast.Name) else None
        if isinstance(value, tuple) and value and all(isinstance(one, Power) for one in value):
            yield from value


def asks_first(name: str) -> bool:
    """Whether the first thing that an act does is to ask for a fixed power."""
    module, _, function = name.partition(".")
    body = functions(module)[function].body
    statement = body[1] if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) else body[0]
    call = getattr(statement, "value", None)
    return isinstance(call, ast.Call) and ast.unparse(call.func) == "access.require" and "row" not in ast.unparse(call)


FIRST = [name for name in ACTS if name in DEEDS and asks_first(name) and name != "letters.take_step"]


def test_every_act_is_declared_and_every_declaration_is_an_act():
    assert len(ACTS) > 30
    assert sorted(ACTS) == sorted(DEEDS)


@pytest.mark.parametrize("name", sorted(ACTS))
def test_an_act_asks_for_the_powers_that_are_declared(name: str):
    module, _, function = name.partition(".")
    declared = DEEDS[name].powers
    found = set(asked(module, function))
    assert found == (declared or set()), name


@pytest.mark.parametrize("name", sorted(name for name, deed in DEEDS.items() if deed.powers is MACHINE))
def test_what_only_the_node_does_is_called_from_no_desk(name: str):
    house = Path(str(sys.modules["comity"].__file__)).parent
    module, _, function = name.partition(".")
    if (module, function) in {("directory", "found_node"), ("directory", "keep_passkey")}:
        return  # before anybody is in office: the node's own founding, and a passkey for an invitation
    called = [path.name for path in (house / "web").rglob("*.py") if f"{function}(" in path.read_text(encoding="utf-8")]
    assert called == []


def test_no_act_of_an_office_does_anything_for_another_office_or_an_ended_mandate(world: World):
    stage = world.stage
    tried = 0
    with stage.cv.active():
        for name in FIRST:
            arguments = inspect.signature(ACTS[name]).parameters
            for role in ("investigator", "judge", "liaison", "custodian", "overseer"):
                entry = stage.people["cv", role]
                dummies = {one: None for one in arguments if one not in {"actor", "at"}}
                if not DEEDS[name].powers & POWERS[Role(role)]:  # type: ignore[operator]  # machines ask for none
                    with pytest.raises(PowerMissing):
                        ACTS[name](**dummies, actor=entry.actor, at=stage.cv.clock.now())
                    tried += 1
                seat = changed(stage.seat(stage.cv, role), mandate="0" * 16)
                with pytest.raises(MandateNotInForce):
                    ACTS[name](**dummies, actor=seat.entry.actor, at=stage.cv.clock.now())
    assert len(FIRST) > 15
    assert tried > 50


def test_the_table_of_acts_holds_each_outcome():
    found = [done for deed in DEEDS.values() for _, _, done in expected(deed)]
    assert min(found.count(done) for done in Done) > 20
    assert all(deed.becomes(Role.JUDGE, Relation.REVOKED) is Done.REFUSED for deed in DEEDS.values())
    assert [deed.name for deed in DEEDS.values() if deed.powers == ONESELF]
