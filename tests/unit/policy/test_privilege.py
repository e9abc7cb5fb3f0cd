"""What the rules on IAM documents say about the nearest right and wrong document of each kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from catalog.loader import load_catalog
from policy import privilege
from policy.resource import Resource
from tests.unit.infra import test_boundary
from tests.unit.policy.reviewed import Case, allows, document, policy, violations

if TYPE_CHECKING:
    from catalog.models import Catalog

ROLE, INLINE, MANAGED = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
DENY_ALL = {"Effect": "Deny", "Action": "*", "Resource": "*"}
ANYBODY = ["anybody may assume it"]
OTHERS = ["accounts, users or roles may assume it: trust a service or a workflow"]
ANOTHER_ACCOUNT = ["a service may assume it for another account: there is no condition on aws:SourceAccount"]
ANY_WORKFLOW = ["any workflow may assume it: there is no exact condition on `sub`"]
OLD_VERSION = ["the policy's Version is not 2012-10-17: variables would be plain text"]
BOUNDARY = "arn:aws:iam::1:policy/migration-test-boundary"
SUB = "token.actions.githubusercontent.com:sub"
EXACT = "repo:o/n:environment:test"


def taken_by(*principals: Any, **condition: dict[str, Any]) -> dict[str, str]:  # noqa: ANN401 - IAM's principals
    statements = [{"Effect": "Allow", "Principal": p, "Action": "sts:AssumeRole"} for p in principals]
    return {"assumeRolePolicy": document(*({**s, "Condition": condition} if condition else s for s in statements))}


def unnamed(action: str) -> str:
    return f"allows {action} on every resource without a reason in policy/privilege.py"


WILDCARDS: list[Case] = [
    ("no-wildcard", INLINE, policy(allows("s3:GetObject")), []),
    ("no-wildcard", INLINE, policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn"}), []),
    ("no-wildcard", INLINE, policy(allows("rds:DescribeDBClusters", resource="*")), []),
    ("no-wildcard", INLINE, policy(allows("s3:Get*")), ["allows s3:Get*: name the actions"]),
    ("no-wildcard", INLINE, policy({**allows(), "Action": "s3:*"}), ["allows s3:*: name the actions"]),
    ("no-wildcard", INLINE, policy(allows("s3:GetObject", resource="*")), [unnamed("s3:GetObject")]),
    ("no-wildcard", INLINE, policy({**allows("s3:GetObject"), "Resource": "*"}), [unnamed("s3:GetObject")]),
    (
        "no-wildcard",
        INLINE,
        policy(allows("rds:DescribeDBClusters", "rds:*", "rds:DeleteDBCluster", resource="*")),
        ["allows rds:*: name the actions", unnamed("rds:*"), unnamed("rds:DeleteDBCluster")],
    ),
    ("no-wildcard", INLINE, policy(DENY_ALL), []),
    ("no-wildcard", INLINE, policy(DENY_ALL, allows("s3:Get*")), ["allows s3:Get*: name the actions"]),
    ("no-wildcard", MANAGED, policy(allows("s3:Get*")), []),
    ("no-wildcard", BUCKET_POLICY, policy(allows("s3:*", resource="*")), []),
]
TRUST: list[Case] = [
    ("trust", ROLE, taken_by({"Service": "lambda.amazonaws.com"}), []),
    ("trust", ROLE, taken_by({"Service": "states.amazonaws.com"}, StringEquals={"aws:SourceAccount": "1"}), []),
    ("trust", ROLE, taken_by({"Service": "states.amazonaws.com"}), ANOTHER_ACCOUNT),
    (
        "trust",
        ROLE,
        taken_by({"Service": "states.amazonaws.com"}, StringEquals={"aws:SourceArn": "a"}),
        ANOTHER_ACCOUNT,
    ),
    (
        "trust",
        ROLE,
        taken_by({"Service": "states.amazonaws.com"}, StringLike={"aws:SourceAccount": "*"}),
        ANOTHER_ACCOUNT,
    ),
    ("trust", ROLE, taken_by({"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]}), ANOTHER_ACCOUNT),
    ("trust", ROLE, taken_by({"Federated": "arn"}, StringEquals={SUB: EXACT}), []),
    ("trust", ROLE, taken_by({"Federated": "arn"}, StringEquals={SUB: [EXACT, "repo:o/n:pull_request"]}), []),
    ("trust", ROLE, taken_by({"Federated": "arn"}), ANY_WORKFLOW),
    ("trust", ROLE, taken_by({"Federated": "arn"}, StringEquals={"token:aud": "sts"}), ANY_WORKFLOW),
    ("trust", ROLE, taken_by({"Federated": "arn"}, StringLike={SUB: EXACT}), ANY_WORKFLOW),
    ("trust", ROLE, taken_by({"Federated": "arn"}, StringEquals={SUB: "repo:o/*"}), ANY_WORKFLOW),
    ("trust", ROLE, taken_by({"Federated": "arn"}, StringEquals={SUB: [EXACT, "repo:o/*"]}), ANY_WORKFLOW),
    ("trust", ROLE, taken_by({"Federated": "arn"}, StringEquals={SUB: EXACT, "x:sub": "*"}), ANY_WORKFLOW),
    ("trust", ROLE, taken_by("*"), ANYBODY),
    ("trust", ROLE, taken_by({"AWS": "*"}), ANYBODY),
    ("trust", ROLE, taken_by({"AWS": ["arn:aws:iam::1:root", "*"]}), ANYBODY),
    ("trust", ROLE, taken_by({"AWS": "arn:aws:iam::1:root"}), OTHERS),
    ("trust", ROLE, taken_by({"AWS": "arn", "Service": "lambda.amazonaws.com"}), OTHERS),
    (
        "trust",
        ROLE,
        taken_by({"Service": "lambda.amazonaws.com"}, {"AWS": "*"}, {"Federated": "arn"}),
        [*ANYBODY, *ANY_WORKFLOW],
    ),
    ("trust", INLINE, taken_by("*"), []),
]
LACKING = "which also allows future actions, principals and resources"
DOCUMENTS: list[Case] = [
    *[
        (
            "documents",
            kind,
            {key: document(allows("a"), version=version)},
            [] if version == "2012-10-17" else OLD_VERSION,
        )
        for kind, key in {
            ROLE: "assumeRolePolicy",
            **dict.fromkeys((INLINE, MANAGED, BUCKET_POLICY, "aws:kms/key:Key"), "policy"),
            **dict.fromkeys(
                ("aws:secretsmanager/secretPolicy:SecretPolicy", "aws:sns/topicPolicy:TopicPolicy"), "policy"
            ),
        }.items()
        for version in ("2012-10-17", "2008-10-17")
    ],
    ("documents", INLINE, {"policy": '{"Statement": []}'}, OLD_VERSION),
    ("documents", "aws:iam/user:User", policy(version="2008-10-17"), []),
    ("documents", INLINE, policy(DENY_ALL, allows("a")), []),
    ("documents", ROLE, taken_by({"Service": "lambda.amazonaws.com"}), []),
    *[
        ("documents", INLINE, policy(allows("a", **{key: "b"})), [f"statement 0 has {key}, {LACKING}"])
        for key in ("NotAction", "NotPrincipal", "NotResource")
    ],
    ("documents", INLINE, policy({"Action": "a", "Resource": "r"}), ["statement 0 has the Effect None"]),
    (
        "documents",
        INLINE,
        policy({"Effect": "allow", "Action": "a", "Resource": "r"}),
        ["statement 0 has the Effect 'allow'"],
    ),
    ("documents", INLINE, policy({"Effect": "Allow", "Resource": "r"}), ["statement 0 has no Action"]),
    ("documents", INLINE, policy(allows()), ["statement 0 has no Action"]),
    ("documents", INLINE, policy({"Effect": "Allow", "Action": "a"}), ["statement 0 has no Resource"]),
    ("documents", BUCKET_POLICY, policy({"Effect": "Allow", "Action": "a"}), ["statement 0 has no Resource"]),
    (
        "documents",
        INLINE,
        policy(allows("a"), {"Effect": "Allow", "NotAction": "a"}, allows()),
        [
            f"statement 1 has NotAction, {LACKING}",
            "statement 1 has no Action",
            "statement 1 has no Resource",
            "statement 2 has no Action",
        ],
    ),
]


def escaped(action: str) -> list[str]:
    return [f"a boundary that allows {action} can be escaped"]


def limited(action: str, operator: str, key: str) -> dict[str, Any]:
    return policy(allows(action, Condition={operator: {key: "x"}}))


OF_TEST = {"tags": {"migration:stack": "test"}}
NO_BOUNDARY = ["has no permissions boundary: its policy could make it an administrator"]
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ELSEWHERE = "attaches a policy that is reviewed elsewhere"
NEVER_EXPIRE = "passwords and keys of users never expire"
BOUNDARIES: list[Case] = [
    ("boundary", ROLE, {"permissionsBoundary": BOUNDARY, **OF_TEST}, []),
    # A preview does not know the ARN of a boundary that the same deployment makes.
    ("boundary", ROLE, {"permissionsBoundary": "${migration-test-boundary.arn}", **OF_TEST}, []),
    ("boundary", ROLE, OF_TEST, NO_BOUNDARY),
    ("boundary", ROLE, {"permissionsBoundary": "", **OF_TEST}, NO_BOUNDARY),
    *[
        (
            "boundary",
            ROLE,
            {"permissionsBoundary": arn, **OF_TEST},
            [f"has the permissions boundary {arn}, not the stack's own, migration-test-boundary"],
        )
        for arn in (
            ADMINISTRATOR,
            BOUNDARY.replace("test", "prod"),
            f"{BOUNDARY}2",
            BOUNDARY.replace("policy/", "policy/x-"),
        )
    ],
    *[
        ("boundary", kind, {}, [f"{reason}: use an inline policy of a role of the stack"])
        for kind, reason in {
            "aws:iam/accessKey:AccessKey": "a key never expires",
            "aws:iam/group:Group": "a group has no boundary",
            "aws:iam/policyAttachment:PolicyAttachment": ELSEWHERE,
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ELSEWHERE,
            "aws:iam/user:User": NEVER_EXPIRE,
            "aws:iam/userPolicy:UserPolicy": NEVER_EXPIRE,
            "aws:iam/userPolicyAttachment:UserPolicyAttachment": NEVER_EXPIRE,
        }.items()
    ],
    ("boundary", INLINE, policy(allows("iam:*", resource="*")), []),
    ("boundary", MANAGED, policy(DENY_ALL, allows("s3:*")), []),
    *[
        ("boundary", MANAGED, policy(allows(f"iam:{verb}")), [])
        for verb in ("Get*", "ListRoles", "SimulatePrincipalPolicy", "TagRole", "UntagRole")
    ],
    *[
        ("boundary", MANAGED, policy(allows(action)), escaped(action))
        for action in (
            *("*", "iam:*", "IAM:PutRolePolicy", "iam:PutRolePolicy", "iam:TagUser", "iam:CreateList"),
            *("account:GetContactInformation", "organizations:ListRoots", "sts:AssumeRole", "Sts:GetFederationToken"),
        )
    ],
    ("boundary", MANAGED, policy({**allows(), "Action": "iam:*"}), escaped("iam:*")),
    ("boundary", MANAGED, policy(DENY_ALL, allows("s3:*", "iam:GetRole", "iam:PassRole")), escaped("iam:PassRole")),
    *[
        ("boundary", MANAGED, limited("iam:PutRolePolicy", operator, key), [])
        for operator, key in (
            *(("ArnEquals", "aws:PrincipalArn"), ("StringEquals", "iam:AWSServiceName")),
            *(("StringEquals", "iam:PassedToService"), ("StringEquals", "iam:PermissionsBoundary")),
        )
    ],
    *[
        ("boundary", MANAGED, limited("iam:PutRolePolicy", operator, key), escaped("iam:PutRolePolicy"))
        for operator, key in (
            *(("StringEquals", "aws:SourceAccount"), ("StringNotEquals", "iam:PermissionsBoundary")),
            *(("StringEqualsIfExists", "iam:PermissionsBoundary"), ("Null", "iam:PermissionsBoundary")),
            *(("ForAllValues:StringEquals", "iam:PassedToService"), ("StringLike", "iam:PermissionsBoundary")),
        )
    ],
    ("boundary", MANAGED, limited("sts:AssumeRole", "ArnEquals", "aws:PrincipalArn"), escaped("sts:AssumeRole")),
    ("boundary", MANAGED, limited("*", "StringEquals", "iam:PermissionsBoundary"), escaped("*")),
]
CASES = [*WILDCARDS, *TRUST, *DOCUMENTS, *BOUNDARIES]


def characters(number: int) -> str:
    """Return a policy of so many characters besides its white space."""
    rest = document(allows(""))
    return document(allows("a" * (number - len("".join(rest.split())))))


@pytest.mark.parametrize(
    ("kind", "key", "most"),
    [(INLINE, "policy", 10_240), (MANAGED, "policy", 6_144), (ROLE, "assumeRolePolicy", 2_048)],
)
def test_a_document_is_as_long_as_iam_allows_without_its_white_space(kind: str, key: str, most: int) -> None:
    assert violations("documents", kind, {key: characters(most)}) == []
    assert violations("documents", kind, {key: characters(most + 1)}) == [
        f"the policy has {most + 1} characters; IAM allows {most}"
    ]


def test_iam_limits_no_policy_of_a_resource() -> None:
    assert violations("documents", BUCKET_POLICY, {"policy": characters(20_000)}) == []


def test_each_action_on_every_resource_is_one_that_a_role_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_boundary, "load_catalog", every_option)
    documents = [document for _, document in test_boundary.documents()]
    needed = {
        action
        for made in documents
        for statement in made["Statement"]
        if statement["Effect"] == "Allow" and "*" in statement["Resource"]
        for action in statement["Action"]
    }

    assert needed == set(privilege.WHOLE_ACCOUNT)
    assert [violations("no-wildcard", INLINE, {"policy": json.dumps(made)}) for made in documents] == [[]] * len(
        documents
    )


def every_option() -> Catalog:
    """Return a catalog whose tables have provisioned capacity, and whose clusters have both engines."""
    catalog = load_catalog()
    domains = {
        name: domain.model_copy(
            update={
                "tables": tuple(table.model_copy(update={"billing_mode": "PROVISIONED"}) for table in domain.tables)
            }
        )
        for name, domain in catalog.domains.items()
    }
    mysql, postgres, *_ = catalog.clusters
    engines = {mysql: "aurora-mysql", postgres: "aurora-postgresql"}
    clusters = {
        name: cluster.model_copy(update={"engine": engines.get(name, cluster.engine)})
        for name, cluster in catalog.clusters.items()
    }
    return catalog.model_copy(update={"domains": domains, "clusters": clusters})


def test_an_action_on_every_resource_has_a_written_reason() -> None:
    assert [action for action, reason in privilege.WHOLE_ACCOUNT.items() if not reason] == []


def test_a_resource_shows_a_nested_property_or_none() -> None:
    resource = Resource(kind="k", name="n", properties={"a": {"b": {"c": 1}}, "text": "x"})

    assert (resource.get("a", "b"), resource.get("a", "b", "c")) == ({"c": 1}, 1)
    assert (resource.get("a", "x", "c"), resource.get("text", "x"), resource.get("b")) == (None, None, None)
    assert resource.protect is False
