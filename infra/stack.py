"""Put the parts together."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
from pulumi_aws import kinesis

from catalog.loader import load_catalog
from infra import policies
from infra.compute import Function, FunctionPlan, Spark
from infra.machine import Machine
from infra.naming import REGION, Naming
from infra.network import Network
from infra.settings import Settings
from infra.storage import Storage
from statemachine.names import DeployedNames
from statemachine.render import is_distributed

if TYPE_CHECKING:
    from catalog.models import Catalog, Table

PROJECT = "rates-avail-migration-bootstrap"


def deploy() -> dict[str, Any]:
    """Declare every resource of the stack and return what it exports."""
    settings = Settings.read(pulumi.Config(PROJECT), pulumi.get_stack())
    catalog = load_catalog()
    naming = Naming(settings.stack, aws.get_caller_identity().account_id)
    clusters = list(catalog.clusters.values())
    storage = Storage(naming, settings.keep_days)
    storage.upload_release()
    network = Network(naming, settings, {cluster.engine for cluster in clusters})
    spark = Spark(naming, network, settings.max_vcpu)
    job_role = spark.job_role(naming, storage.key.arn.apply(lambda key: policies.spark_job(naming, key, clusters)))
    functions = _functions(naming, settings, catalog, storage=storage, network=network, spark=spark)
    _streams(naming, catalog)
    machines = {}
    for domain, facts in catalog.domains.items():
        names = _deployed_names(naming, functions, storage.upload_spec(catalog, domain))
        policy = pulumi.Output.all(storage.key.arn, spark.application.arn, job_role.arn).apply(
            partial(
                _machine_policy, naming, facts.tables, distributed=domain if is_distributed(catalog, domain) else ""
            )
        )
        machines[domain] = Machine(
            naming, catalog, domain, names=names, policy=policy, keep_days=settings.keep_days
        ).machine.arn
    return {
        "artifactsBucket": storage.artifacts.id,
        "dataBucket": storage.data.id,
        "applicationId": spark.application.id,
        "stateMachines": machines,
    }


def _machine_policy(naming: Naming, tables: tuple[Table, ...], arns: list[str], *, distributed: str) -> dict[str, Any]:
    key, application, job_role = arns
    policy = policies.machine(naming, key_arn=key, application_arn=application, job_role_arn=job_role, tables=tables)
    if distributed:
        policy["Statement"] += policies.own_executions(naming, distributed)
    return policy


def _functions(
    naming: Naming, settings: Settings, catalog: Catalog, *, storage: Storage, network: Network, spark: Spark
) -> dict[str, Function]:
    clusters = list(catalog.clusters.values())
    common = {"DATA_BUCKET": naming.data_bucket, "STACK": naming.stack}
    clone = FunctionPlan(
        package="aurora_clone",
        name="aurora-clone",
        policy=storage.key.arn.apply(lambda key: policies.clone_service(naming, key, clusters)),
        environment={
            **common,
            "SOURCES": json.dumps([cluster.identifier for cluster in clusters]),
            "CLONE_INSTANCE_CLASS": settings.clone_instance_class,
            "CLONE_SECURITY_GROUP_ID": network.clones.id,
            "CLONE_PARAMETER_GROUPS": pulumi.Output.json_dumps(network.parameter_groups),
        },
    )
    registry = FunctionPlan(
        package="run_registry",
        name="run-registry",
        policy=pulumi.Output.all(storage.key.arn, spark.application.arn).apply(
            lambda arns: policies.run_registry(naming, *arns)
        ),
        environment={**common, "APPLICATION_ID": spark.application.id},
    )
    return {plan.name: Function(naming, plan, settings.keep_days) for plan in (clone, registry)}


def _streams(naming: Naming, catalog: Catalog) -> None:
    for name in sorted({table.stream for domain in catalog.domains.values() for table in domain.tables}):
        kinesis.Stream(
            name,
            name=name,
            stream_mode_details={"stream_mode": "ON_DEMAND"},
            encryption_type="KMS",
            kms_key_id="alias/aws/kinesis",
            tags=naming.tags(),
        )


def _deployed_names(naming: Naming, functions: dict[str, Function], spec: str) -> pulumi.Output[DeployedNames]:
    arns = [functions[name].function.arn for name in ("aurora-clone", "run-registry")]
    return pulumi.Output.all(*arns).apply(
        lambda found: DeployedNames(
            stack=naming.stack,
            region=REGION,
            account=naming.account,
            data_bucket=naming.data_bucket,
            artifacts_bucket=naming.artifacts_bucket,
            clone_function_arn=found[0],
            registry_function_arn=found[1],
            application_name=naming.application,
            job_role_name=naming.job_role,
            spec_key=spec,
        )
    )
