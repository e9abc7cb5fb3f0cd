"""A list of the declared resources of a stack, as a text to review: `make plan STACK=test`.

It is sorted, and has nothing that changes by itself. It names definitions and specs without their content: a definition
has a golden copy, and a spec comes from the catalog.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pulumi
import yaml

from local.deploy.recorder import record
from local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.deploy.engine import Declared, Deployment

_WIDTH = 120
_RELEASE = re.compile(r"(releases?[/-]\d+\.\d+\.\d+)-[0-9a-f]{12}\b")
_SPEC = re.compile(r"(specs[/-][a-z0-9-]+)-[0-9a-f]{12}\.json")


def resource_list(deployment: Deployment) -> str:
    """Return every resource with its inputs, by kind and name."""
    resources = [declared for declared in deployment.resources.values() if declared.custom]
    kinds = Counter(_short(declared.kind) for declared in resources)
    counted = [f"{count:4}  {kind}" for kind, count in sorted(kinds.items())]
    common = set.intersection(
        *(set(declared.inputs["tags"].items()) for declared in resources if "tags" in declared.inputs)
    )
    tags = [f"{name}: {value}" for name, value in sorted(common)]
    head = [f"{len(resources)} resources", *counted, "", "The stack's tags", *(f"  {tag}" for tag in tags), ""]
    entries = sorted((_short(declared.kind), _entry(declared, common)) for declared in resources)
    return "\n".join([*head, *(entry for _, entry in entries)])


def _entry(declared: Declared, common: set[tuple[str, str]]) -> str:
    title = f"{_short(declared.kind)} {_without_hash(declared.name)}"
    facts = [f"part of {' > '.join(_parts(declared.parent))}"]
    if declared.protect:
        facts.append("protected")
    if declared.retain_on_delete:
        facts.append("stays when it is deleted here")
    inputs = _readable(declared.inputs)
    if "tags" in inputs:
        own = sorted(set(inputs["tags"].items()) - common)
        inputs["tags"] = ["the stack's", *({name: value} for name, value in own)] if own else "the stack's"
    settings = yaml.safe_dump(inputs, sort_keys=True, allow_unicode=True, width=_WIDTH, default_flow_style=False)
    indented = "".join(f"    {line}\n" for line in settings.splitlines())
    return f"{title}\n  {', '.join(facts)}\n{indented}"


def _short(kind: str) -> str:
    """Return `s3 Bucket` for `aws:s3/bucket:Bucket`."""
    _, module, name = kind.split(":")
    return f"{module.split('/')[0]} {name}"


def _parts(parent_urn: str) -> list[str]:
    """Return the components of a resource, outermost first."""
    kinds = parent_urn.split("::")[2].split("$")
    return [kind.rsplit(":", 1)[1] for kind in kinds if kind != "pulumi:pulumi:Stack"] or ["the stack"]


def _readable(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _definition(str(item)) if name == "definition" else _readable(item) for name, item in value.items()
        }
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _readable_text(value) if isinstance(value, str) else _readable_asset(value)


def _readable_text(text: str) -> Any:
    """Return the parsed document if a text is JSON, so that a policy is readable."""
    is_document = text.startswith(("{", "[")) and not text.startswith("${")
    return _readable(json.loads(text)) if is_document else _without_hash(text)


def _readable_asset(value: Any) -> Any:
    if isinstance(value, pulumi.FileAsset | pulumi.FileArchive):
        return f"file {value.path}"
    return "text made of the catalog" if isinstance(value, pulumi.StringAsset) else value


def _definition(text: str) -> str:
    """Return a state machine's comment, which identifies its definition; the golden copy has all of it."""
    return str(json.loads(text)["Comment"])


def _without_hash(text: str) -> str:
    return _SPEC.sub(r"\1-<hash>.json", _RELEASE.sub(r"\1-<hash>", text))


def main(argv: Sequence[str]) -> int:
    """Print the declared resources of a stack."""
    try:
        (stack,) = argv
        text = resource_list(record(stack))
    except ValueError:
        sys.stderr.write("usage: make plan STACK=test\n")
        return 2
    except (pulumi.RunError, LocalError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
