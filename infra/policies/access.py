"""What people and workflows may do through the roles of operator access: documents made of names, no resources."""

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
    """Return who may take a role: workflows of one repository, in one environment or for a pull request.

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
    """Return what starts, follows and stops a migration, reads its report, and plans the next."""
    # A stack's name has no dash, so these are all its own. Executions are named: `*` would take their Maps' items too.
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
        # The items of a Map have histories of their own.
        allow(["states:GetExecutionHistory"], f"{items}/*"),
        allow(["states:ListExecutions"], f"{map_runs}/*"),
        # Whoever gives a failed domain up, and its clones with it, does so through the registry and the clone service,
        # which prove what they destroy. Under the alias they take nobody for an execution.
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
    """Return leave to cut a domain over: to tag and protect its official tables.

    No condition key of UpdateTable names deletion protection, so it is granted where the catalog asks for protection:
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    """
    protected, others = (
        [naming.arn("dynamodb", f"table/{table.name}") for table in tables if table.deletion_protection is is_protected]
        for is_protected in (True, False)
    )
    # A call without tags meets the condition: UpdateTable brings none.
    live_alone = {"ForAllValues:StringEquals": {"aws:TagKeys": [LIVE_TAG]}}
    return [
        *([allow(["dynamodb:TagResource", "dynamodb:UpdateTable"], *protected, **live_alone)] if protected else []),
        *([allow(["dynamodb:TagResource"], *others, **live_alone)] if others else []),
    ]


def _table_settings(naming: Naming, tables: Sequence[TableSettings]) -> list[dict[str, Any]]:
    """Return leave to look at what some tables' settings need: their own keys, and the limits of capacity.

    An alias is no resource of IAM, so its key is named by the alias that it has:
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
    """Return the ARNs of the catalog's secrets: of the folder that they share, or each, with AWS's own six characters.

    One by one they would not fit into the deployment's policy.
    """
    names = sorted({cluster.password_secret for cluster in catalog.clusters.values()})
    folder = os.path.commonpath(names)
    patterns = [f"{folder}/*"] if folder and folder not in names else [f"{name}-??????" for name in names]
    return [naming.arn("secretsmanager", f"secret:{name}") for name in patterns]


def preview(naming: Naming, catalog: Catalog, state_bucket: str) -> dict[str, Any]:
    """Return what a preview asks of AWS: network, sources, secrets' keys, whether a definition is valid, the state."""
    return document(
        allow(verbs("secretsmanager", "DescribeSecret GetResourcePolicy"), *reader_secrets(naming, catalog)),
        allow(verbs("ec2", "DescribeRouteTables DescribeSubnets DescribeVpcAttribute DescribeVpcs"), "*"),
        # The versions and keys of the sources, from which the clones' parameter groups and rights follow.
        allow(verbs("rds", "DescribeDBClusters ListTagsForResource"), naming.arn("rds", "cluster:*")),
        allow(["states:ValidateStateMachineDefinition"], "*"),
        allow(["s3:ListBucket"], f"arn:aws:s3:::{state_bucket}"),
        allow(["s3:GetObject"], f"arn:aws:s3:::{state_bucket}/*"),
    )


def verbs(service: str, names: str) -> list[str]:
    """Return a service's actions from their names with blanks between."""
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
