"""Calls of the jobs' Java functions, with row plans as the jobs write them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

Row = list[Any]


@dataclass(frozen=True)
class Plan:
    """Row plan: the columns' SQL types and kinds, and their roles."""

    columns: dict[str, tuple[str, str]]
    key: tuple[str, ...] = ()
    limits: tuple[tuple[str, bool, int], ...] = ()
    prefix: str = ""
    loose: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    ttl: str | None = None
    seed: int = 0

    @property
    def text(self) -> str:
        """Return the plan as the jobs write it."""
        return json.dumps(
            {
                "attributes": [{"name": name, "kind": kind} for name, (_, kind) in self.columns.items()],
                "key": self.key,
                "limits": [
                    {"name": n, "required": required, "maxBytes": most, "prefix": self.prefix}
                    for n, required, most in self.limits
                ],
                "loose": self.loose,
                "excluded": self.excluded,
                "ttl": self.ttl,
                "seed": self.seed,
            }
        )

    @property
    def row_type(self) -> str:
        """Return the row's type in Spark's DDL."""
        return f"struct<{','.join(f'`{name}`:{kind}' for name, (kind, _) in self.columns.items())}>"


class Functions:
    """Functions of the release JAR, in a separate JVM."""

    def __init__(self, calls: Any) -> None:
        """Call through the Java class `Calls`."""
        self._calls = calls

    def call(self, name: str, types: str, *arguments: list[Any]) -> list[Any]:
        """Return a function's result for each list of arguments, `failed: …` if it throws."""
        results: list[Any] = json.loads(self._calls.call("migration.Functions", name, types, json.dumps(arguments)))
        return results

    def described(self, name: str, types: str) -> list[Any]:
        """Return a function's name, the types of its arguments and result, and whether it is deterministic."""
        described: list[Any] = json.loads(self._calls.described("migration.Functions", name, types))
        return described[:4]

    def nulls(self, name: str, types: str) -> list[str]:
        """Return the fields of a function's result that may be null, with `[]` after one whose entries may be."""
        result = json.loads(json.loads(self._calls.described("migration.Functions", name, types))[4])
        fields = [field for field in result["fields"] if field["nullable"]]
        arrays = [field["name"] for field in result["fields"] if isinstance(field["type"], dict)]
        entries = [f["name"] for f in result["fields"] if f["name"] in arrays and f["type"]["containsNull"]]
        return [*(field["name"] for field in fields), *(f"{name}[]" for name in entries)]

    def of_rows(self, name: str, plan: Plan, *rows: Row) -> list[Any]:
        """Return a function's result for each row."""
        return self.call(name, f"r {plan.row_type}, p string", *[[row, plan.text] for row in rows])

    def of_lines(self, name: str, plan: Plan, *lines: str) -> list[Any]:
        """Return a function's result for each line of an export."""
        return self.call(name, "l string, p string", *[[line, plan.text] for line in lines])

    def attribute_values(self, kind: str, sql_type: str, *values: Any) -> list[Any]:
        """Return the item's attribute that each value of a column becomes."""
        plan = Plan({"x": (sql_type, kind)})
        lines = self.of_rows("item", plan, *[[value] for value in values])
        return [json.loads(line)["Item"].get("x") for line in lines]
