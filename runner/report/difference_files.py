"""Files of differences: Compare's Parquet, read in batches, and the CSV or Parquet that is made from it."""

from __future__ import annotations

import csv
import importlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, TypedDict

from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COLUMNS = ("table", "key", "class", "attribute", "source", "dynamodb")
SUFFIXES = (".csv", ".parquet")
_ROWS_AT_ONCE = 10_000
Rows = list[tuple[str, ...]]
# A line of Compare's files; `number` counts the lines of a key from 1.
Difference = TypedDict(
    "Difference", {"key": str, "class": str, "column": str, "source": str, "target": str, "number": int}
)


def check_path(path: Path) -> None:
    """Raise an error for a file that cannot be written, before anything is read.

    Raises:
        UsageError: The suffix names no format, or pyarrow is not installed.
    """
    if path.suffix not in SUFFIXES:
        raise UsageError(f"--differences: {path} must end in {' or '.join(SUFFIXES)}")
    _parquet()


def batches(file: IO[bytes]) -> Iterator[list[Difference]]:
    """Yield the rows of a Parquet file, some at a time."""
    for batch in _parquet().ParquetFile(file).iter_batches(_ROWS_AT_ONCE):
        yield batch.to_pylist()


@contextmanager
def sink(path: Path, suffix: str) -> Iterator[Callable[[Rows], None]]:
    """Yield a function that writes rows of COLUMNS into a file."""
    if suffix == ".csv":
        # The half of a surrogate pair, which UTF-8 has not, becomes its escape.
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(COLUMNS)
            yield lines.writerows
        return
    arrow, parquet = importlib.import_module("pyarrow"), _parquet()
    schema = arrow.schema([(name, arrow.string()) for name in COLUMNS])

    def put(rows: Rows) -> None:
        columns = [[row[n] for row in rows] for n in range(len(COLUMNS))]
        parts.write_table(arrow.table(columns, schema=schema))

    with parquet.ParquetWriter(path, schema) as parts:
        yield put


def _parquet() -> Any:  # noqa: ANN401 - a module without types
    """Return pyarrow's Parquet: it takes a moment to load, and no other command needs it."""
    try:
        return importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise UsageError("--differences needs pyarrow, which is not installed; run: make install") from error
