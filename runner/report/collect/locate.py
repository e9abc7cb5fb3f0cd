"""The run that an operator means: by Step Functions, or by the documents of a run that it has forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from runner.account.executions import domains, find
from runner.errors import UsageError

if TYPE_CHECKING:
    from runner.account.environments import Environment


def locate(environment: Environment, target: str, domain: str | None) -> tuple[str, str]:
    """Return the domain and the run id that an operator's words mean.

    Raises:
        UsageError: There is no such run, or several domains have one of that id.
    """
    try:
        run_by_domain = {execution.domain: execution.run for execution in find(environment, target)}
    except UsageError:
        # Step Functions forgets after 90 days; the reports stay.
        run_by_domain = {
            name: target for name in domains(environment.catalog) if _has_documents(environment, name, target)
        }
        if not run_by_domain:
            raise
    if domain is not None:
        run_by_domain = {name: run for name, run in run_by_domain.items() if name == domain}
    if len(run_by_domain) != 1:
        problem = (
            f"there are runs {target} of {', '.join(run_by_domain)}"
            if run_by_domain
            else f"{domain} has no run {target}"
        )
        raise UsageError(f"{problem}; name one with --domain")
    return next(iter(run_by_domain.items()))


def _has_documents(environment: Environment, domain: str, run: str) -> bool:
    s3 = environment.client("s3")
    try:
        listed = s3.list_objects_v2(Bucket=environment.data_bucket, Prefix=f"reports/{domain}/{run}/", MaxKeys=1)
    except ClientError as error:
        raise UsageError(f"s3://{environment.data_bucket} cannot be listed: {error}") from error
    return bool(listed["KeyCount"])
