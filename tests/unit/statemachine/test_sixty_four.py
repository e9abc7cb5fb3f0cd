"""Sixty-four tables over sixty-four clusters in a complete walk: no payload is larger than the budget."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from statemachine.budget import MAX_PAYLOAD_BYTES
from statemachine.limits import Limits
from statemachine.render import definition, worst_case
from tests.unit.statemachine.stepping import NAMES, Walk, body, payload
from tests.unit.statemachine.test_budget import large
from tests.unit.statemachine.test_walks import LISTING, MADE, RELEASE, WRITTEN, answers

if TYPE_CHECKING:
    from collections.abc import Mapping

MACHINE = definition(large(64, 64), "availability", NAMES, Limits())
TABLES = [table["name"] for table in MACHINE["States"]["MigrateTables"]["Items"]]
BOUND = worst_case(MACHINE, Limits()).payload_bytes
PREFIX = f"processed/availability/{'r' * 64}/{'a' * 64}/"
ARN = "arn:aws:dynamodb:longest-region:000000000000:table/"


class MeasuredWalk(Walk):
    """A walk that keeps the widest payload of each state: what it is given, asks, is answered and gives on."""

    def run_of(self, machine: dict[str, Any], request: object) -> tuple[str, Any]:
        """Return the state that an execution of a machine ends in, and its output."""
        self.widest: dict[str, int] = {}
        return self._run(machine, request)

    def _map(self, state: dict[str, Any], variables: Mapping[str, Any]) -> list[Any]:
        results = super()._map(state, variables)
        self.widest[state["Label"]] = _bytes(results)
        return results

    def _answer(self, name: str, state: dict[str, Any], variables: Mapping[str, Any]) -> object:
        answer = super()._answer(name, state, variables)
        self.widest[f"{name}'s answer"] = max(self.widest.get(f"{name}'s answer", 0), _bytes(answer))
        return answer


def _bytes(value: object) -> int:
    return len(json.dumps(value, default=str).encode())


def wide_answers(**changes: object) -> dict[str, Any]:
    """Return what AWS answers in a run that goes well, with names and ARNs as wide as they become."""
    written = {**WRITTEN, "prefix": PREFIX, "listing": LISTING}
    counted = {name: {**written, **dict.fromkeys(map(str, range(10)), 10**12)} for name in TABLES}
    matched = {name: {"matched": 3, "expired": 0} for name in TABLES}
    export = f"{ARN}{TABLES[0]}-rehearsal/export/01693685827463-2d8752fd"
    clone = payload(status="AVAILABLE", unproven="", createdAt=MADE, endpoint="h" * 253, port=65535)
    imported = {"ImportStatus": "COMPLETED", "ImportedItemCount": 3, "TableArn": f"{ARN}{TABLES[0]}-rehearsal"}
    exported = {
        "ExportStatus": "COMPLETED",
        "ItemCount": 3,
        "ExportManifest": f"export/{'d' * 31}/{'r' * 64}/{TABLES[0]}/AWSDynamoDB/01693685827463-2d8752fd/"
        "manifest-summary.json",
    }
    return answers(
        **{
            "CheckCloneStatus": clone,
            "ReadSummary": body(attempt="x1", release=RELEASE, failure=None, tables=counted),
            "ReadVerdict": body(attempt="x1", release=RELEASE, verdict="MATCH", tables=matched),
            "CheckPrefix": {"Contents": [{"Key": f"{PREFIX}a", "Size": 2}]},
            "ImportTable": {"ImportTableDescription": {"ImportArn": export.replace("export", "import")}},
            "DescribeImport": {"ImportTableDescription": imported},
            "ExportTable": {"ExportDescription": {"ExportArn": export}},
            "DescribeExport": {"ExportDescription": exported},
            **changes,
        }
    )


def test_a_run_of_sixty_four_tables_over_sixty_four_clusters_ends_well_within_the_payload_that_is_counted() -> None:
    walk = MeasuredWalk(wide_answers())

    end, output = walk.run_of(MACHINE, {"runId": "r" * 64})

    assert (end, len(output["tables"]), len(walk.asked["DestroyClone"])) == ("Succeed", 64, 64)
    asked = {name: max(map(_bytes, arguments)) for name, arguments in walk.asked.items()}
    assert max({**walk.widest, **asked, "the end": _bytes(output)}.values()) <= BOUND <= MAX_PAYLOAD_BYTES
    # Bounds that are twice what is there would refuse a catalog that works.
    assert walk.widest["MigrateTables"] > 40_000
    assert asked["RunCompare"] > 40_000


@pytest.mark.parametrize(
    ("changes", "failed", "where"),
    [
        ({"CheckCloneStatus": payload(status="FAILED", reason='"' * 9000)}, "CloneFailed", "CloneClusters"),
        ({"DescribeImport": {"ImportTableDescription": {"ImportStatus": "FAILED", "FailureMessage": '"' * 9000}}},
         "ImportFailed", "MigrateTables"),
    ],
    ids=["clones", "tables"],
)  # fmt: skip
def test_sixty_four_failures_with_long_causes_are_told_within_the_payload_that_is_counted(
    changes: dict[str, Any], failed: str, where: str
) -> None:
    walk = MeasuredWalk(wide_answers(**changes))

    assert walk.run_of(MACHINE, {"runId": "r1"})[0] == failed
    assert 0.8 * BOUND <= walk.widest[where] <= BOUND
