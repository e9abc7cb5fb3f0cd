"""The writer's calls of AWS: at its pace, within its time, for the proven table and a running execution."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import logging
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import table_writer.handler
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from table_writer import changes
from table_writer.binding import require_caller
from table_writer.changes import Change, Part
from table_writer.conditions import Expression, absent
from table_writer.errors import (
    CallerRefusedError,
    DomainIsLiveError,
    ExecutionEndedError,
    ExecutionUnknownError,
    InvalidEventError,
    PartDamagedError,
    TableReplacedError,
)
from table_writer.orders import Order
from table_writer.pace import Clock, Pace
from table_writer.preconditions import Facts, Preconditions
from table_writer.settling import Answer
from table_writer.store import Conflict, S3Store
from table_writer.table import DynamoTable, OutOfTime

from tests.unit.lambdas.tables import ORDER, delete, item, md5, packed, put

if TYPE_CHECKING:
    from collections.abc import Callable

ITEM = item("a", n=1)
EVENT: dict[str, Any] = {
    "operation": "apply",
    "domain": ORDER.domain,
    "run": ORDER.run,
    "attempt": ORDER.attempt,
    "execution": ORDER.execution,
    "table": ORDER.table,
    "tableName": ORDER.table_name,
    "tableId": ORDER.table_id,
    "kind": "puts",
    "lane": 0,
    "lanes": 1,
    "part": 0,
    "offset": 0,
    "writesPerSecond": 1000,
}


@dataclass
class Time:
    """A clock whose time passes by sleeping alone."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(now=lambda: self.seconds, monotonic=lambda: self.seconds, sleep=self.sleep, jitter=lambda: 1.0)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def error(code: str, status: int = 400, **more: Any) -> ClientError:  # noqa: ANN401 - a response's fields
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(answer, "PutItem")


class Client:
    """A client of DynamoDB whose calls answer, or fail, in turn; the last answer stays."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**asked: Any) -> Any:  # noqa: ANN401 - a client's fields
            self.asked.append({"operation": name, **asked})
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def table(client: Client, time: Time, has_time: Callable[[], bool] = lambda: True, rate: float = 1000) -> DynamoTable:
    return DynamoTable(client, "BaseRate", Pace(rate, time.clock()), time.clock(), has_time)


def test_each_write_names_its_condition_and_wants_the_item_that_is_there() -> None:
    client = Client({"Attributes": ITEM})
    expression = Expression("#0=:0", {"#0": "n"}, {":0": {"N": "1"}}, "SET #0=:1")
    conditioned = {
        "TableName": "BaseRate",
        "ConditionExpression": "#0=:0",
        "ExpressionAttributeNames": {"#0": "n"},
        "ExpressionAttributeValues": {":0": {"N": "1"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    written = table(client, Time())

    answers = [
        written.put(ITEM, expression),
        written.put_back(ITEM, expression),
        written.update({"id": {"S": "a"}}, expression),
        written.delete({"id": {"S": "a"}}, expression),
    ]

    key = {"id": {"S": "a"}}
    assert answers == [Answer(written=True, item=ITEM)] * 4
    assert client.asked == [
        {"operation": "put_item", "Item": ITEM, "ReturnValues": "ALL_OLD", **conditioned},
        {"operation": "put_item", "Item": ITEM, **conditioned},
        {
            "operation": "update_item",
            "Key": key,
            "UpdateExpression": "SET #0=:1",
            "ReturnValues": "ALL_NEW",
            **conditioned,
        },
        {"operation": "delete_item", "Key": key, "ReturnValues": "ALL_OLD", **conditioned},
    ]


def test_a_condition_without_values_gives_none() -> None:
    client = Client({})

    assert table(client, Time()).put(ITEM, absent(("id",))) == Answer(written=True, item=None)
    assert "ExpressionAttributeValues" not in client.asked[0]


@pytest.mark.parametrize("there", [ITEM, None])
def test_a_refused_write_answers_with_the_item_that_is_there(there: dict[str, Any] | None) -> None:
    more = {} if there is None else {"Item": there}

    answer = table(Client(error("ConditionalCheckFailedException", **more)), Time()).put(ITEM, absent(("id",)))

    assert answer == Answer(written=False, item=there)


def test_a_look_is_consistent() -> None:
    client = Client({"Item": ITEM}, {})
    looked = table(client, Time())

    assert [looked.get({"id": {"S": "a"}}), looked.get({"id": {"S": "b"}})] == [ITEM, None]
    assert client.asked[0] == {
        "operation": "get_item",
        "TableName": "BaseRate",
        "Key": {"id": {"S": "a"}},
        "ConsistentRead": True,
    }


@pytest.mark.parametrize(
    "refused",
    [
        error("ProvisionedThroughputExceededException"),
        error("ThrottlingException"),
        error("RequestLimitExceeded"),
        error("LimitExceededException"),
        error("InternalServerError", 500),
        error("ServiceUnavailable", 503),
        ReadTimeoutError(endpoint_url="dynamodb"),
        EndpointConnectionError(endpoint_url="dynamodb"),
    ],
    ids=str,
)
def test_what_dynamodb_refuses_for_now_is_tried_again_ever_later_and_slower(refused: Exception) -> None:
    time, client = Time(), Client(refused, refused, refused, {})
    pace = Pace(1000, time.clock())

    answer = DynamoTable(client, "BaseRate", pace, time.clock(), lambda: True).put(ITEM, absent(("id",)))

    assert answer.written
    assert len(client.asked) == 4
    assert [pause for pause in time.slept if pause >= 0.05] == [0.05, 0.1, 0.2]
    assert pace.per_second == 135  # halved three times, and a hundredth of the bound for the write that was taken


def test_each_write_and_each_look_waits_for_its_turn() -> None:
    time = Time()
    paced = table(Client({}), time, rate=10)

    paced.put(ITEM, absent(("id",)))
    paced.get({"id": {"S": "a"}})
    paced.put_back(ITEM, absent(("id",)))

    assert time.slept == pytest.approx([0.1, 0.1])


@pytest.mark.parametrize(
    ("code", "raised"),
    [("ValidationException", ClientError), ("AccessDeniedException", ClientError)],
)
def test_what_dynamodb_refuses_for_good_ends_the_call(code: str, raised: type[Exception]) -> None:
    client = Client(error(code))

    with pytest.raises(raised, match=code):
        table(client, Time()).put(ITEM, absent(("id",)))
    assert len(client.asked) == 1


def test_a_table_that_vanishes_meanwhile_is_replaced() -> None:
    with pytest.raises(TableReplacedError, match=r"^BaseRate is gone; nothing more was written$"):
        table(Client(error("ResourceNotFoundException")), Time()).put(ITEM, absent(("id",)))


def test_no_attempt_begins_without_time_but_what_was_taken_away_is_put_back() -> None:
    time = Time()
    client = Client(error("ThrottlingException"), {})
    late = table(client, time, lambda: time.seconds < 0.04)

    with pytest.raises(OutOfTime):
        late.put(ITEM, absent(("id",)))
    assert len(client.asked) == 1
    assert late.put_back(ITEM, absent(("id",))).written
    with pytest.raises(OutOfTime):
        late.delete({"id": {"S": "a"}}, absent(("id",)))
    with pytest.raises(OutOfTime):
        late.get({"id": {"S": "a"}})


@pytest.mark.parametrize(("rate", "writes"), [(10, 21), (0.5, 3), (1000, 2001)])
def test_no_more_writes_begin_in_a_second_than_the_bound(rate: float, writes: int) -> None:
    time = Time()
    pace = Pace(rate, time.clock())

    for _ in range(writes):
        pace.wait()
        pace.accepted()

    assert time.seconds == pytest.approx((writes - 1) / rate)


def test_time_that_passes_is_not_made_up_by_a_burst() -> None:
    time = Time()
    pace = Pace(10, time.clock())
    pace.wait()
    time.seconds = 100.0

    pace.wait()
    assert time.slept == []
    pace.wait()

    assert time.seconds == pytest.approx(100.1)


def test_the_pace_falls_to_one_a_second_and_comes_back_to_its_bound() -> None:
    pace = Pace(100, Time().clock())

    pauses = [pace.throttled(attempt) for attempt in range(12)]
    assert pace.per_second == 1
    assert pauses[-1] == 5.0
    for _ in range(99):
        pace.accepted()
    assert pace.per_second == 100
    pace.accepted()
    assert pace.per_second == 100


def test_a_pace_below_one_a_second_is_not_raised_by_throttling() -> None:
    pace = Pace(0.5, Time().clock())
    pace.throttled(0)

    assert pace.per_second == 0.5


class NotThereError(Exception):
    """The requested resource does not exist, whatever the service calls the error."""


class States:
    """Step Functions, which knows one execution."""

    exceptions = SimpleNamespace(ExecutionDoesNotExist=NotThereError)

    def __init__(self, **description: object) -> None:
        self._description = description

    def describe_execution(self, *, executionArn: str, includedData: str) -> dict[str, object]:  # noqa: N803 - the client's names
        assert (executionArn, includedData) == (ORDER.execution, "METADATA_ONLY")
        if not self._description:
            raise NotThereError
        return self._description


class Tables:
    """DynamoDB's control plane, which has one table."""

    exceptions = SimpleNamespace(ResourceNotFoundException=NotThereError)

    def __init__(self, *, table_id: str = "table-1", ttl: str = "DISABLED", there: bool = True, **tags: str) -> None:
        self._id, self._ttl, self._there, self._tags = table_id, ttl, there, tags

    def describe_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803 - the client's name
        if not self._there:
            raise NotThereError
        keys = [{"AttributeName": "sk", "KeyType": "RANGE"}, {"AttributeName": "pk", "KeyType": "HASH"}]
        return {"Table": {"TableId": self._id, "TableArn": f"arn:{TableName}", "KeySchema": keys}}

    def describe_time_to_live(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803 - the client's name
        assert TableName == "BaseRate"
        return {"TimeToLiveDescription": {"TimeToLiveStatus": self._ttl, "AttributeName": "until"}}

    def get_paginator(self, name: str) -> Any:  # noqa: ANN401 - a paginator
        assert name == "list_tags_of_resource"
        pages = [{"Tags": [{"Key": f"migration:{key}", "Value": value}]} for key, value in self._tags.items()]
        return SimpleNamespace(paginate=lambda *, ResourceArn: pages if ResourceArn == "arn:BaseRate" else [])  # noqa: N803 - the client's name


RUNNING = States(status="RUNNING")


@pytest.mark.parametrize("ttl", ["ENABLED", "ENABLING", "DISABLING", "DISABLED"])
def test_the_proven_table_of_a_running_execution_is_written_to(ttl: str) -> None:
    facts = Preconditions(RUNNING, Tables(ttl=ttl, domain="rates")).require(ORDER)

    assert facts == Facts(("pk", "sk"), "" if ttl == "DISABLED" else "until")


@pytest.mark.parametrize(
    ("states", "tables", "raised", "words"),
    [
        (States(), Tables(), ExecutionUnknownError, "does not know"),
        (States(status="ABORTED"), Tables(), ExecutionEndedError, "has ended or was redriven"),
        (States(status="RUNNING", redriveCount=1), Tables(), ExecutionEndedError, "has ended or was redriven"),
        (RUNNING, Tables(there=False), TableReplacedError, "BaseRate is gone; start an official run"),
        (
            RUNNING,
            Tables(table_id="table-2"),
            TableReplacedError,
            "has the TableId table-2, the proven one had table-1",
        ),
        (RUNNING, Tables(domain="rates", live="2026-11-30"), DomainIsLiveError, "BaseRate is live since 2026-11-30"),
        (RUNNING, Tables(live=""), DomainIsLiveError, "is live since "),
        (RUNNING, Tables(domain="availability"), CallerRefusedError, "migration:domain=availability, and rates asks"),
    ],
)
def test_nothing_is_written_for_a_dead_execution_or_to_another_table(
    states: States, tables: Tables, raised: type[Exception], words: str
) -> None:
    with pytest.raises(raised, match=words):
        Preconditions(states, tables).require(ORDER)


ARN = "arn:aws:lambda:eu-west-1:971779422973:function:migration-test-table-writer"


def test_the_catch_up_machine_of_the_domain_asks_for_the_domains_tables() -> None:
    require_caller(ARN, "test", ORDER)
    require_caller(ARN, "test", replace(ORDER, table_name="BaseRate-rehearsal"))


@pytest.mark.parametrize(
    ("arn", "order"),
    [
        (f"{ARN}:operators", ORDER),
        (f"{ARN}:$LATEST", ORDER),
        (ARN, replace(ORDER, execution=ORDER.execution.replace("-catch-up", ""))),
        (ARN, replace(ORDER, execution=ORDER.execution.replace("test-rates", "test-other"))),
        (ARN, replace(ORDER, execution=ORDER.execution.replace("migration-test", "migration-prod"))),
        (ARN, replace(ORDER, execution=ORDER.execution.replace("971779422973", "111122223333"))),
        (ARN, replace(ORDER, execution=ORDER.execution.replace("eu-west-1", "us-east-1"))),
        (ARN, replace(ORDER, execution=ORDER.execution.removesuffix("e1"))),
        (ARN, replace(ORDER, execution="operator:anna")),
        (ARN, replace(ORDER, domain="availability")),
        (ARN, replace(ORDER, table_name="Inventory")),
        (ARN, replace(ORDER, table_name="BaseRate-2")),
    ],
)
def test_nobody_else_has_anything_written(arn: str, order: Order) -> None:
    with pytest.raises(CallerRefusedError, match="Nothing was written"):
        require_caller(arn, "test", order)


def test_an_event_is_an_order() -> None:
    assert Order.read(EVENT) == ORDER
    assert Order.read({**EVENT, "part": 2.0, "version": ["updatedAt"]}) == replace(
        ORDER, part=2, version=("updatedAt",)
    )
    assert Order.read({**EVENT, "writesPerSecond": 0.5}) == replace(ORDER, writes_per_second=0.5)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        *(
            ({name: ""}, f"^{name}: is missing")
            for name, value in EVENT.items()
            if name != "operation" and isinstance(value, str)
        ),
        *(({name: value}, f"^{name}: ") for name in ("lane", "part", "offset") for value in (-1, 0.5, "0", True)),
        ({"kind": "both"}, "^kind: 'both' is not puts or deletes"),
        ({"lane": 1}, "^lane: 1 is not below lanes"),
        ({"lanes": 0}, "^lane: 0 is not below lanes"),
        ({"writesPerSecond": 0}, "^writesPerSecond: 0 is not a number above 0"),
        ({"writesPerSecond": True}, "^writesPerSecond: True"),
        ({"version": "x"}, "^version: 'x' is not a list"),
        *(({name: "a/b"}, f"^{name}: 'a/b' contains a slash") for name in ("domain", "run", "attempt")),
    ],
)
def test_an_event_that_lacks_something_is_refused_by_its_name(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidEventError, match=words):
        Order.read({**EVENT, **changed})


def test_a_part_is_read_as_it_was_listed() -> None:
    content = packed([put(item("a", b={"B": b"\0"}), ITEM)])
    text = json.dumps({"puts": [{"name": "p", "changes": 1, "bytes": 9, "md5": md5(content)}], "deletes": []})

    (part,) = Part.listed(text, "puts")

    assert changes.read(part, "puts", content) == [put(item("a", b={"B": b"\0"}), ITEM)]
    assert Part.listed(text, "deletes") == []


def test_a_part_is_read_where_md5_serves_no_security(monkeypatch: pytest.MonkeyPatch) -> None:
    """In FIPS mode, OpenSSL refuses MD5 unless it is said to serve no security."""
    content, whole = packed([put(ITEM)]), hashlib.md5

    def fips(data: bytes, *, usedforsecurity: bool = True) -> object:
        if usedforsecurity:
            raise ValueError("disabled for FIPS")
        return whole(data, usedforsecurity=False)

    monkeypatch.setattr(hashlib, "md5", fips)

    assert changes.read(Part("p", 1, md5(content)), "puts", content) == [put(ITEM)]


BROKEN = gzip.compress(b"", mtime=0)[:10] + b"\xff" * 20  # a gzip header before what is no deflate stream


@pytest.mark.parametrize(
    ("part", "content", "words"),
    [
        (Part("p", 1, "0" * 32), b"x", "^p: has the MD5 9dd4e461268c8034f5c8564e155c67a6, parts.json says 000"),
        (Part("p", 1, md5(b"x")), b"x", "^p: is not a part of puts: "),
        (Part("p", 2, md5(packed([put(ITEM)]))), packed([put(ITEM)]), "^p: has 1 changes, parts.json says 2"),
        (Part("p", 1, md5(packed([delete(ITEM)]))), packed([delete(ITEM)]), "^p: is not a part of puts: KeyError"),
        (Part("p", 1, md5(packed([put(ITEM)])[:-4])), packed([put(ITEM)])[:-4], "^p: is not a part of puts: "),
        (Part("p", 1, md5(gzip.compress(b"7"))), gzip.compress(b"7"), "^p: is not a part of puts: TypeError"),
        (Part("p", 1, md5(BROKEN)), BROKEN, "^p: is not a part of puts: error"),
    ],
)
def test_a_damaged_part_is_refused_with_what_to_do(part: Part, content: bytes, words: str) -> None:
    with pytest.raises(PartDamagedError, match=words) as refused:
        changes.read(part, "puts", content)
    assert str(refused.value).endswith("start a new one: migrate catch-up")


def test_a_deletion_of_nothing_is_no_change() -> None:
    content = packed([Change(None, delete={"id": {"S": "a"}})])

    with pytest.raises(PartDamagedError, match="a deletion without the expected item"):
        changes.read(Part("p", 1, md5(content)), "deletes", content)


@pytest.mark.parametrize("text", ["", "{}", '{"puts": [{"name": "p"}]}', '{"puts": 1}'])
def test_a_damaged_list_of_parts_is_refused(text: str) -> None:
    with pytest.raises(PartDamagedError, match=r"^parts\.json has no list of puts"):
        Part.listed(text, "puts")


class Objects:
    """An S3 that holds some objects."""

    exceptions = SimpleNamespace(NoSuchKey=NotThereError)

    def __init__(self, **objects: bytes) -> None:
        self.objects = objects

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - the client's names
        assert Bucket == "data"
        if Key not in self.objects:
            raise NotThereError
        return {"Body": io.BytesIO(self.objects[Key])}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 - the client's names
        assert Bucket == "data"
        self.objects[Key] = Body


def test_parts_are_read_and_conflicts_kept_below_the_run_and_the_table() -> None:
    content = packed([put(ITEM)])
    listed = {"puts": [{"name": "puts-1.jsonl.gz", "changes": 1, "md5": md5(content)}]}
    folder = "rates/r2/a1/BaseRate/"
    objects = {f"changes/{folder}parts.json": json.dumps(listed).encode(), f"changes/{folder}puts-1.jsonl.gz": content}
    s3 = Objects(**objects)
    store = S3Store(s3, "data")

    (part,) = store.parts(ORDER)
    assert store.changes(ORDER, part) == [put(ITEM)]
    gone = Conflict({"id": {"S": "z"}}, {"id": {"S": "z"}}, None)
    store.keep(ORDER, 3, 7, [Conflict({"id": {"S": "a"}}, None, {"id": {"S": "a"}, "b": {"B": b"\0"}}), gone])

    assert s3.objects[f"conflicts/{folder}puts-3-7.json"] == (
        b'{"key": {"id": {"S": "a"}}, "expected": null, "found": {"id": {"S": "a"}, "b": {"B": "AA=="}}}\n'
        b'{"key": {"id": {"S": "z"}}, "expected": {"id": {"S": "z"}}, "found": null}\n'
    )
    del s3.objects[f"changes/{folder}puts-1.jsonl.gz"]
    with pytest.raises(PartDamagedError, match=r"^s3://data/changes/rates/r2/a1/BaseRate/puts-1\.jsonl\.gz is gone\."):
        store.changes(ORDER, part)


class Invoked:
    """Lambda's context of a call with so much time left."""

    invoked_function_arn = ARN

    def __init__(self, milliseconds: int) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


@pytest.mark.parametrize(("milliseconds", "has_time"), [(30_001, True), (30_000, False)])
def test_the_handler_answers_with_what_the_writer_says_and_leaves_time_to_say_it(
    *, milliseconds: int, has_time: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STACK", "test")
    asked: list[tuple[Order, bool]] = []

    def made(order: Order, time: Callable[[], bool]) -> object:
        asked.append((order, time()))
        return SimpleNamespace(apply=lambda _order: {"done": True})

    monkeypatch.setattr(table_writer.handler, "writer", made)
    caplog.set_level("INFO")

    assert table_writer.handler.handler(EVENT, Invoked(milliseconds)) == {"done": True}
    assert asked == [(ORDER, has_time)]
    assert json.loads(caplog.messages[0]) == {
        "domain": "rates",
        "run": "r2",
        "table": "BaseRate",
        "kind": "puts",
        "lane": 0,
        "answer": {"done": True},
    }
    assert table_writer.handler.logger.level == logging.INFO


def test_the_handler_refuses_before_it_makes_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    def untouched(*_: object) -> None:
        raise AssertionError("the call was carried out")

    monkeypatch.setenv("STACK", "prod")
    monkeypatch.setattr(table_writer.handler, "writer", untouched)

    with pytest.raises(CallerRefusedError):
        table_writer.handler.handler(EVENT, Invoked(300_000))
    with pytest.raises(InvalidEventError, match=r"^operation: 'begin' is not apply"):
        table_writer.handler.handler({**EVENT, "operation": "begin"}, Invoked(300_000))


def test_the_writer_is_built_of_the_stacks_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_BUCKET", "data")
    monkeypatch.setattr(boto3, "client", lambda service, config=None: (service, config))
    table_writer.handler.clients.cache_clear()
    try:
        built: Any = table_writer.handler.writer(ORDER, lambda: True)
    finally:
        table_writer.handler.clients.cache_clear()

    assert (built.store._s3, built.store._bucket) == (("s3", None), "data")
    assert vars(built.preconditions) == {"_states": ("stepfunctions", None), "_dynamodb": ("dynamodb", None)}
    service, config = built.table._client
    assert (service, config.retries, config.max_pool_connections) == ("dynamodb", {"total_max_attempts": 1}, 16)
    assert (config.connect_timeout, config.read_timeout) == (3, 10)  # together less than the reserved 30 seconds
    assert (built.table._name, built.table._pace.per_second, built.threads) == ("BaseRate", 1000, 16)
