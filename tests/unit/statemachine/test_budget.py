"""The worst case of a definition: loops, Maps, payloads, and a catalog that is too large for one execution."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from catalog.loader import load_catalog
from statemachine.budget import Loop, budget
from statemachine.checks import findings
from statemachine.errors import DefinitionError
from statemachine.kinds import BOOTSTRAP, CATCH_UP, KINDS, Kind
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from statemachine.outcomes import Outcomes
from statemachine.render import definition, worst_case

if TYPE_CHECKING:
    from catalog.models import Catalog

NAMES = DeployedNames.placeholder("test")
LOOPS = [Loop("Ask", "rounds", 10)]
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
    # 11 rounds of Task 5, Choice 2, Wait 2; an exhausted Retry of 6 x 3; Succeed 2; the execution's own 2.
    assert budget(POLL, LOOPS).events == {"the execution": 11 * 9 + 18 + 2 + 2}


def test_every_rule_of_a_retry_may_be_exhausted() -> None:
    rules = [{"MaxAttempts": 6}, {"MaxAttempts": 3}, {"MaxAttempts": 1}]
    machine = {
        "StartAt": "Ask",
        "States": {"Ask": {"Type": "Task", "Retry": rules, "Next": "Done"}, "Done": POLL["States"]["Done"]},
    }

    # Task 5, retries of (6 + 3 + 1) x 3; Succeed 2; the execution's own 2.
    assert budget(machine, []).events == {"the execution": 5 + 30 + 2 + 2}


def test_a_map_costs_its_items_beside_the_execution() -> None:
    processor = {**POLL, "ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    each = {"Type": "Map", "Items": ["a", "b", "c"], "ItemProcessor": processor, "Next": "End"}
    worst = budget({"StartAt": "Each", "States": {"Each": each, "End": {"Type": "Succeed"}}}, LOOPS)

    item = 11 * 9 + 18 + 2 + 2
    assert worst.events == {"the execution": 4 + 3 + 2 + 2, "an item of Each": item}
    assert worst.all_events == 4 + 3 + 2 + 2 + 3 * item


def test_a_loop_that_nothing_counts_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"(Ask|Ended|Wait) is in a loop without a counter"):
        budget(POLL, [])


def test_what_passes_a_limit_is_told_with_its_figure() -> None:
    worst = budget(POLL, [Loop("Ask", "rounds", 3000)], 0)

    assert worst.problems() == [
        (
            "the execution can have 27,031 history events of 25,000: "
            "shorten import_timeout_minutes or export_timeout_minutes in the catalog"
        )
    ]
    assert worst.warnings() == []


def test_four_fifths_of_a_limit_are_warned_of() -> None:
    worst = budget(POLL, [Loop("Ask", "rounds", 2219)], 0)

    assert worst.problems() == []
    assert worst.warnings() == [
        (
            "the execution can have 20,002 history events of 25,000; before it grows, "
            "shorten import_timeout_minutes or export_timeout_minutes in the catalog"
        )
    ]
    assert budget(POLL, [Loop("Ask", "rounds", 2218)], 0).warnings() == []


def test_a_map_that_works_out_its_items_costs_as_many_as_it_can_have() -> None:
    ends = {"Type": "Pass", "Output": {"ok": False, "name": "{% $own %}", "cause": "{% $caught %}"}, "End": True}
    processor = {**POLL, "States": {**POLL["States"], "Done": ends}}
    each = {"Type": "Map", "Items": "{% $lanes %}", "ItemProcessor": processor, "Next": "End"}
    machine = {"StartAt": "Each", "States": {"Each": each, "End": {"Type": "Succeed"}}}
    worst = budget(machine, LOOPS, Outcomes(100, ("Rate",) * 8))

    item = 11 * 9 + 18 + 2 + 2
    assert worst.all_events == 4 + 3 + 2 + 2 + 8 * item
    # The text of an outcome with a rehearsal's table and a cause of 100 bytes, in a list with seven commas.
    widest = json.dumps({"ok": False, "name": "Rate-rehearsal", "cause": "c" * 100}, separators=(",", ":"))
    assert worst.payload_bytes == 2 + 8 * (len(widest) + 4)  # up to four bytes for commas and the list's own


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("domain", ["rates", "availability"])
def test_the_customers_domains_use_less_than_four_fifths_of_every_limit(domain: str, kind: Kind) -> None:
    machine = definition(load_catalog(), domain, NAMES, Limits(), kind)

    assert worst_case(machine, Limits(), kind).problems() == []
    assert worst_case(machine, Limits(), kind).warnings() == []


_MAPS = {
    BOOTSTRAP: ("CheckTables", "CloneClusters", "MigrateTables", "DestroyClones"),
    CATCH_UP: (
        *("VerifyTables", "CloneClusters", "ExportBase", "ApplyPuts", "ApplyDeletes", "ExportTables", "DestroyClones"),
    ),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize(("tables", "clusters"), [(1, 1), (40, 64)])
def test_every_map_gives_its_items_a_history_of_their_own_whatever_the_size(
    tables: int, clusters: int, kind: Kind
) -> None:
    machine = definition(large(tables, clusters), "availability", NAMES, Limits(), kind)

    maps = {name: state for name, state in machine["States"].items() if state["Type"] == "Map"}
    assert {name: (state["Label"], state["ItemProcessor"]["ProcessorConfig"]) for name, state in maps.items()} == {
        name: (name, {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}) for name in _MAPS[kind]
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_sixty_four_tables_of_sixty_four_clusters_fit(kind: Kind) -> None:
    machine = definition(large(64, 64), "availability", NAMES, Limits(), kind)

    worst = worst_case(machine, Limits(), kind)
    assert worst.problems() == []
    assert worst.warnings() == [
        (
            "a Spark job can have 86 properties of 100; before it grows, "
            "read fewer clusters in a domain: each cluster's password is a property"
        )
    ]
    assert worst.definition_bytes == len(json.dumps(machine, indent=2))
    assert findings(machine) == []


def test_a_domain_of_more_clusters_than_a_job_has_properties_is_refused_with_the_figures() -> None:
    with pytest.raises(DefinitionError, match="a Spark job can have 101 properties of 100: read fewer clusters in a"):
        definition(large(1, 79), "availability", NAMES, Limits())


def test_an_outcome_with_a_field_of_unknown_width_is_refused() -> None:
    ends = {"Type": "Pass", "Output": {"extra": "{% $own %}"}, "End": True}
    processor = {"StartAt": "Ends", "States": {"Ends": ends}}
    each = {"Type": "Map", "Items": ["a"], "ItemProcessor": processor, "Next": "End"}

    with pytest.raises(DefinitionError, match="an outcome's field extra has no maximum width"):
        budget({"StartAt": "Each", "States": {"Each": each, "End": {"Type": "Succeed"}}}, [])


def test_another_retry_or_a_fifth_table_costs_no_history_of_the_execution() -> None:
    four, five = (definition(large(count, 9), "availability", NAMES, Limits()) for count in (4, 5))

    assert worst_case(four, Limits()).events == worst_case(five, Limits()).events


@pytest.mark.parametrize(
    ("tables", "kind", "figures"),
    [
        (300, BOOTSTRAP, r"the definition can have [\d,]+ bytes of 1,048,576: move"),
        (180, CATCH_UP, r"a payload can have [\d,]+ bytes of 262,144: move"),
    ],
)
def test_a_catalog_that_no_execution_can_carry_is_refused_with_the_figures(
    tables: int, kind: Kind, figures: str
) -> None:
    with pytest.raises(DefinitionError, match=f"domain availability: {figures}"):
        definition(large(tables, 2), "availability", NAMES, Limits(), kind)


def test_timeouts_that_outlive_an_execution_are_refused() -> None:
    catalog = large(1, 1)
    domain = catalog.domains["availability"]
    (table,) = domain.tables
    longest = table.model_copy(update={"import_timeout_minutes": 2880, "export_timeout_minutes": 2880})
    changed = domain.model_copy(update={"job_timeout_minutes": 2880, "tables": (longest,)})

    with pytest.raises(
        DefinitionError, match=r"its timeouts add up to 11,655 minutes, but an execution ends after 10,080: "
    ):
        definition(catalog.model_copy(update={"domains": {"availability": changed}}), "availability", NAMES, Limits())
