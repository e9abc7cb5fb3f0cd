"""The commit hooks are make targets, and download nothing."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def test_every_hook_is_a_target_of_make_and_comes_from_here() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    (repository,) = config["repos"]

    assert repository["repo"] == "local"
    assert {hook["id"]: (hook["entry"], hook["language"], hook["stages"]) for hook in repository["hooks"]} == {
        "lint": ("make lint", "system", ["pre-commit"]),
        "check": ("make check", "system", ["pre-push"]),
    }
    assert {hook["entry"].removeprefix("make ") for hook in repository["hooks"]} <= targets
