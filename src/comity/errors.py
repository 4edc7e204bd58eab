"""Refusals: every expected "no" in Comity is a subclass of `ComityError`.

A refusal is a code with facts; the sentence for people is a template that the desks translate (gettext) and fill.
Each subclass lives beside the function that raises it and is named after what cannot be.

    class StepOutOfOrder(ComityError):
        code = "letters.step_out_of_order"
        sentence = N_("{letter} is {state}; {step} needs {allowed}")
        hint = N_("Look at the letter's timeline for the steps that are open.")

    raise StepOutOfOrder(letter="K7Q2", state="draft", step="acknowledge", allowed="sent")

Our own bugs are assertions, not refusals.
A failure of the world (disk, network) keeps its original exception.
"""

from string import Formatter
from typing import ClassVar, Protocol


def N_(sentence: str) -> str:  # noqa: N802 - the name that gettext's extractors look for
    """Mark a sentence for translation without translating it here."""
    return sentence


class Translate(Protocol):
    """Turns an English sentence into the reader's language."""

    def __call__(self, sentence: str, /) -> str: ...


class ComityError(Exception):
    """An expected refusal: what cannot be, which facts it rests on, and what to do."""

    code: ClassVar[str]
    sentence: ClassVar[str]
    hint: ClassVar[str] = ""

    def __init__(self, **facts: object) -> None:
        """Keep the facts; a fact that the sentence needs and does not get is our bug."""
        wanted = {field for _, field, _, _ in Formatter().parse(self.sentence + self.hint) if field}
        assert wanted <= facts.keys(), f"{type(self).__name__} needs {sorted(wanted - facts.keys())}"
        self.facts = facts
        super().__init__(self.sentence.format(**facts))

    def __reduce__(self) -> tuple[object, ...]:
        """Survive pickling between processes with the facts."""
        return (_rebuilt, (type(self), self.facts))


def _rebuilt(kind: type[ComityError], facts: dict[str, object]) -> ComityError:
    return kind(**facts)


def explain(refusal: ComityError, *, translate: Translate = N_) -> str:
    """The refusal as a sentence, followed by what to do, in the language of `translate`."""
    said = translate(refusal.sentence).format(**refusal.facts)
    if not refusal.hint:
        return said
    return f"{said}. {translate(refusal.hint).format(**refusal.facts)}"


def as_record(refusal: ComityError) -> dict[str, object]:
    """The refusal for machines: `{"error": code, "message": sentence, "hint": ..., "facts": {...}}`, all strings."""
    return {
        "error": refusal.code,
        "message": str(refusal),
        "hint": refusal.hint.format(**refusal.facts),
        "facts": {name: str(fact) for name, fact in refusal.facts.items()},
    }
