"""Names, ARNs and tags of a stack's resources."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from statemachine.names import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Naming:
    """Names of one stack's resources in an account and Region."""

    stack: str
    account: str
    region: str
    enterprise_tags: Mapping[str, str] = field(default_factory=dict)  # owner, cost centre …, from the stack file
    stream_prefix: str = ""  # streams are named by the catalog, so two stacks of one account would collide

    @property
    def prefix(self) -> str:
        """Return the prefix of every name."""
        return f"migration-{self.stack}"

    @property
    def artifacts_bucket(self) -> str:
        """Return the bucket of releases and specs."""
        return f"{self.prefix}-artifacts-{self.account}"

    @property
    def data_bucket(self) -> str:
        """Return the bucket that runs write to."""
        return f"{self.prefix}-data-{self.account}"

    @property
    def application(self) -> str:
        """Return the EMR Serverless application."""
        return f"{self.prefix}-spark"

    @property
    def job_role(self) -> str:
        """Return the role of the Spark jobs."""
        return f"{self.prefix}-spark-job"

    @property
    def boundary(self) -> str:
        """Return the managed policy that is the permissions boundary of every role."""
        return f"{self.prefix}-boundary"

    @property
    def boundary_arn(self) -> str:
        """Return the boundary's ARN."""
        return f"arn:aws:iam::{self.account}:policy/{self.boundary}"

    def function(self, name: str) -> str:
        """Return a Lambda function's name: aurora-clone, run-registry, run-watch or table-writer."""
        return f"{self.prefix}-{name}"

    def machine(self, domain: str) -> str:
        """Return a domain's state machine."""
        return f"{self.prefix}-{domain}"

    def catch_up_machine(self, domain: str) -> str:
        """Return the state machine that brings a domain's tables to a later instant or repairs them."""
        return f"{self.machine(domain)}-catch-up"

    def machine_roles(self, domain: str) -> tuple[str, str]:
        """Return the roles of a domain's two state machines; the catch-up's is last.

        The catch-up role has no suffix: the longest domain name leaves no room for it in a role's 64 characters.
        """
        return f"{self.machine(domain)}-machine", self.catch_up_machine(domain)

    def stream(self, name: str) -> str:
        """Return the deployed name of a stream that the catalog names."""
        return self.stream_prefix + name

    def clone_parameter_group(self, family: str) -> str:
        """Return the clones' cluster parameter group of a family; RDS takes no dots, as in aurora-mysql8.0."""
        return f"{self.prefix}-clones-{family.replace('.', '-')}"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a regional resource of this account."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def tags(self, **more: str) -> dict[str, str]:
        """Return the tags of a resource."""
        facts = {"system": SYSTEM, "stack": self.stack, **more}
        return {**self.enterprise_tags, **{f"migration:{name}": value for name, value in facts.items()}}
