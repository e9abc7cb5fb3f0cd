"""Links to the AWS console and to this project's documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runner import links
from runner.failure_advice import ADVICE
from runner.runbooks import section_of

ARN = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:rates-1"
CONSOLE = "https://eu-west-1.console.aws.amazon.com"


def test_an_execution_and_an_item_of_its_maps_have_a_page_in_the_region_of_their_arn() -> None:
    item = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates/MigrateTables:6a0f"

    assert links.execution(ARN) == f"{CONSOLE}/states/home?region=eu-west-1#/v2/executions/details/{ARN}"
    assert links.execution(item) == f"{CONSOLE}/states/home?region=eu-west-1#/v2/executions/details/{item}"


def test_a_job_run_has_its_log_streams_its_files_and_the_page_of_its_service() -> None:
    assert links.driver_log("eu-west-1", "/aws/emr-serverless/migration-test", "00fa", "00jb") == (
        f"{CONSOLE}/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/"
        "$252Faws$252Femr-serverless$252Fmigration-test$3FlogStreamNameFilter$3D$252Fapplications$252F00fa$252Fjobs$252F00jb"
    )
    assert links.log_files("data", "00fa", "00jb") == "s3://data/logs/applications/00fa/jobs/00jb/"
    assert links.spark_applications("eu-west-1") == f"{CONSOLE}/emr/home?region=eu-west-1#/serverless"


def test_a_table_its_exports_and_the_dashboard_have_pages() -> None:
    table = f"{CONSOLE}/dynamodbv2/home?region=eu-west-1#table?name=BaseRate-rehearsal"

    assert links.table("eu-west-1", "BaseRate-rehearsal") == table
    assert links.exports("eu-west-1", "BaseRate-rehearsal") == f"{table}&tab=streams"
    assert links.dashboard("eu-west-1", "migration-test") == (
        f"{CONSOLE}/cloudwatch/home?region=eu-west-1#dashboards/dashboard/migration-test"
    )


def test_a_prefix_is_listed_and_an_object_is_shown() -> None:
    assert links.s3("eu-west-1", "s3://data/rejects/rates/a b/") == (
        f"{CONSOLE}/s3/buckets/data?region=eu-west-1&prefix=rejects/rates/a%20b/"
    )
    assert links.s3("eu-west-1", "s3://data/reports/verdict.json") == (
        f"{CONSOLE}/s3/object/data?region=eu-west-1&prefix=reports/verdict.json"
    )
    assert links.s3("eu-west-1", "s3://data") == f"{CONSOLE}/s3/buckets/data?region=eu-west-1&prefix="


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "eu-central-1.console.aws.amazon.com"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
    ],
)
def test_each_partition_has_its_own_host(region: str, host: str) -> None:
    assert links.table(region, "T") == f"https://{host}/dynamodbv2/home?region={region}#table?name=T"


def test_the_runbook_is_a_page_of_the_repository_or_a_path_in_it() -> None:
    assert links.runbook("the-data", "acme/migration") == (
        "https://github.com/acme/migration/blob/HEAD/docs/runbooks/run-failed.md#the-data"
    )
    assert links.runbook("the-data") == "docs/runbooks/run-failed.md#the-data"
    assert links.runbook() == "docs/runbooks/run-failed.md"


def test_a_failure_with_a_heading_of_its_own_is_there_and_any_other_below_the_table_that_lists_it() -> None:
    assert section_of("CloneNotFresh") == "clonenotfresh"
    assert section_of("RowsRejected") == "the-data"
    assert section_of("InvalidInput") == "before-anything-is-created"
    assert section_of("SomethingElse") == ""


def test_every_failure_with_advice_has_a_section_that_exists() -> None:
    headings = re.findall(r"^#+ (.+)$", Path(links.RUNBOOK).read_text(), re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-").replace(",", "") for heading in headings}

    assert {name: section_of(name) for name in ADVICE if section_of(name) not in anchors} == {}
