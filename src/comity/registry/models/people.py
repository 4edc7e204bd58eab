"""Officials of every node that we deal with, and the peers themselves."""

from django.db import models


class OfficialRow(models.Model):
    """One directory entry, ours or a peer's. Who changes it cannot forge the signatures in `statement`."""

    node = models.CharField(max_length=40)
    official = models.CharField(max_length=60)
    office = models.CharField(max_length=100)
    role = models.CharField(max_length=20)
    mandate = models.CharField(max_length=64)
    key_id = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, unique=True)
    statement = models.BinaryField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["node", "official", "mandate"], name="one_entry_per_mandate"),
        ]


class PeerRow(models.Model):
    """A node that we exchange letters with, under the card that was admitted by its fingerprint."""

    node = models.CharField(max_length=40, unique=True)
    fingerprint = models.CharField(max_length=80)
    card = models.BinaryField()
    admitted_at = models.DateTimeField()
