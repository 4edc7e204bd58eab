"""Letters in and out, their deliveries, events and the authorisations they rest on."""

from django.db import models

from comity.letters.life import State

STATES = [state.value for state in State]


class LetterRow(models.Model):
    """A letter. `state` is what its events lead to, and can be computed again from them.

    `folded` is the subject without case and accents, for searching; `due_at` is the next date that somebody has to mind.
    """

    reference = models.CharField(max_length=32, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    short = models.CharField(max_length=9)
    outgoing = models.BooleanField()
    peer = models.CharField(max_length=40)
    form = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    subject = models.CharField(max_length=200)
    folded = models.CharField(max_length=400)
    urgent = models.BooleanField()
    due_at = models.DateTimeField(null=True)
    due_what = models.CharField(max_length=40, blank=True)
    drafted_by = models.CharField(max_length=60)
    case = models.ForeignKey("registry.CaseRow", null=True, on_delete=models.PROTECT, related_name="letters")
    verdict = models.ForeignKey("registry.VerdictRow", on_delete=models.PROTECT, related_name="letters")
    linked = models.CharField(max_length=64, blank=True)
    confidential = models.BooleanField()
    tlp = models.CharField(max_length=12, blank=True, default="")
    statement = models.BinaryField()
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="letter_state_known"),
        ]
        indexes = [
            models.Index(fields=["written_at", "id"], name="letters_by_date"),
            models.Index(fields=["due_at", "id"], name="letters_by_due_date"),
            models.Index(fields=["short", "id"], name="letters_by_short_form"),
            models.Index(fields=["state", "written_at", "id"], name="letters_by_state"),
            models.Index(fields=["state", "due_at", "written_at", "id"], name="letters_waiting"),
            models.Index(fields=["due_what", "due_at", "written_at", "id"], name="letters_by_due_what"),
            models.Index(fields=["peer", "written_at", "id"], name="letters_by_peer"),
            models.Index(fields=["linked"], condition=~models.Q(linked=""), name="letters_that_follow"),
        ]


class DeliveryRow(models.Model):
    """One addressee of an outgoing letter; `receipt` names the message whose receipt came back."""

    letter = models.ForeignKey(LetterRow, on_delete=models.PROTECT, related_name="deliveries")
    node = models.CharField(max_length=40)
    authority = models.CharField(max_length=200)
    role = models.CharField(max_length=20)
    message = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["letter", "node"], name="one_delivery_per_node")]


class AuthorisationRow(models.Model):
    """A decision about a letter, ours or the other side's, and what became of it: `withdrawn_at` is when it was ended."""

    reference = models.CharField(max_length=32, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    letter = models.ForeignKey(LetterRow, on_delete=models.PROTECT, related_name="authorisations")
    kind = models.CharField(max_length=20)
    official = models.CharField(max_length=60)
    node = models.CharField(max_length=40)
    statement = models.BinaryField()
    decided_at = models.DateTimeField()
    validate_until = models.DateTimeField(null=True)
    validated_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)


class EventRow(models.Model):
    """One signed step in a letter's life, ours or the other side's."""

    letter = models.ForeignKey(LetterRow, on_delete=models.PROTECT, related_name="events")
    digest = models.CharField(max_length=64, unique=True)
    step = models.CharField(max_length=20)
    node = models.CharField(max_length=40)
    statement = models.BinaryField()
    at = models.DateTimeField()


class LapseRow(models.Model):
    """The signed text that ended an authorisation before its time, and from then on seals off what it brought."""

    authorisation = models.OneToOneField(AuthorisationRow, on_delete=models.PROTECT, related_name="lapse")
    letter = models.ForeignKey(LetterRow, on_delete=models.PROTECT, related_name="lapses")
    digest = models.CharField(max_length=64, unique=True)
    cause = models.CharField(max_length=20)
    statement = models.BinaryField()
    at = models.DateTimeField()


class ReviewRow(models.Model):
    """Somebody else looked at a flagged letter or item, and says why it is still necessary. `item` is empty for a letter."""

    letter = models.ForeignKey(LetterRow, on_delete=models.PROTECT, related_name="reviews")
    item = models.CharField(max_length=32, blank=True)
    flags = models.JSONField()
    official = models.CharField(max_length=60)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["letter", "item"], name="reviews_of_item")]
