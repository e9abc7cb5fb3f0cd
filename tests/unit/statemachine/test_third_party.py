"""The definitions checked by third parties: cfn-lint's schema of the language, and the services' error models."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import aurora_clone.errors
import cfnlint.data.schemas.other.step_functions
import pytest
import run_registry.errors
import table_writer.errors
from jsonschema import Draft202012Validator

from local.aws import sdk
from statemachine.checks import findings
from statemachine.expressions import is_expression

GOLDEN = sorted((Path(__file__).parents[2] / "golden").glob("*.asl.json"))
SCHEMA = Path(str(cfnlint.data.schemas.other.step_functions.__file__)).with_name("statemachine.json")
# What no service model names, each with its source in docs/fidelity.md.
UNMODELLED = frozenset(
    {
        *(f"{client}.SdkClientException" for client in ("Lambda", "S3", "Iam", "Kinesis", "DynamoDb", "EmrServerless")),
        "Lambda.AWSLambdaException",
        "Lambda.ClientExecutionTimeoutException",
        "EMRServerless.ThrottlingException",
        "EMRServerless.InternalServerException",
    }
)


def known_errors() -> frozenset[str]:
    """Return every name that can be raised."""
    return UNMODELLED | _derived()


def _derived() -> frozenset[str]:
    """Return the names that the SDK's models and our Lambdas raise."""
    names: set[str] = set()
    for service in ("lambda", "s3", "iam", "kinesis", "dynamodb", "emr-serverless"):
        names.add(sdk.error_name(service, "no such code"))
        names |= {sdk.error_name(service, shape.name) for shape in sdk.model(service).error_shapes}
    for module in (aurora_clone.errors, run_registry.errors, table_writer.errors):
        names |= {name for name, kind in vars(module).items() if inspect.isclass(kind)}
    return frozenset(names)


def spell_language_out(machine: dict[str, Any], language: str) -> None:
    for state in machine["States"].values():
        if state["Type"] != "Succeed":
            state["QueryLanguage"] = language
        if "ItemProcessor" in state:
            spell_language_out(state["ItemProcessor"], language)


def schema_errors(machine: dict[str, Any]) -> list[str]:
    """Return what the schema says; it looks for the language in each state, where the service inherits it."""
    spell_language_out(machine, machine["QueryLanguage"])
    errors = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).iter_errors(machine)
    # The schema knows expressions in few of the fields that take them.
    return [error.message for error in errors if not (error.validator == "type" and is_expression(error.instance))]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_definition_keeps_cfn_lints_schema(path: Path) -> None:
    assert schema_errors(json.loads(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "break_it",
    [
        lambda states: states["CheckInput"].pop("Choices"),
        lambda states: states["RunBootstrap"].update(Retry="often"),
        lambda states: states["WaitForTeardown"].update(Seconds=[60]),
    ],
    ids=["choice-without-choices", "retry-no-list", "wait-for-a-list"],
)
def test_the_schema_bites(break_it: Any) -> None:  # noqa: ANN401 - a function of the parameters
    broken = json.loads(GOLDEN[0].read_text("utf-8"))
    break_it(broken["States"])

    assert schema_errors(broken) != []


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_error_that_is_waited_for_can_be_raised(path: Path) -> None:
    assert findings(json.loads(path.read_text("utf-8")), known_errors()) == []


def test_no_unmodelled_name_is_listed_for_nothing() -> None:
    text = "".join(path.read_text("utf-8") for path in GOLDEN)
    page = (Path(__file__).parents[3] / "docs" / "fidelity.md").read_text("utf-8")
    modelled = _derived()

    assert sorted(name for name in UNMODELLED if name in modelled or f'"{name}"' not in text) == []
    assert sorted(name for name in UNMODELLED if f"`{name}`" not in page) == []
