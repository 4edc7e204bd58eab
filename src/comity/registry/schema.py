"""Bring a node's tables to the present form."""

from django.core.management import call_command

from comity.registry.act import Node


def migrate(node: Node) -> None:
    """Run Django's migrations on the node's database."""
    with node.active():
        call_command("migrate", interactive=False, verbosity=0)
