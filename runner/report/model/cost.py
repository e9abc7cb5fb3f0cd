"""The cost of a run, line by line."""

from __future__ import annotations

from typing import Literal

from runner.report.model.base import Amount, Date, Section

Basis = Literal["billed", "measured", "estimated"]


class CostLine(Section):
    """A quantity and its price."""

    what: str
    """The service or resource."""
    quantity: Amount
    """The quantity, in `unit`."""
    unit: str
    """The unit."""
    usd_per_unit: Amount
    """The price of a unit."""
    usd: Amount
    """Quantity times price."""
    basis: Basis
    """billed: AWS reports what it bills; measured: counted in AWS's own answers; estimated: from times."""
    price_of: Date
    """The day of the price."""
    price_confirmed: bool
    """Whether the price is of this very Region."""
    price_source: str
    """The source of the price."""


class Cost(Section):
    """The cost of all attempts, without tax and discounts."""

    currency: Literal["USD"]
    """The currency."""
    region: str
    """The Region of the prices."""
    prices_of: Date
    """The day of the newest price."""
    lines: tuple[CostLine, ...]
    """By service."""
    total: Amount
    """The sum of the lines."""
    left_out: str
    """What is not counted."""
