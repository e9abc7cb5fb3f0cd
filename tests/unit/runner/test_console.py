"""JSON is one document on standard output."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from runner.console import write_json


def test_times_are_written_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    moment = dt.datetime(2026, 1, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=2)))

    write_json({"since": moment, "name": "Zürich"})

    assert json.loads(capsys.readouterr().out) == {"since": "2026-01-01T00:00:00+00:00", "name": "Zürich"}


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="set is not JSON"):
        write_json({"names": {"a"}})
