"""All clusters of the embedded Aurora: sources copied from a template, and clones copied from running sources."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from local.aurora.binaries import data_folder, find_postgres
from local.aurora.mariadb import MariaDbServer
from local.aurora.server import PostgresServer
from local.aws.active import Endpoint
from local.errors import LocalError, MariaDbError, PostgresError
from local.guard import ProcessGuard
from local.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_AT_ONCE = 3  # concurrent copies: more would only make each slower on two cores
# As in the product's own parameter group of clones (infra): a clone must not write to itself.
_CLONE_SETTINGS: dict[type, dict[str, str]] = {
    PostgresServer: {"default_transaction_read_only": "on", "max_logical_replication_workers": "0"},
    MariaDbServer: {"read_only": "1", "event_scheduler": "OFF"},
}
MYSQL = "aurora-mysql"
Server = PostgresServer | MariaDbServer


@contextmanager
def running_fleet(folder: Path) -> Iterator[Fleet]:
    """Yield an empty fleet; its servers and their data in `folder` end with the context."""
    with closing(ProcessGuard()) as guard, closing(Fleet(folder, guard)) as fleet:
        yield fleet


class Fleet:
    """The servers behind RDS, by cluster identifier."""

    def __init__(self, folder: Path, guard: ProcessGuard) -> None:
        self._postgres = find_postgres()
        self._guard = guard
        self.folder = data_folder(folder, self._postgres)
        self._wanted = folder
        self._password = secrets.token_urlsafe(18)
        self._servers: dict[str, Server] = {}
        self._lock = threading.Lock()
        self._copying = threading.Semaphore(_AT_ONCE)

    def start_sources(self, identifiers: Iterable[str], engine: str = "aurora-postgresql") -> None:
        """Create and start an empty server of an engine per identifier, copied from a template.

        Raises:
            MariaDbError: The engine is Aurora MySQL, and MariaDB is not installed.
            PostgresError: A server did not start.
        """
        template = self.folder / ("template-mysql" if engine == MYSQL else "template")
        if not template.exists():
            self._server(engine, template, 0).init()

        def start(identifier: str) -> None:
            folder = self.folder / identifier
            subprocess.run(["cp", "-a", template, folder], check=True)  # noqa: S607 - `cp -a` keeps the owner; shutil does not
            server = self._server(engine, folder, free_port())
            server.start()
            with self._lock:
                self._servers[identifier] = server

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(start, identifiers))

    def _server(self, engine: str, folder: Path, port: int) -> Server:
        if engine == MYSQL:
            return MariaDbServer(self._guard, folder, port, self._password)
        return PostgresServer(self._postgres, self._guard, folder, port, self._password)

    def server(self, identifier: str) -> PostgresServer:
        """Return the PostgreSQL server of a cluster.

        Raises:
            PostgresError: There is none.
        """
        server = self._find(identifier)
        if not isinstance(server, PostgresServer):
            raise PostgresError(f"the cluster {identifier} has no PostgreSQL server")
        return server

    def mysql_server(self, identifier: str) -> MariaDbServer:
        """Return the MariaDB server of a cluster of Aurora MySQL.

        Raises:
            MariaDbError: There is none.
        """
        server = self._find(identifier)
        if not isinstance(server, MariaDbServer):
            raise MariaDbError(f"the cluster {identifier} has no MariaDB server")
        return server

    def running(self, identifier: str) -> Server:
        """Return a cluster's server of either engine.

        Raises:
            LocalError: There is none.
        """
        server = self._find(identifier)
        if server is None:
            raise LocalError(f"the cluster {identifier} has no server")
        return server

    def _find(self, identifier: str) -> Server | None:
        with self._lock:
            return self._servers.get(identifier)

    def endpoint(self, identifier: str) -> Endpoint | None:
        """Return the address of the cluster's server, or None."""
        server = self._find(identifier)
        return Endpoint("127.0.0.1", server.port) if server is not None else None

    def copy_source(self, source: str, identifier: str) -> None:
        """Create another source as a copy of the running server `source`."""
        self._copy(source, identifier, {})

    def clone(self, source: str, clone: str) -> Endpoint:
        """Copy the running server `source`, start the copy, and return its address."""
        settings = _CLONE_SETTINGS[type(self.running(source))]
        return Endpoint("127.0.0.1", self._copy(source, clone, settings).port)

    def _copy(self, source: str, identifier: str, settings: dict[str, str]) -> Server:
        server = self.running(source)
        with self._copying:
            copy = server.copy_to(self.folder / identifier, free_port())
            copy.start(**settings)
        with self._lock:
            self._servers[identifier] = copy
        return copy

    def destroy(self, identifier: str) -> None:
        """Stop a server and delete its data, if it exists."""
        with self._lock:
            server = self._servers.pop(identifier, None)
        if server is not None:
            server.delete()

    def volume_bytes(self, identifier: str) -> int | None:
        """Return the size of a server's tables and indexes in bytes, or None."""
        server = self._find(identifier)
        return server.data_bytes() if server is not None else None

    def names(self) -> list[str]:
        """Return the identifiers of the servers."""
        with self._lock:
            return sorted(self._servers)

    def close(self) -> None:
        """Stop every server and delete all data."""
        with self._lock:
            servers = list(self._servers.values())
            self._servers.clear()
        for server in servers:
            server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self._wanted, ignore_errors=True)
