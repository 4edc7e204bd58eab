"""The log: entries with their bodies (private), tiles and checkpoints (public)."""

from django.db import models


class EntryRow(models.Model):
    """An entry; `index` is given by the sequencer. A changed body no longer hashes to the leaf in the tree.

    The other columns repeat what the body says, for finding it. Who changes one hides the entry from a search, not from
    the log; what is shown, proven and audited is the body.
    """

    index = models.BigIntegerField(null=True, unique=True)
    leaf_hash = models.BinaryField(max_length=32, unique=True)
    kind = models.CharField(max_length=60)
    statement = models.CharField(max_length=64, blank=True, db_index=True)
    official = models.CharField(max_length=60)
    letter = models.CharField(max_length=64, blank=True)
    body = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "index"], name="entries_by_kind"),
            models.Index(fields=["official", "index"], name="entries_by_official"),
            models.Index(fields=["letter", "index"], name="entries_by_letter"),
            models.Index(fields=["at", "index"], name="entries_by_moment"),
        ]


class TileRow(models.Model):
    """A tile of hashes (C2SP tlog-tiles), widest version."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="one_tile")]


class CheckpointRow(models.Model):
    """A signed tree head. One per size: two would be a fork, and the constraint makes the second fail."""

    size = models.BigIntegerField(unique=True)
    note = models.BinaryField()
    at = models.DateTimeField()
