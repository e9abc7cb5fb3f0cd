"""User data for the source clusters of a domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from local.aurora.fleet import MYSQL
from local.errors import DataError
from local.rehearse import mysql_sharding
from local.rehearse.csv_files import load_folder, source_tables
from local.rehearse.dump_forms import is_archive_folder
from local.rehearse.dumps import load_dump
from local.rehearse.mysql_data import MySqlData, check_engines
from local.rehearse.mysql_dumps import load_mysql_dump
from local.rehearse.mysql_forms import is_mydumper
from local.rehearse.sharding import check_source_tables, check_tables, divide_rows

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.models import Catalog, Cluster
    from local.aurora.fleet import Fleet
    from local.source_data import Tell

_ENDINGS = (
    "",
    *(f"{form}{packed}" for form in (".sql", ".dump", ".tar") for packed in ("", ".gz", ".zst", ".xz", ".bz2", ".zip")),
)
# An estimate, from which Spark's memory is derived.
_BYTES_PER_ROW = 100
_PACKED = (".gz", ".bz2", ".xz", ".zst", ".parquet", ".dump")
_PACKED_TO = 5


@dataclass(frozen=True)
class UserData:
    """A dump, a folder with a dump per cluster, or a folder of CSV and Parquet files, for one domain.

    A single dump or folder of files has the tables of all clusters of the domain. `split` names the column that divides
    rows over the clusters of a group.
    """

    catalog: Catalog
    domain: str
    tell: Tell
    dump: Path | None = None
    data: Path | None = None
    split: str | None = None
    encoding: str | None = None  # of CSV files, if not UTF-8
    separator: str | None = None  # of CSV files, if unusual

    def check(self) -> None:
        """Check the arguments before anything starts.

        Raises:
            DataError: The data cannot be loaded; the message says what to use instead.
        """
        if self.encoding is not None and not _is_encoding(self.encoding):
            raise DataError(f"ENCODING={self.encoding} is not an encoding of Python; use one like cp1252 or latin-1")
        if self.separator is not None and len(self.separator.encode()) != 1:
            raise DataError(f"SEPARATOR={self.separator} must be one ASCII character, like ^")
        path = self.dump or self.data
        if path is None or not path.exists():
            raise DataError(f"{path} does not exist")
        if self.data is not None and not path.is_dir():
            raise DataError(f"DATA={path} is not a folder; use one with a file per source table, or DUMP={path}")
        clusters = self.clusters(self.catalog)
        check_engines(clusters, data=self.data, dump=self.dump, single_dump=not self._is_per_cluster())
        if self._is_per_cluster():
            if self.split:
                raise DataError(f"SPLIT={self.split} divides a single dump, but {path} has one per cluster; omit SPLIT")
            self._dumps()

    def rows(self) -> int:
        """Return an estimate of the number of rows, from the size of the files."""
        path = self.dump or self.data
        files = [path] if path is not None and path.is_file() else list(path.rglob("*")) if path is not None else []
        return (
            sum(file.stat().st_size * (_PACKED_TO if file.suffix in _PACKED else 1) for file in files) // _BYTES_PER_ROW
        )

    def clusters(self, catalog: Catalog) -> tuple[Cluster, ...]:
        """Return the clusters that the domain reads."""
        return catalog.clusters_of(self.domain)

    def fill(self, fleet: Fleet, clusters: tuple[Cluster, ...]) -> None:
        """Start a server per cluster and load the data.

        Raises:
            DataError: They cannot be loaded, or do not match the catalog.
        """
        if self._is_per_cluster():
            self._fill_each(fleet, clusters)
        elif self.dump is not None and clusters[0].engine == MYSQL:
            domain = self.catalog.domains[self.domain]
            MySqlData(domain, self.dump, self.tell, self.split).fill(fleet, clusters)
        else:
            self._fill_and_split(fleet, clusters)
        check_tables(self.catalog, self.domain, fleet, clusters)
        mysql_sharding.check_tables(self.catalog, self.domain, fleet, clusters)

    def _fill_each(self, fleet: Fleet, clusters: tuple[Cluster, ...]) -> None:
        """Load each cluster's own dump."""
        dumps = self._dumps()
        for engine in dict.fromkeys(cluster.engine for cluster in clusters):
            fleet.start_sources([cluster.identifier for cluster in clusters if cluster.engine == engine], engine)
        for cluster in clusters:
            name, path = cluster.identifier, dumps[cluster.identifier]
            self.tell(f"loading {path} into {name}")
            if cluster.engine == MYSQL:
                load_mysql_dump(path, fleet.mysql_server(name), cluster.database, self.tell)
            else:
                load_dump(path, fleet.server(name), cluster.database, self.tell)

    def _fill_and_split(self, fleet: Fleet, clusters: tuple[Cluster, ...]) -> None:
        """Load everything into the first cluster, copy it to the others, and keep each cluster's own rows."""
        first, *others = clusters
        fleet.start_sources([first.identifier])
        server = fleet.server(first.identifier)
        domain = self.catalog.domains[self.domain]
        if self.dump is not None:
            self.tell(f"loading {self.dump}")
            load_dump(self.dump, server, first.database, self.tell)
        elif self.data is not None:
            wanted = source_tables(extract for select in domain.selects for extract in select.extracts.values())
            declared = {"encoding": self.encoding, "separator": self.separator}
            load_folder(self.data, server, first.database, wanted, tell=self.tell, **declared)
        # Check for missing tables before the rows are divided.
        check_source_tables(domain, server, first.database)
        self.tell(f"dividing the rows over {', '.join(cluster.identifier for cluster in clusters)}")
        for cluster in others:
            fleet.copy_source(first.identifier, cluster.identifier)
            if cluster.database != first.database:
                with psycopg.connect(fleet.server(cluster.identifier).dsn(), autocommit=True) as connection:
                    connection.execute(
                        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                            sql.Identifier(first.database), sql.Identifier(cluster.database)
                        )
                    )
        divide_rows(domain, fleet, clusters, self.split)

    def _is_per_cluster(self) -> bool:
        is_single = (
            self.dump is None or not self.dump.is_dir() or is_archive_folder(self.dump) or is_mydumper(self.dump)
        )
        return not is_single

    def _dumps(self) -> dict[str, Path]:
        """Return each cluster's dump in the folder.

        Raises:
            DataError: The message has the clusters without one.
        """
        dumps, missing = {}, []
        for cluster in self.clusters(self.catalog):
            paths = [self.dump / f"{cluster.identifier}{ending}" for ending in _ENDINGS] if self.dump else []
            path = next((path for path in paths if path.exists()), None)
            if path is None:
                missing.append(cluster.identifier)
            else:
                dumps[cluster.identifier] = path
        if missing:
            raise DataError(
                f"{self.dump}: no dump for {', '.join(missing)}; name each after its cluster, like {missing[0]}.sql"
            )
        return dumps


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except LookupError:
        return False
    return True
