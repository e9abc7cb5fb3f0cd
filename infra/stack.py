"""Put the parts together."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime import config

from catalog.errors import CatalogError
from catalog.loader import load_catalog
from infra import policies
from infra.artifacts import Artifacts, ArtifactsArgs
from infra.boundary import Boundary, BoundaryArgs
from infra.clone_parameters import CloneParameters, CloneParametersArgs
from infra.clone_price import usd_per_hour
from infra.domain_pipeline import DomainPipeline, DomainPipelineArgs
from infra.lookups import Lookups, look_up
from infra.naming import Naming
from infra.network import Network, NetworkArgs
from infra.observability import Observability, ObservabilityArgs
from infra.operator_access import OperatorAccess, OperatorAccessArgs
from infra.releases import release_files
from infra.secrets import ReaderSecrets, ReaderSecretsArgs
from infra.service_functions import service_functions
from infra.settings import Settings
from infra.spark_application import SparkApplication, SparkApplicationArgs
from infra.storage import Storage, StorageArgs
from infra.streams import Streams, StreamsArgs
from statemachine.errors import DefinitionError
from statemachine.kinds import BOOTSTRAP, CATCH_UP, KINDS, Kind
from statemachine.names import DeployedNames
from statemachine.render import render

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from catalog.models import Catalog, TableSettings
    from statemachine.workers import Workers


def deploy() -> dict[str, Any]:
    """Declare every resource of the stack and return what it exports.

    All that a user can get wrong is looked at before the first resource is declared, and ends the program in one line.

    Raises:
        RunError: The stack file, the catalog, the release or the account cannot be used.
    """
    values = {**config.get_config_env(), **config.CONFIG.get()}
    settings = Settings.read(values, pulumi.get_stack())
    naming = Naming(
        settings.stack,
        settings.account,
        settings.region,
        settings.tags,
        "" if settings.plain_stream_names else f"migration-{settings.stack}-",
    )
    try:
        catalog = load_catalog(settings.catalog)
        _check_definitions(catalog, naming, settings.workers)
    except (CatalogError, DefinitionError) as error:
        raise pulumi.RunError(str(error)) from error
    release = release_files()
    usd_per_hour(settings.clone_instance_class)  # raises where the run watch could not price a clone
    return _Stack(settings, naming, catalog, release, look_up(settings, catalog)).exports()


def _check_definitions(catalog: Catalog, naming: Naming, workers: Workers) -> None:
    """Render every domain, so that a wrong template ends a preview, in which deployed names are not known yet."""
    placeholder = DeployedNames.placeholder(naming.stack)
    names = replace(
        placeholder,
        region=naming.region,
        stream_prefix=naming.stream_prefix,
        tags=naming.enterprise_tags,
        workers=workers,
    )
    for domain in catalog.domains:
        for kind in KINDS:
            render(catalog, domain, names, kind=kind)


class _Stack:
    """The components of one stack, each made of those before it."""

    def __init__(
        self, settings: Settings, naming: Naming, catalog: Catalog, release: Mapping[str, Path], lookups: Lookups
    ) -> None:
        self._naming = naming
        self._catalog = catalog
        self._workers = settings.workers
        self._second_person = settings.second_person
        engines = {cluster.engine for cluster in catalog.clusters.values()}
        prefix = naming.prefix
        self._boundary_arn = Boundary(
            naming.boundary, BoundaryArgs(naming=naming, state_bucket=settings.state_bucket)
        ).arn
        self._storage = Storage(f"{prefix}-storage", StorageArgs(naming=naming, keep_days=settings.keep_days))
        key_arn = self._storage.key_arn
        self._artifacts = Artifacts(
            f"{prefix}-uploads",
            ArtifactsArgs(naming=naming, catalog=catalog, release=release, bucket=self._storage.artifacts.id),
        )
        network = Network(
            f"{prefix}-network", NetworkArgs(naming=naming, settings=settings, subnets=lookups.subnets, engines=engines)
        )
        parameters = CloneParameters(
            f"{prefix}-parameters", CloneParametersArgs(naming=naming, families=lookups.sources.families)
        )
        self._spark = SparkApplication(
            naming.application,
            SparkApplicationArgs(
                naming=naming,
                settings=settings,
                subnet_ids=network.subnet_ids,
                security_group_id=network.jobs_group_id,
                key_arn=key_arn,
                boundary_arn=self._boundary_arn,
                job_policy=key_arn.apply(lambda key: policies.spark_job(naming, key)),
            ),
        )
        ReaderSecrets(
            f"{prefix}-secrets",
            ReaderSecretsArgs(arns=lookups.secret_arns, application_arn=self._spark.arn),
        )
        self._functions = service_functions(
            naming=naming,
            settings=settings,
            catalog=catalog,
            sources=lookups.sources,
            clones_group_id=network.clones_group_id,
            parameter_groups=parameters.groups,
            spark=self._spark,
            key_arn=key_arn,
            boundary_arn=self._boundary_arn,
        )
        names = [table.stream for domain in catalog.domains.values() for table in domain.tables if table.stream]
        streams = Streams(f"{prefix}-streams", StreamsArgs(naming=naming, settings=settings, names=names))
        self._pipelines, self._catch_ups = (
            {domain: self._pipeline(domain, kind, settings.keep_days) for domain in catalog.domains} for kind in KINDS
        )
        self._observability = Observability(
            prefix,
            ObservabilityArgs(
                naming=naming,
                settings=settings,
                key_arn=key_arn,
                boundary_arn=self._boundary_arn,
                pipelines=[*self._pipelines.values(), *self._catch_ups.values()],
                functions=self._functions,
                application=self._spark,
                streams=streams,
            ),
        )
        self._access = OperatorAccess(
            prefix,
            OperatorAccessArgs(
                naming=naming,
                settings=settings,
                catalog=catalog,
                key_arn=key_arn,
                application_arn=self._spark.arn,
                boundary_arn=self._boundary_arn,
            ),
        )

    def exports(self) -> dict[str, Any]:
        """Return what the stack exports."""
        return {
            "artifactsBucket": self._storage.artifacts.id,
            "dataBucket": self._storage.data.id,
            "applicationId": self._spark.id,
            "stateMachines": {domain: pipeline.arn for domain, pipeline in self._pipelines.items()},
            "catchUpMachines": {domain: pipeline.arn for domain, pipeline in self._catch_ups.items()},
            "notificationsTopic": self._observability.topic_arn,
            "roles": self._access.role_arns,
        }

    def _pipeline(self, domain: str, kind: Kind, keep_days: int) -> DomainPipeline:
        arns = pulumi.Output.all(self._storage.key_arn, self._spark.arn, self._spark.job_role_arn)
        tables = self._catalog.domains[domain].tables
        return DomainPipeline(
            self._naming.catch_up_machine(domain) if kind is CATCH_UP else self._naming.machine(domain),
            DomainPipelineArgs(
                naming=self._naming,
                catalog=self._catalog,
                domain=domain,
                kind=kind,
                names=self._deployed_names(domain),
                policy=arns.apply(partial(_machine_policy, self._naming, domain, tables, kind=kind)),
                key_arn=self._storage.key_arn,
                boundary_arn=self._boundary_arn,
                keep_days=keep_days,
                workers=self._workers,
            ),
        )

    def _deployed_names(self, domain: str) -> pulumi.Output[DeployedNames]:
        naming = self._naming
        functions = ("aurora-clone", "run-registry", "table-writer")
        arns = [self._storage.key_arn, *(self._functions[name].arn for name in functions)]
        return pulumi.Output.all(*arns).apply(
            lambda found: DeployedNames(
                stack=naming.stack,
                region=naming.region,
                account=naming.account,
                data_bucket=naming.data_bucket,
                artifacts_bucket=naming.artifacts_bucket,
                clone_function_arn=found[1],
                registry_function_arn=found[2],
                writer_function_arn=found[3],
                application_name=naming.application,
                job_role_name=naming.job_role,
                spec_key=self._artifacts.spec_keys[domain],
                data_key_arn=found[0],
                stream_prefix=naming.stream_prefix,
                tags=naming.enterprise_tags,
                workers=self._workers,
                second_person=self._second_person,
            )
        )


def _machine_policy(
    naming: Naming, domain: str, tables: tuple[TableSettings, ...], arns: list[str], kind: Kind = BOOTSTRAP
) -> dict[str, Any]:
    key, application, job_role = arns
    policy = policies.catch_up_machine if kind is CATCH_UP else policies.machine
    return policy(naming, domain, key_arn=key, application_arn=application, job_role_arn=job_role, tables=tables)
