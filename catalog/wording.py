"""How the catalog words what a database names otherwise: attributes in camelCase, tables in PascalCase."""

from __future__ import annotations

_SHORTEST_TABLE_NAME = 3  # DynamoDB's


def attribute_name(column: str) -> str:
    """Return the attribute for a column: `rate_plan_code` becomes `ratePlanCode`."""
    first, *others = _words(column)
    return first + "".join(word.capitalize() for word in others)


def table_name(source: str) -> str:
    """Return the DynamoDB table for a source table: `base_rate` becomes `BaseRate`."""
    name = "".join(word[0].upper() + word[1:] for word in _words(source))
    return name if len(name) >= _SHORTEST_TABLE_NAME else f"{name}Table"


def _words(name: str) -> list[str]:
    words = [word for word in name.split("_") if word] or ["column"]
    # An attribute begins with a letter.
    return words if words[0][0].isalpha() else ["c" + words[0], *words[1:]]
