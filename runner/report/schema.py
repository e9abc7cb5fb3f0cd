"""The JSON schemas of the report and of a job's progress: `python -m runner.report.schema` writes them into docs/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.live.jobs.document import ProgressDocument
from runner.report.model.report import Report

if TYPE_CHECKING:
    from pydantic import BaseModel

_FOLDER = Path(__file__).parents[2] / "docs"


def schema_texts() -> dict[str, str]:
    """Return the text of each schema by the name of its file."""
    return {
        "report.schema.json": _text("Report of a migration run", Report, "serialization"),
        "progress.schema.json": _text("Progress of a Spark job", ProgressDocument, "validation"),
    }


def write_schemas(folder: Path = _FOLDER) -> list[Path]:
    """Write the schemas; return the files."""
    paths = [folder / name for name in schema_texts()]
    for path, text in zip(paths, schema_texts().values(), strict=True):
        path.write_text(text, "utf-8")
    return paths


def _text(title: str, model: type[BaseModel], mode: Any) -> str:  # noqa: ANN401 - a Literal that pydantic keeps to itself
    schema = model.model_json_schema(mode=mode)
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_plain(schema), "title": title}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _plain(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Return a schema without the titles that pydantic derives from names, descriptions and types in short form."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: _plain(part) for name, part in schema.items() if name != "title" or isinstance(part, dict)}
    if isinstance(parts.get("description"), str):
        parts["description"] = " ".join(parts["description"].split())
    match parts:
        case {"anyOf": [{"type": str(kind), **constraints}, {"type": "null"}], **others} if "enum" not in constraints:
            return {"type": [kind, "null"], **constraints, **others}
    return parts


if __name__ == "__main__":
    write_schemas()
