"""The operator's command line against the deployed stack."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local.stack import LocalStack

SCRIPT = ["bash", "scripts/run-step-functions-workflow.sh"]
RUNNER = [sys.executable, "-m", "runner"]


def run(stack: LocalStack, command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **stack.aws.environment(), **variables, "COLUMNS": "200"}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=120)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["start", "--environment", "nope", "--domain", "rates"], "Pulumi.nope.yaml is not there"),
        (["start", "--environment", "prod", "--domain", "rates"], "the caller is in account 971779422973"),
        (["start", "--environment", "test", "--domain", "spa"], "'spa' is not in the catalog"),
        (["start", "--environment", "test", "--domain", "rates", "--parallelism", "0"], "--parallelism: 0 must be 1"),
        (["start", "--environment", "test", "--domain", "rates", "--run-id", "a b"], "--run-id: 'a b' must match"),
        (["start", "--environment", "test"], "Missing option '--domain'"),
        (["follow", "nonsense"], "'nonsense' is no ARN of an execution"),
        (["follow", "arn:aws:states:eu-west-1:971779422973:execution:m:gone"], "cannot be followed"),
    ],
)
def test_a_usage_error_is_one_sentence_and_exit_code_2(stack: LocalStack, arguments: list[str], message: str) -> None:
    done = run(stack, [*RUNNER, *arguments])

    assert done.returncode == 2, done.stderr
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("clean")
def test_a_failed_migration_is_exit_code_1_with_its_name_and_cause(stack: LocalStack) -> None:
    done = run(
        stack, [*SCRIPT, "--jar-key", "releases/9/none.jar"], ENVIRONMENT="test", DOMAIN="rates", PARALLELISM="3"
    )

    assert done.returncode == 1, done.stderr
    assert "JarNotFound: no JAR releases/9/none.jar lies below" in done.stderr
    assert "Locate Spark" in done.stdout
    assert "lipsdb: ready" in done.stdout


def test_help_names_the_commands(stack: LocalStack) -> None:
    done = run(stack, [*RUNNER, "--help"])

    assert done.returncode == 0
    assert "start" in done.stdout
    assert "follow" in done.stdout
