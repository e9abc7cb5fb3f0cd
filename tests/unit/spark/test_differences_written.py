"""If Compare cannot write all differences, its verdict stays, and the listing has the reason."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from migration_spark import differences
from migration_spark.errors import DatabaseError

FILES = [{"key": "reports/d/r/mismatches/A/part-0.parquet", "bytes": 7}]


def job_of(documents: dict[str, Any], deleted: list[str]) -> Any:  # noqa: ANN401 - a job
    return SimpleNamespace(
        identity=lambda: {"attempt": "a1"},
        arguments=SimpleNamespace(run="r", report=lambda *parts: "/".join(("reports", *parts))),
        storage=SimpleNamespace(write_json=documents.__setitem__, delete=deleted.append),
        say=lambda _line: None,
    )


def written(*errors: Exception | None) -> dict[str, Any]:
    """Write the tables' differences, or fail, one by one; return the listing."""
    documents: dict[str, Any] = {}
    deleted: list[str] = []

    def write(error: Exception | None) -> list[dict[str, Any]]:
        assert deleted == ["reports/mismatches"]
        if error is not None:
            raise error
        return FILES

    tables: Any = [
        (SimpleNamespace(name=name), lambda error=error: write(error)) for name, error in zip("AB", errors, strict=True)
    ]
    differences.write_all(job_of(documents, deleted), tables)
    assert list(documents) == ["reports/differences.json"]
    return dict(documents["reports/differences.json"])


def test_the_files_of_every_table_are_listed_last() -> None:
    assert written(None, None) == {"attempt": "a1", "tables": {"A": FILES, "B": FILES}}


def test_a_disk_that_is_too_small_is_told_and_lists_no_file() -> None:
    listing = written(None, RuntimeError("Job aborted: java.io.IOException: No space left on device"))

    assert listing["failure"].startswith("DiskFull: the local disk of a worker is full")
    assert "tables" not in listing


def test_the_words_of_an_error_quote_no_row() -> None:
    assert written(ValueError("the row secret"), None)["failure"] == (
        "ValueError: its words may quote a row and stay in the bucket, in failures/"
    )
    assert written(DatabaseError("a clone is gone"), None)["failure"] == "DatabaseError: a clone is gone"
