"""The benchmark of constants prints what the plan reads, and explains what was measured."""

from __future__ import annotations

import pytest
import yaml

from bench import constants
from bench.constants import Shape
from runner.plan.constants import Measured

TINY = Shape(1_000, 100_000, {"read": 1.0})


def test_what_is_printed_is_what_the_plan_reads() -> None:
    stages = dict.fromkeys(("read", "write", "compare"), (1.26, 2.0))
    shuffles = dict.fromkeys(("key", "rank", "value", "difference", "attribute"), 3.456)
    names = ("raw_bytes", "item_bytes", "gzip_ratio", "connection_megabytes_per_second", "driver_task_bytes")

    text = constants._text(200_000, stages, shuffles, dict.fromkeys(names, 1.5))

    measured = Measured.model_validate(yaml.safe_load(text)["measured"])
    assert measured.rows == 200_000
    assert (measured.microseconds.read.row, measured.microseconds.read.kilobyte) == (1.3, 2.0)
    assert measured.shuffle_bytes.rank == 3.46


def test_rows_and_bytes_explain_what_both_shapes_take_beyond_a_tiny_table() -> None:
    narrow = Shape(200_000, 20_000_000, {"read": 1.0 + 200_000 * (5e-6 + 0.1 * 20e-6)})
    wide = Shape(4_000, 200_000_000, {"read": 1.0 + 4_000 * (5e-6 + 50 * 20e-6)})

    assert constants._fitted(TINY, narrow, wide, "read") == (pytest.approx(5.0), pytest.approx(20.0))


def test_no_part_of_the_work_is_negative() -> None:
    slow = Shape(200_000, 20_000_000, {"read": 9.0})
    quick = Shape(4_000, 200_000_000, {"read": 0.5})

    row, kilobyte = constants._fitted(TINY, slow, quick, "read")

    assert (row, kilobyte) == (pytest.approx(40.0), 0.0)
