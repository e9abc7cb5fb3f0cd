"""The schemas in docs/ are those of the models, and describe every field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from runner.report.model.counts import NAMES
from runner.report.schema import schema_texts, write_schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = schema_texts()


def objects(schema: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object that a schema describes, with its path."""
    if isinstance(schema, list):
        for number, inner in enumerate(schema):
            yield from objects(inner, f"{path}/{number}")
    elif isinstance(schema, dict):
        if "properties" in schema and "type" in schema:
            yield path, schema
        for name, inner in schema.items():
            yield from objects(inner, f"{path}/{name}")


@pytest.mark.parametrize("name", TEXTS)
def test_the_schema_in_the_repository_is_the_models(name: str) -> None:
    assert Path("docs", name).read_text("utf-8") == TEXTS[name], "run: make schema"


def test_schemas_are_written_by_name(tmp_path: Path) -> None:
    assert {path.name: path.read_text("utf-8") for path in write_schemas(tmp_path)} == TEXTS


@pytest.mark.parametrize(("name", "least"), [("report.schema.json", 40), ("progress.schema.json", 4)])
def test_a_schema_describes_every_field_and_admits_no_other(name: str, least: int) -> None:
    by_path = dict(objects(json.loads(TEXTS[name])))

    assert len(by_path) >= least
    assert [path for path, schema in by_path.items() if schema["additionalProperties"] is not False] == []
    fields = [(path, name, field) for path, schema in by_path.items() for name, field in schema["properties"].items()]
    # A field that says the same as its model refers to it alone.
    assert [f"{path}/{name}" for path, name, field in fields if not {"description", "$ref"} & field.keys()] == []
    texts = [schema["description"] for schema in by_path.values()] + [
        field.get("description", "") for *_, field in fields
    ]
    assert [text for text in texts if "\n" in text] == []


def test_the_totals_and_checks_admit_the_names_of_counts_alone() -> None:
    schema = json.loads(TEXTS["report.schema.json"])

    check = schema["$defs"]["Check"]["properties"]
    for field in (schema["properties"]["totals"], check["left"], check["right"]):
        assert field["propertyNames"] == {"enum": list(NAMES)}
