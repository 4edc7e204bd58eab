"""What other logs showed this node, who cosigned its own, proofs of two histories, and tokens of time."""

from django.db import models


class WitnessedRow(models.Model):
    """The largest tree of another log of which this node knows that it only added to the tree before.

    Whoever changes a row makes this node forget what it has seen: it could cosign a second history. Other witnesses, and
    whoever kept the checkpoint that bears this node's cosignature, notice.
    """

    origin = models.CharField(max_length=255, unique=True)
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    note = models.BinaryField()
    at = models.DateTimeField()


class WitnessRow(models.Model):
    """How it stands with one witness of this node's log: the size that it holds, and when it is asked again."""

    name = models.CharField(max_length=255, unique=True)
    size = models.BigIntegerField()
    failures = models.PositiveIntegerField()
    next_at = models.DateTimeField()
    trouble = models.CharField(max_length=500, blank=True)


class CosignatureRow(models.Model):
    """A witness's signature line over this node's checkpoint of one size."""

    size = models.BigIntegerField()
    witness = models.CharField(max_length=255)
    line = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["size", "witness"], name="one_cosignature")]


class FindingRow(models.Model):
    """A log that showed two histories, or less than before: both checkpoints, and the path where one is needed.

    `proven`: whoever has the log's key sees it from these texts alone. `settled_at` is when an overseer closed it.
    """

    reference = models.CharField(max_length=32, unique=True)
    origin = models.CharField(max_length=255)
    peer = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    record = models.BinaryField()
    digest = models.CharField(max_length=64, unique=True)
    proven = models.BooleanField()
    found_by = models.CharField(max_length=40)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["fork", "rollback"]), name="finding_kind_known")
        ]
        indexes = [models.Index(fields=["origin", "settled_at"], name="findings_open")]


class StampRow(models.Model):
    """A digest for which a time-stamping authority is asked, and its answer once it came. `WorkRow` tells what is tried.

    Whoever changes an answer makes one that does not verify; whoever removes one makes the node ask again, at a later time.
    """

    digest = models.CharField(max_length=64, unique=True)
    about = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    answer = models.BinaryField(null=True)
    stamped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["about", "stamped_at"], name="stamps_by_subject")]
