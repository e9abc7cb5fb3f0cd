"""Reader of the runner's own YAML files."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from runner.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_Model = TypeVar("_Model", bound=BaseModel)


def read_yaml(path: Path, model: type[_Model]) -> _Model:
    """Return a YAML file's content as a model.

    Raises:
        UsageError: The file cannot be read, or an entry is wrong; the message names the file and the key.
    """
    try:
        return model.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(step) for step in problem["loc"]) or "the file"
        raise UsageError(f"{path}: {key}: {problem['msg']}") from error
