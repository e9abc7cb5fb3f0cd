"""A function's context has the alias of the invocation, however the alias was named."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from local.aws import lambda_

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a Lambda client with the function `f`, which answers with the qualifier of its invocation."""
    monkeypatch.setattr(lambda_, "replace", monkeypatch.setattr)
    lambda_.install()
    answer = lambda *_args, **_named: (f'"{lambda_._asked.qualifier}"', False, "")  # noqa: E731 - a stand-in
    monkeypatch.setattr(lambda_.LambdaFunction, "_invoke_lambda", answer)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        trust = '{"Version": "2012-10-17", "Statement": []}'
        iam = boto3.client("iam", region_name="eu-west-1")
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("h.py", "")
        client = boto3.client("lambda", region_name="eu-west-1")
        client.create_function(
            FunctionName="f", Role=role, Runtime="python3.13", Handler="h.h", Code={"ZipFile": archive.getvalue()}
        )
        client.create_alias(FunctionName="f", Name="operators", FunctionVersion="$LATEST")
        yield client


@pytest.mark.parametrize(
    ("asked", "qualifier"),
    [
        ({"FunctionName": "f"}, ""),
        ({"FunctionName": "f", "Qualifier": "operators"}, "operators"),
        ({"FunctionName": "f:operators"}, "operators"),
        ({"FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:f:operators"}, "operators"),
        ({"FunctionName": "f", "Qualifier": "$LATEST"}, "$LATEST"),
    ],
)
def test_the_qualifier_is_the_one_that_was_asked_for(
    functions: Any,  # noqa: ANN401 - a boto3 client
    asked: dict[str, str],
    qualifier: str,
) -> None:
    assert functions.invoke(**asked, Payload=b"{}")["Payload"].read() == f'"{qualifier}"'.encode()
    # The next call of the thread is not taken for this one.
    assert functions.invoke(FunctionName="f", Payload=b"{}")["Payload"].read() == b'""'


def test_an_alias_that_is_not_there_is_refused(functions: Any) -> None:  # noqa: ANN401 - a boto3 client
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        functions.invoke(FunctionName="f", Qualifier="others", Payload=b"{}")
