"""Changes that keep a text readable, so that what lies behind the reader of JSON is tried as well."""

import json
import random
from typing import Any, Final

import atheris

ODD: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 2**53, 2**70, 1.5, "", "\0", "\ud800", "0" * 300, "2026-11-23T09:00:00.000Z"),
    *([], {}, [[]], {"": ""}, ["a"] * 40, "ab" * 32, "AAAA", "cv", "P1D", "PT1000000000000H", "9999-12-31"),
)
"""Values of every kind, and those at the edges of what is accepted."""

BYTES_SHARE: Final = 0.3
"""How often the bytes of a readable text are changed all the same."""

DEEPER_SHARE: Final = 0.85
"""How often the walk goes on where it could stop."""


def mutated(data: bytes, max_size: int, seed: int) -> bytes:
    """The text with one value exchanged, dropped or doubled; or, where it is none and now and then, with bytes changed."""
    chance = random.Random(seed)
    try:
        value: Any = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or chance.random() < BYTES_SHARE:
        return bytes(atheris.Mutate(data, max_size))
    _change(value, chance)
    changed = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
    return changed if len(changed) <= max_size else data


def _change(value: Any, chance: random.Random) -> None:
    """Walk to a place that chance names, and change what stands there."""
    while value:
        key = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
        if isinstance(value[key], dict | list) and value[key] and chance.random() < DEEPER_SHARE:
            value = value[key]
            continue
        act = chance.randrange(6)
        if act == 0:
            del value[key]
        elif act == 1 and isinstance(value, list):
            value.append(value[key])
        elif act == 1:
            value[chance.choice(("more", "", "\u202e", key.upper()))] = value[key]
        else:
            value[key] = chance.choice(ODD)
        return
