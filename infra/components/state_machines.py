"""The state machines of every domain: one migrates it, one catches it up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pulumi

from infra import policies
from infra.components.domain_pipeline import DomainPipeline, DomainPipelineArgs
from statemachine.kinds import BOOTSTRAP, CATCH_UP, Kind
from statemachine.names import DeployedNames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catalog.models import Catalog, TableSettings
    from infra.components.artifacts import Artifacts
    from infra.components.function import Function
    from infra.components.spark_application import SparkApplication
    from infra.naming import Naming
    from infra.settings.model import Settings

_CALLED = ("aurora-clone", "run-registry", "table-writer")


@dataclass(frozen=True, kw_only=True)
class StateMachines:
    """The state machines of a stack, by domain."""

    bootstrap: Mapping[str, DomainPipeline]
    catch_up: Mapping[str, DomainPipeline]

    @property
    def pipelines(self) -> list[DomainPipeline]:
        """Return all pipelines."""
        return [*self.bootstrap.values(), *self.catch_up.values()]


def state_machines(
    *,
    naming: Naming,
    settings: Settings,
    catalog: Catalog,
    artifacts: Artifacts,
    spark: SparkApplication,
    functions: Mapping[str, Function],
    key_arn: pulumi.Output[str],
    boundary_arn: pulumi.Input[str],
) -> StateMachines:
    """Declare both state machines of every domain."""
    arns = pulumi.Output.all(key_arn, spark.arn, spark.job_role_arn)
    deployed = pulumi.Output.all(key_arn, *(functions[name].arn for name in _CALLED))

    def pipeline(domain: str, kind: Kind) -> DomainPipeline:
        tables = catalog.domains[domain].tables
        names = deployed.apply(partial(_deployed_names, naming, settings, artifacts.spec_keys[domain]))
        return DomainPipeline(
            naming.catch_up_machine(domain) if kind is CATCH_UP else naming.machine(domain),
            DomainPipelineArgs(
                naming=naming,
                catalog=catalog,
                domain=domain,
                kind=kind,
                names=names,
                policy=arns.apply(partial(machine_policy, naming, domain, tables, kind)),
                key_arn=key_arn,
                boundary_arn=boundary_arn,
                keep_days=settings.keep_days,
                workers=settings.workers,
            ),
        )

    return StateMachines(
        bootstrap={domain: pipeline(domain, BOOTSTRAP) for domain in catalog.domains},
        catch_up={domain: pipeline(domain, CATCH_UP) for domain in catalog.domains},
    )


def machine_policy(
    naming: Naming, domain: str, tables: tuple[TableSettings, ...], kind: Kind, arns: list[str]
) -> dict[str, Any]:
    """Return the policy of a state machine; `arns` are the key's, the Spark application's and the job role's."""
    key, application, job_role = arns
    policy = policies.catch_up_machine if kind is CATCH_UP else policies.machine
    return policy(naming, domain, key_arn=key, application_arn=application, job_role_arn=job_role, tables=tables)


def _deployed_names(naming: Naming, settings: Settings, spec_key: str, arns: list[str]) -> DeployedNames:
    key_arn, clone_function_arn, registry_function_arn, writer_function_arn = arns
    return DeployedNames(
        stack=naming.stack,
        region=naming.region,
        account=naming.account,
        data_bucket=naming.data_bucket,
        artifacts_bucket=naming.artifacts_bucket,
        clone_function_arn=clone_function_arn,
        registry_function_arn=registry_function_arn,
        writer_function_arn=writer_function_arn,
        application_name=naming.application,
        job_role_name=naming.job_role,
        spec_key=spec_key,
        data_key_arn=key_arn,
        stream_prefix=naming.stream_prefix,
        tags=naming.enterprise_tags,
        workers=settings.workers,
        second_person=settings.second_person,
    )
