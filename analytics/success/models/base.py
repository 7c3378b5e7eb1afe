from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models import Customer


class Money(models.DecimalField):
    """An exact amount in whole units of its currency, to four decimals."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_digits": 18, "decimal_places": 4, **kwargs})


class Currency(models.CharField):
    """A code of ISO 4217."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 3, **kwargs})


class Fact(models.Model):
    """Something another system told us. Sent again under the same id, it replaces itself."""

    external_id = models.CharField(_("external id"), max_length=120, unique=True)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.external_id


class CustomerFact(Fact):
    """A fact about one customer; it leaves with them."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", verbose_name=_("customer")
    )

    class Meta:
        abstract = True
