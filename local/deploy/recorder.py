"""Recordings of the declared resources without AWS, with a placeholder ${name.property} for each answer of AWS."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi.runtime import settings
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from catalog.loader import CATALOG_DIRECTORY, load_catalog
from local.deploy.config import allowed_account, project_name, region, stack_config
from local.deploy.engine import Deployment, run_program
from local.engine_versions import VERSIONS, source_key
from local.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECRET = "aws:secretsmanager/getSecret:getSecret"  # noqa: S105 - a data source, no secret
_CLUSTER = "aws:rds/getCluster:getCluster"

_SUBNETS = ["${subnet 1}", "${subnet 2}"]


class Recorder(Mocks):
    """A provider that answers with placeholders, which name the resource."""

    def __init__(self, account: str, region: str, catalog: Path = CATALOG_DIRECTORY) -> None:
        self._catalog = catalog
        self._engines: dict[str, str] = {}
        self._reading = threading.Lock()
        self._region = region
        identity = {"id": account, "accountId": account, "arn": "${caller.arn}", "userId": "${caller.id}"}
        self._answers: dict[str, dict[str, Any]] = {
            "aws:index/getCallerIdentity:getCallerIdentity": identity,
            "aws:ec2/getVpc:getVpc": {"id": "${vpc}", "cidrBlock": "${vpc.cidr}"},
            "aws:ec2/getSubnets:getSubnets": {"id": "${subnets}", "ids": _SUBNETS},
            "aws:ec2/getRouteTables:getRouteTables": {"id": "${route tables}", "ids": ["${route table}"]},
        }

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Return placeholders, or nothing in a preview."""
        if settings.is_dry_run():
            return "", args.inputs
        answers = {name: f"${{{args.name}.{name}}}" for name in ("arn", "keyId", "name")}
        return f"${{{args.name}.id}}", {**answers, **args.inputs}

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """Answer a data source."""
        if args.token == _SECRET:
            secret = f"secret {args.args['name']}"
            return {"id": f"${{{secret}}}", "arn": f"${{{secret}.arn}}", "kmsKeyId": f"${{{secret}.key}}"}, []
        if args.token == _CLUSTER:
            return self._cluster(str(args.args["clusterIdentifier"])), []
        if args.token not in self._answers:
            raise DeployError(f"{args.token} has no recorded answer; add one to local/deploy/recorder.py")
        return self._answers[args.token], []

    def _cluster(self, identifier: str) -> dict[str, Any]:
        """Return a source cluster with the catalog's engine."""
        with self._reading:  # Pulumi asks for all sources at once, and loading a catalog takes a tenth of a second
            if not self._engines:
                clusters = load_catalog(self._catalog).clusters
                self._engines = {name: cluster.engine for name, cluster in clusters.items()}
        engine = self._engines[identifier]
        return {
            "id": identifier,
            "clusterIdentifier": identifier,
            "engine": engine,
            "engineVersion": VERSIONS[engine],
            "storageEncrypted": True,
            "kmsKeyId": source_key(self._region),
        }


def record(stack: str, changed: Mapping[str, str] | None = None, *, preview: bool = False) -> Deployment:
    """Return the declared resources of a stack; `changed` overrides values of the project in the stack file."""
    config = stack_config(stack)
    return record_config(
        stack, config | {f"{project_name()}:{k}": v for k, v in (changed or {}).items()}, preview=preview
    )


def record_config(stack: str, config: dict[str, str], *, preview: bool = False) -> Deployment:
    """Return the declared resources of a stack with this configuration, which needs no file."""
    catalog = Path(config.get(f"{project_name()}:catalog") or CATALOG_DIRECTORY)
    recorder = Recorder(allowed_account(config, stack), region(config, stack), catalog)
    return run_program(recorder, stack, config, preview=preview)
