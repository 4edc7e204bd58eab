"""What a decision says, typed at a terminal: one option for each reason, and lists as repeated options."""

from typing import Any, Final

import click

from comity.authorisations.reasons import Check, Condition, Means, Necessity, Privilege, Privileges
from comity.registry.queries.texts import Decision

_NECESSITY: Final = {
    "aim": "What is to be found out or secured.",
    "suspicion": "What the suspicion rests on.",
    "link": "How the data are linked with the offence.",
    "data": "Why these data.",
    "period": "Why this period.",
    "seriousness": "How serious the offence is.",
}
_SEPARATOR: Final = "::"


def decided(command: Any) -> Any:
    """Options of a decision."""
    options = (
        click.option("--law", required=True, help="The law that gives the power."),
        click.option("--article", required=True),
        click.option("--purpose", required=True),
        *(click.option(f"--{name}", required=True, help=said) for name, said in _NECESSITY.items()),
        click.option(
            "--means",
            "means",
            multiple=True,
            required=True,
            help=f"A milder means and why it is not enough, as MEANS{_SEPARATOR}WHY.",
        ),
        click.option("--privileges", required=True, help="What was considered about protected confidences."),
        click.option(
            "--allow-privilege", "allowed", multiple=True, type=click.Choice([one.value for one in Privilege])
        ),
        click.option(
            "--condition",
            "conditions",
            multiple=True,
            help=f"A condition in words, or one of {', '.join(Check)} as CHECK{_SEPARATOR}WORDS.",
        ),
        click.option("--days", type=click.IntRange(1, 366), required=True, help="How long it runs."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def decision(typed: dict[str, Any]) -> Decision:
    """What was typed, as a decision on the whole letter."""
    return Decision(
        scope=None,
        legal_basis={"law": typed["law"], "article": typed["article"]},
        purpose=typed["purpose"],
        necessity=Necessity(**{name: typed[name] for name in _NECESSITY}),
        less_intrusive=tuple(_means(one) for one in typed["means"]),
        privileges=Privileges(considered=typed["privileges"], allowed=frozenset(typed["allowed"])),
        conditions=tuple(_condition(one) for one in typed["conditions"]),
        days=typed["days"],
    )


def _means(typed: str) -> Means:
    means, separator, why = typed.partition(_SEPARATOR)
    if not separator:
        raise click.BadParameter(f"MEANS{_SEPARATOR}WHY was expected", param_hint="--means")
    return Means(means=means.strip(), why_not=why.strip())


def _condition(typed: str) -> Condition:
    check, separator, words = typed.partition(_SEPARATOR)
    if separator and check in {one.value for one in Check}:
        return Condition(check=Check(check), text=words.strip())
    return Condition(check=Check.WORDS, text=typed)
