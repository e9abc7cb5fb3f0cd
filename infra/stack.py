"""The parts of a stack; `__main__.py` creates them in order, each from the earlier ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra import policies
from infra.components.artifacts import Artifacts, ArtifactsArgs
from infra.components.boundary import Boundary, BoundaryArgs
from infra.components.clone_parameters import CloneParameters, CloneParametersArgs
from infra.components.network import Network, NetworkArgs
from infra.components.observability import Observability, ObservabilityArgs
from infra.components.operator_access import OperatorAccess, OperatorAccessArgs
from infra.components.secrets import ReaderSecrets, ReaderSecretsArgs
from infra.components.service_functions import service_functions
from infra.components.spark_application import SparkApplication, SparkApplicationArgs
from infra.components.state_machines import StateMachines, state_machines
from infra.components.storage import Storage, StorageArgs
from infra.components.streams import Streams, StreamsArgs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from infra.components.function import Function
    from infra.inputs import Inputs


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """The permissions boundary and the encrypted buckets, which every other part needs."""

    boundary_arn: pulumi.Output[str]
    storage: Storage

    @property
    def key_arn(self) -> pulumi.Output[str]:
        """Return the key that encrypts buckets, logs and notices."""
        return self.storage.key_arn


def create_foundation(inputs: Inputs) -> Foundation:
    """Create the permissions boundary, the key and the buckets."""
    naming, settings = inputs.naming, inputs.settings
    boundary = Boundary(naming.boundary, BoundaryArgs(naming=naming, state_bucket=settings.state_bucket))
    storage = Storage(f"{naming.prefix}-storage", StorageArgs(naming=naming, keep_days=settings.keep_days))
    return Foundation(boundary_arn=boundary.arn, storage=storage)


def create_artifacts(inputs: Inputs, foundation: Foundation) -> Artifacts:
    """Upload the release and the specs."""
    naming, bucket = inputs.naming, foundation.storage.artifacts.id
    args = ArtifactsArgs(naming=naming, catalog=inputs.catalog, release=inputs.release, bucket=bucket)
    return Artifacts(f"{naming.prefix}-uploads", args)


def create_network(inputs: Inputs) -> Network:
    """Create the security groups of the jobs and of the clones."""
    naming = inputs.naming
    engines = {cluster.engine for cluster in inputs.catalog.clusters.values()}
    args = NetworkArgs(naming=naming, settings=inputs.settings, subnets=inputs.lookups.subnets, engines=engines)
    return Network(f"{naming.prefix}-network", args)


def create_spark(inputs: Inputs, foundation: Foundation, network: Network) -> SparkApplication:
    """Create the Spark application, and let only it read the database passwords."""
    naming = inputs.naming
    spark = SparkApplication(
        naming.application,
        SparkApplicationArgs(
            naming=naming,
            settings=inputs.settings,
            subnet_ids=network.subnet_ids,
            security_group_id=network.jobs_group_id,
            key_arn=foundation.key_arn,
            boundary_arn=foundation.boundary_arn,
            job_policy=foundation.key_arn.apply(lambda key: policies.spark_job(naming, key)),
        ),
    )
    ReaderSecrets(
        f"{naming.prefix}-secrets", ReaderSecretsArgs(arns=inputs.lookups.secret_arns, application_arn=spark.arn)
    )
    return spark


def create_functions(
    inputs: Inputs, foundation: Foundation, network: Network, spark: SparkApplication
) -> dict[str, Function]:
    """Create the functions that clone, lock and write; return them by name without the stack's prefix."""
    naming = inputs.naming
    parameters = CloneParameters(
        f"{naming.prefix}-parameters", CloneParametersArgs(naming=naming, families=inputs.lookups.sources.families)
    )
    return service_functions(
        naming=naming,
        settings=inputs.settings,
        catalog=inputs.catalog,
        sources=inputs.lookups.sources,
        clones_group_id=network.clones_group_id,
        parameter_groups=parameters.groups,
        spark=spark,
        key_arn=foundation.key_arn,
        boundary_arn=foundation.boundary_arn,
    )


def create_machines(
    inputs: Inputs,
    foundation: Foundation,
    artifacts: Artifacts,
    spark: SparkApplication,
    functions: Mapping[str, Function],
) -> StateMachines:
    """Create the two state machines of every domain."""
    return state_machines(
        naming=inputs.naming,
        settings=inputs.settings,
        catalog=inputs.catalog,
        artifacts=artifacts,
        spark=spark,
        functions=functions,
        key_arn=foundation.key_arn,
        boundary_arn=foundation.boundary_arn,
    )


def create_streams(inputs: Inputs) -> Streams:
    """Create the streams that the catalog names."""
    naming = inputs.naming
    names = [table.stream for domain in inputs.catalog.domains.values() for table in domain.tables if table.stream]
    return Streams(f"{naming.prefix}-streams", StreamsArgs(naming=naming, settings=inputs.settings, names=names))


def create_observability(  # noqa: PLR0917 - the parts in the order in which they are created
    inputs: Inputs,
    foundation: Foundation,
    spark: SparkApplication,
    functions: Mapping[str, Function],
    machines: StateMachines,
    streams: Streams,
) -> Observability:
    """Create the topic, the run watch, the alarms and the dashboard."""
    return Observability(
        inputs.naming.prefix,
        ObservabilityArgs(
            naming=inputs.naming,
            settings=inputs.settings,
            key_arn=foundation.key_arn,
            boundary_arn=foundation.boundary_arn,
            pipelines=machines.pipelines,
            functions=functions,
            application=spark,
            streams=streams,
        ),
    )


def create_access(inputs: Inputs, foundation: Foundation, spark: SparkApplication) -> OperatorAccess:
    """Create the roles that operate, deploy and preview."""
    return OperatorAccess(
        inputs.naming.prefix,
        OperatorAccessArgs(
            naming=inputs.naming,
            settings=inputs.settings,
            catalog=inputs.catalog,
            key_arn=foundation.key_arn,
            application_arn=spark.arn,
            boundary_arn=foundation.boundary_arn,
        ),
    )


def outputs(
    foundation: Foundation,
    spark: SparkApplication,
    machines: StateMachines,
    observability: Observability,
    access: OperatorAccess,
) -> dict[str, Any]:
    """Return the stack's outputs."""
    return {
        "artifactsBucket": foundation.storage.artifacts.id,
        "dataBucket": foundation.storage.data.id,
        "applicationId": spark.id,
        "stateMachines": {domain: pipeline.arn for domain, pipeline in machines.bootstrap.items()},
        "catchUpMachines": {domain: pipeline.arn for domain, pipeline in machines.catch_up.items()},
        "notificationsTopic": observability.topic_arn,
        "roles": access.role_arns,
    }
