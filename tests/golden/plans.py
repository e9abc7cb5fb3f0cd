"""The plans of both stacks that a reviewer reads."""

from __future__ import annotations

from pathlib import Path

from local.deploy.recorder import record
from local.deploy.resource_list import resource_list
from tests.customer import customer_folder

STACKS = ("test", "prod")


def place(stack: str) -> Path:
    """Return where a stack's reviewed plan lies."""
    return Path(__file__).parent / f"plan-{stack}.txt"


def write() -> None:
    """Write every stack's plan."""
    for stack in STACKS:
        place(stack).write_text(resource_list(record(stack, {"catalog": str(customer_folder())})), "utf-8")
