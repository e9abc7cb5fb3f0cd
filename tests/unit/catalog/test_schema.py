"""The JSON schemas with which editors check the catalog's files."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from catalog.loader import CATALOG_DIRECTORY
from catalog.reference import reference
from catalog.schema import FOLDER, schema_texts

if TYPE_CHECKING:
    from pathlib import Path

FILES = [CATALOG_DIRECTORY / "clusters.yaml", *sorted((CATALOG_DIRECTORY / "domains").glob("*.yaml"))]


def schema_of(path: Path) -> dict[str, Any]:
    """Return the schema that a file's first line names."""
    first = path.read_text("utf-8").splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(.*)", first)
    assert named
    return dict(json.loads((path.parent / named[1]).read_text("utf-8")))


def test_the_schemas_are_those_of_the_models() -> None:
    assert {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")} == schema_texts(), "run `make schema`"


def test_the_page_of_all_keys_is_that_of_the_models_and_every_link_in_it_leads_somewhere() -> None:
    text = (FOLDER.parent / "catalog.md").read_text("utf-8")
    headings = {
        re.sub(r"[^a-z0-9_ -]", "", line[3:].lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("## ")
    }

    assert text == reference(), "run `make schema`"
    assert set(re.findall(r"\(#([^)]*)\)", text)) <= headings
    rows = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    assert {"tolerances", "key_prefix", "group by", "version", "database_names"} <= set(rows)


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_file_names_a_schema_that_it_meets(path: Path) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text("utf-8")), schema_of(path))


def test_a_misspelt_key_is_refused() -> None:
    path = CATALOG_DIRECTORY / "domains/rates.yaml"
    data = yaml.safe_load(path.read_text("utf-8").replace("max_unmatched", "max_unmatchd"))

    with pytest.raises(jsonschema.ValidationError, match="'max_unmatchd' was unexpected"):
        jsonschema.validate(data, schema_of(path))


def test_keys_that_a_person_writes_say_what_they_are_for() -> None:
    document = json.loads((FOLDER / "domain.schema.json").read_text("utf-8"))
    silent = [
        f"{name}.{key}"
        for name, facts in {"Domain": document, **document["$defs"]}.items()
        for key, entry in facts["properties"].items()
        if "description" not in entry
    ]

    assert silent == []
