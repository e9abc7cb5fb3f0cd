"""AWS prices from `prices.yaml`, each with its unit, its source and whether it is confirmed for the Region."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - pydantic reads the annotations
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from runner.yaml_file import read_yaml

PRICES = Path(__file__).with_name("prices.yaml")


class Price(BaseModel):
    """A price in US dollars; `confirmed` says that the source states it for this very Region."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    usd: float = Field(gt=0)
    per: str = "hour"
    confirmed: bool
    date: dt.date
    source: str


class Prices(BaseModel):
    """All prices of one Region."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str
    prices: dict[str, Price]
    instance_hours: dict[str, Price]

    def cost(self, name: str, quantity: float) -> float:
        """Return the cost of a quantity in the price's unit."""
        return self.prices[name].usd * quantity

    def instance_hour(self, instance_class: str) -> Price | None:
        """Return the hourly price of an Aurora instance, or None for a class that the file lacks."""
        return self.instance_hours.get(instance_class)

    def for_region(self, region: str) -> Prices:
        """Return the prices for a Region; if it is not the file's Region, none is confirmed."""
        if region == self.region:
            return self
        source = f"the price of {self.region}, as {PRICES.name} has none of {region}"
        changed = {"confirmed": False, "source": source}
        return self.model_copy(
            update={
                "prices": {name: price.model_copy(update=changed) for name, price in self.prices.items()},
                "instance_hours": {
                    name: price.model_copy(update=changed) for name, price in self.instance_hours.items()
                },
            }
        )

    @property
    def date(self) -> dt.date:
        """Return the date of the newest price."""
        return max(price.date for price in (*self.prices.values(), *self.instance_hours.values()))


@cache
def load_prices(path: Path = PRICES) -> Prices:
    """Read the price file.

    Raises:
        UsageError: The file cannot be read, or an entry is wrong; the message names the file and the key.
    """
    return read_yaml(path, Prices)
