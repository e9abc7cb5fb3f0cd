"""A rehearsal of one of two tables, with every part as deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.demo import run_summary
from runner.report.collect.run import gather
from runner.report.document import build
from tests.unit.runner.report.raw import as_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.stack import LocalStack
    from runner.account.environments import Environment
    from runner.live.history.progress import Progress


def test_a_rehearsal_of_one_table_makes_it_alone_and_says_what_it_leaves_out(
    stack: LocalStack, environment: Environment, migrate: Callable[..., Progress]
) -> None:
    ended = migrate("rates", tables=("BaseRateAssociation",))

    verdict: dict[str, Any] = run_summary.document(stack, f"reports/rates/{ended.name}/verdict.json")
    assert (ended.status, ended.cause, verdict["verdict"]) == ("SUCCEEDED", "", "MATCH")
    assert (list(verdict["tables"]), verdict["leftOut"]) == (["BaseRateAssociation"], ["BaseRate"])
    assert stack.client("dynamodb").list_tables()["TableNames"] == ["BaseRateAssociation-rehearsal"]
    keys = stack.client("s3").list_objects_v2(Bucket=stack.data_bucket, Prefix="proven/rates/")
    assert keys["KeyCount"] == 0
    document = as_document(build(gather(environment, ended.name)))
    assert any(note.startswith("The run is partial: it says nothing of BaseRate.") for note in document["notes"])
