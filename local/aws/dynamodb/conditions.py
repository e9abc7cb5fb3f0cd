"""Conditions and updates as DynamoDB evaluates them: by type and value, within its limits on expressions.

moto compares Python values: TRUE equals the number 1, bytes equal their base64, and a missing attribute equals NULL.
It accepts expressions of any length, and values that no expression uses.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

import base64
import itertools
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from moto.dynamodb.comparisons import AttributePath, AttributeValue, OpEqual, OpNotEqual
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.responses import DynamoHandler

from local.aws.dynamodb.limits import item_bytes
from local.aws.seams import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from moto.core.responses import ActionResult

MOST_BYTES = 4096
MOST_OPERATORS = 300
MOST_PLACEHOLDER_BYTES = 255
MOST_VALUE_BYTES = 2 * 1024 * 1024
_EXPRESSIONS = ("ConditionExpression", "UpdateExpression")
_PLACEHOLDER = re.compile(r"[#:][A-Za-z0-9_]+")
_OPERATOR = re.compile(
    r"<>|<=|>=|[=<>]|\b(?:AND|OR|NOT|BETWEEN|IN)\b"
    r"|\b(?:attribute_exists|attribute_not_exists|attribute_type|begins_with|contains|size)(?=\s*\()",
    re.IGNORECASE,
)


def install() -> None:
    """Compare by type, and check the expressions of writes against the limits."""
    for operator, is_equal in ((OpEqual, True), (OpNotEqual, False)):
        replace(operator, "expr", _comparing(operator.expr, is_equal=is_equal))
    for name in ("put_item", "update_item", "delete_item"):
        replace(DynamoHandler, name, _limited(getattr(DynamoHandler, name)))


def _comparing(original: Callable[..., bool], *, is_equal: bool) -> Callable[..., bool]:
    def expr(self: Any, item: Any) -> bool:
        operands = (self.lhs, self.rhs)
        if not all(isinstance(operand, AttributePath | AttributeValue) for operand in operands):
            return original(self, item)  # the result of a function such as size()
        left, right = (_typed(operand, item) for operand in operands)
        # A missing attribute equals nothing.
        return (left is not None and left == right) == is_equal

    return expr


def _typed(operand: Any, item: Any) -> Hashable:
    """Return an operand as type and value, or None if the attribute is missing."""
    if isinstance(operand, AttributeValue):
        return _canonical({operand.type: operand.value})
    attribute = operand._get_attr(item)
    return None if attribute is None else _canonical(attribute.to_json())


def _canonical(attribute: dict[str, Any]) -> Hashable:
    ((kind, value),) = attribute.items()
    content: Hashable = value
    match kind:
        case "N":
            content = Decimal(value)
        case "B":
            content = _bytes(value)
        case "SS":
            content = frozenset(value)
        case "NS":
            content = frozenset(map(Decimal, value))
        case "BS":
            content = frozenset(map(_bytes, value))
        case "L":
            content = tuple(_canonical(_plain(entry)) for entry in value)
        case "M":
            content = frozenset((name, _canonical(_plain(inner))) for name, inner in value.items())
    return kind, content


def _plain(attribute: Any) -> dict[str, Any]:
    """Return a nested attribute in JSON form; moto keeps some as objects."""
    plain: dict[str, Any] = attribute if isinstance(attribute, dict) else attribute.to_json()
    return plain


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else base64.b64decode(value)


def _limited(original: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
    def write(self: Any) -> ActionResult:
        reason = refusal(self.body)
        if reason is not None:
            raise MockValidationException(reason)
        return original(self)

    return write


def refusal(body: dict[str, Any]) -> str | None:
    """Return the reason why DynamoDB refuses these expressions, or None if it accepts them."""
    names, values = body.get("ExpressionAttributeNames", {}), body.get("ExpressionAttributeValues", {})
    expressions = {name: body[name] for name in _EXPRESSIONS if name in body}
    used = {placeholder for text in expressions.values() for placeholder in _PLACEHOLDER.findall(text)}
    reasons = (_texts(expressions), _placeholders(used, {*names, *values}), _values(names, values))
    return next(itertools.chain.from_iterable(reasons), None)


def _texts(expressions: dict[str, str]) -> Iterator[str]:
    for name, text in expressions.items():
        size = len(text.encode())
        if not text.strip():
            yield f"Invalid {name}: The expression can not be empty;"
        if size > MOST_BYTES:
            yield f"Invalid {name}: Expression size has exceeded the maximum allowed size; expression size: {size}"
    operators = len(_OPERATOR.findall(expressions.get("ConditionExpression", "")))
    if operators > MOST_OPERATORS:
        yield f"Invalid ConditionExpression: The expression contains too many operators; operator count: {operators}"


def _placeholders(used: set[str], defined: set[str]) -> Iterator[str]:
    for placeholder in sorted(defined):
        if len(placeholder.encode()) > MOST_PLACEHOLDER_BYTES:
            yield f"The placeholder {placeholder} is longer than {MOST_PLACEHOLDER_BYTES} bytes"
        if placeholder not in used:
            yield f"Value provided in ExpressionAttributeNames or Values unused in expressions: {placeholder}"
    for placeholder in sorted(used - defined):
        yield f"An expression attribute name or value used in an expression is not defined: {placeholder}"


def _values(names: dict[str, str], values: dict[str, Any]) -> Iterator[str]:
    try:
        size = item_bytes(values) + sum(len(key) + len(name.encode()) for key, name in names.items())
    except ValueError as error:
        yield f"ExpressionAttributeValues contains invalid value: {error}"
    else:
        if size > MOST_VALUE_BYTES:
            yield "Expression attributes have exceeded the maximum allowed size"
