"""The directory of competence: every version of every entry, ours and our peers', and which peer was told of which."""

from django.db import models


class CompetenceRow(models.Model):
    """One version of an entry. Who changes it cannot forge the signatures in `statement`: the entry then decides nothing.

    Who changes a column, or removes a row, hides an entry here; other nodes keep theirs, and the log names its digest.
    """

    node = models.CharField(max_length=40)
    reference = models.CharField(max_length=32)
    version = models.BigIntegerField()
    state = models.CharField(max_length=2)
    digest = models.CharField(max_length=64, unique=True)
    statement = models.BinaryField()
    written_at = models.DateTimeField()
    kept_at = models.DateTimeField()
    newest = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["node", "reference", "version"], name="one_text_per_version"),
            models.UniqueConstraint(
                fields=["node", "reference"], condition=models.Q(newest=True), name="one_newest_version"
            ),
        ]
        indexes = [models.Index(fields=["state", "newest"], name="competence_of_a_state")]


class CompetenceTold(models.Model):
    """That a version of an entry of ours was put into the outbox for a peer. Who removes it has it sent once more."""

    peer = models.CharField(max_length=40)
    entry = models.ForeignKey("registry.CompetenceRow", on_delete=models.PROTECT, related_name="told")
    message = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "entry"], name="told_once")]
