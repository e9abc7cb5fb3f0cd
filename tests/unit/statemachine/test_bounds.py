"""The limits of a run's waits, retries and messages, each compared with its purpose."""

from __future__ import annotations

import itertools

import pytest
from run_registry.sealing import LAMBDA_TIMEOUT

from catalog.loader import load_catalog
from statemachine import failures
from statemachine.budget import Budget, Loop, Share, loops_of
from statemachine.graph import all_states
from statemachine.kinds import KINDS
from statemachine.limits import Limits, checks_for
from statemachine.names import DeployedNames
from statemachine.render import definition
from statemachine.retries import retry

STATES, CATCH_UP_STATES = (
    all_states(definition(load_catalog(), "rates", DeployedNames.placeholder("test"), Limits(), kind)) for kind in KINDS
)
# The errors of each service that pass by themselves, and the seconds that they have for it.
PASSING = {
    "lambda": [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.ClientExecutionTimeoutException",
        "ExecutionUnknownError",
    ],
    "s3": ["S3.S3Exception", "S3.SdkClientException"],
    "iam": ["Iam.ServiceFailureException", "Iam.IamException", "Iam.SdkClientException"],
    "kinesis": ["Kinesis.LimitExceededException", "Kinesis.SdkClientException"],
    "emr-serverless": [
        "EmrServerless.InternalServerException",
        "EmrServerless.EmrServerlessException",
        "EmrServerless.SdkClientException",
    ],
    "emr-serverless-job": ["EMRServerless.InternalServerException", "EMRServerless.ThrottlingException"],
    "dynamodb": [
        "DynamoDb.InternalServerErrorException",
        "DynamoDb.ThrottlingException",
        "DynamoDb.RequestLimitExceededException",
        "DynamoDb.LimitExceededException",
        "DynamoDb.SdkClientException",
    ],
}
# What DynamoDB refuses for a while after a table was made or changed.
SETTLING = {
    "dynamodb-tags": ["DynamoDb.ResourceInUseException", "DynamoDb.ResourceNotFoundException"],
    "dynamodb-delete": ["DynamoDb.ResourceInUseException"],
    "dynamodb-update": ["DynamoDb.ResourceInUseException"],
    "dynamodb-backups": ["DynamoDb.ContinuousBackupsUnavailableException"],
    "dynamodb-export": [
        "DynamoDb.PointInTimeRecoveryUnavailableException",
        "DynamoDb.InvalidExportTimeException",
    ],
}
PATIENCE = {"BackoffRate": 2, "MaxDelaySeconds": 120, "JitterStrategy": "FULL"}
SHORT = {"IntervalSeconds": 2, "MaxAttempts": 6, **PATIENCE}
LONG = {"IntervalSeconds": 15, "MaxAttempts": 10, **PATIENCE}


@pytest.mark.parametrize("service", PASSING)
def test_what_passes_by_itself_is_tried_again_six_times(service: str) -> None:
    assert retry(service) == [{"ErrorEquals": PASSING[service], **SHORT}]


@pytest.mark.parametrize("operation", SETTLING)
def test_what_a_settling_table_refuses_is_tried_again_for_longer(operation: str) -> None:
    assert retry(operation) == [
        {"ErrorEquals": SETTLING[operation], **LONG},
        {"ErrorEquals": PASSING["dynamodb"], **SHORT},
    ]


def test_a_service_without_a_rule_is_an_error() -> None:
    with pytest.raises(KeyError):
        retry("sqs")


def test_a_call_of_a_function_waits_longer_than_the_function_may_run() -> None:
    longest = LAMBDA_TIMEOUT.total_seconds()

    assert longest < Limits().lambda_seconds <= longest + 60


def test_the_waits_of_a_run_are_what_people_are_told() -> None:
    limits = Limits()

    assert (limits.clone_minutes, limits.destroy_minutes, limits.teardown_minutes) == (60, 30, 45)
    assert limits.clone_max_age_hours == 24
    assert limits.execution_seconds == 604_800
    assert (limits.max_parallelism, limits.default_parallelism) == (40, 9)
    assert (limits.call_seconds, limits.settings_checks, limits.start_calls, limits.updates) == (60, 20, 20, 3)
    assert (limits.list_keys, limits.list_pages, limits.prefix_pages) == (400, 10, 25)
    assert (limits.poll_seconds, limits.longest_poll_seconds) == (30, 300)
    assert (limits.lambda_seconds, limits.quiet_seconds, limits.restorable_checks) == (330, 90, 60)
    assert (limits.clone_wait_seconds, limits.destroy_wait_seconds, limits.teardown_wait_seconds) == (60, 60, 60)
    assert (limits.clone_checks, limits.destroy_checks, limits.teardown_checks) == (60, 30, 45)
    assert limits.most_writes_per_second == 1_000_000


@pytest.mark.parametrize("minutes", [1, 5, 60, 720, 1440, 2880])
def test_the_looks_of_a_wait_are_as_many_as_its_minutes_need_and_no_more(minutes: int) -> None:
    waits = [min(30 * 2**check, 300) for check in range(checks_for(minutes) - 1)]

    assert sum(waits) >= minutes * 60
    assert sum(waits[:-1]) < minutes * 60
    assert checks_for(0) == 1


@pytest.mark.parametrize(
    ("items", "characters"), [(0, 8000), (1, 8000), (9, 8000), (12, 8000), (64, 1362), (250, 200), (300, 200)]
)
def test_the_outcomes_of_a_maps_items_fit_a_payload_together(items: int, characters: int) -> None:
    assert Limits().outcome_characters(items) == characters


def test_every_loop_of_the_machine_ends_with_a_limit_of_its_own() -> None:
    limits = Limits()
    rounds = {(loop.state, loop.counter): loop.rounds for loop in loops_of(limits, 5, 7)}

    assert rounds == {
        ("ListImports", "ListImports"): 10,
        ("ListTags", "ListTags"): 10,
        ("ListExports", "ListExports"): 10,
        ("ListJars", "ListJars"): 10,
        ("ListMoreApplications", "ListMoreApplications"): 10,
        ("CheckPrefix", "CheckPrefix"): 25,
        ("RecordInProgressStatus", "beginCalls"): 45,
        ("CheckCloneStatus", "cloneChecks"): 60,
        ("StartClone", "startCalls"): 20,
        ("DescribePreviousImport", "importChecks"): 5,
        ("DescribeImport", "importChecks"): 5,
        ("DescribeEmptyTable", "importChecks"): 5,
        ("DescribeExport", "exportChecks"): 7,
        ("VerifyTable", "deleteChecks"): 20,
        ("DescribeSettings", "settingsChecks"): 20,
        ("UpdateTable", "updates"): 3,
        ("DescribePitr", "pitrChecks"): 20,
        ("DescribeDestination", "streamChecks"): 20,
        ("EnableStream", "streamChecks"): 20,
        ("DestroyClone", "destroyChecks"): 30,
        ("ListProvenTags", "ListProvenTags"): 10,
        ("DescribeExportOfBase", "exportChecks"): 7,
        ("FindReach", "restorableChecks"): 60,
        ("WritePuts", "applyCalls"): 1500,
        ("WriteDeletes", "applyCalls"): 1500,
    }
    assert {state for state, _ in rounds} <= set(STATES) | set(CATCH_UP_STATES)
    assert all(isinstance(loop, Loop) for loop in loops_of(limits, 1, 1))


@pytest.mark.parametrize(
    ("used", "passed", "near"),
    [(799, False, False), (800, False, True), (1000, False, True), (1001, True, False)],
)
def test_a_share_of_a_limit_is_near_from_four_fifths_on_and_passed_beyond_it(
    *, used: int, passed: bool, near: bool
) -> None:
    share = Share("x", used, 1000, "bytes")

    assert (share.is_passed, share.is_near) == (passed, near)


def test_each_limit_of_the_service_is_held_against_what_is_used() -> None:
    budget = Budget({"the execution": 25_001, "an item of Each": 25_000}, 99, 262_145, 1_048_577, 101)

    assert [str(share) for share in budget.shares()] == [
        "the execution can have 25,001 history events of 25,000",
        "an item of Each can have 25,000 history events of 25,000",
        "a payload can have 262,145 bytes of 262,144",
        "the definition can have 1,048,577 bytes of 1,048,576",
        "a Spark job can have 101 properties of 100",
    ]
    assert budget.problems() == [
        (
            "the execution can have 25,001 history events of 25,000: "
            "shorten import_timeout_minutes or export_timeout_minutes in the catalog"
        ),
        "a payload can have 262,145 bytes of 262,144: move tables to another domain in the catalog",
        "the definition can have 1,048,577 bytes of 1,048,576: move tables to another domain in the catalog",
        (
            "a Spark job can have 101 properties of 100: "
            "read fewer clusters in a domain: each cluster's password is a property"
        ),
    ]


def test_a_failure_has_one_name_and_is_either_recorded_or_refused() -> None:
    names = [*failures.RECORDED, *failures.REFUSED]

    assert len(names) == len(set(names))
    assert len(failures.CATCH_UP_RECORDED) == len(set(failures.CATCH_UP_RECORDED))
    # A table that is live is met before anything is done, and after the clones were made.
    assert set(failures.CATCH_UP_RECORDED) & set(failures.REFUSED) == {"DomainIsLive"}
    assert {*failures.JOB_ERRORS, *failures.SUMMARY_FAILURES, *failures.DELTA_ERRORS} < set(failures.CATCH_UP_RECORDED)
    assert set(failures.JOB_ERRORS) | set(failures.SUMMARY_FAILURES) < set(failures.RECORDED)
    assert set(failures.REFUSED) == {"InvalidInput", "DomainAlreadyRunning", "DomainIsLive", "CatchUpUnfinished"}


def test_the_waits_of_a_catch_up_leave_what_aws_leaves_open() -> None:
    limits = Limits()

    # An export may miss what is written up to a minute around its instant.
    assert limits.quiet_seconds > 60
    # Recovery reaches to about five minutes before now.
    assert limits.restorable_checks * limits.poll_seconds >= 6 * 300
    assert (limits.lanes, limits.apply_calls) == (4, 1500)


def test_every_failure_that_the_jobs_name_ends_the_run_by_that_name() -> None:
    assert failures.JOB_ERRORS == (
        "ReleaseChanged",
        "SourceNotVisible",
        "SourceNotCloned",
        "ColumnsNotListed",
        "RawRowsMissing",
    )
    assert failures.SUMMARY_FAILURES == (
        "RowsRejected",
        "RowsUnmatched",
        "RowsFiltered",
        "DuplicateKeys",
        "KeysCollide",
        "EmptyTable",
    )
    assert failures.DELTA_ERRORS == ("ReleaseChanged", "BaseNotFound", "TooManyDeletions", "TooManyChanges")
    assert set(itertools.chain(failures.JOB_ERRORS, failures.SUMMARY_FAILURES)) <= set(STATES)
