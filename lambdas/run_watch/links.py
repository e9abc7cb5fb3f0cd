"""Links of a notice, to a run's pages at AWS and in our documentation.

The operator's command line has the same links (runner/links.py); a test compares them.
"""

from __future__ import annotations

from urllib.parse import quote

# https://docs.aws.amazon.com/general/latest/gr/mgmt-console.html
_HOSTS = {"cn": "console.amazonaws.cn", "us-gov": "console.amazonaws-us-gov.com"}
_HOST = "console.aws.amazon.com"
RUN_FAILED, JOB_FAILED = "docs/runbooks/run-failed.md", "docs/runbooks/job-failed.md"
# The failures that have a section of their own in the runbook of failed runs.
SECTIONS = (
    "ApplyFailed",
    "BaseNotFound",
    "CatchUpUnfinished",
    "CloneNotFresh",
    "DomainIsLive",
    "RawRowsMissing",
    "TableReplaced",
    "VerificationRefused",
    "WritersFound",
)


def execution(arn: str) -> str:
    """Return the page of an execution."""
    region = arn.split(":")[3]
    return f"https://{_host(region)}/states/home?region={region}#/v2/executions/details/{quote(arn, safe=':/')}"


def s3(region: str, uri: str) -> str:
    """Return the page of an object, or of a prefix that ends with a slash."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    kind = "object" if key and not key.endswith("/") else "buckets"
    return f"https://{_host(region)}/s3/{kind}/{quote(bucket)}?region={region}&prefix={quote(key)}"


def spark_applications(region: str) -> str:
    """Return the page that leads to the job runs of EMR Serverless."""
    return f"https://{_host(region)}/emr/home?region={region}#/serverless"


def dashboard(region: str, name: str) -> str:
    """Return the page of the stack's dashboard, which has the name of the stack's prefix."""
    return f"https://{_host(region)}/cloudwatch/home?region={region}#dashboards/dashboard/{quote(name)}"


def runbook(error: str, repository: str) -> str:
    """Return the runbook of failed runs, at the failure's section if it has one."""
    section = f"#{error.lower()}" if error in SECTIONS else ""
    return repository_page(f"{RUN_FAILED}{section}", repository)


def repository_page(path: str, repository: str) -> str:
    """Return the link to a document of the repository at GitHub, or its path if there is no `owner/name`."""
    return f"https://github.com/{repository}/blob/HEAD/{path}" if repository else path


def _host(region: str) -> str:
    host = next((host for partition, host in _HOSTS.items() if region.startswith(f"{partition}-")), _HOST)
    return f"{region}.{host}"
