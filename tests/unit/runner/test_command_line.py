"""The command line ends with a sentence and an exit code, whatever went wrong."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from runner import __main__ as command_line
from runner.errors import FunctionError, UsageError


def run(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> dict[int, Any]:
    """Call the command line whose command raises an error, and return the handlers of signals."""
    handlers: dict[int, Any] = {}

    def command(*, prog_name: str) -> None:
        assert prog_name == "migrate"
        if error:
            raise error

    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(command_line, "load", lambda: command)
    command_line.main()
    return handlers


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (UsageError("--mode: 'x' must be rehearsal or official"), "--mode: 'x' must be rehearsal or official"),
        (
            FunctionError("RegistryError", "no bucket", "migration-test-run-registry"),
            "migration-test-run-registry: RegistryError: no bucket",
        ),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListExecutions"),
            "An error occurred (AccessDenied) when calling the ListExecutions operation: no",
        ),
        (EndpointConnectionError(endpoint_url="https://s3"), 'Could not connect to the endpoint URL: "https://s3"'),
    ],
)
def test_an_error_is_a_sentence_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, sentence: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, error)

    written = capsys.readouterr()
    assert (ended.value.code, written.out) == (2, "")
    assert " ".join(written.err.split()) == f"error: {sentence}"


def test_what_is_no_error_of_ours_or_of_aws_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError):
        run(monkeypatch, ZeroDivisionError())


def test_a_cancelled_job_detaches_as_ctrl_c_does(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(monkeypatch)[signal.SIGTERM](signal.SIGTERM, None)
