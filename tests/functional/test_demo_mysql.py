"""The demo's MySQL sources: PostgreSQL's rows, changes of every kind, and their own catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bench.mariadb import SERVER
from catalog.loader import load_catalog
from local.aurora.fleet import MYSQL, Fleet, running_fleet
from local.data import mysql_seed, seed
from local.data.changes import CHANGES as POSTGRES_CHANGES
from local.data.mysql_catalog import write_mysql_catalog
from local.data.mysql_changes import CHANGES
from local.data.mysql_writer import make
from local.data.readers import create_reader
from local.data.rows import rows_of
from local.data.schema import MAIN_DATABASE, PARTITION_DATABASE
from local.demo.expected import TABLES, Item
from local.demo.live_sources import MySqlSources, PostgresSources
from local.rehearse.mysql_sharding import check_tables
from tests.customer import customer_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from catalog.models import Catalog
    from local.data.changes import Change, Move
    from local.demo.live_sources import LiveSources

ROWS = 1000
pytestmark = pytest.mark.skipif(SERVER is None, reason="no mariadbd on this machine; .ci/packages installs one")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = write_mysql_catalog(customer_folder(), tmp_path_factory.mktemp("catalog") / "mysql")
    catalog = load_catalog(folder)
    main_cluster, *partitions = catalog.clusters.values()
    # Two partitions suffice.
    return catalog.model_copy(update={"clusters": {c.identifier: c for c in (main_cluster, *partitions[:2])}})


@pytest.fixture(scope="module")
def fleet(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with running_fleet(tmp_path_factory.mktemp("demo") / "aurora") as running:
        first, *others = catalog.clusters
        running.start_sources(catalog.clusters, MYSQL)
        mysql_seed.seed(running, first, others, ROWS)
        yield running


def answer(fleet: Fleet, cluster: str, database: str, query: str) -> tuple[Any, ...]:
    with fleet.mysql_server(cluster).connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return tuple(cursor.fetchall())


def test_the_sources_hold_the_rows_of_the_bookings(catalog: Catalog, fleet: Fleet) -> None:
    for domain in catalog.domains:
        check_tables(catalog, domain, fleet, catalog.clusters.values())

    columns = "property_id, room_type, stay_date, net_amount, lead_time_factor, conditions, remark, active"
    query = f"SELECT {columns} FROM base_rate"
    there = {row for name in list(catalog.clusters)[1:] for row in answer(fleet, name, PARTITION_DATABASE, query)}
    wanted = {
        (row[0], row[1], row[3], row[5], row[7], row[8], row[9], int(row[10]))
        for row in rows_of("base_rate", ROWS * 40 // 100)
    }
    assert there == wanted


def test_the_reader_reads_over_tls_and_may_not_write(catalog: Catalog, fleet: Fleet) -> None:
    cluster = catalog.clusters["lipsdb"]

    assert create_reader(fleet, cluster) != create_reader(fleet, cluster)
    ((grants,), (granted,)) = answer(fleet, "lipsdb", MAIN_DATABASE, f"SHOW GRANTS FOR {cluster.user}@'%'")
    assert grants.endswith("REQUIRE SSL")
    assert granted == f"GRANT SELECT, SHOW VIEW ON `lips`.* TO `{cluster.user}`@`%`"


def test_the_checker_reads_the_same_items_from_both_engines(fleet: Fleet, catalog: Catalog, tmp_path: Path) -> None:
    first, *others = catalog.clusters
    arguments = {name: fleet.mysql_server(name).connection_arguments for name in catalog.clusters}
    in_mysql = items_of(
        MySqlSources(arguments[first](MAIN_DATABASE), [arguments[name](PARTITION_DATABASE) for name in others])
    )
    with running_fleet(tmp_path / "aurora") as postgres:
        postgres.start_sources(catalog.clusters)
        seed.seed(postgres, first, others, ROWS)
        dsns = {name: postgres.server(name).dsn for name in catalog.clusters}
        in_postgres = items_of(
            PostgresSources(dsns[first](MAIN_DATABASE), [dsns[name](PARTITION_DATABASE) for name in others])
        )

    assert {name: len(items) for name, items in in_mysql.items()} == {
        "Allotment": 80,
        "BaseRate": 400,
        "BaseRateAssociation": 40,
        "Inventory": 283,  # the latest publication of each night
        "Restriction": 140,
        "RestrictionAssociation": 40,
    }
    assert {name: [with_sets(item) for item in items] for name, items in in_mysql.items()} == in_postgres


def items_of(sources: LiveSources) -> dict[str, list[Item]]:
    with sources:
        return {
            name: sorted(items(sources), key=lambda item: tuple(map(str, (item[part] for part in key))))
            for name, (items, key, _) in TABLES.items()
        }


def with_sets(item: Item) -> Item:
    """Return an item of MySQL's with its lists as the sets that PostgreSQL's arrays become; an empty set is none."""
    lists = {name: value for name, (_, value) in item.items() if name in {"agentCodes", "channels"}}
    sets = {name: ("SS", frozenset(text for _, text in value)) for name, value in lists.items() if value}
    return {name: attribute for name, attribute in item.items() if name not in lists} | sets


def test_the_writer_makes_every_kind_of_change_that_postgresql_s_makes(catalog: Catalog, fleet: Fleet) -> None:
    def shape(changes: tuple[Change | Move, ...]) -> list[tuple[str, str]]:
        return sorted((change.kind, getattr(change, "table", "inventory")) for change in changes)

    assert shape(CHANGES) == shape(POSTGRES_CHANGES)
    names = list(catalog.clusters)
    source, target = (fleet.mysql_server(name).connect(PARTITION_DATABASE) for name in names[1:])
    first = fleet.mysql_server(names[0]).connect(MAIN_DATABASE)
    with source, target, first:
        made = {
            (change.kind, change.table): make(change, first if change.cluster == "main" else source, target)
            for change in CHANGES
        }

    assert made == dict.fromkeys(made, 1)
    assert answer(
        fleet,
        names[2],
        PARTITION_DATABASE,
        "SELECT count(*) FROM inventory WHERE published_at > now() - INTERVAL 1 HOUR",
    ) == ((1,),)
