"""MariaDB's programs, installed from system packages, and the settings of every server."""

from __future__ import annotations

import os
import shutil

from local.certificates import HOST
from local.errors import MariaDbError

_SYSTEM_PATH = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"))
_CERTIFICATE, _KEY = "server.crt", "server.key"
# Small, because eighteen servers share the machine, and not safe against its crash.
SETTINGS = {
    "bind-address": HOST,
    "socket": "mysql.sock",  # in the data folder, because the path of a socket must be short
    "pid-file": "mysql.pid",
    "ssl-cert": _CERTIFICATE,
    "ssl-key": _KEY,
    "max-connections": "60",
    "max-allowed-packet": "1G",  # the longest row of a dump
    "character-set-server": "utf8mb4",
    "collation-server": "utf8mb4_general_ci",
    "default-time-zone": "+00:00",
    "sql-mode": "",
    "innodb-buffer-pool-size": "24M",
    "innodb-log-file-size": "16M",
    "innodb-flush-log-at-trx-commit": "2",
    "innodb-use-native-aio": "0",  # no write continues while the server is stopped
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
    """Check that MariaDB's programs are installed.

    Raises:
        MariaDbError: They are not; the message says how to install them.
    """
    for name in ("mariadbd", "mariadb-install-db"):
        program(name)


def program(name: str) -> str:
    """Return the path of one of MariaDB's programs.

    Raises:
        MariaDbError: It is not installed; the message says how to install it.
    """
    path = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), _SYSTEM_PATH)))
    if path is None:
        raise MariaDbError(
            f"{name} is missing, and Aurora MySQL runs on MariaDB here; install MariaDB's server "
            "(Debian, Ubuntu: apt-get install mariadb-server; macOS: brew install mariadb)"
        )
    return path


def account() -> list[str]:
    """Return the option without which a server refuses to run as root."""
    return ["--user=root"] if os.geteuid() == 0 else []


def options(settings: dict[str, str]) -> list[str]:
    """Return settings as command-line options."""
    return [f"--{name}={value}" for name, value in settings.items()]
