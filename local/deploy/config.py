"""The configuration of a stack, as the Pulumi CLI passes it to the program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from local.errors import DeployError

PROJECT_FILE = Path("Pulumi.yaml")


def stack_config(stack: str) -> dict[str, str]:
    """Return the flat configuration of a stack, with the defaults of the project's schema.

    Raises:
        DeployError: The file is missing, or is not YAML with a `config`.
    """
    path = Path(f"Pulumi.{stack}.yaml")
    try:
        values = _document(path)["config"]
    except OSError as error:
        known = ", ".join(sorted(file.name.split(".")[1] for file in Path().glob("Pulumi.*.yaml")))
        raise DeployError(f"{path} is missing; the stacks are {known}") from error
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise DeployError(f"{path} has no readable `config:`: {error}") from error
    schema = _document(PROJECT_FILE).get("config", {})
    defaults = {key: entry["default"] for key, entry in schema.items() if "default" in entry}
    return {key: _text(value) for key, value in {**defaults, **values}.items()}


def project_name() -> str:
    """Return the Pulumi project's name."""
    return str(_document(PROJECT_FILE)["name"])


def _document(path: Path) -> Any:
    return yaml.load(path.read_text(), yaml.CSafeLoader)


def allowed_account(config: dict[str, str], stack: str) -> str:
    """Return the account that the stack allows.

    Raises:
        DeployError: The stack file does not name exactly one.
    """
    accounts = json.loads(config.get("aws:allowedAccountIds", "[]"))
    if len(accounts) != 1:
        raise DeployError(f"Pulumi.{stack}.yaml: aws:allowedAccountIds must name exactly one account")
    return str(accounts[0])


def region(config: dict[str, str], stack: str) -> str:
    """Return the Region of the stack.

    Raises:
        DeployError: The stack file names none.
    """
    name = config.get("aws:region")
    if not name:
        raise DeployError(f"Pulumi.{stack}.yaml: aws:region is required; set it to a Region like eu-central-1")
    return name


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict | list) else str(value)
