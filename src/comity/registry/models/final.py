"""Rows of which some columns never change once they are written: no call of the house's own can change or delete them.

The raw database can; `comity node check` finds that.
"""

from typing import Any, ClassVar, TypeVar

from django.db import models

from comity.errors import N_, ComityError


class RecordIsFinal(ComityError):
    """What was recorded is neither changed nor deleted."""

    code = "registry.record_is_final"
    sentence = N_("{table} keeps {columns} for ever: what was recorded is neither changed nor deleted")
    hint = N_("Record a correction beside it.")


RowT_co = TypeVar("RowT_co", bound=models.Model, covariant=True)


class FinalRows(models.QuerySet[RowT_co]):
    """Rows that are only added to."""

    def update(self, **changed: Any) -> int:
        """Change columns that may change; raises `RecordIsFinal`."""
        _hold(self.model, changed)
        return super().update(**changed)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Always raises `RecordIsFinal`."""
        raise _refusal(self.model)

    def bulk_update(self, objs: Any, fields: Any, batch_size: int | None = None) -> int:
        """Change columns that may change; raises `RecordIsFinal`."""
        _hold(self.model, fields)
        return super().bulk_update(objs, fields, batch_size)


FinalManager = models.Manager.from_queryset(FinalRows)


class FinalModel(models.Model):
    """A row whose columns in `FINAL` never change."""

    FINAL: ClassVar[frozenset[str]] = frozenset()
    objects = FinalManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row once, and then only columns that may change; raises `RecordIsFinal`."""
        if not self._state.adding:
            _hold(type(self), kwargs.get("update_fields") or self.FINAL)
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        """Always raises `RecordIsFinal`."""
        raise _refusal(type(self))


def _hold(model: Any, columns: Any) -> None:
    if {name.removesuffix("_id") for name in columns} & model.FINAL:
        raise _refusal(model)


def _refusal(model: Any) -> RecordIsFinal:
    return RecordIsFinal(table=model._meta.db_table, columns=", ".join(sorted(model.FINAL)))  # noqa: SLF001
