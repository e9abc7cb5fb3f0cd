"""Reader of a stack's settings; an error names the file and the key."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import pulumi_aws as aws
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from infra.errors import SettingsError
from infra.settings.model import Settings
from infra.settings.values import SettingProblemError, nearest
from statemachine.names import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[a-z][a-z0-9]{1,9}")
_OF_PULUMI = "stack"


def read_settings(values: Mapping[str, str], stack: str) -> Settings:
    """Return the settings of a stack from its configuration, which maps `namespace:key` to text.

    Raises:
        SettingsError: A value is missing, unknown or out of bounds; names the key and the file.
    """
    if not _NAME.fullmatch(stack):
        raise SettingsError(f"the stack {stack!r} must be named in 2 to 10 small letters and digits, like test")
    known = known_keys()
    for key in values:
        # Pulumi ignores a setting that no program reads.
        if key not in known and not key.startswith("pulumi:"):
            raise SettingsError(f"Pulumi.{stack}.yaml: {key} is not a setting{nearest(key, known)}")
    document = {_OF_PULUMI: stack, "aws:region": "", "aws:allowedAccountIds": ""}
    # An empty string means the default; for a number it is an error.
    set_keys = {key: value for key, value in values.items() if value or key in _keys(int)}
    document |= {key.removeprefix(f"{SYSTEM}:"): value for key, value in set_keys.items()}
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        raise SettingsError(f"Pulumi.{stack}.yaml: {_problem(error)}") from error


def known_keys() -> set[str]:
    """Return every key that the program or the AWS provider reads."""
    return _keys() | {f"aws:{to_camel(name)}" for name in inspect.signature(aws.ProviderArgs).parameters}


def _keys(kind: type | None = None) -> set[str]:
    """Return the full keys of the settings, or of those of one type."""
    fields = (field for field in Settings.model_fields.values() if kind is None or field.annotation is kind)
    return {_full_key(str(field.alias)) for field in fields if field.description}


def _full_key(alias: str) -> str:
    return alias if ":" in alias else f"{SYSTEM}:{alias}"


def _problem(error: ValidationError) -> str:
    """Return the key and the text of the first problem."""
    first = error.errors()[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, SettingProblemError):
        return f"{_full_key(cause.key)} {cause}"
    problem = str(cause) if isinstance(cause, ValueError) else "is required"
    return f"{_full_key(str(first['loc'][0]))} {problem}"
