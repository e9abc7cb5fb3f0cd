"""Money and times have the same format everywhere."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from runner.formatting import clock, iso_seconds, minute, money, second

ROOT = Path(__file__).parents[3]
AT = dt.datetime(2026, 11, 25, 0, 52, 54, tzinfo=dt.timezone(dt.timedelta(hours=2)))  # the 24th in UTC


def test_a_time_is_written_in_utc_wherever_it_was_read() -> None:
    assert {
        "seconds": iso_seconds(AT),
        "second": second(AT),
        "minute": minute(AT),
        "minute of a page": minute(AT, " UTC"),
        "clock": clock(AT),
    } == {
        "seconds": "2026-11-24T22:52:54Z",
        "second": "2026-11-24 22:52:54Z",
        "minute": "2026-11-24 22:52Z",
        "minute of a page": "2026-11-24 22:52 UTC",
        "clock": "22:52:54Z",
    }


@pytest.mark.parametrize(
    ("usd", "text"), [(None, "no price"), (0.0, "0.00"), (0.004, "<0.01"), (0.014, "0.01"), (1234.5, "1,234.50")]
)
def test_money_is_dollars_and_cents(usd: float | None, text: str) -> None:
    assert money(usd) == text


def test_no_other_module_of_the_runner_formats_money_or_times_of_a_day() -> None:
    own = re.compile(r"strftime|:%[HY][^}]*%M|[,.]2f\} USD")
    allowed = {"runner/formatting.py", "runner/account/requests.py"}  # the latter makes the name of an execution
    files = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in (ROOT / "runner").rglob("*.py")}

    assert {name for name, code in files.items() if own.search(code)} == allowed
