"""Analysis of JSONata expressions from their syntax trees: the variables they read, and whether they can yield nothing.

Step Functions fails a state whose expression yields nothing; without a Catch, that ends the execution.
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jsonata
from jsonata.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Functions that always have a result, and those that have one if their first argument has a value.
_TOTAL = frozenset({"count", "exists", "millis", "now"})
_STRICT = frozenset(
    {"append", "boolean", "contains", "floor", "hash", "join", "merge", "min", "not", "power", "replace", "string"}
    | {"substring", "sum", "toMillis", "type"}
)
_COMPARISONS = frozenset({"=", "!=", "in", "and", "or", "&"})


class ExpressionError(ValueError):
    """An expression that does not parse."""


def is_expression(value: object) -> bool:
    """Return whether a text is a whole expression."""
    return isinstance(value, str) and value.startswith("{%") and value.rstrip().endswith("%}")


@lru_cache(maxsize=4096)
def parse(text: str) -> Any:  # noqa: ANN401 - the parser's nodes have no types
    """Return the syntax tree of `{% … %}`.

    Raises:
        ExpressionError: It does not parse.
    """
    try:
        return jsonata.Jsonata(text.strip()[2:-2].strip()).ast
    except Exception as error:
        raise ExpressionError(str(error)) from error


def variables(text: str) -> set[str]:
    """Return the state machine's variables that an expression reads."""
    read: set[str] = set()
    bound: set[str] = set()
    for node in _nodes(parse(text)):
        if node.type == "variable" and node.value:
            read.add(node.value)
        if node.type == "bind":
            bound.add(node.lhs.value)
        if node.type == "lambda":
            bound |= {argument.value for argument in node.arguments}
        if node.type == "function" and node.procedure.type == "variable":
            bound.add(node.procedure.value)  # a built-in function, or a bound one
    return read - bound - {"states", "$"}


def can_be_nothing(text: str, fields: Mapping[str, frozenset[str]]) -> bool:
    """Return whether an expression can yield nothing; `fields` are the certain members of each object variable."""
    return not _total(parse(text), fields)


def constant_members(value: object) -> frozenset[str]:
    """Return the certain members of an assigned value: of an object, or of an expression that returns one."""
    if isinstance(value, dict):
        return frozenset(value)
    if not is_expression(value):
        return frozenset()
    return _members(parse(str(value)))


def _members(node: Any) -> frozenset[str]:  # noqa: ANN401 - the parser's nodes have no types
    if node.type == "block":
        return _members(node.expressions[-1])
    if node.type == "condition":
        return _members(node.then) & _members(node._else)  # noqa: SLF001 - the parser's name for it
    if node.type == "unary" and node.value == "{":
        return frozenset(str(key.value) for key, _ in node.lhs_object if key.type == "string")
    return frozenset()


def _total(node: Any, fields: Mapping[str, frozenset[str]]) -> bool:  # noqa: ANN401, PLR0911 - one return per kind of node
    if _is_filtered(node):
        return False
    match node.type:
        case "string" | "number" | "value" | "variable":
            return True
        case "binary":
            if node.value in _COMPARISONS:
                return True
            return _total(node.lhs, fields) and _total(node.rhs, fields)
        case "unary":
            return node.value in ("[", "{") or _total(node.expression, fields)
        case "condition":
            otherwise = getattr(node, "_else", None)
            then = _total(node.then, fields) or _path(node.then) in _proven_paths(node.condition) - {()}
            return otherwise is not None and then and _total(otherwise, fields)
        case "block":
            return _total(node.expressions[-1], fields)
        case "function":
            name = node.procedure.value
            return name in _TOTAL or (name in _STRICT and _total(node.arguments[0], fields))
        case "path":
            return _known(node.steps, fields)
    return False


def _known(steps: list[Any], fields: Mapping[str, frozenset[str]]) -> bool:
    first, *rest = steps
    if any(map(_is_filtered, steps)):
        return False
    if first.type != "variable":
        return False
    if first.value == "states":
        names = [step.value for step in rest]
        return names[:1] == ["context"] or names == ["input"]
    return len(rest) == 1 and rest[0].type == "name" and rest[0].value in fields.get(first.value, ())


def _proven_paths(condition: Any) -> set[tuple[str, ...]]:  # noqa: ANN401 - as above
    """Return the paths that a condition proves to exist: `$exists($a.b) ? $a.b : …`."""
    if condition.type == "binary" and condition.value == "and":
        return _proven_paths(condition.lhs) | _proven_paths(condition.rhs)
    if condition.type == "function" and condition.procedure.value == "exists":
        return {_path(condition.arguments[0])}
    return set()


def _path(node: Any) -> tuple[str, ...]:  # noqa: ANN401 - as above
    """Return the names of a path, or () for anything else."""
    is_plain = node.type == "path" and not any(map(_is_filtered, node.steps))
    return tuple(step.value for step in node.steps) if is_plain else ()


def _is_filtered(node: Any) -> bool:  # noqa: ANN401 - as above
    """Return whether an index or a condition in brackets, which may select nothing, follows the node."""
    return bool(getattr(node, "predicate", None) or getattr(node, "stages", None))


def _nodes(node: Any) -> Iterator[Any]:  # noqa: ANN401 - as above
    yield node
    for value in vars(node).values():
        yield from _inside(value)


def _inside(value: object) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _inside(item)
    elif isinstance(value, Parser.Symbol):
        yield from _nodes(value)
