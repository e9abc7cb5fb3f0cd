"""Measured costs of a row and a byte in the Spark jobs, from `constants.yaml`."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - pydantic reads the annotations
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from runner.yaml_file import read_yaml

CONSTANTS = Path(__file__).with_name("constants.yaml")
KILOBYTE = 1000


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Work(_Entry):
    """vCPU microseconds per row, and per 1,000 bytes of its column values."""

    row: float = Field(ge=0)
    kilobyte: float = Field(ge=0)

    def seconds(self, rows: int, size: int) -> float:
        """Return the vCPU seconds of a number of rows and bytes."""
        return (rows * self.row + size / KILOBYTE * self.kilobyte) / 1e6


class Microseconds(_Entry):
    """The work of each stage."""

    read: Work  # a clone to raw Parquet
    write: Work  # raw Parquet to items
    compare: Work  # both sides to a verdict


class ShuffleBytes(_Entry):
    """Compressed bytes in a shuffle."""

    key: PositiveFloat
    rank: PositiveFloat
    value: PositiveFloat
    difference: PositiveFloat
    attribute: PositiveFloat


class Measured(_Entry):
    """The figures that `python -m bench constants` measures."""

    date: dt.date
    machine: str
    rows: PositiveInt
    microseconds: Microseconds
    connection_megabytes_per_second: PositiveFloat
    shuffle_bytes: ShuffleBytes
    raw_bytes: PositiveFloat
    item_bytes: PositiveFloat
    gzip_ratio: PositiveFloat
    driver_task_bytes: PositiveFloat


class Design(_Entry):
    """Design figures of the jobs, and safety margins."""

    split_bytes: PositiveInt
    split_rows: PositiveInt
    file_bytes: PositiveInt
    small_file_rows: PositiveInt
    caution: float = Field(ge=1)
    job_start_seconds: PositiveInt
    equal_shuffle_bytes: PositiveFloat
    disk_spare: float = Field(ge=1)
    disk_base_gb: PositiveFloat
    task_heap_gb: PositiveFloat
    broadcast_heap: PositiveFloat
    broadcast_most_bytes: PositiveInt
    driver_base_gb: PositiveFloat
    driver_most_tasks: PositiveInt


class Constants(_Entry):
    """The measured and the design figures."""

    measured: Measured
    design: Design


@cache
def load_constants(path: Path = CONSTANTS) -> Constants:
    """Read the constants.

    Raises:
        UsageError: The file cannot be read, or an entry is wrong; the message names the file and the key.
    """
    return read_yaml(path, Constants)
