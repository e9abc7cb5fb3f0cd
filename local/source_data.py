"""The data of the source clusters: the demo's bookings, or user data with the same protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from local.aurora.fleet import MYSQL
from local.data import mysql_seed, seed

if TYPE_CHECKING:
    from catalog.models import Catalog, Cluster
    from local.aurora.fleet import Fleet

Tell = Callable[[str], None]
_BOOKING_GROUPS = ("main", "partitions")


def domains_with_data(catalog: Catalog, clusters: tuple[Cluster, ...]) -> list[str]:
    """Return the names of the domains that read only these clusters."""
    return sorted(name for name in catalog.domains if set(catalog.clusters_of(name)) <= set(clusters))


class Sources(Protocol):
    """The data of the source clusters."""

    def clusters(self, catalog: Catalog) -> tuple[Cluster, ...]:
        """Return the clusters that have data."""

    def fill(self, fleet: Fleet, clusters: tuple[Cluster, ...]) -> None:
        """Start a server for each cluster, and create and fill its database."""


class Bookings:
    """Nine clusters with rows derived from real bookings."""

    def __init__(self, rows: int, tell: Tell) -> None:
        self._rows = rows
        self._tell = tell

    def clusters(self, catalog: Catalog) -> tuple[Cluster, ...]:
        """Return the clusters of the groups that the bookings fill; other domains of the catalog have no data here."""
        return tuple(cluster for cluster in catalog.clusters.values() if cluster.group in _BOOKING_GROUPS)

    def fill(self, fleet: Fleet, clusters: tuple[Cluster, ...]) -> None:
        """Start the servers and fill their tables."""
        (engine,) = {cluster.engine for cluster in clusters}
        is_mysql = engine == MYSQL
        self._tell(f"starting {len(clusters)} {'MariaDB' if is_mysql else 'PostgreSQL'} servers")
        fleet.start_sources([cluster.identifier for cluster in clusters], engine)
        self._tell(f"filling them with {self._rows:,} rows derived from real bookings")
        (main,) = (cluster.identifier for cluster in clusters if cluster.group == "main")
        partitions = [cluster.identifier for cluster in clusters if cluster.group == "partitions"]
        (mysql_seed if is_mysql else seed).seed(fleet, main, partitions, self._rows)
