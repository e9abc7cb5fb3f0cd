"""The system diagram: the deployed resources, with an arrow per right of a role."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from statemachine.diagrams.palette import class_definitions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catalog.models import Catalog
    from local.deploy.engine import Declared, Deployment

_SHAPES = {"aurora": ("[(", ")]"), "clone": ("[(", ")]"), "s3": ("[(", ")]"), "person": ("([", "])")}
_KINDS = {
    "aws:sfn/stateMachine:StateMachine": ("task", "state machine "),
    "aws:lambda/function:Function": ("control", "function "),
    "aws:emrserverless/application:Application": ("spark", "EMR Serverless: "),
    "aws:s3/bucket:Bucket": ("s3", "S3: "),
    "aws:kinesis/stream:Stream": ("kinesis", "stream "),
    "aws:sns/topic:Topic": ("control", "SNS: "),
}
# What a domain has of its own is drawn once for all domains.
_TOGETHER = {
    "aws:sfn/stateMachine:StateMachine": ("machines", "state machines: "),
    "aws:kinesis/stream:Stream": ("streams", "Kinesis: "),
}
_SHOWN_ACTIONS = 2
# How a log, a key or a metric is reached says nothing of the system.
_PASSED_OVER = re.compile(r"^(cloudwatch|ec2|events|iam|kms|logs|servicequotas|sts|tag|xray):")


@dataclass(frozen=True)
class Node:
    """A node of the diagram; `marks` are its names in a policy's resources."""

    name: str
    label: str
    kind: str
    marks: tuple[str, ...] = ()


def system_chart(deployment: Deployment, catalog: Catalog) -> str:
    """Return the chart of a recorded deployment."""
    # Pulumi registers in an order of its own.
    resources = sorted(
        (declared for declared in deployment.resources.values() if declared.custom), key=lambda declared: declared.urn
    )
    nodes = [*_outside(catalog), *_deployed(resources)]
    ways = {*_permitted(resources, nodes), *_let_in(resources), "production -. copy-on-write .-> clones"}
    lines = ["flowchart LR"]
    for node in nodes:
        opening, closing = _SHAPES.get(node.kind, ("[", "]"))
        lines.append(f'  {node.name}{opening}"{node.label}"{closing}:::{node.kind}')
    lines += [f"  {way}" for way in sorted(ways)]
    return "\n".join([*lines, *class_definitions({node.kind for node in nodes})]) + "\n"


def _outside(catalog: Catalog) -> Iterator[Node]:
    """Yield the nodes that are not deployed: the operators, the sources, and the results of a run."""
    tables = [table.name for domain in catalog.domains.values() for table in domain.tables]
    yield Node("github", "GitHub Actions", "person")
    yield Node("production", f"{len(catalog.clusters)} Aurora clusters", "aurora")
    yield Node("clones", f"{len(catalog.clusters)} clones", "clone", ("-clone",))
    yield Node("secrets", "readers' passwords", "identity", (":secret:",))
    yield Node("tables", f"{len(tables)} DynamoDB tables", "dynamodb", tuple(f":table/{name}" for name in tables))


def _deployed(resources: Iterable[Declared]) -> Iterator[Node]:
    together: dict[str, list[Declared]] = {}
    for declared in resources:
        if declared.kind in _KINDS:
            together.setdefault(_node(declared), []).append(declared)
    for name, members in together.items():
        kind, words = _KINDS[members[0].kind]
        words = _TOGETHER.get(members[0].kind, ("", words))[1]
        deployed = [str(member.inputs.get("name", member.inputs.get("bucket", member.name))) for member in members]
        short = [re.sub(r"^migration-[a-z0-9]+-|-\d{12}$", "", name) for name in deployed]
        yield Node(name, words + "<br/>".join(short), kind, tuple(deployed))


def _let_in(resources: list[Declared]) -> Iterator[str]:
    """Yield the arrows of the security group that only the jobs' group may enter."""
    application = next(resource for resource in resources if resource.kind.startswith("aws:emrserverless/application"))
    for declared in resources:
        if declared.kind == "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
            yield f'{_node(application)} -- "reads, port {declared.inputs["fromPort"]:.0f}" --> clones'


def _permitted(resources: list[Declared], nodes: list[Node]) -> Iterator[str]:
    """Yield an arrow from each role's user to each resource that its policy allows."""
    users = _users(resources)
    for declared in resources:
        if declared.kind != "aws:iam/rolePolicy:RolePolicy" or _name(declared.inputs["role"]) not in users:
            continue
        user = users[_name(declared.inputs["role"])]
        touched: dict[str, set[str]] = {}
        for statement in json.loads(declared.inputs["policy"])["Statement"]:
            if statement["Effect"] == "Allow":
                for target in _targets(statement, nodes):
                    touched.setdefault(target, set()).update(_named(statement))
        yield from (
            f'{user} -- "{_actions_label(actions)}" --> {target}'
            for target, actions in touched.items()
            if target != user
        )


def _users(resources: Iterable[Declared]) -> dict[str, str]:
    """Return the user of each role, by the role's name."""
    users = {}
    for declared in resources:
        role = declared.inputs.get("role", declared.inputs.get("roleArn"))
        if declared.kind in _KINDS and isinstance(role, str):
            users[_name(role)] = _node(declared)
        if declared.kind == "aws:iam/role:Role" and declared.name.endswith("-operator"):
            users[declared.name] = "github"
        if (
            declared.kind == "aws:iam/role:Role"
            and "emr-serverless.amazonaws.com" in declared.inputs["assumeRolePolicy"]
        ):
            application = next(
                resource for resource in resources if resource.kind.startswith("aws:emrserverless/application")
            )
            users[declared.name] = _node(application)
    return users


def _targets(statement: dict[str, Any], nodes: list[Node]) -> set[str]:
    """Return the nodes of a statement's resources, each by its longest matching name."""
    marks = {mark: node.name for node in nodes for mark in node.marks}
    targets = set()
    for resource in _list(statement["Resource"]) if _named(statement) else []:
        named = [mark for mark in marks if mark in resource]
        targets |= {marks[max(named, key=len)]} if named else set()
    return targets


def _named(statement: dict[str, Any]) -> set[str]:
    return {action.split(":")[1] for action in _list(statement["Action"]) if not _PASSED_OVER.search(action)}


def _actions_label(actions: set[str]) -> str:
    """Return a few actions, writes first."""
    ordered = sorted(actions, key=lambda action: (action.startswith(("Get", "List", "Describe")), action))
    more = len(ordered) - _SHOWN_ACTIONS
    return ", ".join(ordered[:_SHOWN_ACTIONS]) + (f" + {more}" if more > 0 else "")


def _name(reference: str) -> str:
    """Return the name of a role's name, ARN or placeholder (`${name.arn}`)."""
    return re.sub(r"^\$\{|\.(arn|name|id)\}$", "", reference.rsplit("/", 1)[-1])


def _node(declared: Declared) -> str:
    return _TOGETHER.get(declared.kind, (re.sub(r"\W", "_", declared.name), ""))[0]


def _list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
