"""A view that attaches late shows event times; programs read one JSON object a line."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from runner.formatting import clock
from runner.live.history.progress import Phase, Progress
from runner.live.poll import follow
from runner.live.views.json_lines import JsonLineView
from runner.live.views.progress_views import LineView
from tests.unit.runner.fakes import BEGAN
from tests.unit.runner.histories import entered, left, numbered

if TYPE_CHECKING:
    import pytest

ARN = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:run-1"
DOCUMENTED = Path(__file__).parents[4] / "docs/progress.md"
HISTORY = numbered(
    {"type": "ExecutionStarted"},
    entered("DefineVariables"),
    entered("FindSummary"),
    left("ReadSummary", summary={"tables": {"BaseRate": {"rowsRead": 7, "items": 6}}}),
)


class Ended:
    """Step Functions with one execution that failed long ago."""

    def describe_execution(self, **_: object) -> dict[str, Any]:
        end = {"error": "BootstrapFailed", "cause": "why", "stopDate": BEGAN + dt.timedelta(seconds=5)}
        return {"status": "FAILED", "startDate": BEGAN, "input": '{"mode": "official"}', **end}

    def get_execution_history(self, **_: object) -> dict[str, Any]:
        return {"events": HISTORY[::-1]}


def test_lines_have_the_times_of_their_events_however_late_somebody_attaches() -> None:
    console = Console(file=io.StringIO(), width=120)

    follow(Ended(), [ARN], LineView(console))

    assert console.file.getvalue().splitlines() == [  # type: ignore[attr-defined]  # a StringIO
        "2026-01-01 00:00:02Z rates          Prepare",
        "2026-01-01 00:00:03Z rates          Bootstrap",
        "2026-01-01 00:00:04Z rates          BaseRate: 7 rows read, 6 items",
        "2026-01-01 00:00:05Z rates          failed BootstrapFailed",
    ]


def test_the_date_is_written_where_it_is_not_todays() -> None:
    now = BEGAN.replace(hour=12)
    elsewhere = dt.timezone(dt.timedelta(hours=2))

    assert clock(BEGAN.replace(hour=9).astimezone(elsewhere), now) == "09:00:00Z"
    assert clock(BEGAN - dt.timedelta(seconds=1), now) == "2025-12-31 23:59:59Z"


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json_is_an_object_a_line_with_the_time_of_the_event(capsys: pytest.CaptureFixture[str]) -> None:
    follow(Ended(), [ARN], JsonLineView(lambda *_: (12.0, 0.50004)))

    *changes, end = lines_of(capsys)
    identity = {"version": 1, "domain": "rates", "run": "run-1", "execution": ARN}
    assert changes == [
        {**identity, "time": "2026-01-01T00:00:02+00:00", "event": "phase", "text": "Prepare", "phase": "Prepare"},
        {**identity, "time": "2026-01-01T00:00:03+00:00", "event": "phase", "text": "Bootstrap", "phase": "Bootstrap"},
        {
            **identity,
            "time": "2026-01-01T00:00:04+00:00",
            "event": "counts",
            "text": "BaseRate: 7 rows read, 6 items",
            "table": "BaseRate",
            "counts": {"rowsRead": 7, "items": 6},
        },
    ]
    assert (end["event"], end["time"], end["status"], end["error"], end["mode"], end["usd"]) == (
        "end",
        "2026-01-01T00:00:05+00:00",
        "FAILED",
        "BootstrapFailed",
        "official",
        0.5,
    )
    # From the history, as the phases are: an execution's own dates may be of another clock.
    assert end["started"] == "2026-01-01T00:00:01+00:00"
    assert end["tables"] == {"BaseRate": {"stage": "", "rowsRead": 7, "items": 6}}


def test_json_says_once_a_minute_where_each_execution_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 0.0
    monkeypatch.setattr("time.monotonic", lambda: seconds)
    view = JsonLineView(lambda *_: (12.34, 0.50004))
    progress = Progress(ARN, phases=[Phase("Tables", BEGAN)])
    for seconds in range(0, 130, 10):  # noqa: B007 - the clock reads it
        view.tick([progress])

    states = lines_of(capsys)
    assert [(line["event"], line["phase"], line["secondsLeft"], line["usd"]) for line in states] == [
        ("state", "Tables", 12.3, 0.5)
    ] * 2


def test_every_event_and_every_name_of_a_line_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    follow(Ended(), [ARN], JsonLineView(lambda *_: (None, None)))
    section = DOCUMENTED.read_text().split("## One JSON object a line")[1].split("\n## ")[0]
    documented = {*re.findall(r"`(\w+)`", section)}

    for line in lines_of(capsys):
        assert {line["event"], *line} <= documented
