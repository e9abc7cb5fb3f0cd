"""The page docs/catalog.md: every key of the catalog's files with its value, default and meaning, from the models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog.field_types import MEANINGS
from catalog.item_models import Compare, Driving, GroupBy, ItemRules, Latest
from catalog.models import Domain, Index, Key, KeyAttribute, Part, PartedTable, Table, TableSettings
from catalog.source_models import ClusterGroup, ClustersFile, Extract
from catalog.table_options import Capacity, CatchUp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.field_types import Entry

_HEAD = """\
# The catalog's keys

Every key of `catalog/clusters.yaml` and `catalog/domains/*.yaml`. `make schema` writes this page from the models, as it
writes the [JSON schemas](schemas) with which editors complete and check the files.
[adding-a-domain.md](adding-a-domain.md) is the tutorial, and [types.md](types.md) lists the types of columns.
"""
_CLUSTERS: dict[type[Entry], str] = {ClustersFile: "The file clusters.yaml", ClusterGroup: "A group of clusters"}
_DOMAINS: dict[type[Entry], str] = {
    Domain: "A domain's file",
    Table: "A table of one select",
    PartedTable: "A table of parts",
    Part: "A part",
    Extract: "An extract",
    Driving: "The driving extract",
    GroupBy: "Rows in groups",
    Key: "A key",
    KeyAttribute: "A key attribute",
    Index: "An index",
    Latest: "The latest row",
    Compare: "The comparison",
    CatchUp: "A catch-up",
    Capacity: "Capacity",
}
_TITLES = {**_CLUSTERS, **_DOMAINS}
# Models that share their other keys with one that the page describes earlier.
_SHARED: dict[type[Entry], tuple[type[Entry], str]] = {
    PartedTable: (TableSettings, "It has the keys of a table of one select that describe no select, and:"),
    Part: (ItemRules, "It has the keys of a table of one select that describe the select, and:"),
    Index: (Key, "It has the keys of a key, and:"),
}


def reference() -> str:
    """Return the page."""
    lines = [_HEAD]
    for model in _TITLES:
        lines += _section(model)
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(model: type[Entry]) -> Iterator[str]:
    schema = model.model_json_schema()
    shared, introduction = _SHARED.get(model, (None, ""))
    passed_over = set(shared.model_json_schema()["properties"]) if shared else set()
    # A part's name is not the table's.
    passed_over -= {"name"} if model is Part else set()
    yield f"## {_TITLES[model]}"
    yield ""
    yield from [introduction, ""] if introduction else [f"{(model.__doc__ or '').strip()}", ""]
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    required = schema.get("required", [])
    for name, field in schema["properties"].items():
        if name not in passed_over:
            default = "required" if name in required else _default(field)
            yield f"| `{name}` | {_value(field, schema)} | {default} | {_cell(field['description'])} |"
    yield ""


def _default(field: dict[str, Any]) -> str:
    value = field.get("default")
    if value is None or value in ([], {}) or isinstance(value, dict):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _value(field: dict[str, Any], root: dict[str, Any]) -> str:
    """Return the values that a key accepts, in words."""
    kinds: list[dict[str, Any]] = field.get("anyOf") or field.get("oneOf") or []
    if kinds:
        return " or ".join(dict.fromkeys(_value(kind, root) for kind in kinds if kind.get("type") != "null"))
    if "$ref" in field:
        return _link(field["$ref"].rsplit("/", 1)[1])
    if "const" in field or "enum" in field:
        return ", ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    return _plain_value(field, root)


def _plain_value(field: dict[str, Any], root: dict[str, Any]) -> str:
    match field.get("type"):
        case "array":
            words = f"a list: {_value(field['items'], root)}"
        case "object":
            patterns = list(field.get("patternProperties", {}).values())
            inner = patterns[0] if patterns else field["additionalProperties"]
            words = f"a mapping of names: {_value(inner, root)}"
        case "boolean":
            words = "`true` or `false`"
        case "integer" | "number":
            words = _range(field)
        case ["number", "string"]:
            words = "a number"
        case _ if str(field.get("pattern")).startswith("^numeric"):
            words = "`numeric(p,s)`"
        case _:
            words = _cell(MEANINGS.get(field.get("pattern", ""), "text"))
    return words


def _link(name: str) -> str:
    title = next(title for model, title in _TITLES.items() if model.__name__ == name)
    anchor = title.lower().replace(" ", "-").replace("'", "").replace(".", "")
    return f"[{title[0].lower()}{title[1:]}](#{anchor})"


def _range(field: dict[str, Any]) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    number = "a whole number" if field["type"] == "integer" else "a number"
    if low is not None and high is not None:
        return f"{number}, {low:g} to {high:g}"
    return number if low is None else f"{number}, at least {low:g}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
