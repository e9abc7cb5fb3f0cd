"""Lookups of the stack and the account, made once, when a check first needs them."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from catalog.models import Catalog, Cluster, Domain
    from runner.account.environments import Environment
    from runner.account.requests import Request

CLONE_SUFFIX = "-clone"
# A service that does not answer times out soon and counts as not checked. One connection per concurrent check.
_CONFIG = Config(
    connect_timeout=5, read_timeout=20, max_pool_connections=16, retries={"mode": "standard", "max_attempts": 3}
)


@dataclass
class Account:
    """The request, the catalog and the deployed stack, as the checks see them."""

    environment: Environment
    request: Request
    catalog: Catalog
    machine: str
    _clients: dict[str, Any] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 clients are made at run time
        """Return the shared client of a service; using a client is thread-safe, creating one is not."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self.environment.client(service, _CONFIG)
            return self._clients[service]

    def name(self, what: str) -> str:
        """Return the name of a resource of the stack."""
        return f"{self.environment.prefix}-{what}"

    def bucket(self, role: str) -> str:
        """Return a bucket's name: artifacts or data."""
        return f"{self.name(role)}-{self.environment.account}"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of the account."""
        return f"arn:aws:{service}:{self.environment.region}:{self.environment.account}:{resource}"

    @property
    def domain(self) -> Domain:
        """Return the domain to migrate, with the requested tables."""
        whole, chosen = self.catalog.domains[self.request.domain], self.request.tables
        if not chosen:
            return whole
        return whole.model_copy(update={"tables": tuple(table for table in whole.tables if table.name in chosen)})

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """Return the clusters that the domain reads."""
        return self.catalog.clusters_of(self.request.domain)

    def table_name(self, table: str) -> str:
        """Return a table's name in DynamoDB."""
        return table if self.request.mode == "official" else f"{table}-rehearsal"

    @property
    def prefix(self) -> str:
        """Return the prefix that the domain's items are written below."""
        return f"processed/{self.request.domain}/"

    @cached_property
    def tags(self) -> dict[str, str]:
        """Return the state machine's tags, which record facts of the deployment."""
        answer = self.client("stepfunctions").list_tags_for_resource(resourceArn=self.machine)
        return {tag["key"]: tag["value"] for tag in answer["tags"]}

    @property
    def streams(self) -> list[str]:
        """Return the deployed names of the domain's streams."""
        prefix = self.tags.get("migration:stream-prefix", "")
        return sorted({prefix + table.stream for table in self.domain.tables if table.stream})

    @cached_property
    def rds_clusters(self) -> dict[str, dict[str, Any]]:
        """Return every Aurora cluster of the Region."""
        pages = self.client("rds").get_paginator("describe_db_clusters").paginate()
        return {cluster["DBClusterIdentifier"]: cluster for page in pages for cluster in page["DBClusters"]}

    @cached_property
    def rds_instances(self) -> dict[str, dict[str, Any]]:
        """Return every database instance of the Region."""
        pages = self.client("rds").get_paginator("describe_db_instances").paginate()
        return {instance["DBInstanceIdentifier"]: instance for page in pages for instance in page["DBInstances"]}

    @cached_property
    def applications(self) -> list[dict[str, Any]]:
        """Return the EMR Serverless applications with the stack's name that are not terminated."""
        living = ["CREATING", "CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED"]
        pages = self.client("emr-serverless").get_paginator("list_applications").paginate(states=living)
        return [
            application
            for page in pages
            for application in page["applications"]
            if application["name"] == self.name("spark")
        ]

    @cached_property
    def application(self) -> dict[str, Any] | None:
        """Return the only application with the stack's name, or None."""
        if len(self.applications) != 1:
            return None
        identifier = self.applications[0]["id"]
        return dict(self.client("emr-serverless").get_application(applicationId=identifier)["application"])

    @cached_property
    def clone_function(self) -> dict[str, Any]:
        """Return the clone service's configuration."""
        return dict(self.client("lambda").get_function_configuration(FunctionName=self.name("aurora-clone")))

    @property
    def clone_class(self) -> str:
        """Return the instance class of a clone."""
        return str(self.clone_function["Environment"]["Variables"]["CLONE_INSTANCE_CLASS"])

    @property
    def parameter_groups(self) -> list[str]:
        """Return the families that the stack has clone parameter groups for."""
        groups = json.loads(self.clone_function["Environment"]["Variables"].get("CLONE_PARAMETER_GROUPS", "{}"))
        return sorted(groups)

    def missing_clones(self) -> list[str]:
        """Return the domain's clusters that have no clone yet."""
        return [c.identifier for c in self.clusters if c.identifier + CLONE_SUFFIX not in self.rds_clusters]


def missing(error: ClientError, *codes: str) -> bool:
    """Return whether an error means that a resource does not exist; S3 and EMR use numeric codes."""
    return error.response["Error"]["Code"] in (*codes, "404", "ResourceNotFoundException")


def reason(error: Exception) -> str:
    """Return a boto3 error in a few words."""
    if isinstance(error, ClientError):
        details = error.response["Error"]
        return f"{details.get('Code', 'error')}: {details.get('Message', '')}".strip(": ")
    return f"{type(error).__name__}: {error}".splitlines()[0]
