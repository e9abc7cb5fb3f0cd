"""The worst case of a definition: loops, Maps, payloads, and the catalog that is too large for one execution."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from catalog.loader import load_catalog
from statemachine.budget import Loop, budget
from statemachine.checks import findings
from statemachine.errors import DefinitionError
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from statemachine.render import definition, worst_case

if TYPE_CHECKING:
    from catalog.models import Catalog

NAMES = DeployedNames.placeholder("test")
LOOPS = [Loop("Ask", "laps", 10)]
POLL: dict[str, Any] = {
    "StartAt": "Ask",
    "States": {
        "Ask": {"Type": "Task", "Retry": [{"MaxAttempts": 6}], "Next": "Ended"},
        "Ended": {"Type": "Choice", "Choices": [{"Next": "Done"}], "Default": "Wait"},
        "Wait": {"Type": "Wait", "Next": "Ask"},
        "Done": {"Type": "Succeed"},
    },
}


def large(tables: int, clusters: int) -> Catalog:
    """Return the catalog with one domain of many tables over many clusters."""
    catalog = load_catalog()
    table, domain = catalog.domains["availability"].tables[0], catalog.domains["availability"]
    partition = catalog.clusters["dailydatadb-partition-01"]
    many = [partition.model_copy(update={"identifier": f"dailydatadb-partition-{n:02}"}) for n in range(clusters)]
    named = tuple(table.model_copy(update={"name": f"{table.name}{n:02}"}) for n in range(tables))
    return catalog.model_copy(
        update={
            "clusters": {cluster.identifier: cluster for cluster in many},
            "domains": {"availability": domain.model_copy(update={"tables": named})},
        }
    )


def test_a_loop_is_as_long_as_its_counter_lets_it() -> None:
    # 11 laps of Task 5, Choice 2, Wait 2; an exhausted Retry of 6 x 3; Succeed 2; the execution's own 2.
    assert budget(POLL, LOOPS, 0).events == {"the execution": 11 * 9 + 18 + 2 + 2}


def test_every_rule_of_a_retry_may_be_exhausted() -> None:
    rules = [{"MaxAttempts": 6}, {"MaxAttempts": 3}, {"MaxAttempts": 1}]
    machine = {
        "StartAt": "Ask",
        "States": {"Ask": {"Type": "Task", "Retry": rules, "Next": "Done"}, "Done": POLL["States"]["Done"]},
    }

    # Task 5, retries of (6 + 3 + 1) x 3; Succeed 2; the execution's own 2.
    assert budget(machine, [], 0).events == {"the execution": 5 + 30 + 2 + 2}


def test_a_map_costs_its_items_inside_or_beside_the_execution() -> None:
    def machine(mode: str) -> dict[str, Any]:
        processor = {**POLL, "ProcessorConfig": {"Mode": mode}}
        each = {"Type": "Map", "Items": ["a", "b", "c"], "ItemProcessor": processor, "Next": "End"}
        return {"StartAt": "Each", "States": {"Each": each, "End": {"Type": "Succeed"}}}

    item = 11 * 9 + 18 + 2
    assert budget(machine("INLINE"), LOOPS, 0).events == {"the execution": 4 + 3 * (item + 2) + 2 + 2}
    assert budget(machine("DISTRIBUTED"), LOOPS, 0).events == {
        "the execution": 4 + 3 + 2 + 2,
        "an item of Each": item + 2,
    }


def test_a_loop_that_nothing_counts_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"(Ask|Ended|Wait) is in a loop whose laps nothing counts"):
        budget(POLL, [], 0)


def test_what_passes_a_limit_is_told_with_its_figure() -> None:
    found = budget(POLL, [Loop("Ask", "laps", 3000)], 0)

    assert found.problems() == [
        "the execution can take 27,031 history events; an execution ends at 25,000: shorten the timeouts in the catalog"
    ]


@pytest.mark.parametrize("domain", ["rates", "availability"])
def test_the_customers_domains_fit_one_history(domain: str) -> None:
    machine = definition(load_catalog(), domain, NAMES, Limits())

    assert machine["States"]["MigrateTables"]["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}
    assert worst_case(machine, Limits()).problems() == []


def test_forty_tables_of_forty_clusters_fit_in_distributed_maps() -> None:
    machine = definition(large(40, 40), "availability", NAMES, Limits())

    found = worst_case(machine, Limits())
    assert machine["States"]["MigrateTables"]["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
    assert found.problems() == []
    assert found.definition_bytes == len(json.dumps(machine, indent=2))
    assert findings(machine) == []


def test_a_catalog_that_no_mode_can_carry_is_refused_with_the_figures() -> None:
    with pytest.raises(DefinitionError, match=r"domain availability: a payload can reach [\d,]+ bytes of 262,144"):
        definition(large(300, 2), "availability", NAMES, Limits())
