"""The report without the values of rows, which may leave the account as an artifact, a page or a summary.

The hash of a key is the same as in causes and notices: migration_spark/redaction.py makes the same.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from runner.report.model.base import Value

if TYPE_CHECKING:
    from runner.report.model.report import Report
    from runner.report.model.tables import Table

_HASH_CHARACTERS = 12
HIDDEN = "(not shown)"
_VALUE = Value(type=None, text=HIDDEN, characters=len(HIDDEN), cut=False)


def key_hash(key: str) -> str:
    """Return the name of a key whose value must not be read."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"key {digest[:_HASH_CHARACTERS]}"


def without_values(report: Report) -> Report:
    """Return a report with hashes in place of keys, and without values; a note says how to see them."""
    tables = tuple(_table(table) for table in report.tables)
    witness = report.witness
    if witness:
        samples = tuple(
            sample.model_copy(update={"key": key_hash(sample.key), "clone": _VALUE, "value": _VALUE})
            for sample in witness.samples
        )
        witness = witness.model_copy(update={"samples": samples})
    if tables == report.tables and witness == report.witness:
        return report
    note = (
        "Keys and values of rows are left out. To see them: "
        f"migrate report {report.run.id} --environment {report.run.environment} --show-values"
    )
    return report.model_copy(update={"tables": tables, "witness": witness, "notes": (*report.notes, note)})


def _table(table: Table) -> Table:
    samples = tuple(
        sample.model_copy(update={"key": key_hash(sample.key), "clones": _VALUE, "dynamodb": _VALUE})
        for sample in table.differences.samples
    )
    return table.model_copy(
        update={
            "differences": table.differences.model_copy(update={"samples": samples}),
            "duplicate_samples": tuple(_duplicate(sample) for sample in table.duplicate_samples),
        }
    )


def _duplicate(sample: str) -> str:
    """Return a shared key's clusters with a hash for the key, as the cause of DuplicateKeys names them."""
    keys, _, clusters = sample.rpartition(" in ")
    return f"{key_hash(keys.split(' = ')[0])} in {clusters}"
