"""The program declares a catalog of 64 tables over 64 clusters, and the security rules accept it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from infra.capacity import capacity
from local.deploy.recorder import record
from tests.unit.catalog.test_check import CLUSTERS, ORDERS
from tests.unit.infra.test_short_policies import CATALOG, WORDS
from tests.unit.policy.test_rules import RULES, resources
from tests.unit.statemachine.test_budget import large

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    groups, domain = yaml.safe_load(CLUSTERS), yaml.safe_load(ORDERS)
    groups["groups"]["shops"]["clusters"] = [f"shop-partition-{n:02}" for n in range(64)]
    (table,) = domain["tables"]
    domain["tables"] = [{**table, "name": name} for name in WORDS]
    (tmp_path / "domains").mkdir()
    (tmp_path / "clusters.yaml").write_text(yaml.safe_dump(groups))
    (tmp_path / "domains/orders.yaml").write_text(yaml.safe_dump(domain, sort_keys=False))
    return tmp_path


def test_sixty_four_tables_over_sixty_four_clusters_are_declared_and_pass_the_review(folder: Path) -> None:
    declared = resources(record("test", {"catalog": str(folder)}))

    machines = [r for r in declared.values() if r.kind == "aws:sfn/stateMachine:StateMachine"]
    tables = [
        len(json.loads(r.properties["definition"])["States"].get("MigrateTables", {}).get("Items", []))
        for r in machines
    ]
    assert sorted(tables) == [0, 64]
    assert [f"{r.name}: {p}" for r in declared.values() for rule in RULES.values() for p in rule.check(r)] == []


def test_what_is_near_to_a_limit_is_told_and_nothing_is_passed() -> None:
    facts = capacity(CATALOG)

    assert [fact for fact in facts if fact.is_passed] == []
    assert any("properties of 100" in fact.sentence for fact in facts)


@pytest.mark.parametrize(
    ("letters", "sentence"),
    [
        (24, None),
        (
            43,
            (
                "the clone service's environment has 3,708 of 4,096 bytes; before it grows, "
                "move clusters to a stack of their own"
            ),
        ),
        (53, "the clone service's environment has 4,348 of 4,096 bytes: move clusters to a stack of their own"),
    ],
)
def test_a_function_that_cannot_be_told_all_clusters_is_refused(letters: int, sentence: str | None) -> None:
    whole = large(1, 64)
    named = {
        f"{cluster.identifier:x<{letters}}": cluster.model_copy(
            update={"identifier": f"{cluster.identifier:x<{letters}}"}
        )
        for cluster in whole.clusters.values()
    }
    facts = capacity(whole.model_copy(update={"clusters": named}))

    assert [fact.sentence for fact in facts if "environment" in fact.sentence] == ([sentence] if sentence else [])
