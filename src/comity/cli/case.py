"""`comity case`: open cases, record selectors, and ask the law for them."""

from pathlib import Path

import click

from comity.cases.case import offence
from comity.cases.protection import FLAGS
from comity.cases.selectors import parse_selector
from comity.cli import desk
from comity.cli.printing import answer, table, told
from comity.cli.shell import at_desk, seat
from comity.registry.actions import cases as acts
from comity.registry.actions.reviews import flag_selector
from comity.registry.queries import cases as reads


@click.group()
def case() -> None:
    """Open cases, record selectors, ask the law for them."""


@case.command(name="open")
@click.option("--title", required=True)
@click.option("--marketplace", required=True, help="The name under which the marketplace is known.")
@click.option("--offence", "offences", multiple=True, required=True, help="id:years in our state:in theirs.")
@click.option("--selector", "selectors", multiple=True, required=True, help="kind:value, such as domain:x.example.")
@at_desk
def open_(
    *,
    title: str,
    marketplace: str,
    offences: tuple[str, ...],
    selectors: tuple[str, ...],
    folder: Path,
    official: str,
    as_json: bool,
) -> None:
    """Open a case about a marketplace; print its reference."""
    with seat(folder, official) as here:
        reference = desk.open_case(
            title,
            marketplace,
            offences=tuple(offence(one) for one in offences),
            selectors=tuple(parse_selector(one) for one in selectors),
            seat=here,
            at=here.node.clock.now(),
        )
    answer({"case": reference}, as_json=as_json, text=f"case {reference} is open")


@case.command(name="list")
@at_desk
def list_(*, folder: Path, official: str, as_json: bool) -> None:
    """List the cases that this official needs to know."""
    with seat(folder, official) as here:
        rows = reads.cases(viewer=here.entry.actor)
    answer(rows, as_json=as_json, text=table(rows, columns=("case", "title", "opened_at"), empty="no case"))


@case.command()
@click.argument("reference")
@at_desk
def show(*, reference: str, folder: Path, official: str, as_json: bool) -> None:
    """Show a case."""
    with seat(folder, official) as here:
        record = reads.case(reference, viewer=here.entry.actor)
    answer(record, as_json=as_json, text=told(record))


@case.command(name="add-selector")
@click.argument("reference")
@click.argument("selector")
@at_desk
def add_selector(*, reference: str, selector: str, folder: Path, official: str, as_json: bool) -> None:
    """Record one more SELECTOR (kind:value) of the marketplace."""
    with seat(folder, official) as here:
        found = parse_selector(selector)
        acts.add_selector(reference, found, actor=here.entry.actor, at=here.node.clock.now())
    answer({"case": reference, "selector": str(found)}, as_json=as_json, text=f"recorded {found}")


@case.command()
@click.argument("reference")
@click.argument("selector")
@click.option("--flag", "flags", multiple=True, type=click.Choice(FLAGS), help="Flags are only added.")
@at_desk
def protect(
    *, reference: str, selector: str, flags: tuple[str, ...], folder: Path, official: str, as_json: bool
) -> None:
    """Say that whoever stands behind a SELECTOR of the case is protected."""
    listed = sorted(set(flags))
    with seat(folder, official) as here:
        flag_selector(
            reference, str(parse_selector(selector)), listed, actor=here.entry.actor, at=here.node.clock.now()
        )
    record = {"case": reference, "selector": selector, "flags": listed}
    answer(record, as_json=as_json, text=f"flagged: {', '.join(listed) or 'nothing'}")


@case.command(name="add-member")
@click.argument("reference")
@click.argument("member")
@at_desk
def add_member(*, reference: str, member: str, folder: Path, official: str, as_json: bool) -> None:
    """Let another official of this node see the case."""
    with seat(folder, official) as here:
        acts.add_member(reference, member, actor=here.entry.actor, at=here.node.clock.now())
    answer({"case": reference, "member": member}, as_json=as_json, text=f"{member} is a member of the case")


@case.command(name="remove-member")
@click.argument("reference")
@click.argument("member")
@at_desk
def remove_member(*, reference: str, member: str, folder: Path, official: str, as_json: bool) -> None:
    """End the membership of an official: the case and its letters are hidden there from now on."""
    with seat(folder, official) as here:
        acts.remove_member(reference, member, actor=here.entry.actor, at=here.node.clock.now())
    answer({"case": reference, "member": member}, as_json=as_json, text=f"{member} is no longer a member of the case")


@case.command()
@click.argument("reference")
@click.option("--to", "to_state", required=True, help="The state that would be asked (ISO 3166-1 alpha-2).")
@click.option("--measure", required=True, help="See `comity law definitions`.")
@click.option("--data", multiple=True, help="Data categories; see `comity law definitions`.")
@click.option("--by", "authority", default="judge", show_default=True, help="Kind of requesting authority.")
@click.option("--stage", default="investigation", show_default=True)
@click.option("--urgency", default="normal", show_default=True)
@click.option("--fact", "facts", multiple=True, help="id=value: an answer to a question of the law.")
@at_desk
def ask(
    *,
    reference: str,
    to_state: str,
    measure: str,
    data: tuple[str, ...],
    authority: str,
    stage: str,
    urgency: str,
    facts: tuple[str, ...],
    folder: Path,
    official: str,
    as_json: bool,
) -> None:
    """Ask the law for routes and keep the answer with the case."""
    from comity.cli.law_told import verdict_lines
    from comity.cli.law_typed import fact

    with seat(folder, official) as here:
        question = desk.question(
            reference,
            to_state=to_state,
            measure=measure,
            data=data,
            authority=authority,
            stage=stage,
            urgency=urgency,
            facts=dict(fact(one) for one in facts),
            seat=here,
        )
        digest, verdict = desk.ask(reference, question, seat=here, at=here.node.clock.now())
    record = {"verdict": digest} | verdict.as_json()
    answer(record, as_json=as_json, text=f"verdict {digest}\n\n{chr(10).join(verdict_lines(verdict))}")
