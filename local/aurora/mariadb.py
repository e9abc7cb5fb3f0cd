"""A MariaDB server in place of a cluster of Aurora MySQL: created, started, copied while it runs, stopped.

A copy is of one instant. A signal stops the server while its files are copied, so the copy is what a crash at that
instant would leave. InnoDB writes each commit to its log before it answers, and recovers from the log.
https://mariadb.com/docs/server/server-usage/storage-engines/innodb/innodb-system-variables#innodb_flush_log_at_trx_commit
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.constants import CLIENT

from local.aurora.mariadb_programs import LAYOUT, SETTINGS, account, options, program
from local.certificates import HOST, authority
from local.errors import MariaDbError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.guard import ProcessGuard

ADMIN = "admin"
_START_SECONDS = 60.0


class MariaDbServer:
    """A MariaDB server that listens on this machine and requires a password."""

    def __init__(self, guard: ProcessGuard, folder: Path, port: int, password: str) -> None:
        self._guard = guard
        self.folder = folder
        self.port = port
        self.password = password
        self._process: subprocess.Popen[Any] | None = None

    def connect(self, database: str | None = None, **more: Any) -> pymysql.connections.Connection[Any]:  # noqa: ANN401 - pymysql's
        """Return an autocommit connection of the administrator."""
        return pymysql.connect(**self.connection_arguments(database), **more)

    def connection_arguments(self, database: str | None = None) -> dict[str, Any]:
        """Return pymysql's arguments for an autocommit connection of the administrator."""
        return {
            "host": HOST,
            "port": self.port,
            "user": ADMIN,
            "password": self.password,
            "database": database,
            "autocommit": True,
            "charset": "utf8mb4",
            "client_flag": CLIENT.FOUND_ROWS,
        }

    def data_bytes(self) -> int:
        """Return the size of the tables and indexes on disk in bytes; files come and go meanwhile."""
        total = 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with suppress(FileNotFoundError):
                    total += os.stat(f"{folder}/{name}").st_size if name.endswith(".ibd") else 0  # noqa: PTH116 - thousands of files: os.stat is fast
        return total

    def init(self) -> None:
        """Create an empty server in the folder.

        Raises:
            MariaDbError: MariaDB is not installed, or cannot create it.
        """
        self.folder.mkdir(mode=0o700)
        accounts = self.folder.with_suffix(".sql")
        accounts.touch(mode=0o600)
        accounts.write_text(
            "FLUSH PRIVILEGES;\n"  # the new server ignores accounts until then
            f"CREATE USER {ADMIN}@'%' IDENTIFIED BY '{self.password}';\n"
            f"GRANT ALL ON *.* TO {ADMIN}@'%' WITH GRANT OPTION;\n"
        )
        command = [program("mariadb-install-db"), "--no-defaults", f"--datadir={self.folder}", "--skip-test-db"]
        command += ["--auth-root-authentication-method=socket", f"--extra-file={accounts}", *account()]
        done = subprocess.run(
            [*command, *options(LAYOUT)],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        accounts.unlink()
        if done.returncode != 0:
            answer = (done.stderr or done.stdout)[-800:]
            raise MariaDbError(f"mariadb-install-db ended with {done.returncode}: {answer}")
        authority().issue(self.folder)

    def start(self, **settings: str) -> None:
        """Start the server and wait until it accepts connections; `settings` override its configuration.

        Raises:
            MariaDbError: The server ended or does not answer; the message has the end of its log.
        """
        log_path = self.folder.with_suffix(".log")
        command = options(SETTINGS | {name.replace("_", "-"): value for name, value in settings.items()})
        with log_path.open("ab") as log:
            self._process = self._guard.start(
                [
                    *(program("mariadbd"), "--no-defaults", f"--datadir={self.folder}", f"--port={self.port}"),
                    *(*command, *account()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise MariaDbError(f"the server in {self.folder} did not start: {log_path.read_text()[-800:]}")
            time.sleep(0.05)

    def copy_to(self, folder: Path, port: int) -> MariaDbServer:
        """Return a physical copy of this running server at one instant; its sessions wait meanwhile."""
        with self._stopped():
            subprocess.run(["cp", "-a", self.folder, folder], check=True)  # noqa: S607 - `cp -a` shares blocks if possible
        for name in (SETTINGS["socket"], SETTINGS["pid-file"]):
            (folder / name).unlink(missing_ok=True)
        return MariaDbServer(self._guard, folder, port, self.password)

    def stop(self) -> None:
        """Kill the server; its log has what it committed."""
        if self._process is not None:
            self._guard.stop(self._process, signal.SIGKILL)
            self._process = None

    def delete(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def _stopped(self) -> Iterator[None]:
        """Stop every thread of the server with a signal meanwhile.

        Raises:
            MariaDbError: The server has ended.
        """
        if self._process is None:
            raise MariaDbError(f"the server in {self.folder} is not running, so it cannot be copied")
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            _, status = os.waitpid(self._process.pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                raise MariaDbError(f"the server in {self.folder} ended while it was copied")
            yield
        finally:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGCONT)

    def _is_ready(self) -> bool:
        try:
            self.connect().close()
        except pymysql.Error:
            return False
        return True
