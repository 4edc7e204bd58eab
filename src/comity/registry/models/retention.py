"""How long evidence is kept: the schedules of this node, and what is held beyond them."""

from django.db import models

from comity.registry.models.final import FinalModel


class ScheduleRow(FinalModel):
    """One version of the node's retention schedule, signed; in force `from_at`, until a later version is."""

    FINAL = frozenset({"version", "digest", "statement", "from_at"})

    version = models.PositiveIntegerField(unique=True)
    digest = models.CharField(max_length=64, unique=True)
    statement = models.BinaryField()
    from_at = models.DateTimeField()


class HoldRow(FinalModel):
    """An item is kept until a day although its period ends before; the log says who and why. Lifted: it no longer is."""

    FINAL = frozenset({"reference", "item", "until", "reason", "official", "at"})

    reference = models.CharField(max_length=32, unique=True)
    item = models.ForeignKey("registry.ItemRow", on_delete=models.PROTECT, related_name="holds")
    until = models.DateTimeField()
    reason = models.TextField()
    official = models.CharField(max_length=60)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
