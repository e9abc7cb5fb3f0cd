"""IAM's evaluation of policies, as AWS documents it."""

from __future__ import annotations

from typing import Any

import pytest

from local.errors import PolicyError
from local.iam.policy import Call, allowed, context, statements, within

ARN = "arn:aws:rds:eu-west-1:1:cluster:a-clone"


def policy(*entries: dict[str, Any]) -> list[Any]:
    return list(statements({"Version": "2012-10-17", "Statement": list(entries)}))


def allow(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - elements of a statement
    return {"Effect": "Allow", "Action": "rds:DeleteDBCluster", "Resource": ARN, **more}


def call(**keys: str | tuple[str, ...]) -> Call:
    return Call("rds:DeleteDBCluster", ARN, context(keys))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (allow(), True),
        (allow(Action=["rds:deletedbcluster"]), True),
        (allow(Action="rds:Delete*"), True),
        (allow(Action="rds:DeleteDB?luster"), True),
        (allow(Action="s3:*"), False),
        (allow(Resource="*"), True),
        (allow(Resource="arn:aws:rds:*:*:cluster:*-clone"), True),
        (allow(Resource="arn:aws:rds:*:*:cluster:*-CLONE"), False),
        (allow(Resource=["arn:aws:rds:*:*:db:*", "arn:aws:s3:::b"]), False),
        ({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, True),
        ({"Effect": "Allow", "NotAction": ["rds:*"], "Resource": "*"}, False),
        ({"Effect": "Allow", "Action": "rds:*", "NotResource": "arn:aws:rds:*:*:db:*"}, True),
        ({"Effect": "Allow", "Action": "rds:*", "NotResource": ARN}, False),
    ],
)
def test_actions_ignore_case_and_resources_do_not(entry: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - expected value
    assert allowed(policy(entry), call()) is expected


def test_nothing_is_allowed_without_a_statement_and_a_deny_wins() -> None:
    assert not allowed(policy(), call())
    assert not allowed(policy(allow(), allow(Effect="Deny")), call())
    assert not allowed(policy(allow(Effect="Deny")), call())
    assert allowed(policy(allow(), allow(Effect="Deny", Resource="arn:aws:rds:*:*:db:*")), call())


@pytest.mark.parametrize(
    ("condition", "keys", "expected"),
    [
        ({"StringEquals": {"aws:ResourceTag/owner": "us"}}, {"aws:ResourceTag/owner": "us"}, True),
        ({"StringEquals": {"AWS:resourcetag/owner": "us"}}, {"aws:ResourceTag/owner": "us"}, True),
        ({"StringEquals": {"aws:ResourceTag/owner": ["me", "us"]}}, {"aws:ResourceTag/owner": "us"}, True),
        ({"StringEquals": {"aws:ResourceTag/owner": "us"}}, {"aws:ResourceTag/owner": "US"}, False),
        ({"StringEquals": {"aws:ResourceTag/owner": "us"}}, {}, False),
        ({"StringEquals": {"a": "1", "b": "2"}}, {"a": "1"}, False),
        ({"StringEquals": {"a": "1"}, "StringLike": {"b": "2*"}}, {"a": "1", "b": "23"}, True),
        ({"StringEqualsIfExists": {"a": "1"}}, {}, True),
        ({"StringEqualsIfExists": {"a": "1"}}, {"a": "2"}, False),
        ({"StringNotEquals": {"a": "1"}}, {}, True),
        ({"StringNotEquals": {"a": "1"}}, {"a": "1"}, False),
        ({"StringNotLike": {"a": ["1*", "2*"]}}, {"a": "23"}, False),
        ({"StringNotLike": {"a": ["1*", "2*"]}}, {"a": "3"}, True),
        ({"ArnLike": {"a": "arn:aws:x:*:1:y/*"}}, {"a": "arn:aws:x:r:1:y/z"}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, {"aws:SecureTransport": "false"}, True),
        ({"Bool": {"aws:SecureTransport": False}}, {"aws:SecureTransport": "true"}, False),
        ({"Null": {"a": "true"}}, {}, True),
        ({"Null": {"a": True}}, {"a": "1"}, False),
        ({"Null": {"a": "false"}}, {"a": "1"}, True),
        ({"ForAllValues:StringEquals": {"k": ["a", "b"]}}, {"k": ("a", "b")}, True),
        ({"ForAllValues:StringEquals": {"k": ["a"]}}, {"k": ("a", "b")}, False),
        ({"ForAllValues:StringEquals": {"k": ["a"]}}, {}, True),
        ({"ForAnyValue:StringLike": {"k": ["a*"]}}, {"k": ("b", "ab")}, True),
        ({"ForAnyValue:StringEquals": {"k": ["a"]}}, {"k": ("b",)}, False),
        ({"ForAnyValue:StringEquals": {"k": ["a"]}}, {}, False),
    ],
)
def test_every_operator_and_every_key_of_a_condition_must_hold(
    condition: dict[str, Any],
    keys: dict[str, str | tuple[str, ...]],
    expected: bool,  # noqa: FBT001 - expected value
) -> None:
    assert allowed(policy(allow(Condition=condition)), call(**keys)) is expected


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (allow(Resource="arn:aws:s3:::b/${aws:username}"), "policy variables"),
        (allow(Condition={"NumericLessThan": {"a": "1"}}), "operator NumericLessThan"),
        (allow(Condition={"ForSomeValues:StringEquals": {"a": "1"}}), "operator ForSomeValues:StringEquals"),
    ],
)
def test_what_is_not_evaluated_here_is_refused_not_passed_over(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        allowed(policy(entry), call(a="1"))


def test_several_values_of_one_key_need_a_quantifier() -> None:
    with pytest.raises(PolicyError, match="needs ForAllValues"):
        allowed(policy(allow(Condition={"StringEquals": {"k": "a"}})), call(k=("a", "b")))


@pytest.mark.parametrize("entry", [{"Effect": "Maybe"}, {"Effect": "Allow", "Actions": "x"}])
def test_what_is_no_statement_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(PolicyError, match="is not a statement"):
        policy(entry)


def test_a_resource_policy_is_asked_for_a_principal() -> None:
    entries = policy(
        {"Effect": "Allow", "Principal": {"Service": ["emr.amazonaws.com"]}, "Action": "*", "Resource": "*"}
    )

    assert allowed(entries, call(), ("Service", "emr.amazonaws.com"))
    assert not allowed(entries, call(), ("Service", "other.amazonaws.com"))
    assert not allowed(entries, call(), ("AWS", "emr.amazonaws.com"))
    assert not allowed(entries, call())
    assert not allowed(policy(allow()), call(), ("Service", "emr.amazonaws.com"))


def test_a_role_may_do_what_its_policy_and_its_boundary_allow_and_neither_denies() -> None:
    role = "arn:aws:iam::1:role/r"

    def bounded(boundary: dict[str, Any], own: dict[str, Any]) -> bool:
        return within(policy(boundary), policy(own), call(), role)

    assert bounded(allow(), allow())
    assert not bounded(allow(Action="s3:*"), allow(Action="*"))
    assert not bounded(allow(Action="*"), allow(Action="s3:*"))
    assert not bounded(allow(Effect="Deny"), allow())
    assert not bounded(allow(), allow(Effect="Deny"))
    assert bounded(allow(Condition={"ArnEquals": {"aws:PrincipalArn": role}}), allow())
    assert not bounded(allow(Condition={"ArnEquals": {"aws:PrincipalArn": f"{role}2"}}), allow())
