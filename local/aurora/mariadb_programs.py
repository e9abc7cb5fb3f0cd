"""MariaDB's programs, which the system's packages bring, and the settings that every server runs with."""

from __future__ import annotations

import os
import shutil

from local.certificates import HOST
from local.errors import MariaDbError

_SYSTEM_PATH = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"))
_CERTIFICATE, _KEY = "server.crt", "server.key"
# Not safe against a crash of the machine, and small: eighteen servers share it.
SETTINGS = {
    "bind-address": HOST,
    "socket": "mysql.sock",  # in the data's folder: a longer path is none of a socket
    "pid-file": "mysql.pid",
    "ssl-cert": _CERTIFICATE,
    "ssl-key": _KEY,
    "max-connections": "60",
    "max-allowed-packet": "1G",  # no row of a dump is longer
    "character-set-server": "utf8mb4",
    "collation-server": "utf8mb4_general_ci",
    "default-time-zone": "+00:00",
    "sql-mode": "",
    "innodb-buffer-pool-size": "24M",
    "innodb-log-file-size": "16M",
    "innodb-flush-log-at-trx-commit": "2",
    "innodb-use-native-aio": "0",  # no write goes on while the server is stopped
    "innodb-temp-data-file-path": "ibtmp1:5M:autoextend",
    "innodb-strict-mode": "0",
    "innodb-stats-on-metadata": "0",
    "performance-schema": "0",
    "table-open-cache": "400",
}
LAYOUT = {
    "innodb-log-file-size": SETTINGS["innodb-log-file-size"],
    "innodb-use-native-aio": "0",
    "innodb-undo-tablespaces": "0",
}


def require_mariadb() -> None:
    """Look for MariaDB's programs.

    Raises:
        MariaDbError: They are not installed; says how to get them.
    """
    for name in ("mariadbd", "mariadb-install-db"):
        program(name)


def program(name: str) -> str:
    """Return the path of one of MariaDB's programs.

    Raises:
        MariaDbError: It is not installed; says how to get it.
    """
    path = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), _SYSTEM_PATH)))
    if path is None:
        raise MariaDbError(
            f"{name} is not on this machine, and Aurora MySQL runs on it here; install MariaDB's server "
            "(Debian, Ubuntu: apt-get install mariadb-server; macOS: brew install mariadb)"
        )
    return path


def account() -> list[str]:
    """Return the option that lets a server run as root, which it refuses to do unasked."""
    return ["--user=root"] if os.geteuid() == 0 else []


def options(settings: dict[str, str]) -> list[str]:
    """Return settings as options of a program."""
    return [f"--{name}={value}" for name, value in settings.items()]
