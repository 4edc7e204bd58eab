"""`comity letter`: draft, authorise, send and answer letters."""

from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from comity.cases.handling import Handling, Light, Restriction
from comity.cli import desk
from comity.cli.deciding import decided, decision
from comity.cli.letter_noun import letter
from comity.cli.printing import answer, table, told
from comity.cli.shell import Seat, at_desk, seat
from comity.errors import N_, ComityError
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry.actions import letters as acts
from comity.registry.limits import PAGE_ROWS_MAX
from comity.registry.queries import letters as reads
from comity.registry.queries import listing
from comity.registry.queries.people import colleague
from comity.registry.queries.texts import Asked
from comity.registry.queries.wanted import Wanted


class DayBroken(ComityError):
    """A day was typed that is none."""

    code = "cli.day_broken"
    sentence = N_("{typed} is no day; expected a date such as 2026-11-23")


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as broken:
        raise DayBroken(typed=typed[:40]) from broken


@letter.command()
@click.argument("case")
@click.option("--form", type=click.Choice([form.value for form in Form]), required=True)
@click.option("--to-node", required=True)
@click.option("--to-authority", required=True, help="The authority that is asked.")
@click.option("--verdict", required=True, help="Digest of the answer of the law (`comity case ask`).")
@click.option("--route", required=True, help="A lawful route of that answer.")
@click.option("--subject", required=True)
@click.option("--facts", required=True, help="What happened, as far as the other side must know.")
@click.option("--purpose", required=True)
@click.option("--data-from", required=True, help="First day of the data that are asked for.")
@click.option("--data-until", required=True, help="Last day of the data that are asked for.")
@click.option("--linked", default="", help="The letter that this one follows (short form).")
@click.option("--custodian", default="", help="Who takes over the evidence (production).")
@click.option("--urgent", is_flag=True)
@click.option("--confidential", is_flag=True)
@click.option(
    "--tlp", type=click.Choice([one.value for one in Light if one.value]), default=None, help="Traffic light."
)
@click.option("--handling", "codes", multiple=True, type=click.Choice(list(Restriction)), help="Handling code; repeat.")
@click.option("--remark", default="", help="What H3 restricts, in words.")
@at_desk
def draft(*, folder: Path, official: str, as_json: bool, case: str, **typed: Any) -> None:
    """Draft and sign a letter for CASE."""
    with seat(folder, official) as here:
        actor = here.entry.actor
        asked = Asked(
            form=Form(typed["form"]),
            to_node=typed["to_node"],
            to_authority=typed["to_authority"],
            verdict=typed["verdict"],
            route=typed["route"],
            subject=typed["subject"],
            facts=typed["facts"],
            purpose=typed["purpose"],
            data_from=_day(typed["data_from"]),
            data_until=_day(typed["data_until"]),
            linked=reads.find(typed["linked"], viewer=actor) if typed["linked"] else "",
            custodian=colleague(typed["custodian"], viewer=actor) if typed["custodian"] else {},
            urgent=typed["urgent"],
            confidential=typed["confidential"],
            handling=Handling(
                Light(typed["tlp"] or ""), frozenset(Restriction(one) for one in typed["codes"]), typed["remark"]
            ),
        )
        digest = desk.draft(case, asked, seat=here, at=here.node.clock.now())
        record = reads.letter(digest, viewer=actor)
    answer(record, as_json=as_json, text=f"letter {record['short']} is drafted ({digest})")


@letter.command(name="list")
@at_desk
def list_(*, folder: Path, official: str, as_json: bool) -> None:
    """List the newest letters that this official sees."""
    with seat(folder, official) as here:
        page = listing.letters(Wanted(size=PAGE_ROWS_MAX), viewer=here.entry.actor, at=here.node.clock.now())
    rows = [line.as_record() for line in page.lines]
    columns = ("short", "direction", "peer", "form", "state", "written_at")
    answer(rows, as_json=as_json, text=table(rows, columns=columns, empty="no letter"))


@letter.command()
@click.argument("name")
@at_desk
def show(*, name: str, folder: Path, official: str, as_json: bool) -> None:
    """Show the letter NAME (short form or digest) with its whole life."""
    with seat(folder, official) as here:
        record = reads.letter(reads.find(name, viewer=here.entry.actor), viewer=here.entry.actor)
    answer(record, as_json=as_json, text=told(record))


@letter.command()
@click.argument("name")
@decided
@at_desk
def authorise(*, name: str, folder: Path, official: str, as_json: bool, **typed: Any) -> None:
    """Authorise the draft NAME, exactly as it stands."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        digest = desk.authorise(found, decision(typed), seat=here, at=here.node.clock.now())
    answer({"letter": found, "authorisation": digest}, as_json=as_json, text=f"authorised: {digest}")


@letter.command()
@click.argument("name")
@click.option("--note", required=True)
@decided
@at_desk
def recognise(*, name: str, note: str, folder: Path, official: str, as_json: bool, **typed: Any) -> None:
    """Recognise the letter NAME that came from another state: a decision of its own."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        digest = desk.recognise(found, decision(typed), note=note, seat=here, at=here.node.clock.now())
    answer({"letter": found, "recognition": digest}, as_json=as_json, text=f"recognised: {digest}")


@letter.command()
@click.argument("name")
@click.option("--reason", required=True)
@at_desk
def deny(*, name: str, reason: str, folder: Path, official: str, as_json: bool) -> None:
    """Refuse to authorise the draft NAME."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        acts.deny_letter(found, reason=reason, actor=here.entry.actor, at=here.node.clock.now())
    answer({"letter": found, "state": "denied"}, as_json=as_json, text="denied")


@letter.command()
@click.argument("name")
@at_desk
def send(*, name: str, folder: Path, official: str, as_json: bool) -> None:
    """Send the authorised letter NAME; the worker delivers it."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        messages = acts.send_letter(found, actor=here.entry.actor, at=here.node.clock.now())
    answer({"letter": found, "messages": messages}, as_json=as_json, text=f"{len(messages)} message(s) in the outbox")


@letter.command()
@click.argument("name")
@click.option("--note", required=True)
@at_desk
def preserve(*, name: str, note: str, folder: Path, official: str, as_json: bool) -> None:
    """Record that the data of the letter NAME are preserved; the clock of its article runs."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        facts = desk.preserved(found, note=note, seat=here, at=here.node.clock.now())
    text = f"preserved under {facts['article']}; to be kept at least until {facts['keep_until_min']}"
    answer({"letter": found} | facts, as_json=as_json, text=text)


@letter.command()
@click.argument("name")
@click.option("--ground", required=True, help="A ground of refusal of the letter's route.")
@click.option("--article", required=True)
@click.option("--note", required=True)
@at_desk
def refuse(*, name: str, ground: str, article: str, note: str, folder: Path, official: str, as_json: bool) -> None:
    """Refuse the letter NAME, with a ground of its route."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        facts = {"note": note, "ground": ground, "article": article}
        digest = desk.step(found, Step.REFUSE, facts=facts, seat=here, at=here.node.clock.now())
    answer({"letter": found, "event": digest}, as_json=as_json, text="refused")


@letter.command(name="execute-partly")
@click.argument("name")
@click.option("--outstanding", required=True, help="What is still to come, or why it will not.")
@click.option("--note", required=True)
@at_desk
def execute_partly(*, name: str, outstanding: str, note: str, folder: Path, official: str, as_json: bool) -> None:
    """Report that the letter NAME is executed in part."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        facts = {"note": note, "outstanding": outstanding}
        digest = desk.step(found, Step.EXECUTE_PARTLY, facts=facts, seat=here, at=here.node.clock.now())
    answer({"letter": found, "event": digest}, as_json=as_json, text="partly executed: recorded")


def _noted(step: Step, said: str) -> click.Command:
    """A command for a step that states a note only."""

    @click.argument("name")
    @click.option("--note", required=True)
    @at_desk
    def command(*, name: str, note: str, folder: Path, official: str, as_json: bool) -> None:
        with seat(folder, official) as here:
            found = reads.find(name, viewer=here.entry.actor)
            digest = _step(found, step, note, here)
        answer({"letter": found, "event": digest}, as_json=as_json, text=f"{step.value}: recorded")

    return letter.command(name=step.value, help=said)(command)


def _step(found: str, step: Step, note: str, here: Seat) -> str:
    return desk.step(found, step, facts={"note": note}, seat=here, at=here.node.clock.now())


acknowledge = _noted(Step.ACKNOWLEDGE, "Acknowledge the letter NAME.")
query = _noted(Step.QUERY, "Ask the other side back about the letter NAME.")
execute = _noted(Step.EXECUTE, "Report that the letter NAME is executed.")
reply = _noted(Step.ANSWER, "Answer what the other side asked about the letter NAME.")
withdraw = _noted(Step.WITHDRAW, "Withdraw the letter NAME.")

import_module("comity.cli.letter_ends")  # its commands join the same noun
