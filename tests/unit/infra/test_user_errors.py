"""A user error ends the program with one line, before the program declares resources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
import pytest

from local.deploy.recorder import Recorder, record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs

    Answer = Callable[[str, dict[str, Any]], dict[str, Any]]


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the declared resources."""
    names: list[str] = []
    answer = Recorder.new_resource

    def new_resource(self: Recorder, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        names.append(args.name)
        return answer(self, args)

    monkeypatch.setattr(Recorder, "new_resource", new_resource)
    return names


def answers(monkeypatch: pytest.MonkeyPatch, source: str, changed: Answer) -> None:
    """Change the answer of a data source."""
    answer = Recorder.call

    def call(self: Recorder, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        outputs, failures = answer(self, args)
        return (changed(args.token, dict(outputs)) if args.token.endswith(f":{source}") else outputs), failures

    monkeypatch.setattr(Recorder, "call", call)


def refused(declared: list[str], changed: Mapping[str, str] | None = None, lines: int = 1) -> str:
    """Return the error that ends a preview."""
    with pytest.raises(pulumi.RunError) as error:
        record("test", changed, preview=True)

    assert declared == []
    assert len(str(error.value).splitlines()) == lines
    return str(error.value)


def test_a_mistyped_setting(declared: list[str]) -> None:
    project = "rates-avail-migration-bootstrap"

    assert refused(declared, {"maxVcpus": "128"}) == (
        f"Pulumi.test.yaml: {project}:maxVcpus is not a setting; did you mean {project}:maxVcpu?"
    )


def test_a_value_of_the_wrong_type(declared: list[str]) -> None:
    assert "maxVcpu is 'many'; it must be 1 to 4000" in refused(declared, {"maxVcpu": "many"})


def test_a_catalog_that_is_not_there_with_a_line_for_each_problem(declared: list[str]) -> None:
    error = refused(declared, {"catalog": "nowhere"}, lines=2)

    assert error.splitlines()[1] == "nowhere/domains: no domain file (*.yaml); add one per domain"


def test_a_release_that_was_not_built(declared: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for entry in Path.cwd().iterdir():
        if entry.name not in {".git", "build"}:
            (tmp_path / entry.name).symlink_to(entry)
    monkeypatch.chdir(tmp_path)

    assert refused(declared).endswith("is missing; run `make release` first")


def test_an_instance_class_without_a_price(declared: list[str]) -> None:
    assert "has no price of cloneInstanceClass 'db.x2g.large'; add it" in refused(
        declared, {"cloneInstanceClass": "db.x2g.large"}
    )


def test_another_account(declared: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "getCallerIdentity", lambda _, outputs: {**outputs, "accountId": "210987654321"})

    assert refused(declared) == (
        "the caller is in account 210987654321, but Pulumi.test.yaml allows 971779422973; "
        "take a role of account 971779422973"
    )


@pytest.mark.parametrize("key", ["", "alias/aws/secretsmanager"])
def test_a_secret_under_the_accounts_default_key(
    declared: list[str], monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    answers(monkeypatch, "getSecret", lambda _, outputs: {**outputs, "kmsKeyId": key})

    assert "whose policy cannot admit EMR Serverless; give it a key of its own" in refused(declared)


def test_a_source_of_another_engine(declared: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "getCluster", lambda _, outputs: {**outputs, "engine": "aurora-mysql"})

    assert "runs aurora-mysql 16.4; catalog/clusters.yaml says aurora-postgresql" in refused(declared)


def test_no_subnet_with_the_tag(declared: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "getSubnets", lambda _, outputs: {**outputs, "ids": []})

    assert refused(declared) == (
        "no subnet of the VPC data-test has the Name tag 'data-test-private'; "
        "set subnetTag in Pulumi.test.yaml to that of its private subnets"
    )


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("getCallerIdentity", "the caller"),
        ("getCluster", "the source clusters of catalog/clusters.yaml"),
        ("getSecret", "the secrets of catalog/clusters.yaml (docs/secrets.md)"),
        ("getVpc", "the network that Pulumi.test.yaml names (vpcName, subnetTag)"),
    ],
)
def test_what_aws_does_not_answer(
    declared: list[str], monkeypatch: pytest.MonkeyPatch, source: str, asked: str
) -> None:
    answer = Recorder.call

    def call(self: Recorder, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        failed = args.token.endswith(f":{source}")
        return ({}, [("", "1 error occurred:\n\t* no match\n\n")]) if failed else answer(self, args)

    monkeypatch.setattr(Recorder, "call", call)

    error = refused(declared)
    assert error.startswith(f"AWS did not answer for {asked}: ")
    assert "failed: 1 error occurred: * no match" in error
