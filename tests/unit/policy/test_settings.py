"""What the rules on settings say about the last value that AWS takes and the first that it refuses."""

from __future__ import annotations

from typing import Any

from policy import settings
from tests.unit.policy.reviewed import Case, violations

LOG, FUNCTION, STREAM = "aws:cloudwatch/logGroup:LogGroup", "aws:lambda/function:Function", "aws:kinesis/stream:Stream"
SPARK, MACHINE = "aws:emrserverless/application:Application", "aws:sfn/stateMachine:StateMachine"
RULE, ROLE, BUCKET = "aws:cloudwatch/eventRule:EventRule", "aws:iam/role:Role", "aws:s3/bucket:Bucket"
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTIONS = "1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653"
# The property with a name, the longest name and others that fit, and names that do not.
NAMES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName", ("a" * 255, "Aa_0-9"), ("", "a" * 256, "a.b")),
    "aws:cloudwatch/eventRule:EventRule": ("name", ("a" * 64, "A.b_0-"), ("", "a" * 65, "a b", "a/b")),
    "aws:cloudwatch/logGroup:LogGroup": ("name", ("a" * 512, "/aws/A.b_0-#"), ("", "a" * 513, "a b", "a:b")),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name", ("a" * 255, "A b:~"), ("", "a" * 256, "a\n", "é")),
    "aws:ec2/securityGroup:SecurityGroup": (
        "name",
        ("a" * 255, "A b._-:/()#,@[]+=&;{}!$*"),
        ("", "a" * 256, "sg-1", "a'"),
    ),
    SPARK: ("name", ("a" * 64, "A._/#-0"), ("", "a" * 65, "a b")),
    "aws:iam/policy:Policy": ("name", ("a" * 128, "A+=,.@_-"), ("", "a" * 129, "a/b")),
    ROLE: ("name", ("a" * 64, "A+=,.@_-"), ("", "a" * 65, "a/b")),
    STREAM: ("name", ("a" * 128, "A._-0"), ("", "a" * 129, "a/b")),
    "aws:kms/alias:Alias": (
        "name",
        (f"alias/{'a' * 250}", "alias/A/_-", "alias/awsx"),
        ("alias/", f"alias/{'a' * 251}", "a", "alias/aws/a"),
    ),
    FUNCTION: ("name", ("a" * 64, "A_0-"), ("", "a" * 65, "a.b")),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": (
        "name",
        ("a" * 255, "a-0-b"),
        ("", "a" * 256, "a--b", "a-", "0a", "A"),
    ),
    BUCKET: (
        "bucket",
        ("b" * 63, "a0b", "a-b"),
        ("ab", "b" * 64, "a.b", "-ab", "ab-", "Ab1", "xn--a", "sthree-a", "ab-s3alias"),
    ),
    MACHINE: ("name", ("a" * 80, "A_0-"), ("", "a" * 81, "a.b")),
    "aws:sns/topic:Topic": ("name", ("a" * 256, "A_0-"), ("", "a" * 257, "a.fifo")),
}


NAMED: list[Case] = [
    *[("name", kind, {key: name}, []) for kind, (key, right, _) in NAMES.items() for name in right],
    *[("name", kind, {}, []) for kind in NAMES],
    *[
        ("name", kind, {key: name}, [f"the {key} {name!r} does not match {settings.NAMES[kind][1]}"])
        for kind, (key, _, wrong) in NAMES.items()
        for name in wrong
    ],
]


def test_every_kind_with_a_pattern_is_tried_and_no_other_kind_has_one() -> None:
    assert set(settings.NAMES) == set(NAMES)
    assert violations("name", "aws:kms/key:Key", {"name": "a b"}) == []


def spark(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - properties
    return {
        "type": "spark",
        "releaseLabel": "emr-7.9.0",
        "maximumCapacity": {"cpu": "16 vCPU", "memory": "64 GB"},
        "autoStopConfiguration": {"enabled": True},
    } | changed


def capacity(cpu: str, memory: str) -> dict[str, Any]:
    return spark(maximumCapacity={"cpu": cpu, "memory": memory})


BILLED = "the application does not stop automatically: idle workers are billed"
APPLICATIONS: list[Case] = [
    ("spark", SPARK, spark(), []),
    ("spark", SPARK, spark(type="hive", releaseLabel="emr-10.11.12"), []),
    ("spark", SPARK, spark(type="SPARK"), ["type is 'SPARK'; it must be spark or hive"]),
    *[
        ("spark", SPARK, spark(releaseLabel=x), [f"releaseLabel is {x!r}; it must be like emr-7.9.0"])
        for x in ("7.9.0", "emr-7.9", "emr-7.9.0-latest", None)
    ],
    ("spark", SPARK, capacity("1 vCPU", "100 GB"), []),
    *[
        ("spark", SPARK, capacity(x, "1 GB"), [f"maximumCapacity.cpu is {x!r}; it must be like `16 vCPU`"])
        for x in ("16", "16vCPU", "0 vCPU", "16 GB", "")
    ],
    *[
        ("spark", SPARK, capacity("1 vCPU", x), [f"maximumCapacity.memory is {x!r}; it must be like `16 GB`"])
        for x in ("64GB", "0 GB", "64 vCPU", "64 MB")
    ],
    *[("spark", SPARK, spark(autoStopConfiguration=x), [BILLED]) for x in ({"enabled": False}, {}, None)],
    (
        "spark",
        SPARK,
        {},
        [
            "type is None; it must be spark or hive",
            "releaseLabel is None; it must be like emr-7.9.0",
            "maximumCapacity.cpu is None; it must be like `16 vCPU`",
            "maximumCapacity.memory is None; it must be like `16 GB`",
            BILLED,
        ],
    ),
    ("spark", ROLE, {}, []),
]


def machine(definition: str = "{}", **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - properties
    return {"definition": definition, "loggingConfiguration": {"level": "ALL", "logDestination": "arn:*"} | changed}


NO_DESTINATION = "loggingConfiguration.logDestination does not end with :*"
NOT_ALL, TOO_LARGE = "loggingConfiguration.level is not ALL", "the definition is larger than 1048576 bytes"
MACHINES: list[Case] = [
    ("state-machine", MACHINE, machine(), []),
    *[("state-machine", MACHINE, machine(logDestination=x), [NO_DESTINATION]) for x in ("arn", ":*arn", "", None)],
    ("state-machine", MACHINE, machine(level="ERROR"), [NOT_ALL]),
    ("state-machine", MACHINE, {"definition": "{}"}, [NO_DESTINATION, NOT_ALL]),
    ("state-machine", MACHINE, machine("é" * 524_288), []),
    ("state-machine", MACHINE, machine("é" * 524_288 + "x"), [TOO_LARGE]),
    ("state-machine", ROLE, {}, []),
]


def scheduled(expression: str | None) -> dict[str, Any]:
    return {"scheduleExpression": expression}


SCHEDULES: list[Case] = [
    *[
        ("schedule", RULE, scheduled(x), [])
        for x in (
            *(
                None,
                "rate(1 minute)",
                "rate(1 hour)",
                "rate(1 day)",
                "rate(2 minutes)",
                "rate(9 hours)",
                "rate(10 days)",
            ),
            *("cron(0 10 * * ? *)", "cron(15 10 ? * MON *)", "cron(0/5 8-17 ? * MON-FRI 2026)", "cron(0 0 1 1 ? 2027)"),
        )
    ],
    ("schedule", RULE, {"eventPattern": "{}"}, []),
    *[
        (
            "schedule",
            RULE,
            scheduled(x),
            [f"scheduleExpression {x!r} is neither rate(2 hours) nor cron() with six fields"],
        )
        for x in (
            *("", "rate(1 hours)", "rate(0 hours)", "rate(2 hour)", "rate(2 weeks)", "rate(01 hours)", " rate(1 hour)"),
            *("cron(0 10 * * ?)", "cron(0 10 * * ? * *)", "cron(0 10  * ? *)", "at(2026-11-30T00:00:00)"),
        )
    ],
    *[
        (
            "schedule",
            RULE,
            scheduled(x),
            [f"scheduleExpression {x!r} must have `?` as its day of the month or of the week, and not as both"],
        )
        for x in ("cron(0 10 * * * *)", "cron(0 10 ? * ? *)", "cron(0 10 * ? * ?)", "cron(? ? 1 ? 2 ?)")
    ],
]
TIMEOUT = "it must be 1 to 900 seconds"
TOO_MANY = "shardCount is set though the stream is ON_DEMAND"
ON_DEMAND, PROVISIONED = ({"streamModeDetails": {"streamMode": mode}} for mode in ("ON_DEMAND", "PROVISIONED"))
NUMBERS: list[Case] = [
    *[("numbers", FUNCTION, {"timeout": x}, []) for x in (1, 300.0, 900.0)],
    *[("numbers", FUNCTION, {"timeout": x}, [f"timeout is {x}; {TIMEOUT}"]) for x in (0, 901.0, -1, None)],
    ("numbers", FUNCTION, {}, [f"timeout is None; {TIMEOUT}"]),
    ("numbers", FUNCTION, {"timeout": 3, "retentionInDays": 2, **ON_DEMAND, "shardCount": 4}, []),
    ("numbers", LOG, {"timeout": 901, **ON_DEMAND, "shardCount": 4}, []),
    ("numbers", STREAM, {**PROVISIONED, "shardCount": 4.0}, []),
    ("numbers", STREAM, {"shardCount": 4.0}, []),
    ("numbers", STREAM, {"streamMode": "ON_DEMAND", "shardCount": 4.0}, []),
    ("numbers", STREAM, ON_DEMAND, []),
    ("numbers", STREAM, {**ON_DEMAND, "shardCount": 4.0}, [TOO_MANY]),
    ("numbers", ROLE, {"shardCount": 4.0, "retentionInDays": 2, "timeout": 901}, []),
]
CASES = [*NAMED, *APPLICATIONS, *MACHINES, *SCHEDULES, *NUMBERS]


def test_logs_are_kept_for_a_time_that_cloudwatch_knows() -> None:
    kept = [days for days in range(1, 4_000) if violations("numbers", LOG, {"retentionInDays": float(days)}) == []]

    assert kept == [int(days) for days in RETENTIONS.split()]
    assert violations("numbers", LOG, {"retentionInDays": 2.0}) == [
        "retentionInDays is 2, which CloudWatch Logs does not support"
    ]
