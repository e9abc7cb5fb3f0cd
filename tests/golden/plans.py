"""The lists of both stacks' resources that a reviewer reads."""

from __future__ import annotations

from pathlib import Path

from local.deploy.recorder import record
from local.deploy.resource_list import resource_list
from tests.customer import customer_folder

STACKS = ("test", "prod")


def list_file(stack: str) -> Path:
    """Return the file of a stack's reviewed list."""
    return Path(__file__).parent / f"plan-{stack}.txt"


def write() -> None:
    """Write the list of every stack."""
    for stack in STACKS:
        list_file(stack).write_text(resource_list(record(stack, {"catalog": str(customer_folder())})), "utf-8")
