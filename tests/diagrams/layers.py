"""The components of a stack in layers, with the resources and the dependencies of each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from statemachine.diagrams.palette import class_definitions

if TYPE_CHECKING:
    from local.deploy.engine import Declared, Deployment

_COLOURS = {
    "Artifacts": "s3",
    "CloneParameters": "aurora",
    "CloneService": "control",
    "DomainPipeline": "task",
    "Network": "aurora",
    "Observability": "control",
    "OperatorAccess": "identity",
    "RunRegistry": "control",
    "SparkApplication": "spark",
    "Storage": "s3",
    "Streams": "kinesis",
}


def layers_chart(deployment: Deployment) -> str:
    """Return the chart of a recorded deployment, with an arrow from each user to the used component."""
    resources = dict(sorted(deployment.resources.items()))  # Pulumi registers in an order of its own
    tops = {urn: _top(urn, resources) for urn in resources}
    held: dict[str, Counter[str]] = {}
    uses: set[tuple[str, str]] = set()
    for urn, declared in resources.items():
        if not declared.custom or tops[urn] is None:
            continue
        held.setdefault(str(tops[urn]), Counter())[declared.kind.rsplit(":", 1)[1]] += 1
        uses |= {(str(tops[urn]), str(tops[other])) for other in declared.depends_on if tops.get(other)}
    lines = ["flowchart TD"]
    for component, kinds in held.items():
        declared = resources[component]
        counts = "<br/>".join(f"{count} {kind}" if count > 1 else kind for kind, count in sorted(kinds.items()))
        title = declared.kind.rsplit(":", 1)[1]
        label = f"<b>{title}</b><br/><small>{_short(declared.name)}</small><br/>{counts}"
        lines.append(f'  {_node(declared)}["{label}"]:::{_COLOURS.get(title, "pass")}')
    pairs = sorted((_node(resources[user]), _node(resources[used])) for user, used in uses if user != used)
    lines += [f"  {user} --> {used}" for user, used in pairs]
    return "\n".join([*lines, *class_definitions([*_COLOURS.values(), "pass"])]) + "\n"


def _top(urn: str, resources: dict[str, Declared]) -> str | None:
    """Return the outermost component that a resource is in, or None for the stack itself."""
    top = None
    while urn in resources and not resources[urn].kind.startswith("pulumi:"):
        top, urn = urn, resources[urn].parent
    return top


def _node(declared: Declared) -> str:
    return declared.name.replace("-", "_")


def _short(name: str) -> str:
    return name.split("-", 2)[2]
