"""Whether Spark can run: the application, the jobs' role and the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from catalog.spec import build_spec, spec_key
from runner.plan.account import missing
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.plan.account import Account

_LEAST_VCPU = 8  # a driver and one executor of 4 vCPU each, which are EMR Serverless's own defaults
_DEPLOY = "deploy the stack"


def check_application(account: Account) -> Iterator[Finding]:
    """Say why the jobs' application is not the one, or is too small."""
    name = account.name("spark")
    about = f"EMR Serverless application {name}"
    if not account.applications:
        yield Finding("fails", about, "it is not there", _DEPLOY)
        return
    if account.application is None:
        several = ", ".join(str(one["id"]) for one in account.applications)
        yield Finding("fails", about, f"there are several of that name: {several}", "delete all but one")
        return
    capacity = vcpu(account)
    if capacity is not None and capacity < _LEAST_VCPU:
        yield Finding(
            "fails",
            about,
            f"its maximum capacity is {capacity} vCPU; a driver and one executor need {_LEAST_VCPU}",
            f"raise maxVcpu in Pulumi.{account.environment.name}.yaml, and {_DEPLOY}",
        )


def vcpu(account: Account) -> int | None:
    """Return the application's maximum capacity, or None where it has none."""
    capacity = (account.application or {}).get("maximumCapacity") or {}
    # "64 vCPU", as EMR Serverless writes it
    digits = str(capacity.get("cpu", "")).split(" ", maxsplit=1)[0]
    return int(float(digits)) if digits else None


def check_role(account: Account) -> Iterator[Finding]:
    """Say that the role of the Spark jobs is missing."""
    name = account.name("spark-job")
    try:
        account.client("iam").get_role(RoleName=name)
    except ClientError as error:
        if not missing(error, "NoSuchEntity", "NoSuchEntityException"):
            raise
        yield Finding("fails", f"role {name}", "the role of the Spark jobs is not there", _DEPLOY)


def check_spec(account: Account) -> Iterator[Finding]:
    """Say that the deployed spec is missing, or is of another catalog than the one here."""
    domain, bucket = account.request.domain, account.bucket("artifacts")
    own = spec_key(build_spec(account.catalog, domain))
    deployed = account.tags.get("migration:spec", own)
    try:
        account.client("s3").head_object(Bucket=bucket, Key=deployed)
    except ClientError as error:
        if not missing(error, "NoSuchKey", "NoSuchBucket"):
            raise
        yield Finding("fails", "spec", f"s3://{bucket}/{deployed} is not there", _DEPLOY)
    if deployed != own:
        yield Finding(
            "warns",
            "spec",
            f"the stack was deployed with another catalog ({deployed}) than the one here ({own}): "
            "what is planned here is not what runs",
            f"{_DEPLOY}, or plan with the catalog that it was deployed with",
        )


def check_functions(account: Account) -> Iterator[Finding]:
    """Say that a function of the stack is missing."""
    for name in (account.name("aurora-clone"), account.name("run-registry")):
        try:
            account.client("lambda").get_function_configuration(FunctionName=name)
        except ClientError as error:
            if not missing(error):
                raise
            yield Finding("fails", f"function {name}", "it is not there", _DEPLOY)
