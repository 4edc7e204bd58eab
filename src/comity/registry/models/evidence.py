"""Items and exhibits, their custody records and hand-overs. The ciphertext lies in the vault; no plaintext anywhere."""

from django.db import models

from comity.registry.models.final import FinalModel


class ItemRow(FinalModel):
    """A sealed item. Who reads this row without the month's key reads a name, a size and a hash.

    `sealed_off_at`: what it rested on has ended, and nobody reads, hands over or exports it any more; `erased_at`: its key is gone, by
    the signed `erasure`; `erased_month` wrapped it, and since `final_at` that key is destroyed too: nothing opens it here any more.
    """

    FINAL = frozenset({"reference", "letter", "record", "source"})

    reference = models.CharField(max_length=32, unique=True)
    letter = models.ForeignKey("registry.LetterRow", on_delete=models.PROTECT, related_name="items")
    record = models.JSONField()
    wrapped_key = models.BinaryField()
    month = models.CharField(max_length=12)
    held = models.BooleanField()
    flags = models.JSONField(default=list)
    source = models.CharField(max_length=32, blank=True, default="", db_index=True)
    """The item or exhibit that it was made of, as its acquisition says; who changes it hides a link, and the text keeps it."""
    sealed_off_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    erasure = models.BinaryField(default=b"")
    erased_month = models.CharField(max_length=12, blank=True, default="")
    final_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["erased_month"], condition=models.Q(final_at=None), name="erasures_not_final"),
        ]


class CustodyRow(FinalModel):
    """One link of an item's custody, signed; a missing, changed or reordered link breaks the chain."""

    FINAL = frozenset({"item", "seq", "digest", "event", "statement"})

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
    month = models.CharField(max_length=12, blank=True)
    flags = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "outgoing"], name="one_transfer_per_item_and_direction"),
            models.CheckConstraint(
                condition=models.Q(state__in=["offered", "arrived", "accepted", "stopped"]), name="transfer_state_known"
            ),
        ]


class ExhibitRow(FinalModel):
    """A thing on a shelf. Where it lies and under which seals is what its records say; the columns repeat it for lists."""

    FINAL = frozenset({"reference", "letter", "number", "record"})

    reference = models.CharField(max_length=32, unique=True)
    letter = models.ForeignKey("registry.LetterRow", on_delete=models.PROTECT, related_name="exhibits")
    number = models.CharField(max_length=40)
    record = models.JSONField()
    place = models.CharField(max_length=4000)
    keeper = models.CharField(max_length=60)
    held = models.BooleanField()
    flags = models.JSONField(default=list)
    sealed_off_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["letter", "number"], name="one_exhibit_per_number_of_a_letter")]


class ExhibitRecordRow(FinalModel):
    """One link of an exhibit's custody, signed; a missing, changed or reordered link breaks the chain."""

    FINAL = frozenset({"exhibit", "seq", "digest", "event", "statement"})

    exhibit = models.ForeignKey(ExhibitRow, on_delete=models.PROTECT, related_name="custody")
    seq = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    event = models.CharField(max_length=20)
    statement = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["exhibit", "seq"], name="one_exhibit_record_per_place")]


class HandOverRow(models.Model):
    """A hand-over of an exhibit, from the giver's signature to the receiver's; `peer` is this node where both sit here."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DROPPED = "dropped"

    reference = models.CharField(max_length=32)
    outgoing = models.BooleanField()
    peer = models.CharField(max_length=40)
    exhibit = models.CharField(max_length=32)
    letter = models.ForeignKey("registry.LetterRow", on_delete=models.PROTECT, related_name="hand_overs")
    state = models.CharField(max_length=10)
    receiver = models.CharField(max_length=60)
    statement = models.BinaryField()
    custody = models.JSONField()
    flags = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "outgoing"], name="one_hand_over_per_direction"),
            models.UniqueConstraint(
                fields=["exhibit", "outgoing"], condition=models.Q(state="offered"), name="one_open_hand_over"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["offered", "accepted", "dropped"]), name="hand_over_state_known"
            ),
        ]


class TagRow(models.Model):
    """A tag on an item or exhibit as its newest markings say, for searching. Who changes it hides a thing from a search."""

    thing = models.CharField(max_length=32, db_index=True)
    tag = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thing", "tag"], name="one_tag_once")]
        indexes = [models.Index(fields=["tag", "thing"], name="things_by_tag")]
