"""User data for clusters of Aurora MySQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.aurora.fleet import MYSQL
from local.aurora.mariadb_programs import require_mariadb
from local.errors import DataError
from local.rehearse.mysql_dumps import load_mysql_dump
from local.rehearse.mysql_forms import is_mydumper
from local.rehearse.mysql_sharding import check_source_tables, divide_rows, rename_database

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from catalog.models import Cluster, Domain
    from local.aurora.fleet import Fleet
    from local.source_data import Tell


@dataclass(frozen=True)
class MySqlData:
    """A single MySQL dump for all clusters of a domain."""

    domain: Domain
    dump: Path
    tell: Tell
    split: str | None = None

    def fill(self, fleet: Fleet, clusters: Sequence[Cluster]) -> None:
        """Load everything into the first cluster, copy it to the others, and keep each cluster's own rows.

        Raises:
            DataError: The dump cannot be loaded, or lacks a table that the domain reads.
        """
        first, *others = clusters
        fleet.start_sources([first.identifier], MYSQL)
        server = fleet.mysql_server(first.identifier)
        self.tell(f"loading {self.dump}")
        load_mysql_dump(self.dump, server, first.database, self.tell)
        # Check for missing tables before the rows are divided.
        check_source_tables(self.domain, server, first.database)
        self.tell(f"dividing the rows over {', '.join(cluster.identifier for cluster in clusters)}")
        for cluster in others:
            fleet.copy_source(first.identifier, cluster.identifier)
            if cluster.database != first.database:
                rename_database(fleet.mysql_server(cluster.identifier), first.database, cluster.database)
        divide_rows(self.domain, fleet, clusters, self.split)


def check_engines(clusters: Sequence[Cluster], *, data: Path | None, dump: Path | None, single_dump: bool) -> None:
    """Check that the data can be loaded into clusters of their engines.

    Raises:
        DataError: They cannot; the message says what to use instead.
        MariaDbError: A cluster is of Aurora MySQL, and MariaDB is not installed.
    """
    mysql = [cluster.identifier for cluster in clusters if cluster.engine == MYSQL]
    if not mysql:
        if dump is not None and is_mydumper(dump):
            raise DataError(
                f"{dump}: is a dump of mydumper, which is of MySQL, but its clusters are PostgreSQL; write engine: "
                "aurora-mysql in clusters.yaml, or propose a catalog with make init"
            )
        return
    if data is not None:
        raise DataError(
            f"DATA={data}: {', '.join(mysql)} is Aurora MySQL in the catalog, but CSV and Parquet files can be loaded "
            "into PostgreSQL only; use DUMP=mysqldump.sql"
        )
    if single_dump and len(mysql) < len(clusters):
        raise DataError(
            f"{', '.join(mysql)} is Aurora MySQL in the catalog and the other clusters are PostgreSQL, so no single "
            "dump has the tables of all; use a folder with a dump per cluster"
        )
    require_mariadb()
