"""No caller can act as another: the ARN of the invocation identifies the caller, whatever the event claims."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aurora_clone.binding
import aurora_clone.handler
import pytest
import run_registry.binding
import run_registry.handler
from aurora_clone import errors as clone_errors
from run_registry.callers import Caller
from run_registry.errors import CallerRefusedError

from catalog.loader import load_catalog
from infra.naming import Naming
from infra.policies import access, machine
from infra.policies.access import OPERATORS
from local.iam.policy import Call, allowed, statements
from tests.deployed import REGION

ACCOUNT = "arn:aws:{}:eu-west-1:971779422973"
REGISTRY = f"{ACCOUNT.format('lambda')}:function:migration-test-run-registry"
CLONES = f"{ACCOUNT.format('lambda')}:function:migration-test-aurora-clone"
EXECUTION = f"{ACCOUNT.format('states')}:execution:migration-test-rates:r1"
OPERATOR = "operator:anna-0123456789ab"
NAMING = Naming("test", "971779422973", REGION)


def may_invoke(policy: dict[str, Any], arn: str) -> bool:
    return allowed(statements(policy), Call("lambda:InvokeFunction", arn))


@pytest.mark.parametrize("arn", [REGISTRY, CLONES])
def test_operators_may_invoke_the_alias_alone_and_machines_the_function_alone(arn: str) -> None:
    operator = access.operator(NAMING, load_catalog(), key_arn="arn:key", application_arn="arn:app")
    executions = machine(
        NAMING, "rates", key_arn="arn:key", application_arn="arn:app", job_role_arn="arn:role", tables=()
    )

    assert may_invoke(operator, f"{arn}:{OPERATORS}")
    for other in (arn, f"{arn}:$LATEST", f"{arn}:1", f"{arn}:other"):
        assert not may_invoke(operator, other), other
    assert may_invoke(executions, arn)
    assert not may_invoke(executions, f"{arn}:{OPERATORS}")


def test_both_functions_and_the_policy_name_one_alias() -> None:
    assert {run_registry.binding.OPERATORS, aurora_clone.binding.OPERATORS, OPERATORS} == {"operators"}


def refusal(arn: str, operation: str, execution: str, domain: str = "rates", kind: str = "bootstrap") -> str:
    """Return why the registry refuses a call, or nothing."""
    caller = Caller(domain=domain, run="r", execution=execution, kind=kind)
    try:
        run_registry.binding.require_caller(arn, "test", caller, operation)
    except CallerRefusedError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "operation", ["begin", "change", "applied", "finish", "fail", "lift", "release", "stop", "cutOver"]
)
def test_an_operator_cannot_name_an_execution_however_it_lives(operation: str) -> None:
    assert refusal(f"{REGISTRY}:operators", operation, EXECUTION).startswith(f"an operator asks for {operation} as ")


@pytest.mark.parametrize("operation", ["begin", "change", "applied", "finish", "fail"])
def test_an_operator_takes_returns_changes_and_fails_no_domain(operation: str) -> None:
    assert "answers cutOver, lift, release, stop for" in refusal(f"{REGISTRY}:operators", operation, OPERATOR)


@pytest.mark.parametrize("operation", ["release", "lift", "stop", "cutOver"])
def test_an_operator_asks_for_what_is_the_operators(operation: str) -> None:
    assert refusal(f"{REGISTRY}:operators", operation, OPERATOR) == ""


@pytest.mark.parametrize(
    ("operation", "kind", "machine"),
    [
        ("begin", "bootstrap", "rates"),
        ("begin", "catch-up", "rates-catch-up"),
        ("begin", "repair", "rates-catch-up"),
        ("begin", "verification", "rates"),
        ("begin", "bootstrap", "verify-rates"),  # of `make verify-aws`
        ("change", "bootstrap", "rates-catch-up"),
        ("applied", "bootstrap", "rates-catch-up"),
    ],
)
def test_only_the_catch_up_machine_begins_a_run_that_changes_existing_tables(
    operation: str, kind: str, machine: str
) -> None:
    other = "rates" if machine == "rates-catch-up" else "rates-catch-up"
    own, others = (EXECUTION.replace("rates", name) for name in (machine, other))

    assert refusal(REGISTRY, operation, own, kind=kind) == ""
    assert f"that may ask for {operation} ({kind})" in refusal(REGISTRY, operation, others, kind=kind)


@pytest.mark.parametrize("operation", ["finish", "fail", "lift"])
def test_both_machines_of_a_domain_give_back_what_they_hold(operation: str) -> None:
    for own in ("rates", "rates-catch-up"):
        assert refusal(REGISTRY, operation, EXECUTION.replace("rates", own)) == ""


@pytest.mark.parametrize(
    ("execution", "domain"),
    [
        (OPERATOR, "rates"),
        ("", "rates"),
        (EXECUTION.removesuffix(":r1"), "rates"),
        (EXECUTION, "availability"),
        (EXECUTION.replace("rates", "rates-2"), "rates"),
        (EXECUTION.replace("rates", "other-rates"), "rates"),
        (EXECUTION.replace("migration-test", "migration-prod"), "rates"),
        (EXECUTION.replace("971779422973", "111122223333"), "rates"),
        (EXECUTION.replace("eu-west-1", "us-east-1"), "rates"),
        (EXECUTION.replace(":execution:", ":stateMachine:"), "rates"),
    ],
)
def test_the_function_itself_answers_executions_of_the_domains_own_machine_alone(execution: str, domain: str) -> None:
    assert refusal(REGISTRY, "begin", EXECUTION) == ""
    assert "is no execution of the state machine of " in refusal(REGISTRY, "begin", execution, domain)


@pytest.mark.parametrize("qualifier", ["1", "$LATEST", "operators2", "operators:x", "Operators"])
def test_no_other_alias_or_version_answers(qualifier: str) -> None:
    assert refusal(f"{REGISTRY}:{qualifier}", "begin", EXECUTION)
    assert refusal(f"{REGISTRY}:{qualifier}", "release", OPERATOR)
    with pytest.raises(clone_errors.CallerRefusedError, match="was invoked as"):
        aurora_clone.binding.require_caller(f"{CLONES}:{qualifier}", "status", "")


def test_an_operator_makes_no_clone_and_destroys_with_an_operators_seal_alone() -> None:
    for operation in ("status", "verify"):
        aurora_clone.binding.require_caller(f"{CLONES}:operators", operation, "")
    aurora_clone.binding.require_caller(f"{CLONES}:operators", "destroy", OPERATOR)
    aurora_clone.binding.require_caller(CLONES, "destroy", EXECUTION)

    for arn, operation, holder, words in (
        (f"{CLONES}:operators", "start", "", "an operator asks for start"),
        (f"{CLONES}:operators", "destroy", EXECUTION, "is no operator, but the call is an operator's"),
        (CLONES, "destroy", OPERATOR, "is an operator, but the call is no operator's"),
    ):
        with pytest.raises(clone_errors.CallerRefusedError, match=words):
            aurora_clone.binding.require_caller(arn, operation, holder)


def test_both_handlers_refuse_before_they_look_at_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK", "test")

    def untouched() -> None:
        raise AssertionError("the call was carried out")

    monkeypatch.setattr(run_registry.handler, "registry", untouched)
    monkeypatch.setattr(aurora_clone.handler, "service", untouched)
    event = {"operation": "fail", "domain": "rates", "run": "r", "execution": EXECUTION, "error": "e"}
    with pytest.raises(CallerRefusedError):
        run_registry.handler.handler(event, SimpleNamespace(invoked_function_arn=f"{REGISTRY}:operators"))

    seal = {"etag": "e", "execution": EXECUTION}
    destroy = {"operation": "destroy", "source": "lipsdb", "clone": "lipsdb-clone", "seal": seal}
    with pytest.raises(clone_errors.CallerRefusedError):
        aurora_clone.handler.handler(destroy, SimpleNamespace(invoked_function_arn=f"{CLONES}:operators"))
