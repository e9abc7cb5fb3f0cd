"""A PostgreSQL server: created, started, copied while it runs, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from local.certificates import authority
from local.errors import PostgresError

if TYPE_CHECKING:
    from pathlib import Path

    from local.aurora.binaries import Postgres
    from local.guard import ProcessGuard

ADMIN = "postgres"
_START_SECONDS = 60.0
_READY_LINE = 7  # of postmaster.pid: "ready" once the server accepts connections
# Of a password's hash: both ends of a connection repeat them, and a job opens hundreds of connections.
_ITERATIONS = "scram_iterations"
# Small, because nineteen servers share the machine, and not safe against its crash.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "24MB",
    "wal_level": "replica",
    "max_wal_senders": "4",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "io_method": "sync",
    "jit": "off",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_naptime": "5min",
    "password_encryption": "scram-sha-256",
    _ITERATIONS: "1",
    "ssl": "on",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


class PostgresServer:
    """A PostgreSQL server that listens on this machine and requires a password."""

    def __init__(self, postgres: Postgres, guard: ProcessGuard, folder: Path, port: int, password: str) -> None:
        self.postgres = postgres
        self._guard = guard
        self.folder = folder
        self.port = port
        self.password = password
        self._process: subprocess.Popen[Any] | None = None

    def dsn(self, database: str = "postgres") -> str:
        """Return the administrator's connection string, without TLS: the administrator only fills the server."""
        return (
            f"host=127.0.0.1 port={self.port} user={ADMIN} password={self.password} dbname={database} sslmode=disable "
            "client_encoding=UTF8"
        )

    def data_bytes(self) -> int:
        """Return the size of the tables and indexes on disk in bytes; files come and go meanwhile."""
        total = 0
        for folder, _, names in os.walk(self.folder / "base"):
            for name in names:
                with suppress(FileNotFoundError):
                    total += os.stat(f"{folder}/{name}").st_size  # noqa: PTH116 - thousands of files: os.stat is fast
        return total

    def init(self) -> None:
        """Create an empty server in the folder."""
        secret = self.folder.with_suffix(".pw")
        secret.write_text(self.password)
        secret.chmod(0o600)
        self.postgres.give(secret)
        self._own_folder()
        authentication = ("-A", "scram-sha-256", "--pwfile", secret)
        locale = ("-E", "UTF8", "--locale=C.UTF-8")
        self.postgres.run(
            "initdb",
            *("-D", self.folder, "-U", ADMIN, "--no-sync", "--wal-segsize=1"),
            *("-c", f"{_ITERATIONS}={_SETTINGS[_ITERATIONS]}"),
            *(*authentication, *locale),
        )
        secret.unlink()
        for path in authority().issue(self.folder):
            self.postgres.give(path)
        lines = "".join(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
        with (self.folder / "postgresql.conf").open("a") as configuration:
            configuration.write(lines)

    def start(self, **settings: str) -> None:
        """Start the server and wait until it accepts connections; `settings` override its configuration.

        Raises:
            PostgresError: The server ended or does not answer; the message has the end of its log.
        """
        log_path = self.folder.with_suffix(".log")
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with log_path.open("ab") as log:
            self._process = self._guard.start(
                [str(self.postgres.program("postgres")), "-D", str(self.folder), "-p", str(self.port), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self.postgres.options(),
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise PostgresError(f"the server in {self.folder} did not start: {log_path.read_text()[-800:]}")
            time.sleep(0.01)

    def copy_to(self, folder: Path, port: int) -> PostgresServer:
        """Return a physical copy of this running server; nothing waits meanwhile."""
        copy = PostgresServer(self.postgres, self._guard, folder, port, self.password)
        copy._own_folder()
        source = ("-h", "127.0.0.1", "-p", self.port, "-U", ADMIN)
        how = ("-c", "fast", "-X", "stream", "--no-sync", "--no-manifest")
        self.postgres.run("pg_basebackup", *source, "-D", folder, *how, password=self.password)
        return copy

    def stop(self) -> None:
        """Stop the server and end its sessions."""
        if self._process is not None:
            self._guard.stop(self._process, signal.SIGINT)  # a fast shutdown
            self._process = None

    def delete(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _own_folder(self) -> None:
        self.folder.mkdir(mode=0o700)
        self.postgres.give(self.folder)

    def _is_ready(self) -> bool:
        try:
            return (self.folder / "postmaster.pid").read_text().splitlines()[_READY_LINE].startswith("ready")
        except (OSError, IndexError):
            return False
