"""Links to the AWS console and to this project's documentation.

AWS documents the hosts of its console but not the addresses of pages. If a page has no known permanent address, the
link leads to the page that lists it: EMR Serverless shows a job run in an EMR Studio whose address no API returns,
and DynamoDB lists a table's exports on a tab of the table.
"""

from __future__ import annotations

from urllib.parse import quote

# https://docs.aws.amazon.com/general/latest/gr/mgmt-console.html
# https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/using-govcloud-console.html
# https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-Beijing.html
_HOSTS = {"cn": "console.amazonaws.cn", "us-gov": "console.amazonaws-us-gov.com"}
_HOST = "console.aws.amazon.com"
RUNBOOK = "docs/runbooks/run-failed.md"


def execution(arn: str) -> str:
    """Return the page of an execution or of a Map item, which is an execution too."""
    return _page(arn.split(":")[3], "states", f"/v2/executions/details/{quote(arn, safe=':/')}")


def spark_applications(region: str) -> str:
    """Return the page that leads to the job runs of EMR Serverless."""
    return _page(region, "emr", "/serverless")


def driver_log(region: str, log_group: str, application: str, job_run: str) -> str:
    """Return the page of the log streams of a Spark job's driver."""
    streams = f"/applications/{application}/jobs/{job_run}"
    fragment = f"logsV2:log-groups/log-group/{_twice(log_group)}$3FlogStreamNameFilter$3D{_twice(streams)}"
    return _page(region, "cloudwatch", fragment)


def log_files(data_bucket: str, application: str, job_run: str) -> str:
    """Return the S3 URI of the logs of a job's driver and executors."""
    return f"s3://{data_bucket}/logs/applications/{application}/jobs/{job_run}/"


def table(region: str, name: str) -> str:
    """Return the page of a DynamoDB table, which also shows the import that created it."""
    return _page(region, "dynamodbv2", f"table?name={quote(name, safe='')}")


def exports(region: str, table_name: str) -> str:
    """Return the page that lists a table's exports."""
    return f"{table(region, table_name)}&tab=streams"


def s3(region: str, uri: str) -> str:
    """Return the page of an object, or of a prefix that ends with a slash."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    kind = "object" if key and not key.endswith("/") else "buckets"
    return f"https://{_host(region)}/s3/{kind}/{quote(bucket)}?region={region}&prefix={quote(key)}"


def dashboard(region: str, name: str) -> str:
    """Return the page of a CloudWatch dashboard; the stack's dashboard is named by its prefix."""
    return _page(region, "cloudwatch", f"dashboards/dashboard/{quote(name)}")


def runbook(section: str = "", repository: str = "") -> str:
    """Return the runbook of failed runs at a section.

    Args:
        section: The anchor of a heading (runner.runbooks.section_of), or an empty string.
        repository: `owner/name` at GitHub; without it, the function returns the path in the repository.
    """
    return repository_page(f"{RUNBOOK}#{section}" if section else RUNBOOK, repository)


def repository_page(path: str, repository: str = "") -> str:
    """Return a document's page at GitHub, or its path without `owner/name`."""
    return f"https://github.com/{repository}/blob/HEAD/{path}" if repository else path


def _page(region: str, service: str, fragment: str) -> str:
    return f"https://{_host(region)}/{service}/home?region={region}#{fragment}"


def _host(region: str) -> str:
    partition = next((prefix for prefix in _HOSTS if region.startswith(f"{prefix}-")), "")
    return f"{region}.{_HOSTS.get(partition, _HOST)}"


def _twice(text: str) -> str:
    """Return a text in the encoding of CloudWatch's URL fragments: percent-encoded twice, with $ for %."""
    return quote(quote(text, safe=""), safe="").replace("%", "$")
