"""JSON schemas of the catalog's files for editors, pages for people, and the jobs' list of types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.jobs_types import JOBS_MODULE, jobs_module
from catalog.models import ClustersFile, Domain
from catalog.reference import reference
from catalog.types_page import PAGE, types_page

if TYPE_CHECKING:
    from catalog.field_types import Entry

FOLDER = Path(__file__).parents[1] / "docs" / "schemas"
_MODELS: dict[str, type[Entry]] = {"clusters.schema.json": ClustersFile, "domain.schema.json": Domain}


def schema_texts() -> dict[str, str]:
    """Return each schema's text by its file's name."""
    return {name: _text(_with_condition(model.model_json_schema())) for name, model in _MODELS.items()}


def write_types() -> list[Path]:
    """Write what is made of the list of types; return the files."""
    JOBS_MODULE.write_text(jobs_module(), "utf-8")
    PAGE.write_text(types_page(PAGE.read_text("utf-8")), "utf-8")
    return [JOBS_MODULE, PAGE]


def write_schemas(folder: Path = FOLDER) -> list[Path]:
    """Write the schemas and the reference page; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_texts().items():
        (folder / name).write_text(text, "utf-8")
    page = folder.parent / "catalog.md"
    page.write_text(reference(), "utf-8")
    return [*(folder / name for name in _MODELS), page]


def _with_condition(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with if/then on `parts` instead of oneOf, of which editors report only that nothing matches."""
    tables = schema.get("properties", {}).get("tables")
    if tables:
        plain, parted = tables["items"].pop("oneOf")
        tables["items"] |= {"if": {"required": ["parts"]}, "then": parted, "else": plain}
    return schema


def _text(schema: dict[str, object]) -> str:
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
