"""The six tables of the catalog: hand-written rows, and the hand-written items that they must become."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from migration_spark import typed_rows
from migration_spark.attribute_kinds import check_keys
from migration_spark.jvm_functions import item_text, rejection
from migration_spark.spec import read_spec

from catalog.loader import load_catalog
from catalog.spec import build_spec
from local.aurora.fleet import running_fleet
from local.data.schema import MAIN, PARTITION
from tests.customer import customer_catalog
from tests.spark.jobs import reader
from tests.spark.tables import CLUSTER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.database import CloneDatabase
    from pyspark.sql import SparkSession

ID = "0b0e7a52-4d0e-4a2f-9d9c-6a3c1f0a7e11"
ROWS = f"""
INSERT INTO property VALUES (7, 'Hôtel du Lac', 'CH', 'CHF');
INSERT INTO rate_plan VALUES ('BAR', 'Best available', NULL, true);
INSERT INTO base_rate VALUES (7, 'DBL', 'BAR', '2027-03-01', 129.50, 119.00000000000000000001, NULL, 0.85,
  '{{"minStay": 2, "days": ["SA", "SU"], "guarantee": {{"type": "card", "percent": 12.50}}}}', '', true,
  '2027-01-15 08:30:00.123456+01');
INSERT INTO base_rate_association VALUES ('{ID}', 7, 'BAR', 'GDS', NULL, 12.5000, '2027-01-01', NULL,
  ARRAY['B2', 'A1', 'B2'], '2027-01-15 00:00:00+00');
INSERT INTO inventory VALUES (7, 'DBL', '2027-03-01', 40, 43, 1.1, 'pms', '2027-01-15 08:30:00+00'),
  (7, 'DBL', '2027-03-01', 40, 12, NULL, 'pms', '2027-01-14 08:30:00+00');
INSERT INTO restriction VALUES (9007199254740993, 7, 'DBL', '2027-03-01', 2, NULL, true, false, 'Fête',
  '2027-03-02 00:00:00+00', '2027-01-15 00:00:00+00');
INSERT INTO allotment VALUES ('{ID}', 7, 'DBL', 'AG#1', '2027-03-01', 14, 5, 21,
  '{{"tiers": [{{"from": 1, "rate": 0.1}}]}}',
  '2027-01-15 00:00:00+00');
INSERT INTO restriction_association VALUES ('{ID}', 7, 'CTA', 'group', NULL, '{{}}', 3, NULL, '2027-01-15 00:00:00+00');
"""
MIDNIGHT = {"S": "2027-01-15T00:00:00.000000Z"}
EXPECTED: dict[str, list[dict[str, Any]]] = {
    "BaseRate": [
        {
            "rateKey": {"S": "7#DBL#BAR"},
            "stayDate": {"S": "2027-03-01"},
            "propertyId": {"N": "7"},
            "propertyName": {"S": "Hôtel du Lac"},
            "countryCode": {"S": "CH"},
            "currencyCode": {"S": "CHF"},
            "roomType": {"S": "DBL"},
            "ratePlanCode": {"S": "BAR"},
            "ratePlanName": {"S": "Best available"},
            "refundable": {"BOOL": True},
            "amount": {"N": "129.50"},
            "netAmount": {"N": "119.00000000000000000001"},
            "leadTimeFactor": {"N": "0.85"},
            "conditions": {
                "M": {
                    "minStay": {"N": "2"},
                    "days": {"L": [{"S": "SA"}, {"S": "SU"}]},
                    "guarantee": {"M": {"type": {"S": "card"}, "percent": {"N": "12.50"}}},
                }
            },
            "remark": {"S": ""},
            "active": {"BOOL": True},
            "updatedAt": {"S": "2027-01-15T07:30:00.123456Z"},
        }
    ],
    "BaseRateAssociation": [
        {
            "associationId": {"S": ID},
            "propertyPlan": {"S": "7#BAR"},
            "propertyId": {"N": "7"},
            "ratePlanCode": {"S": "BAR"},
            "channel": {"S": "GDS"},
            "commission": {"N": "12.5000"},
            "validFrom": {"S": "2027-01-01"},
            "agentCodes": {"SS": ["A1", "B2"]},
            "updatedAt": MIDNIGHT,
        }
    ],
    "Inventory": [
        {
            "inventoryKey": {"S": "7#DBL"},
            "stayDate": {"S": "2027-03-01"},
            "propertyId": {"N": "7"},
            "roomType": {"S": "DBL"},
            "roomsTotal": {"N": "40"},
            "roomsSold": {"N": "12"},
            "roomsLeft": {"N": "28"},
            "publishedBy": {"S": "pms"},
            "publishedAt": {"S": "2027-01-14T08:30:00.000000Z"},
        },
        {
            "inventoryKey": {"S": "7#DBL"},
            "stayDate": {"S": "2027-03-01"},
            "propertyId": {"N": "7"},
            "roomType": {"S": "DBL"},
            "roomsTotal": {"N": "40"},
            "roomsSold": {"N": "43"},
            "roomsLeft": {"N": "-3"},
            "overbookingRatio": {"N": "1.1"},
            "publishedBy": {"S": "pms"},
            "publishedAt": {"S": "2027-01-15T08:30:00.000000Z"},
        },
    ],
    "Restriction": [
        {
            "propertyId": {"N": "7"},
            "restrictionKey": {"S": "2027-03-01#DBL#9007199254740993"},
            "roomType": {"S": "DBL"},
            "stayDate": {"S": "2027-03-01"},
            "minStay": {"N": "2"},
            "closedToArrival": {"BOOL": True},
            "closedToDeparture": {"BOOL": False},
            "reason": {"S": "Fête"},
            "expiresAt": {"N": "1803945600"},
            "updatedAt": MIDNIGHT,
        }
    ],
    "Allotment": [
        {
            "allotmentId": {"S": ID},
            "propertyId": {"N": "7"},
            "roomType": {"S": "DBL"},
            "agentCode": {"S": "AG#1"},
            "firstNight": {"S": "2027-03-01"},
            "nights": {"N": "14"},
            "rooms": {"N": "5"},
            "releaseDays": {"N": "21"},
            "contract": {"M": {"tiers": {"L": [{"M": {"from": {"N": "1"}, "rate": {"N": "0.1"}}}]}}},
            "updatedAt": MIDNIGHT,
        }
    ],
    "RestrictionAssociation": [
        {
            "propertyId": {"N": "7"},
            "associationKey": {"S": f"CTA#{ID}"},
            "restrictionCode": {"S": "CTA"},
            "customerType": {"S": "group"},
            "priority": {"N": "3"},
            "updatedAt": MIDNIGHT,
        }
    ],
}


@pytest.fixture(scope="module")
def database(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloneDatabase]:
    with running_fleet(tmp_path_factory.mktemp("items") / "aurora") as fleet:
        fleet.start_sources(["one"])
        server = fleet.server("one")
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute((MAIN + PARTITION + ROWS).encode())
        yield reader(spark, CLUSTER, server.port, server.password)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_rows_of_a_table_become_these_items(spark: SparkSession, database: CloneDatabase, name: str) -> None:
    catalog = load_catalog()
    specs = [read_spec(build_spec(catalog, domain), "the catalog") for domain in catalog.domains]
    table = next(table for spec in specs for table in spec.tables if table.name == name)
    extracts = [replace(extract, clusters=(CLUSTER,)) for extract in table.extracts]
    result, unreadable = typed_rows.select(
        spark, table, {e.name: typed_rows.typed(database.read(e), e) for e in extracts}
    )
    check_keys(table, result)
    lines = result.select(item_text(table, result), rejection(table, result)).collect()

    assert unreadable.collect() == []
    assert [reason for _, reason in lines] == [None] * len(EXPECTED[name])
    assert sorted((json.loads(line)["Item"] for line, _ in lines), key=str) == sorted(EXPECTED[name], key=str)


def test_every_table_of_the_customers_catalog_has_its_items_here() -> None:
    tables = [table.name for domain in customer_catalog().domains.values() for table in domain.tables]
    assert sorted(tables) == sorted(EXPECTED)
