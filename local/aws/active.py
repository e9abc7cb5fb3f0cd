"""The embedded AWS of this process. There is at most one, because moto keeps its backends per process."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from local.errors import LocalError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Hashable, Mapping
    from pathlib import Path

    from local.guard import ProcessGuard


@dataclass(frozen=True)
class Endpoint:
    """The address of a database server."""

    host: str
    port: int


class ClusterBackend(Protocol):
    """The database servers behind RDS, which can copy them while they run."""

    def endpoint(self, identifier: str) -> Endpoint | None:
        """Return the address of the cluster's server, or None if no server has that name."""

    def clone(self, source: str, clone: str) -> Endpoint:
        """Make a physical copy of the running server `source` and start it."""

    def destroy(self, identifier: str) -> None:
        """Stop the server and delete its data."""

    def volume_bytes(self, identifier: str) -> int | None:
        """Return the size of the server's tables and indexes in bytes, or None if no server has that name."""


@dataclass(frozen=True)
class Command:
    """A program with its arguments and environment."""

    arguments: list[str]
    environment: dict[str, str]
    secrets: Path | None = None  # a folder to delete when the program ends
    vcpu: float = 1
    memory_gb: float = 1
    # What the program is asked to run, where it runs one application after the other; None where it is the application.
    application: list[str] | None = None
    kind: Hashable = None  # programs of one kind can run each other's applications


class Submit(Protocol):
    """A function that turns a job run of EMR Serverless into a program."""

    def __call__(
        self, spark_submit: Mapping[str, Any], properties: Mapping[str, str], environment: Mapping[str, str]
    ) -> Command:
        """Return the program for a sparkSubmit job driver, its Spark properties and its AWS environment."""


@dataclass
class Active:
    """Settings and working folders of the running embedded AWS."""

    account: str
    region: str
    port: int
    work: Path
    guard: ProcessGuard
    time_scale: float = 1.0
    cluster_seconds: float = 0.5
    clusters: ClusterBackend | None = None
    submit: Submit | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    idle_drivers: dict[Hashable, list[subprocess.Popen[Any]]] = field(default_factory=dict)  # by kind of command

    @property
    def endpoint_url(self) -> str:
        """Return the endpoint of every service."""
        return f"http://127.0.0.1:{self.port}"


_active: list[Active] = []


def activate(settings: Active) -> None:
    """Make `settings` the embedded AWS of this process."""
    _active[:] = [settings]


def active() -> Active:
    """Return the embedded AWS of this process.

    Raises:
        LocalError: No embedded AWS was started.
    """
    if not _active:
        raise LocalError("no embedded AWS runs in this process; start local.aws.server.EmbeddedAws")
    return _active[0]
