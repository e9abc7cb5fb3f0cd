"""The operator's command line against the deployed stack."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.functional.conftest import CLUSTERS, project

if TYPE_CHECKING:
    from local.stack import LocalStack

SCRIPT = ["bash", "scripts/run-step-functions-workflow.sh"]
RUNNER = [sys.executable, "-m", "runner"]


def run(stack: LocalStack, command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **stack.aws.environment(), **variables, "COLUMNS": "200"}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env=environment, cwd=project(stack), timeout=900
    )


def interrupted(stack: LocalStack, command: list[str], at: str, **variables: str) -> tuple[int, list[str], str]:
    """Interrupt a command as Ctrl-C does, once a line ends with `at`; return its code, lines and errors."""
    environment = {**os.environ, **stack.aws.environment(), **variables}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, cwd=project(stack), **pipes) as process:  # type: ignore[call-overload]
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if lines[-1].endswith(f" {at}"):
                process.send_signal(signal.SIGINT)
        complained = process.stderr.read()
    return process.returncode, lines, complained


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["start", "--environment", "nope", "--domain", "rates"], "Pulumi.nope.yaml does not exist"),
        (["start", "--environment", "prod", "--domain", "rates"], "the caller is in account 971779422973"),
        (["start", "--environment", "test", "--domain", "spa"], "'spa' is not in the catalog"),
        (["start", "--environment", "test", "--domain", "rates", "--parallelism", "0"], "--parallelism: 0 must be 1"),
        (["start", "--environment", "test", "--domain", "rates", "--run-id", "a b"], "--run-id: 'a b' must match"),
        (["start", "--environment", "test"], "Missing option '--domain'"),
        (["follow", "nonsense"], "'nonsense' is not the ARN of an execution; name its stack with --environment"),
        (
            ["follow", "-e", "test", "nonsense"],
            "named 'nonsense' (domains: availability, ",
        ),
        (["follow", "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:gone"], "cannot be read"),
        (["follow", "arn:aws:states:eu-west-1:492606605575:execution:migration-prod-rates:gone"], "is in account"),
        (
            ["start", "-e", "test", "--domain", "rates", "--mode", "official", "--skip-plan"],
            "'rates' without a terminal; pass --yes to confirm",
        ),
        (["resume", "-e", "test", "nonsense"], "no domain, run id or execution named 'nonsense'"),
    ],
)
def test_a_usage_error_is_one_sentence_and_exit_code_2(stack: LocalStack, arguments: list[str], message: str) -> None:
    done = run(stack, [*RUNNER, *arguments])

    assert done.returncode == 2, done.stderr
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("clean")
def test_a_failed_migration_is_exit_code_1_and_is_seen_followed_resumed_and_given_up(stack: LocalStack) -> None:
    jar = ["--jar-key", "releases/9/none.jar"]
    inputs = {"ENVIRONMENT": "test", "DOMAIN": "rates", "PARALLELISM": "3", "RUN_ID": "seen"}
    refused = run(stack, [*SCRIPT, *jar], **inputs)
    assert refused.returncode == 2, refused.stdout
    assert "not started: the plan found" in refused.stderr
    assert "releases/9/none.jar" in refused.stderr

    code, lines, complained = interrupted(stack, [*SCRIPT, *jar, "--skip-plan"], "Clone", **inputs)
    assert code == 130, complained
    arn = lines[0].removeprefix("started ")
    assert complained == (
        f"detached; the migration continues. Follow it again with: migrate follow --environment test {arn}\n"
    )

    done = run(stack, [*RUNNER, "follow", arn])
    assert done.returncode == 1, done.stderr
    assert "JarNotFound: no JAR releases/9/none.jar lies below" in done.stderr
    assert "Locate Spark" in done.stdout
    assert "lipsdb: ready" in done.stdout
    assert "docs/runbooks/run-failed.md#the-jobs" in done.stderr

    status = json.loads(run(stack, [*RUNNER, "status", "-e", "test", "--json"]).stdout)
    rates = status["domains"]["rates"]
    assert (rates["lock"]["run"], rates["lock"]["state"], rates["lock"]["error"]) == ("seen", "FAILED", "JarNotFound")
    assert (rates["runs"][0]["run"], rates["runs"][0]["status"], rates["runs"][0]["verdict"]) == (
        "seen",
        "FAILED",
        "NONE",
    )
    assert status["seal"] is None
    assert len(status["clones"]) == CLUSTERS
    assert status["clones"][-1]["usdPerHour"] > 0
    shown = run(stack, [*RUNNER, "status", "-e", "test"])
    assert "rates: the failed run seen holds it" in shown.stdout
    assert f"USD an hour for the instances of {CLUSTERS} clones" in shown.stdout

    followed = run(stack, [*RUNNER, "follow", "-e", "test", "seen", "--json"])
    assert followed.returncode == 1
    *_, document = (json.loads(line) for line in followed.stdout.splitlines())
    assert document["event"] == "end"
    assert (document["error"], document["phases"][-1]["name"]) == ("JarNotFound", "Locate Spark")
    assert set(document["clones"].values()) == {"ready"}

    resumed = run(stack, [*RUNNER, "resume", "-e", "test", "seen", "--skip-plan", "--detach", "--json"])
    assert resumed.returncode == 0, resumed.stderr
    (started,) = json.loads(resumed.stdout)["executions"]
    assert started["input"]["runId"] == "seen"
    assert started["input"]["parallelism"] == 3
    assert started["input"]["jarKey"] == "releases/9/none.jar"
    # The run is found by its newest attempt.
    again = run(stack, [*RUNNER, "follow", "-e", "test", "seen", "--json"])
    assert again.returncode == 1
    assert json.loads(again.stdout.splitlines()[-1])["execution"] == started["arn"] != arn

    asked = run(stack, [*RUNNER, "release-clones", "-e", "test"])
    assert asked.returncode == 2
    assert f"This destroys {CLUSTERS} clones in test" in asked.stderr
    released = run(stack, [*RUNNER, "release-clones", "-e", "test", "--yes", "--json"])
    assert released.returncode == 0, released.stderr
    assert json.loads(released.stdout)["domains"] == ["rates"]
    assert len(json.loads(released.stdout)["destroyed"]) == CLUSTERS
    after = json.loads(run(stack, [*RUNNER, "status", "-e", "test", "--json"]).stdout)
    assert (after["clones"], after["seal"], after["domains"]["rates"]["lock"]) == ([], None, None)


@pytest.mark.usefixtures("clean")
def test_a_run_that_is_stopped_keeps_its_clones_and_is_shown_as_stopped(stack: LocalStack) -> None:
    begin = ["start", "-e", "test", "--domain", "rates", "--run-id", "halted", "--skip-plan", "--detach", "--json"]
    (started,) = json.loads(run(stack, [*RUNNER, *begin]).stdout)["executions"]

    stopped = run(stack, [*RUNNER, "stop", "halted", "-e", "test", "--yes", "--json"])

    assert stopped.returncode == 0, stopped.stderr
    assert json.loads(stopped.stdout)["stopped"] == [{"domain": "rates", "run": "halted", "held": True}]
    status = json.loads(run(stack, [*RUNNER, "status", "-e", "test", "--json"]).stdout)
    lock = status["domains"]["rates"]["lock"]
    assert (lock["execution"], lock["state"], lock["error"], lock["executionStatus"]) == (
        started["arn"],
        "FAILED",
        "RunStopped",
        "ABORTED",
    )
    assert status["domains"]["rates"]["resumable"][0] == "halted"
    again = run(stack, [*RUNNER, "stop", "rates", "-e", "test", "--yes"])
    assert again.returncode == 0, again.stderr
    assert "resume it: migrate resume halted --environment test" in again.stdout


def test_help_tells_every_command_and_its_options(stack: LocalStack) -> None:
    done = run(stack, [*RUNNER, "--help"])

    assert done.returncode == 0
    for command in ("start", "follow", "status", "resume", "stop", "release-clones"):
        assert f" {command} " in done.stdout
        shown = run(stack, [*RUNNER, command, "--help"])
        assert shown.returncode == 0
        assert "--json" in shown.stdout
