"""Checks of the Spark application, the jobs' role, the spec and the functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from catalog.spec import build_spec, spec_key
from runner.account.lookups import missing
from runner.account.spark_workers import amount, deployed_workers
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.account.lookups import Account

_DEPLOY = "deploy the stack"


def check_application(account: Account) -> Iterator[Finding]:
    """Fail if the application is missing, ambiguous or too small."""
    name = account.name("spark")
    about = f"EMR Serverless application {name}"
    if not account.applications:
        yield Finding("fails", about, "it does not exist", _DEPLOY)
        return
    if account.application is None:
        several = ", ".join(str(application["id"]) for application in account.applications)
        yield Finding("fails", about, f"there are several of that name: {several}", "delete all but one")
        return
    for what, capacity, needed, setting in _capacities(account):
        if capacity is not None and capacity < needed:
            yield Finding(
                "fails",
                about,
                f"its maximum capacity is {capacity} {what}; a driver and one executor need {needed}",
                f"raise {setting} in Pulumi.{account.environment.name}.yaml, and {_DEPLOY}",
            )


def _capacities(account: Account) -> Iterator[tuple[str, int | None, int, str]]:
    """Return the application's maximum capacity and the smallest job's need, by setting."""
    capacity, workers = (account.application or {}).get("maximumCapacity") or {}, deployed_workers(account)
    both = (workers.driver, workers.executor)
    yield "vCPU", vcpu(account), sum(worker.vcpu for worker in both), "maxVcpu"
    memory, disk = amount(capacity.get("memory")), amount(capacity.get("disk"))
    yield "GB of memory", memory, sum(worker.memory_gb for worker in both), "maxMemoryGb"
    yield "GB of disk", disk, sum(worker.disk_gb for worker in both), "maxDiskGb"


def vcpu(account: Account) -> int | None:
    """Return the application's maximum vCPUs, or None without a limit."""
    capacity = (account.application or {}).get("maximumCapacity") or {}
    return amount(capacity.get("cpu"))


def check_role(account: Account) -> Iterator[Finding]:
    """Fail if the role of the Spark jobs is missing."""
    name = account.name("spark-job")
    try:
        account.client("iam").get_role(RoleName=name)
    except ClientError as error:
        if not missing(error, "NoSuchEntity", "NoSuchEntityException"):
            raise
        yield Finding("fails", f"role {name}", "the role of the Spark jobs does not exist", _DEPLOY)


def check_spec(account: Account) -> Iterator[Finding]:
    """Fail if the deployed spec is missing, or differs from the local catalog."""
    domain, bucket = account.request.domain, account.bucket("artifacts")
    own = spec_key(build_spec(account.catalog, domain))
    deployed = account.tags.get("migration:spec", own)
    try:
        account.client("s3").head_object(Bucket=bucket, Key=deployed)
    except ClientError as error:
        if not missing(error, "NoSuchKey", "NoSuchBucket"):
            raise
        yield Finding("fails", "spec", f"s3://{bucket}/{deployed} does not exist", _DEPLOY)
    if deployed != own:
        yield Finding(
            "warns",
            "spec",
            f"the stack was deployed with another catalog ({deployed}) than the one here ({own}): "
            "what is planned here is not what runs",
            f"{_DEPLOY}, or plan with the catalog that it was deployed with",
        )


def check_functions(account: Account) -> Iterator[Finding]:
    """Fail if a function of the stack is missing."""
    for name in (account.name("aurora-clone"), account.name("run-registry")):
        try:
            account.client("lambda").get_function_configuration(FunctionName=name)
        except ClientError as error:
            if not missing(error):
                raise
            yield Finding("fails", f"function {name}", "it does not exist", _DEPLOY)
