"""All differences of a comparison in a single file, from the files that Compare writes beside its report.

The files are merged in turn, so that memory does not grow with the number of differences.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from runner.account.stored_json import read_json_or_refuse
from runner.errors import DifferencesError, UsageError
from runner.labels import BAD_CLASSES
from runner.report.difference_files import batches, sink
from runner.report.inputs.comparison import Comparison, DifferenceListing
from runner.report.redaction import HIDDEN, key_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from runner.account.environments import Environment
    from runner.report.difference_files import Difference
    from runner.report.inputs.base import Input
    from runner.report.inputs.comparison import ComparedTable, DifferenceFile

    InputT = TypeVar("InputT", bound=Input)


class _Counts(NamedTuple):
    """The numbers of keys or lines by class, and of keys by attribute."""

    classes: Counter[str]
    attributes: Counter[str]


def write(environment: Environment, base: str, path: Path, *, show_values: bool) -> int:
    """Write all differences as CSV or Parquet, by the suffix; return how many there are.

    `base` is the folder of the report, reports/<domain>/<run>, or that of a verification below it.

    Without values, a key is the hash that the report shows. The file exists only when it is whole.

    Raises:
        DifferencesError: The files are not those of the report, or hold more or fewer differences than it counts.
        UsageError: The run was not compared, or the file cannot be written.
    """
    s3, bucket = environment.client("s3"), environment.data_bucket
    report = _read(s3, bucket, f"{base}/report.json", Comparison)
    if report is None:
        raise UsageError(f"s3://{bucket}/{base}/report.json is not there: nothing was compared, so nothing differs")
    listed = _listing(s3, bucket, base, report)
    part, total = path.with_name(f"{path.name}.part"), 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with sink(part, path.suffix) as put:
            for table, compared in _compared(report.tables):
                counts = _Counts(Counter(), Counter())
                for file in listed.get(table, ()):
                    for rows in _batches(s3, bucket, file):
                        put([_row(table, row, show_values=show_values) for row in rows])
                        _count(rows, counts)
                        total += len(rows)
                _check(table, counts, compared, f"s3://{bucket}/{base}/mismatches/{table}/")
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return total


def _read(s3: Any, bucket: str, key: str, model: type[InputT]) -> InputT | None:  # noqa: ANN401 - a client of boto3
    document = read_json_or_refuse(s3, bucket, key)
    try:
        return None if document is None else model.parse(document)
    except ValueError as error:
        raise DifferencesError(
            f"s3://{bucket}/{key} cannot be read: {error}. Use the runner of the release that compared the run"
        ) from error


def _compared(tables: Mapping[str, ComparedTable]) -> Iterator[tuple[str, ComparedTable]]:
    """Yield each table, or each part of a table, with its counts."""
    for table, compared in tables.items():
        parts = compared.parts
        yield from ((f"{table}.{name}", part) for name, part in parts.items()) if parts else [(table, compared)]


def _listing(
    s3: Any,  # noqa: ANN401 - a client of boto3
    bucket: str,
    base: str,
    report: Comparison,
) -> Mapping[str, tuple[DifferenceFile, ...]]:
    """Return the files of each table that differs."""
    if not any(compared.of(kind) for compared in report.tables.values() for kind in BAD_CLASSES):
        return {}
    listing = _read(s3, bucket, f"{base}/differences.json", DifferenceListing)
    if listing is None:
        raise DifferencesError(
            f"s3://{bucket}/{base}/differences.json is not there: the release {report.release}, which compared "
            "the run, wrote samples only. Compare it again with the newest release"
        )
    if listing.attempt != report.attempt:
        raise DifferencesError(
            f"s3://{bucket}/{base}/differences.json is of the attempt {listing.attempt}, and the report of "
            f"{report.attempt}: a comparison is still running or was ended. Wait for its end, or resume the run"
        )
    if listing.tables is None:
        raise DifferencesError(
            f"Compare could not write the differences ({listing.failure}); what it could show of them is in the "
            "report. Give the workers larger disks, and compare the run again"
        )
    return listing.tables


def _batches(s3: Any, bucket: str, file: DifferenceFile) -> Iterator[list[Difference]]:  # noqa: ANN401 - a client of boto3
    """Yield the rows of a file of Compare, which is on the disk meanwhile."""
    with tempfile.TemporaryFile() as local:
        try:
            shutil.copyfileobj(s3.get_object(Bucket=bucket, Key=file.key)["Body"], local)
        except (BotoCoreError, ClientError) as error:
            raise DifferencesError(
                f"s3://{bucket}/{file.key}, which holds differences, cannot be read: {error}"
            ) from error
        if local.tell() != file.bytes:
            raise DifferencesError(
                f"s3://{bucket}/{file.key} has {local.tell():,} bytes, and Compare wrote {file.bytes:,}"
            )
        yield from batches(local)


def _row(table: str, row: Difference, *, show_values: bool) -> tuple[str, ...]:
    shown = (row["key"], row["source"], row["target"]) if show_values else (key_hash(row["key"]), HIDDEN, HIDDEN)
    key, source, target = shown
    return table, key, row["class"], row["column"], source, target


def _count(rows: list[Difference], counts: _Counts) -> None:
    counts.classes.update(row["class"] for row in rows if row["number"] == 1)
    counts.attributes.update(row["column"] for row in rows if row["class"] == "changed")


def _check(table: str, counts: _Counts, compared: ComparedTable, folder: str) -> None:
    """Compare the merged lines with the counts of the report."""
    pairs: list[tuple[str, int, int]] = [(kind, counts.classes[kind], compared.of(kind) or 0) for kind in BAD_CLASSES]
    changed = compared.changed_attributes
    names = dict.fromkeys([*changed, *counts.attributes])
    pairs += [(f"changed in {name}", counts.attributes[name], changed.get(name, 0)) for name in names]
    wrong = [f"{here:,} {what}, and the report counts {there:,}" for what, here, there in pairs if here != there]
    if wrong:
        raise DifferencesError(f"{table}: the files below {folder} hold {'; '.join(wrong)}. Compare the run again")
