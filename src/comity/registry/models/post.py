"""Messages in and out, receipts, and the work that is still to be done."""

from django.db import models


class OutboxRow(models.Model):
    """A message to a peer; the body never changes, so every attempt carries the same text."""

    message = models.CharField(max_length=32, unique=True)
    peer = models.CharField(max_length=40)
    subject = models.CharField(max_length=30)
    content = models.BinaryField()
    letter = models.ForeignKey("registry.LetterRow", null=True, on_delete=models.PROTECT, related_name="messages")
    queued_at = models.DateTimeField()
    state = models.CharField(max_length=10)
    attempts = models.PositiveIntegerField()
    next_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "sent", "receipted", "dead"]), name="delivery_state_known"
            ),
        ]


class InboxRow(models.Model):
    """A message that took effect here. (sender, message) is permanent: nothing takes effect twice."""

    sender = models.CharField(max_length=40)
    message = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    subject = models.CharField(max_length=30)
    entry = models.ForeignKey("registry.EntryRow", on_delete=models.PROTECT)
    letter = models.ForeignKey("registry.LetterRow", null=True, on_delete=models.PROTECT, related_name="received")
    received_at = models.DateTimeField()
    receipt = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "message"], name="one_effect_per_message")]


class ReceiptRow(models.Model):
    """A peer's signed receipt for a message of ours, with the peer's log entry and, later, its proof."""

    message = models.CharField(max_length=32, unique=True)
    peer = models.CharField(max_length=40)
    statement = models.BinaryField()
    entry = models.BinaryField()
    received_at = models.DateTimeField()


class WorkRow(models.Model):
    """One thing still to be done. Work in the same lane is done one at a time, oldest first."""

    OPEN = "open"
    DONE = "done"
    DEAD = "dead"

    kind = models.CharField(max_length=30)
    lane = models.CharField(max_length=80)
    about = models.CharField(max_length=80)
    state = models.CharField(max_length=10)
    attempts = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    leased_by = models.CharField(max_length=40, blank=True)
    leased_until = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "about"], name="one_work_per_subject"),
            models.CheckConstraint(condition=models.Q(state__in=["open", "done", "dead"]), name="work_state_known"),
        ]
        indexes = [models.Index(fields=["state", "lane", "id"], name="work_queue")]
