"""Price of a clone's instance hour, from the runner's dated price file."""

from __future__ import annotations

from pathlib import Path

import yaml

from infra.errors import SettingsError

_PRICES = Path("runner/account/prices.yaml")


def usd_per_hour(instance_class: str) -> float:
    """Return the price of an instance hour in US dollars.

    Raises:
        SettingsError: The price file lacks the class.
    """
    prices = yaml.safe_load(_PRICES.read_text("utf-8"))["instance_hours"]
    if instance_class not in prices:
        known = ", ".join(sorted(prices))
        raise SettingsError(f"{_PRICES} has no price of cloneInstanceClass {instance_class!r}; add it. It has {known}")
    return float(prices[instance_class]["usd"])
