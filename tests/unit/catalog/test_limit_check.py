"""`catalog check` reports the limits of AWS that a catalog exceeds, with the figures, before a deployment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml
from typer.testing import CliRunner

from catalog.__main__ import app
from catalog.limit_check import limit_problems
from tests.customer import customer_catalog, customer_folder
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
    problems, warnings = (stream.replace(f"{folder}/", "").splitlines() for stream in (run.stdout, run.stderr))
    return run.exit_code, problems, warnings


def test_a_catalog_that_fits_is_not_warned_of(tmp_path: Path) -> None:
    assert check(tmp_path, 1, 2) == (0, ["no problems: 1 table in orders, 2 clusters"], [])


def test_the_customers_catalog_fits() -> None:
    assert limit_problems(customer_catalog(), customer_folder()) == ([], [])


def test_sixty_four_tables_over_sixty_four_clusters_fit_and_the_fullest_limits_are_told(tmp_path: Path) -> None:
    code, problems, warnings = check(tmp_path, 64, 64)

    assert (code, problems) == (0, ["no problems: 64 tables in orders, 64 clusters"])
    assert warnings[0] == (
        "warning: domains/orders.yaml: has 64 tables over 64 clusters, and a Spark job can have 86 properties of 100; "
        "before it grows, read fewer clusters in a domain: each cluster's password is a property"
    )
    assert all(" of 10,240 characters; before it grows, " in line for line in warnings[1:])


def test_tables_that_no_policy_can_name_are_refused_with_its_length(tmp_path: Path) -> None:
    code, problems, _ = check(tmp_path, 150, 2)

    about_policies = [line for line in problems if "policy" in line]
    role = "domains/orders.yaml:2:1: tables: the role migration-test-orders-machine"
    assert (code, len(about_policies)) == (1, 1)
    assert re.fullmatch(
        rf"{re.escape(role)}: a role's policy has 1\d,?\d{{3}} characters, IAM allows 10240; the catalog has more "
        "clusters or tables than one role can name: split the domain",
        about_policies[0],
    )


def test_clusters_beyond_what_a_job_is_told_are_refused_with_both_numbers(tmp_path: Path) -> None:
    code, wrong, _ = check(tmp_path, 1, 80)

    assert code == 1
    assert wrong[0] == (
        "domains/orders.yaml:2:1: tables: has 1 table over 80 clusters, and a Spark job can have 102 properties of "
        "100: read fewer clusters in a domain: each cluster's password is a property"
    )


def test_a_payload_beyond_its_limit_is_refused_with_its_bytes(tmp_path: Path) -> None:
    code, wrong, _ = check(tmp_path, 160, 2)

    assert code == 1
    assert re.fullmatch(
        r"domains/orders\.yaml:2:1: tables: has 160 tables over 2 clusters, and a payload can have 307,\d{3} bytes of "
        "262,144: move tables to another domain in the catalog",
        wrong[0],
    )
