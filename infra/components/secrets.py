"""Access to the database passwords: only the Spark application reads them, when it resolves a job's configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import secretsmanager

from infra import policies

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class ReaderSecretsArgs:
    """Inputs of :class:`ReaderSecrets`."""

    arns: Mapping[str, str]  # of the secrets, by name
    application_arn: pulumi.Input[str]


class ReaderSecrets(pulumi.ComponentResource):
    """Resource policies of the customer's secrets; the stack writes them because it knows its application's ARN."""

    def __init__(self, name: str, args: ReaderSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:ReaderSecrets", name, None, opts)
        policy = pulumi.Output.from_input(args.application_arn).apply(policies.secret_reader)
        text = pulumi.Output.json_dumps(policy, sort_keys=True)
        for secret, arn in args.arns.items():
            secretsmanager.SecretPolicy(
                f"{name}-{secret.replace('/', '-')}",
                secret_arn=arn,
                policy=text,
                block_public_policy=True,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
