"""The rights that the plan lets IAM simulate, whole, and what it makes of IAM's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from runner.plan.checks.permissions import check_caller, check_clone_service, check_jobs, check_machine
from runner.plan.model import Finding
from tests.unit.runner.plan.fake_account import MACHINE, Client, Pages, account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.account.lookups import Account

Needs = list[tuple[list[str], list[str], list[dict[str, Any]]]]
SESSION = "arn:aws:sts::971779422973:assumed-role/operator/somebody"
ROLE = "arn:aws:iam::971779422973:role/path/operator"
USER = "arn:aws:iam::971779422973:user/ana"
EXECUTION = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates"
MAP_RUN = "arn:aws:states:eu-west-1:971779422973:mapRun:migration-test-rates/any:any"
DATA, ARTIFACTS = (f"arn:aws:s3:::migration-test-{name}-971779422973" for name in ("data", "artifacts"))
OF_REGION = "eu-west-1:971779422973"
STREAM = f"arn:aws:kinesis:{OF_REGION}:stream/test-BaseRate-Stream"
ALLOW, DEPLOY = "let its policy allow it, or take another role", "deploy the stack, which sets its policy"


def string(key: str, value: str) -> dict[str, Any]:
    return {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}


def tables(suffix: str) -> list[str]:
    return [f"arn:aws:dynamodb:{OF_REGION}:table/{name}{suffix}" for name in ("BaseRate", "BaseRateAssociation")]


def result(action: str, resource: str, decision: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - IAM's answer
    return {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": decision, **more}


def simulated(*results: dict[str, Any]) -> Pages:
    """Return IAM's answer to each simulation in two pages, the last result alone."""
    return Pages({"EvaluationResults": results[:-1]}, {"EvaluationResults": results[-1:]})


def asking(simulation: Pages, caller: str = USER, **request: Any) -> Account:  # noqa: ANN401 - fields of a request
    """Return an account that simulates, and in which every role is the same."""
    clients = {
        "sts": Client(get_caller_identity={"Arn": caller}),
        "iam": Client(get_role={"Role": {"Arn": ROLE}}, simulate_principal_policy=simulation),
        "stepfunctions": Client(describe_state_machine={"roleArn": "arn:aws:iam::971779422973:role/machine"}),
    }
    made = account(clients=clients, **request)
    made.tags["migration:stream-prefix"] = "test-"
    made.clone_function["Role"] = "arn:aws:iam::971779422973:role/clones"
    return made


def needs_of(check: Callable[[Account], Iterator[Finding]], **facts: Any) -> tuple[set[str], Needs]:  # noqa: ANN401 - of `asking`
    """Return the principals that a check asks for, and its actions, resources and context."""
    simulation = simulated(result("any:Any", "arn:any", "allowed"))
    assert list(check(asking(simulation, **facts))) == []
    asked = [(each["ActionNames"], each["ResourceArns"], each["ContextEntries"]) for each in simulation.asked]
    return {each["PolicySourceArn"] for each in simulation.asked}, asked


OF_CALLER: Needs = [
    (["states:StartExecution"], [MACHINE], []),
    (["states:DescribeExecution", "states:GetExecutionHistory", "states:ListMapRuns"], [f"{EXECUTION}:*"], []),
    (["states:GetExecutionHistory"], [f"{EXECUTION}/any:any"], []),
    (["states:ListExecutions"], [MAP_RUN], []),
]


@pytest.mark.parametrize(("caller", "principal"), [(SESSION, ROLE), (USER, USER)])
def test_a_caller_needs_what_starting_and_following_needs(caller: str, principal: str) -> None:
    assert needs_of(check_caller, caller=caller) == ({principal}, OF_CALLER)


def test_a_sessions_role_is_asked_for_by_its_name() -> None:
    made = asking(simulated(), SESSION)
    list(check_caller(made))

    assert made.client("iam").asked == [{"RoleName": "operator"}]


def test_the_root_user_is_not_simulated() -> None:
    simulation = simulated(result("any:Any", "arn:any", "implicitDeny"))

    assert list(check_caller(asking(simulation, "arn:aws:iam::971779422973:root"))) == []
    assert simulation.asked == []


def of_machine(suffix: str, run: str) -> Needs:
    return [
        (["states:StartExecution"], [MACHINE], []),
        (
            ["lambda:InvokeFunction"],
            [f"arn:aws:lambda:{OF_REGION}:function:migration-test-{n}" for n in ("aurora-clone", "run-registry")],
            [],
        ),
        (["s3:ListBucket"], [DATA, ARTIFACTS], []),
        (["s3:GetObject"], [f"{DATA}/processed/rates/{run}/summary.json"], []),
        (["s3:PutObject"], [f"{DATA}/export/rates/{run}/any"], []),
        (
            ["iam:PassRole"],
            ["arn:aws:iam::971779422973:role/migration-test-spark-job"],
            [string("iam:PassedToService", "emr-serverless.amazonaws.com")],
        ),
        (
            ["dynamodb:DescribeTable", "dynamodb:ImportTable", "dynamodb:UpdateContinuousBackups"],
            tables(suffix),
            [],
        ),
        (["dynamodb:ExportTableToPointInTime", "dynamodb:TagResource"], tables(suffix), []),
    ]


JOBS_RUN: Needs = [(["emr-serverless:StartJobRun"], ["arn:app"], [])]
OF_OFFICIAL: Needs = [
    (["dynamodb:EnableKinesisStreamingDestination"], tables(""), []),
    (["kinesis:DescribeStreamSummary"], [STREAM], []),
]


def test_the_machines_role_needs_what_its_states_call() -> None:
    machine = {"arn:aws:iam::971779422973:role/machine"}

    assert needs_of(check_machine) == (machine, [*of_machine("-rehearsal", "any"), *JOBS_RUN])
    official = [*of_machine("", "o1"), *JOBS_RUN, *OF_OFFICIAL]
    assert needs_of(check_machine, mode="official", run_id="o1") == (machine, official)


def test_a_machine_is_asked_for_by_its_arn_and_without_an_application_for_no_job() -> None:
    simulation = simulated()
    made = asking(simulation)
    made.__dict__["application"] = None
    list(check_machine(made))

    assert made.client("stepfunctions").asked == [{"stateMachineArn": MACHINE}]
    assert ["emr-serverless:StartJobRun"] not in [each["ActionNames"] for each in simulation.asked]


def test_the_clone_services_role_needs_to_clone_each_source_under_the_stacks_tags() -> None:
    names = [cluster.identifier for cluster in account().clusters]
    clusters = [f"arn:aws:rds:{OF_REGION}:cluster:{name}{end}" for end in ("", "-clone") for name in names]
    tags = [
        string("aws:RequestTag/migration:system", "rates-avail-migration-bootstrap"),
        string("aws:RequestTag/migration:stack", "test"),
    ]

    assert needs_of(check_clone_service) == (
        {"arn:aws:iam::971779422973:role/clones"},
        [(["rds:RestoreDBClusterToPointInTime"], clusters, tags)],
    )


def test_the_jobs_role_needs_to_write_its_files_and_to_read_the_exports() -> None:
    written = [f"{DATA}/{folder}/rates/any" for folder in ("raw", "processed", "reports")]

    assert needs_of(check_jobs) == (
        {ROLE},
        [(["s3:PutObject"], written, []), (["s3:GetObject"], [f"{DATA}/export/rates/any"], [])],
    )
    made = asking(simulated())
    list(check_jobs(made))
    assert made.client("iam").asked == [{"RoleName": "migration-test-spark-job"}]


@pytest.mark.parametrize("decision", ["implicitDeny", "explicitDeny"])
def test_a_denied_action_is_reported_once_per_need_at_its_first_resource(decision: str) -> None:
    denied = simulated(
        result("s3:A", "arn:1", "allowed"),
        result("s3:A", "arn:2", decision),
        result("s3:A", "arn:3", decision),
        result("s3:B", "arn:4", decision),
        result("s3:A", "arn:5", decision),
    )
    role = [
        Finding("fails", "role operator", f"it may not {action} on arn:{n}", DEPLOY)
        for action, n in (("s3:A", 2), ("s3:B", 4))
    ]

    assert list(check_jobs(asking(denied))) == [*role, *role]
    assert next(check_caller(asking(denied))) == Finding(
        "fails", f"the caller {USER}", "it may not s3:A on arn:2", ALLOW
    )


@pytest.mark.parametrize(
    ("decision", "missing", "finding"),
    [
        ("implicitDeny", ["aws:VpcId", "aws:PrincipalTag/x"], "unchecked"),
        ("explicitDeny", ["aws:VpcId"], "fails"),
        ("implicitDeny", [], "fails"),
    ],
)
def test_a_denial_that_hangs_on_a_key_of_the_real_call_is_left_open(
    decision: str, missing: list[str], finding: str
) -> None:
    answer = simulated(result("s3:A", "arn:1", decision, MissingContextValues=missing))
    keys = ", ".join(missing)
    expected = {
        "unchecked": Finding(
            "unchecked", "role clones", f"whether it may not s3:A on arn:1 depends on {keys}", "nothing"
        ),
        "fails": Finding("fails", "role clones", "it may not s3:A on arn:1", DEPLOY),
    }

    assert list(check_clone_service(asking(answer))) == [expected[finding]]
