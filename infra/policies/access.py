"""Policies of the operator and preview roles, which people and workflows assume."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from infra.policies import allow, document, objects
from infra.policies.tables import LIVE_TAG, table_arns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.models import Catalog, TableSettings
    from infra.naming import Naming

OPERATORS = "operators"  # the alias of a function that operators invoke
GITHUB = "token.actions.githubusercontent.com"


def github_trust(provider_arn: str, repository: str, subject: str) -> dict[str, Any]:
    """Return the trust policy of a role for workflows of one repository, in one environment or for a pull request.

    https://docs.github.com/en/actions/reference/security/oidc
    """
    claims = {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": f"repo:{repository}:{subject}"}
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": claims},
        }
    )


def operator(naming: Naming, catalog: Catalog, *, key_arn: str, application_arn: str) -> dict[str, Any]:
    """Return the operator's policy: start, follow, stop and plan migrations, and read their reports."""
    # A stack's name has no dash, so this prefix matches only its own. `*` would match the Maps' items too.
    machines, items, map_runs = (
        naming.arn("states", f"{kind}:{naming.prefix}-*") for kind in ("stateMachine", "execution", "mapRun")
    )
    names = [name for d in catalog.domains for name in (naming.machine(d), naming.catch_up_machine(d))]
    executions = [naming.arn("states", f"execution:{name}:*") for name in names]
    tables = [table for domain in catalog.domains.values() for table in domain.tables]
    both_modes = table_arns(naming, (table.name for table in tables))
    streams = sorted({naming.arn("kinesis", f"stream/{naming.stream(t.stream)}") for t in tables if t.stream})
    secrets = [naming.arn("secretsmanager", f"secret:{c.password_secret}-??????") for c in catalog.clusters.values()]
    functions = [naming.arn("lambda", f"function:{naming.function(name)}") for name in ("aurora-clone", "run-registry")]
    machine_roles = [f"{naming.machine(domain)}-*" for domain in catalog.domains]
    others = [f"{naming.prefix}-{name}" for name in ("aurora-clone", "spark-job", "operator")]
    roles = [f"arn:aws:iam::{naming.account}:role/{name}" for name in (*machine_roles, *others)]
    read = objects(
        naming.data_bucket,
        *("changes/", "conflicts/", "failures/", "live/", "processed/", "progress/", "proven/"),
        *("rejects/", "reports/", "status/"),
    )
    return document(
        allow(_LISTED, "*"),
        allow(verbs("states", "DescribeStateMachine ListExecutions ListTagsForResource StartExecution"), machines),
        allow(verbs("states", "DescribeExecution GetExecutionHistory ListMapRuns StopExecution"), *executions),
        # Each item of a Map has its own history.
        allow(["states:GetExecutionHistory"], f"{items}/*"),
        allow(["states:ListExecutions"], f"{map_runs}/*"),
        # An operator releases a failed domain and its clones through the registry and the clone service, which verify
        # what they destroy. Calls under the alias never count as an execution's.
        allow(["lambda:GetFunctionConfiguration"], *functions),
        allow(["lambda:InvokeFunction"], *(f"{arn}:{OPERATORS}" for arn in functions)),
        allow(["s3:ListBucket"], *(f"arn:aws:s3:::{b}" for b in (naming.artifacts_bucket, naming.data_bucket))),
        allow(["s3:GetObject"], *read, *objects(naming.artifacts_bucket, "releases/", "specs/")),
        allow(["kms:Decrypt"], key_arn),
        *_table_settings(naming, tables),
        allow(
            verbs("emr-serverless", "GetApplication GetDashboardForJobRun GetJobRun ListJobRuns"),
            application_arn,
            f"{application_arn}/*",
        ),
        # An application can only be updated while it is stopped.
        allow(["emr-serverless:StopApplication"], application_arn),
        allow(verbs("dynamodb", "DescribeTable ListTagsOfResource"), *both_modes),
        allow(verbs("dynamodb", "DescribeExport DescribeImport"), *(f"{arn}/*" for arn in both_modes)),
        *_cut_over(naming, tables),
        *([allow(["kinesis:DescribeStreamSummary"], *streams)] if streams else []),
        allow(verbs("secretsmanager", "DescribeSecret GetResourcePolicy"), *secrets),
        allow(["iam:GetRole", "iam:SimulatePrincipalPolicy"], *roles),
    )


def _cut_over(naming: Naming, tables: Sequence[TableSettings]) -> list[dict[str, Any]]:
    """Return the rights to cut a domain over: tag and protect its official tables.

    No condition key of UpdateTable covers deletion protection, so UpdateTable is granted if the catalog asks for it:
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    """
    protected, others = (
        [naming.arn("dynamodb", f"table/{table.name}") for table in tables if table.deletion_protection is is_protected]
        for is_protected in (True, False)
    )
    # A call without tags meets the condition: UpdateTable has none.
    live_alone = {"ForAllValues:StringEquals": {"aws:TagKeys": [LIVE_TAG]}}
    return [
        *([allow(["dynamodb:TagResource", "dynamodb:UpdateTable"], *protected, **live_alone)] if protected else []),
        *([allow(["dynamodb:TagResource"], *others, **live_alone)] if others else []),
    ]


def _table_settings(naming: Naming, tables: Sequence[TableSettings]) -> list[dict[str, Any]]:
    """Return the rights to read the resources that table settings depend on: customer keys and capacity limits.

    IAM has no alias resource, so a condition names the key by its alias:
    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    keys = {table.kms_key for table in tables if table.kms_key}
    arns, aliases = [sorted(key for key in keys if key.startswith(start)) for start in ("arn:", "alias/")]
    by_alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases}}
    provisioned = any(table.billing_mode == "PROVISIONED" for table in tables)
    return [
        *([allow(["kms:DescribeKey"], *arns)] if arns else []),
        *([allow(["kms:DescribeKey"], naming.arn("kms", "key/*"), **by_alias)] if aliases else []),
        *([allow(["dynamodb:DescribeLimits"], "*")] if provisioned else []),
    ]


def reader_secrets(naming: Naming, catalog: Catalog) -> list[str]:
    """Return the ARN patterns of the catalog's secrets: their common folder, or each with the six characters AWS adds.

    Listed individually, they would not fit into the deploy policy.
    """
    names = sorted({cluster.password_secret for cluster in catalog.clusters.values()})
    folder = os.path.commonpath(names)
    patterns = [f"{folder}/*"] if folder and folder not in names else [f"{name}-??????" for name in names]
    return [naming.arn("secretsmanager", f"secret:{name}") for name in patterns]


def preview(naming: Naming, catalog: Catalog, state_bucket: str) -> dict[str, Any]:
    """Return the rights of a preview: read the network, sources, secrets and state, and validate definitions."""
    return document(
        allow(verbs("secretsmanager", "DescribeSecret GetResourcePolicy"), *reader_secrets(naming, catalog)),
        allow(verbs("ec2", "DescribeRouteTables DescribeSubnets DescribeVpcAttribute DescribeVpcs"), "*"),
        # The versions and keys of the sources decide the clones' parameter groups and rights.
        allow(verbs("rds", "DescribeDBClusters ListTagsForResource"), naming.arn("rds", "cluster:*")),
        allow(["states:ValidateStateMachineDefinition"], "*"),
        allow(["s3:ListBucket"], f"arn:aws:s3:::{state_bucket}"),
        allow(["s3:GetObject"], f"arn:aws:s3:::{state_bucket}/*"),
    )


def verbs(service: str, names: str) -> list[str]:
    """Return a service's actions from their names, separated by spaces."""
    return [f"{service}:{name}" for name in names.split()]


_LISTED = [
    *verbs("cloudwatch", "GetMetricStatistics"),
    *verbs("dynamodb", "ListExports ListImports ListTables"),
    *verbs("ec2", "DescribeSubnets"),
    *verbs("emr-serverless", "ListApplications"),
    *verbs("rds", "DescribeDBClusters DescribeDBInstances ListTagsForResource"),
    *verbs("servicequotas", "GetServiceQuota"),
    *verbs("states", "ListStateMachines"),
]
