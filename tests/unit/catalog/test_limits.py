"""What AWS cannot carry of a catalog is said by `catalog check`, with the figures, before anything is deployed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml
from typer.testing import CliRunner

from catalog.__main__ import app
from catalog.limits import limit_problems
from catalog.loader import CATALOG_DIRECTORY, load_catalog
from tests.unit.catalog.test_check import CLUSTERS, ORDERS

if TYPE_CHECKING:
    from pathlib import Path


def check(folder: Path, tables: int, clusters: int) -> tuple[int, list[str], list[str]]:
    """Return how a catalog of some size is checked: the exit code, and the lines of both streams."""
    groups, domain = yaml.safe_load(CLUSTERS), yaml.safe_load(ORDERS)
    groups["groups"]["shops"]["clusters"] = [f"shop-{n}" for n in range(clusters)]
    (table,) = domain["tables"]
    domain["tables"] = [{**table, "name": f"Order{n}"} for n in range(tables)]
    (folder / "domains").mkdir()
    (folder / "clusters.yaml").write_text(yaml.safe_dump(groups))
    (folder / "domains/orders.yaml").write_text(yaml.safe_dump(domain, sort_keys=False))
    run = CliRunner().invoke(app, ["check", "--folder", str(folder)])
    told, others = (stream.replace(f"{folder}/", "").splitlines() for stream in (run.stdout, run.stderr))
    return run.exit_code, told, others


def test_a_catalog_that_fits_is_not_warned_of(tmp_path: Path) -> None:
    assert check(tmp_path, 1, 2) == (0, ["nothing wrong: 1 table in orders, 2 clusters"], [])


def test_the_customers_catalog_fits() -> None:
    assert limit_problems(load_catalog(), CATALOG_DIRECTORY) == ([], [])


def test_tables_whose_payload_and_definition_fit_are_refused_for_a_policy_alone(tmp_path: Path) -> None:
    code, wrong, others = check(tmp_path, 64, 2)

    told = {line.split(" has ")[0]: line for line in wrong}
    roles = ("orders-machine", "orders-catch-up")
    mine = [f"domains/orders.yaml:2:1: tables: the role migration-test-{role}: a role's policy" for role in roles]
    operator = "clusters.yaml: the role migration-test-operator: a role's policy"
    assert (code, list(told)) == (1, [*mine, operator])
    assert all("characters, IAM allows 10240; " in line for line in wrong)
    assert others == [
        "3 problems in 2 files",
        (
            "warning: clusters.yaml: the policy of the role migration-test-table-writer has 9,173 of 10,240 "
            "characters; before it grows, move tables or clusters to a stack of their own"
        ),
    ]


def test_clusters_beyond_what_a_job_is_told_are_refused_with_both_numbers(tmp_path: Path) -> None:
    code, wrong, _ = check(tmp_path, 1, 79)

    assert code == 1
    assert wrong[0] == (
        "domains/orders.yaml:2:1: tables: has 1 tables of 79 clusters, and a Spark job can have 101 properties of 100: "
        "read fewer clusters in a domain: each cluster's password is a property"
    )


def test_a_payload_beyond_its_limit_is_refused_with_its_bytes(tmp_path: Path) -> None:
    code, wrong, _ = check(tmp_path, 160, 2)

    assert code == 1
    assert re.fullmatch(
        r"domains/orders\.yaml:2:1: tables: has 160 tables of 2 clusters, and a payload can have 307,\d{3} bytes of "
        "262,144: move tables to a domain of their own in the catalog",
        wrong[0],
    )
