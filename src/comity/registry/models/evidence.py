"""Items of evidence, their custody records and hand-overs. The ciphertext lies in the vault; no plaintext anywhere."""

from django.db import models


class ItemRow(models.Model):
    """A sealed item. Who reads this row without the month's key reads a name, a size and a hash.

    `sealed_off_at`: what it rested on has ended, and nobody reads, hands over or exports it any more; `erased_at`: its key is gone.
    """

    reference = models.CharField(max_length=32, unique=True)
    letter = models.ForeignKey("registry.LetterRow", on_delete=models.PROTECT, related_name="items")
    record = models.JSONField()
    wrapped_key = models.BinaryField()
    month = models.CharField(max_length=7)
    held = models.BooleanField()
    flags = models.JSONField(default=list)
    sealed_off_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)


class CustodyRow(models.Model):
    """One link of an item's custody, signed; a missing, changed or reordered link breaks the chain."""

    item = models.ForeignKey(ItemRow, on_delete=models.PROTECT, related_name="custody")
    seq = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    event = models.CharField(max_length=20)
    statement = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "seq"], name="one_record_per_place")]


class TransferRow(models.Model):
    """A hand-over between two nodes, from the offer to both signatures."""

    OFFERED = "offered"
    ARRIVED = "arrived"
    ACCEPTED = "accepted"
    STOPPED = "stopped"

    reference = models.CharField(max_length=32, unique=True)
    outgoing = models.BooleanField()
    peer = models.CharField(max_length=40)
    item = models.CharField(max_length=32)
    letter = models.ForeignKey("registry.LetterRow", on_delete=models.PROTECT, related_name="transfers")
    state = models.CharField(max_length=10)
    statement = models.BinaryField()
    custody = models.JSONField()
    handed_key = models.BinaryField()
    receive_key = models.CharField(max_length=32)
    wrapped_key = models.BinaryField(null=True)
    month = models.CharField(max_length=7, blank=True)
    flags = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "outgoing"], name="one_transfer_per_item_and_direction"),
            models.CheckConstraint(
                condition=models.Q(state__in=["offered", "arrived", "accepted", "stopped"]), name="transfer_state_known"
            ),
        ]
