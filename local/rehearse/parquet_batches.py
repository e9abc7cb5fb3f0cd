"""Rows of a Parquet file; INT96 timestamps keep every digit in every year that they support."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import parquet

from local.rehearse.parquet_values import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ROWS_AT_ONCE = 4096
_COUNTED_MICROSECONDS = 1 << 53  # 1,000 times as many nanoseconds still fit into 64 bits


def batches(file: Path, kinds: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    """Yield the rows; INT96 timestamps have no zone, and are in UTC if the catalog's type has one.

    Raises:
        UnreadableError: Such a timestamp is finer than the databases' microseconds.
    """
    with parquet.ParquetFile(file, coerce_int96_timestamp_unit="us") as content:
        old = [column.name for column in content.schema if column.physical_type == "INT96"]
        exact = parquet.ParquetFile(file).iter_batches(_ROWS_AT_ONCE, columns=old) if old else itertools.repeat(None)
        for batch, finer in zip(content.iter_batches(_ROWS_AT_ONCE), exact, strict=False):
            for name in old if finer is not None else ():
                moments = batch.column(name)
                _refuse_finer(name, moments, finer.column(name))
                zone = "UTC" if kinds.get(name) == "timestamptz" else None
                batch = batch.set_column(  # noqa: PLW2901 - a batch is immutable
                    batch.schema.get_field_index(name), name, moments.cast(pa.int64()).cast(pa.timestamp("us", zone))
                )
            yield batch


def _refuse_finer(name: str, moments: pa.Array, nanoseconds: pa.Array) -> None:
    """Refuse timestamps that were cut to microseconds; nobody writes finer ones outside of the years of nanoseconds."""
    pairs = zip(moments.cast(pa.int64()).to_pylist(), nanoseconds.cast(pa.int64()).to_pylist(), strict=True)
    for cut, exact in pairs:
        if cut is not None and abs(cut) < _COUNTED_MICROSECONDS and cut * 1000 != exact:
            raise UnreadableError(f"column {name} has timestamps finer than microseconds: write it as text")
