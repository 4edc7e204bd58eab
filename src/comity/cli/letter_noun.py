"""The noun `letter`: the group that its commands join."""

import click


@click.group()
def letter() -> None:
    """Draft, authorise, send and answer letters."""
