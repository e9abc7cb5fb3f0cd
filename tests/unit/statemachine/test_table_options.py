"""A catalog table's Map item: the parameters of its creation, and the settings made afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import botocore.session
import jsonata
import pytest

from catalog.loader import load_catalog
from catalog.table_options import Capacity
from statemachine.checks import findings
from statemachine.graph import all_states
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from statemachine.render import definition
from statemachine.table_options import table_options

if TYPE_CHECKING:
    from catalog.models import Catalog, Table

CATALOG = load_catalog()
NAMES = DeployedNames.placeholder("test")
KEY = "arn:aws:kms:eu-west-1:971779422973:key/0"


def with_index(**options: Any) -> Table:  # noqa: ANN401 - the model's fields
    """Return a table of the catalog that has an index, with other options."""
    tables = [table for domain in CATALOG.domains.values() for table in domain.tables if table.indexes]
    return tables[0].model_copy(update=options)


def options_of(table: Table) -> dict[str, Any]:
    return table_options(table, names=NAMES, domain="rates")


def without_streams() -> Catalog:
    rates = CATALOG.domains["rates"]
    tables = tuple(table.model_copy(update={"stream": None}) for table in rates.tables)
    return CATALOG.model_copy(
        update={"domains": {**CATALOG.domains, "rates": rates.model_copy(update={"tables": tables})}}
    )


@pytest.mark.parametrize(
    ("options", "created"),
    [
        ({}, {"BillingMode": "PAY_PER_REQUEST"}),
        (
            {"billing_mode": "PROVISIONED", "capacity": Capacity(read=5, write=6)},
            {
                "BillingMode": "PROVISIONED",
                "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
            },
        ),
        (
            {"on_demand_maximum": Capacity(read=7, write=8)},
            {
                "BillingMode": "PAY_PER_REQUEST",
                "OnDemandThroughput": {"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": 8},
            },
        ),
        (
            {"kms_key": KEY},
            {
                "BillingMode": "PAY_PER_REQUEST",
                "SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY},
            },
        ),
    ],
    ids=["nothing", "capacity", "maximum", "key"],
)
def test_a_table_is_created_with_what_an_import_may_set(options: dict[str, Any], created: dict[str, Any]) -> None:
    creation = options_of(with_index(**options))["creation"]

    shape = botocore.session.get_session().get_service_model("dynamodb").shape_for("TableCreationParameters")
    assert set(creation) <= set(shape.members)
    described = {"AttributeDefinitions", "GlobalSecondaryIndexes", "KeySchema"}
    assert {name: value for name, value in creation.items() if name not in described} == created


@pytest.mark.parametrize(("own", "read"), [(None, 5), (Capacity(read=9, write=9), 9)])
def test_an_index_has_its_own_capacity_or_its_tables(own: Capacity | None, read: int) -> None:
    table = with_index(billing_mode="PROVISIONED", capacity=Capacity(read=5, write=6))
    index = table.indexes[0].model_copy(update={"capacity": own})

    creation = options_of(table.model_copy(update={"indexes": (index,)}))["creation"]

    assert creation["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == read


OFFICIAL = {"mode": "official"}
REHEARSAL = {"mode": "rehearsal"}
ON_DEMAND = {"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}
INFREQUENT = {"table_class": "STANDARD_INFREQUENT_ACCESS"}
WARM = {"warm_throughput": Capacity(read=20_000, write=8_000)}
PROTECTED = {"DeletionProtectionEnabled": True}


@pytest.mark.parametrize(
    ("options", "own", "described", "change"),
    [
        ({}, OFFICIAL, {}, PROTECTED),
        ({}, OFFICIAL, PROTECTED, {}),
        ({}, REHEARSAL, {}, {}),
        ({"deletion_protection": False}, OFFICIAL, {}, {}),
        (INFREQUENT, OFFICIAL, {}, PROTECTED),  # before anything else
        (INFREQUENT, OFFICIAL, PROTECTED, {"TableClass": "STANDARD_INFREQUENT_ACCESS"}),
        (INFREQUENT, REHEARSAL, {"TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"}}, {}),
        (
            {},
            REHEARSAL,
            {"TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"}},
            {"TableClass": "STANDARD"},
        ),
        (
            WARM,
            REHEARSAL,
            {"WarmThroughput": {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 8_000}},
            {"WarmThroughput": {"ReadUnitsPerSecond": 20_000, "WriteUnitsPerSecond": 8_000}},
        ),
        (WARM, REHEARSAL, {"WarmThroughput": {"ReadUnitsPerSecond": 30_000, "WriteUnitsPerSecond": 9_000}}, {}),
    ],
)
def test_only_what_a_table_lacks_is_changed_one_option_at_a_time(
    options: dict[str, Any], own: dict[str, Any], described: dict[str, Any], change: dict[str, Any]
) -> None:
    assert evaluated("change", options, own, described) == change


@pytest.mark.parametrize(
    ("options", "described", "unlike"),
    [
        ({}, ON_DEMAND, ""),
        ({}, {}, "its billing mode is PROVISIONED instead of PAY_PER_REQUEST. "),
        ({"kms_key": KEY}, {**ON_DEMAND, "SSEDescription": {"KMSMasterKeyArn": KEY}}, ""),
        ({"kms_key": "alias/tables"}, {**ON_DEMAND, "SSEDescription": {"KMSMasterKeyArn": KEY}}, ""),
        ({"kms_key": "alias/tables"}, ON_DEMAND, "its key is of DynamoDB instead of alias/tables. "),
        (
            {"kms_key": KEY},
            {**ON_DEMAND, "SSEDescription": {"KMSMasterKeyArn": "x"}},
            f"its key is x instead of {KEY}. ",
        ),
    ],
)
def test_a_table_that_was_created_otherwise_is_named(
    options: dict[str, Any], described: dict[str, Any], unlike: str
) -> None:
    assert evaluated("unlike", options, REHEARSAL, described) == unlike


def evaluated(variable: str, options: dict[str, Any], own: dict[str, Any], described: dict[str, Any]) -> object:
    """Return what DescribeSettings assigns to a variable."""
    states = all_states(definition(CATALOG, "rates", NAMES, Limits()))
    expression = states["DescribeSettings"]["Assign"][variable][2:-2]
    known = {"states": {"result": {"Table": described}}, "own": own, "options": options_of(with_index(**options))}
    bound = "".join(f"${name} := {json.dumps(value)};" for name, value in known.items())
    return jsonata.Jsonata(f"({bound} {expression})").evaluate({})


def test_a_domain_without_streams_has_no_states_for_them() -> None:
    machine = definition(without_streams(), "rates", NAMES, Limits())

    assert findings(machine) == []
    assert "kinesis" not in json.dumps(machine).lower()
    assert [table["stream"] for table in machine["States"]["MigrateTables"]["Items"]] == ["", ""]
