"""The embedded AWS: moto and its extensions on one port of this machine."""

from __future__ import annotations

import logging
import os
import threading
from functools import lru_cache, partialmethod
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config
from moto.core.config import default_user_config
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.server import ThreadedMotoServer
from werkzeug.serving import BaseWSGIServer

from catalog.authorities import VARIABLE
from local.aws import (
    authorization,
    cloudwatch,
    emr_serverless,
    events,
    iam,
    lambda_,
    quotas,
    rds,
    s3,
    serialization,
    service_models,
)
from local.aws.active import Active, ClusterBackend, Submit, activate
from local.aws.dynamodb import conditions, exports, imports, options, recovery, settings, tables, tokens, writes
from local.aws.seams import replace
from local.aws.stepfunctions import (
    clients,
    definitions,
    executions,
    faults,
    jsonata,
    map_runs,
    sync,
    tasks,
    timing,
    trace,
)
from local.certificates import authority
from local.guard import ProcessGuard
from local.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

ACCESS_KEY = "embedded"
_READ_SECONDS = 900
_STOP_LOOK_SECONDS = 0.05
_STEP_FUNCTIONS = (jsonata, clients, tasks, sync, timing, map_runs, executions, definitions, faults, trace)
_SERVICES = (
    authorization,
    lambda_,
    emr_serverless,
    events,
    imports,
    exports,
    recovery,
    settings,
    writes,
    conditions,
    options,
    tables,
    s3,
    rds,
    quotas,
    cloudwatch,
    iam,
)
_installed: list[bool] = []


def install() -> None:
    """Extend moto, once per process."""
    if not _installed:
        service_models.install()
        serialization.install()
        find = DomainDispatcherApplication.get_backend_for_host
        # Without the cache moto lists its own folder for each request.
        replace(DomainDispatcherApplication, "get_backend_for_host", lru_cache(maxsize=256)(find))
        # By default the server looks for its end each half second, and most of a short test is that wait.
        serve = BaseWSGIServer.serve_forever
        replace(BaseWSGIServer, "serve_forever", partialmethod(serve, poll_interval=_STOP_LOOK_SECONDS))
        for extension in (*_STEP_FUNCTIONS, *_SERVICES):
            extension.install()
        _installed.append(True)


class EmbeddedAws:
    """An embedded AWS; the context manager stops everything that it started."""

    def __init__(
        self,
        *,
        account: str,
        region: str,
        work: Path,
        time_scale: float = 0.02,
        clusters: ClusterBackend | None = None,
        submit: Submit | None = None,
        guard: ProcessGuard | None = None,
    ) -> None:
        install()
        self._guard = guard or ProcessGuard()
        work.mkdir(parents=True, exist_ok=True)
        port = free_port()
        self.active = Active(
            account=account,
            region=region,
            port=port,
            work=work,
            guard=self._guard,
            time_scale=time_scale,
            clusters=clusters,
            submit=submit,
        )
        self._lock = threading.Lock()
        self._session: Any = boto3.session.Session()  # the stubs support only literal service names
        self._clients: dict[str, Any] = {}
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)

    @property
    def endpoint_url(self) -> str:
        """Return the endpoint of every service."""
        return self.active.endpoint_url

    def environment(self) -> dict[str, str]:
        """Return the variables with which the aws command or boto3 uses this AWS."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": self.active.region,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
            VARIABLE: str(authority().bundle),
        }

    def client(self, service: str) -> Any:
        """Return the boto3 client of a service, created once: that takes a tenth of a second."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._session.client(
                    service,
                    region_name=self.active.region,
                    endpoint_url=self.endpoint_url,
                    aws_access_key_id=ACCESS_KEY,
                    aws_secret_access_key=ACCESS_KEY,
                    # A repeated call would meet what the first one created.
                    config=Config(max_pool_connections=64, read_timeout=_READ_SECONDS),
                )
            return self._clients[service]

    def __enter__(self) -> Self:
        """Start the server."""
        # moto's interpreter and its account look-up read these.
        os.environ["MOTO_PORT"] = str(self.active.port)
        os.environ["MOTO_ACCOUNT_ID"] = self.active.account
        default_user_config["stepfunctions"] = {"execute_state_machine": True}
        default_user_config["lambda"] = {"use_docker": True}  # the alternative only echoes the event
        self._keep_log()
        activate(self.active)
        self._server.start()
        return self

    def _keep_log(self) -> None:
        """Write the server's errors to a file instead of the terminal."""
        path = self.active.work / "logs" / "aws.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        for name in ("werkzeug", "moto", "moto.server"):
            logger = logging.getLogger(name)
            logger.handlers[:] = [handler]
            logger.propagate = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop every program and the server, and clear all state."""
        self.active.stopping.set()
        self._guard.close()
        self._server.stop()
        moto_api_backend.reset()
        for part in (authorization, clients, lambda_, tokens, faults, map_runs):
            part.forget()
