"""Deployed names to which a definition refers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from statemachine.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM = "rates-avail-migration-bootstrap"  # the value of the tag migration:system on all our resources
_NO_REGION, _NO_ACCOUNT = "region-0", "000000000000"  # of names of the right shape


@dataclass(frozen=True, kw_only=True)
class DeployedNames:
    """Names and ARNs of a stack's resources."""

    stack: str
    region: str
    account: str
    data_bucket: str
    artifacts_bucket: str
    clone_function_arn: str
    registry_function_arn: str
    writer_function_arn: str
    application_name: str
    job_role_name: str
    spec_key: str
    data_key_arn: str  # the KMS key of the data bucket
    stream_prefix: str = ""  # before the catalog's names of streams
    tags: Mapping[str, str] = field(default_factory=dict)  # the enterprise's, on every migrated table
    workers: Workers = field(default_factory=Workers)
    second_person: bool = False  # an official run needs an approver other than its requester

    @property
    def spec_hash(self) -> str:
        """Return the twelve digits that identify the jobs' spec."""
        return self.spec_key.removesuffix(".json").rsplit("-", 1)[1]

    @classmethod
    def placeholder(cls, stack: str) -> DeployedNames:
        """Return placeholder names, so that a preview can render before anything exists."""
        function = f"arn:aws:lambda:{_NO_REGION}:{_NO_ACCOUNT}:function:migration-{stack}"
        return cls(
            stack=stack,
            region=_NO_REGION,
            account=_NO_ACCOUNT,
            data_bucket=f"migration-{stack}-data-{_NO_ACCOUNT}",
            artifacts_bucket=f"migration-{stack}-artifacts-{_NO_ACCOUNT}",
            clone_function_arn=f"{function}-aurora-clone",
            registry_function_arn=f"{function}-run-registry",
            writer_function_arn=f"{function}-table-writer",
            application_name=f"migration-{stack}-spark",
            job_role_name=f"migration-{stack}-spark-job",
            spec_key="specs/placeholder-000000000000.json",
            data_key_arn=f"arn:aws:kms:{_NO_REGION}:{_NO_ACCOUNT}:key/00000000-0000-0000-0000-000000000000",
            tags={"owner": "placeholder"},
        )
