"""The recorded run behind the sequence diagram: an official run on the embedded AWS with a fake Spark."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from statemachine.diagrams.flow import PHASES
from statemachine.diagrams.sequence import Call, calls
from tests.machine.rig import Rig

if TYPE_CHECKING:
    from collections.abc import Iterable

RECORDED_CALLS = Path(__file__).with_name("run.json")


def of_run(definition: dict[str, Any], events: Iterable[dict[str, Any]]) -> list[Call]:
    """Return the calls of a run."""
    return calls(definition, events, PHASES)


def record() -> None:
    """Run a domain to its end, and record its calls."""
    with tempfile.TemporaryDirectory() as work, Rig(Path(work)) as rig:
        arn = rig.start("rates", mode="official")
        ended = rig.end(arn)
        if ended.status != "SUCCEEDED":
            raise SystemExit(f"the run to be drawn ended {ended.error}: {ended.cause}")
        calls = of_run(rig.definitions["rates"], rig.events(arn))
    RECORDED_CALLS.write_text(json.dumps(calls, indent=1) + "\n", "utf-8")


def read() -> list[Call]:
    """Return the recorded calls."""
    return [Call(*fields) for fields in json.loads(RECORDED_CALLS.read_text("utf-8"))]
