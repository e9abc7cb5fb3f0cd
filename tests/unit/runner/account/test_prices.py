"""The price file is complete, and an error names the wrong entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from local.deploy.config import stack_config
from runner.account.prices import load_prices
from runner.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("stack", ["test", "prod"])
def test_the_prices_are_those_of_the_deployed_region(stack: str) -> None:
    prices = load_prices()

    assert prices.for_region(stack_config(stack)["aws:region"]) is prices


def test_in_another_region_no_price_is_confirmed_and_each_says_whose_it_is() -> None:
    prices = load_prices().for_region("us-east-1")
    every = [*prices.prices.values(), *prices.instance_hours.values()]

    assert [price.usd for price in every] == [
        price.usd for price in (*load_prices().prices.values(), *load_prices().instance_hours.values())
    ]
    assert {(price.confirmed, price.source) for price in every} == {
        (False, f"the price of {load_prices().region}, as prices.yaml has none of us-east-1")
    }


def test_the_clone_classes_of_both_stacks_have_a_price() -> None:
    prices = load_prices()
    for stack in ("test", "prod"):
        with open(f"Pulumi.{stack}.yaml", encoding="utf-8") as file:  # noqa: PTH123 - one line
            config = yaml.safe_load(file)["config"]
        chosen = config.get("rates-avail-migration-bootstrap:cloneInstanceClass", "db.r6g.large")
        assert prices.instance_hour(chosen) is not None, chosen


def test_a_quantity_costs_its_price_times() -> None:
    assert load_prices().cost("step-functions", 4) == pytest.approx(0.1)


def test_a_class_without_a_price_has_none() -> None:
    assert load_prices().instance_hour("db.x2g.large") is None


def test_a_wrong_price_file_names_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(
        "region: r\nprices: {a: {usd: 0, confirmed: true, date: 2026-01-01, source: s}}\ninstance_hours: {}\n"
    )

    with pytest.raises(UsageError, match=r"prices\.yaml: prices\.a\.usd: Input should be greater than 0"):
        load_prices(path)


def test_a_missing_price_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.yaml cannot be read"):
        load_prices(tmp_path / "none.yaml")
