"""MariaDB server of this machine, in the caller's folder, on loopback."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local.certificates import authority
from local.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER = shutil.which("mariadbd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
_INSTALL = shutil.which("mariadb-install-db") or "mariadb-install-db"
_START_SECONDS = 60


class MariaDb:
    """Running server with a user that has all rights in the database `shop`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.password = secrets.token_urlsafe(16)
        self._client = ["mariadb", f"--socket={folder}/s", "--default-character-set=utf8mb4", "--batch"]

    def run(self, sql: str) -> str:
        """Run SQL as the server's own administrator; return what it prints."""
        return subprocess.run(
            [*self._client, "shop"], input=sql, capture_output=True, text=True, check=True, encoding="utf-8"
        ).stdout

    def prepare(self) -> None:
        """Wait for the server, and make the database and its reader."""
        deadline = time.monotonic() + _START_SECONDS
        while subprocess.run([*self._client, "-e", "SELECT 1"], capture_output=True, check=False).returncode:
            if time.monotonic() > deadline:
                raise TimeoutError("mariadbd did not start")
            time.sleep(0.2)
        user = f"CREATE USER reader@localhost IDENTIFIED BY '{self.password}'"
        made = f"CREATE DATABASE shop CHARACTER SET utf8mb4; {user}; GRANT ALL ON shop.* TO reader@localhost"
        subprocess.run([*self._client, "-e", made], check=True)


@contextmanager
def mariadb(folder: Path, certificate: tuple[Path, Path] | None = None, *, tls: bool = True) -> Iterator[MariaDb]:
    """Run a server until the block ends; it shows this process's certificate, or another with its key."""
    if SERVER is None:
        raise FileNotFoundError("mariadbd is not on this machine")
    folder.chmod(0o755)
    account = ["--user=root"] if os.geteuid() == 0 else []
    data = folder / "data"
    subprocess.run(
        [
            _INSTALL,
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            *account,
        ],
        check=True,
        capture_output=True,
    )
    server = MariaDb(folder)
    command = [SERVER, "--no-defaults", f"--datadir={data}", f"--socket={folder}/s", f"--port={server.port}", *account]
    if tls:
        shown, secret = certificate or authority().issue(folder)
        command += [f"--ssl-cert={shown}", f"--ssl-key={secret}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--bind-address=127.0.0.1", "--sql-mode="], stdout=log, stderr=log)
    try:
        server.prepare()
        yield server
    finally:
        process.terminate()
        process.wait(30)
