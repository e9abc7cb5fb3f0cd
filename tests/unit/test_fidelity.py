"""docs/fidelity.md names each AWS API that the product calls."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.deploy.engine import Deployment

ROOT = Path(__file__).parents[2]
_SPELT = {"emrserverless": "emr-serverless", "startJobRun.sync": "StartJobRun", "invoke": "InvokeFunction"}
_DELIVERY = re.compile(r"^(logs|kms):")  # how AWS keeps logs and keys; nothing here calls it


def test_every_api_that_a_machine_or_a_function_calls_has_its_row(declared_test: Deployment) -> None:
    page = (ROOT / "docs" / "fidelity.md").read_text("utf-8")
    rows = {api for line in page.splitlines() for api in re.findall(r"`([a-z0-9-]+:[A-Z]\w+)`", line.split(" | ")[0])}

    called = _of_machines() | _of_functions(declared_test)

    assert len(called) > 30
    assert sorted(called - rows) == []


def _of_machines() -> set[str]:
    actions = set()
    for golden in (ROOT / "tests" / "golden").glob("*.asl.json"):
        for service, action in re.findall(r'"arn:aws:states:::(?:aws-sdk:)?([a-z0-9-]+):([\w.]+)"', golden.read_text()):
            spelt = _SPELT.get(action, action[0].upper() + action[1:])
            actions.add(f"{_SPELT.get(service, service)}:{spelt}")
    return actions


def _of_functions(deployment: Deployment) -> set[str]:
    policies = [
        json.loads(declared.inputs["policy"])
        for declared in deployment.resources.values()
        if declared.kind.endswith(":RolePolicy")
        and re.search(r"(aurora-clone|run-registry|run-watch|table-writer)", declared.name)
    ]
    actions = {
        action.replace("s3:ListBucket", "s3:ListObjectsV2")
        for policy in policies
        for statement in policy["Statement"]
        for action in statement["Action"]
    }
    return {action for action in actions if not _DELIVERY.search(action)}
