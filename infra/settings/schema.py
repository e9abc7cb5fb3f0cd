"""Schema of the settings in Pulumi.yaml, generated from their descriptions, types and defaults."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin

import yaml

from infra.settings.model import Settings
from statemachine.names import SYSTEM

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_ROOT = Path(__file__).parents[2]
PROJECT_FILE = _ROOT / "Pulumi.yaml"
_BEGIN = "config:\n"
_WIDTH = 200
# https://www.pulumi.com/docs/iac/concepts/projects/project-file/
_TYPES: dict[Any, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    Path: {"type": "string"},
    tuple: {"type": "array", "items": {"type": "object"}},
    dict: {"type": "object"},
}


def project_text(text: str) -> str:
    """Return the project file with the generated schema of the settings."""
    head = text[: text.index(_BEGIN)]
    config = {f"{SYSTEM}:{name}": entry for name, entry in _schema().items()}
    return head + yaml.safe_dump({"config": config}, sort_keys=False, allow_unicode=True, width=_WIDTH)


def _schema() -> dict[str, dict[str, Any]]:
    """Return the schema entry of each setting by its name in a stack file."""
    fields = Settings.model_fields.values()
    return {str(field.alias): _entry(field) for field in fields if field.description}


def _entry(field: FieldInfo) -> dict[str, Any]:
    kind = get_origin(field.annotation) or field.annotation
    # Pulumi accepts no default for a list or a map.
    has_default = not field.is_required() and kind not in {tuple, dict}
    default = {"default": _plain(field.default)} if has_default else {}
    return {**_TYPES[kind], **default, "description": field.description}


def _plain(value: object) -> object:
    return str(value.relative_to(_ROOT)) if isinstance(value, Path) else value
