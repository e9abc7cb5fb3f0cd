"""A report without the values of rows: what may leave the account as an artifact, a page or a summary.

The hash of a key is the one that causes and notices name: migration_spark/redaction.py makes the same.
"""

from __future__ import annotations

import hashlib
from typing import Any

Document = dict[str, Any]
_HASH_CHARACTERS = 12
HIDDEN = "(not shown)"
_VALUE: Document = {"type": None, "text": HIDDEN, "characters": len(HIDDEN), "cut": False}


def key_hash(key: str) -> str:
    """Return how a key is named where its value must not be read."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"key {digest[:_HASH_CHARACTERS]}"


def without_values(document: Document) -> Document:
    """Return a report in which hashes stand for keys and nothing for values; a note says how to see them."""
    tables = [_table(table) for table in document["tables"]]
    witness = document["witness"]
    if witness:
        samples = [{**s, "key": key_hash(s["key"]), "clone": _VALUE, "value": _VALUE} for s in witness["samples"]]
        witness = {**witness, "samples": samples}
    shown = {**document, "tables": tables, "witness": witness}
    if shown["tables"] == document["tables"] and witness == document["witness"]:
        return shown
    run = document["run"]
    note = (
        "Keys and values of rows are left out. To see them: "
        f"migrate report {run['id']} --environment {run['environment']} --show-values"
    )
    return {**shown, "notes": [*document["notes"], note]}


def _table(table: Document) -> Document:
    differences = table["differences"]
    samples = [
        {**sample, "key": key_hash(sample["key"]), "clones": _VALUE, "dynamodb": _VALUE}
        for sample in differences["samples"]
    ]
    return {
        **table,
        "differences": {**differences, "samples": samples},
        "duplicateSamples": [_duplicate(sample) for sample in table["duplicateSamples"]],
    }


def _duplicate(sample: str) -> str:
    """Return a shared key's clusters with a hash for the key, as the cause of DuplicateKeys names them."""
    keys, _, clusters = sample.rpartition(" in ")
    return f"{key_hash(keys.split(' = ')[0])} in {clusters}"
