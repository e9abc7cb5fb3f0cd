"""The names of a deployed stack, for further state machines in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.naming import Naming
from statemachine.names import DeployedNames

if TYPE_CHECKING:
    from catalog.models import Catalog

REGION = "eu-west-1"  # of the stack file that the tests deploy


def deployed_names(stack: str, account: str, spec: str, key_arn: str, region: str = REGION) -> DeployedNames:
    """Return the names of the stack's resources in the account, with the caller's spec."""
    naming = Naming(stack, account, region)
    return DeployedNames(
        stack=stack,
        region=region,
        account=account,
        data_bucket=naming.data_bucket,
        artifacts_bucket=naming.artifacts_bucket,
        clone_function_arn=naming.arn("lambda", f"function:{naming.function('aurora-clone')}"),
        registry_function_arn=naming.arn("lambda", f"function:{naming.function('run-registry')}"),
        writer_function_arn=naming.arn("lambda", f"function:{naming.function('table-writer')}"),
        application_name=naming.application,
        job_role_name=naming.job_role,
        spec_key=spec,
        data_key_arn=key_arn,
    )


def with_single_table(catalog: Catalog, domain: str, table: str) -> Catalog:
    """Return the catalog with a single table in a domain; the clusters and their clones stay.

    Raises:
        ValueError: The domain has no such table.
    """
    tables = tuple(candidate for candidate in catalog.domains[domain].tables if candidate.name == table)
    if not tables:
        known = ", ".join(candidate.name for candidate in catalog.domains[domain].tables)
        raise ValueError(f"{domain} has no table {table!r}; it has {known}")
    return catalog.model_copy(
        update={
            "domains": {**catalog.domains, domain: catalog.domains[domain].model_copy(update={"tables": tables})},
        }
    )
