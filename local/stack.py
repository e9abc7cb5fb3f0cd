"""A whole stack on this machine: the customer's filled clusters, and the deployed product."""

from __future__ import annotations

import secrets
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from catalog.loader import CATALOG_DIRECTORY, load_catalog
from local.aurora.fleet import Fleet
from local.aws.server import EmbeddedAws
from local.data.readers import create_reader
from local.deploy.cloud import Cloud
from local.deploy.config import allowed_account, region, stack_config
from local.deploy.engine import Deployment
from local.deploy.program import deploy
from local.engine_versions import source_key
from local.guard import ProcessGuard
from local.secrets import make_secrets
from local.source_data import Bookings, Sources, Tell, domains_with_data
from local.spark_env import LocalSpark

if TYPE_CHECKING:
    from types import TracebackType

STACK = "test"
WORK = Path("build/embedded")
_ROWS_OF_SMALL_HEAP = 300_000


class LocalStack:
    """The embedded AWS with source clusters and the deployed stack; nothing is left at its end.

    `rows` is the approximate number of source rows, which determines Spark's memory.
    """

    def __init__(
        self,
        *,
        rows: int,
        sources: Sources | None = None,
        catalog: Path = CATALOG_DIRECTORY,
        work: Path = WORK,
        time_scale: float = 0.02,
        tell: Tell = lambda _: None,
    ) -> None:
        self._tell = tell
        self.catalog_folder = catalog
        self.catalog = load_catalog(catalog)
        self._sources = sources if sources is not None else Bookings(rows, tell)
        self.clusters = self._sources.clusters(self.catalog)
        self.account = allowed_account(stack_config(STACK), STACK)
        self._work = work.absolute()
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(parents=True)
        self.guard = ProcessGuard()
        self.fleet = Fleet(self._work / "aurora", self.guard)
        small = rows <= _ROWS_OF_SMALL_HEAP
        self.aws = EmbeddedAws(
            account=self.account,
            region=region(stack_config(STACK), STACK),
            work=self._work,
            time_scale=time_scale,
            clusters=self.fleet,
            # What is measured with many rows is measured of a new JVM, as a worker of EMR Serverless is.
            submit=LocalSpark(self._work, memory_mb=1024 if small else 2048, quick=small, reuses=small),
            guard=self.guard,
        )
        self._open = ExitStack()
        self.deployment = Deployment({}, {})

    @property
    def partitions(self) -> list[str]:
        """Return the identifiers of the partition clusters."""
        return [cluster.identifier for cluster in self.clusters if cluster.group == "partitions"]

    @property
    def main(self) -> str:
        """Return the identifier of the main cluster."""
        (name,) = (cluster.identifier for cluster in self.clusters if cluster.group == "main")
        return name

    @property
    def domains(self) -> list[str]:
        """Return the names of the domains whose clusters have servers here."""
        return domains_with_data(self.catalog, self.clusters)

    @property
    def data_bucket(self) -> str:
        """Return the name of the data bucket."""
        return str(self.deployment.outputs["dataBucket"])

    def machine_arn(self, domain: str) -> str:
        """Return the ARN of a domain's state machine."""
        return str(self.deployment.outputs["stateMachines"][domain])

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 clients are made at run time
        """Return a client of the embedded AWS."""
        return self.aws.client(service)

    def __enter__(self) -> Self:
        """Start and fill the servers, and deploy the stack."""
        try:
            self._open.enter_context(self.aws)
            self._open.callback(self.fleet.close)
            self._sources.fill(self.fleet, self.clusters)
            make_network(self.aws)
            raise_quotas(self.aws)
            self._register_clusters()
            self._tell("deploying the Pulumi program")
            self.deployment = deploy(Cloud(self.aws), STACK, catalog=str(self.catalog_folder))
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything and delete the servers' data."""
        self._open.close()

    def _register_clusters(self) -> None:
        """Register the sources with RDS, and their readers' passwords with Secrets Manager."""
        rds = self.client("rds")
        # The program needs the secrets of the whole catalog, even for clusters without a server.
        passwords = {cluster.password_secret: secrets.token_urlsafe() for cluster in self.catalog.clusters.values()}
        for cluster in self.clusters:
            endpoint = self.fleet.running(cluster.identifier)
            rds.create_db_cluster(
                DBClusterIdentifier=cluster.identifier,
                Engine=cluster.engine,
                DatabaseName=cluster.database,
                MasterUsername="administrator",
                MasterUserPassword=endpoint.password,
                Port=endpoint.port,
                StorageEncrypted=True,
                KmsKeyId=source_key(self.aws.active.region),
            )
            rds.create_db_instance(
                DBInstanceIdentifier=f"{cluster.identifier}-1",
                DBClusterIdentifier=cluster.identifier,
                DBInstanceClass="db.r6g.large",
                Engine=cluster.engine,
            )
            passwords[cluster.password_secret] = create_reader(self.fleet, cluster)
        # The program reads all sources of the catalog, even those without a server.
        for cluster in self.catalog.clusters.values():
            if cluster.identifier not in {known.identifier for known in self.clusters}:
                rds.create_db_cluster(
                    DBClusterIdentifier=cluster.identifier,
                    Engine=cluster.engine,
                    MasterUsername="none",
                    MasterUserPassword=secrets.token_urlsafe(),
                )
        make_secrets(self.aws, passwords)


def raise_quotas(aws: EmbeddedAws) -> None:
    """Raise the account's vCPU quota from its default of 16 to the application's maximum."""
    most = float(stack_config(STACK).get("rates-avail-migration-bootstrap:maxVcpu", 64))
    aws.client("service-quotas").request_service_quota_increase(
        ServiceCode="emr-serverless", QuotaCode="L-D05C8A75", DesiredValue=most
    )


def make_network(aws: EmbeddedAws, stack: str = STACK) -> None:
    """Create the VPC of the customer's account."""
    ec2 = aws.client("ec2")
    config = stack_config(stack)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    names = {vpc: config["rates-avail-migration-bootstrap:vpcName"]}
    subnet_tag = config["rates-avail-migration-bootstrap:subnetTag"]
    for number in range(2):
        made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]
        names[made["SubnetId"]] = subnet_tag
    for resource, name in names.items():
        ec2.create_tags(Resources=[resource], Tags=[{"Key": "Name", "Value": name}])
