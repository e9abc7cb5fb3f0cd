"""Conditions of policy statements.

A key that a call lacks satisfies only the negated operators, `…IfExists`, `ForAllValues:` and `Null`:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.errors import PolicyError
from local.iam.patterns import like, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Context = tuple[tuple[str, tuple[str, ...]], ...]
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringLike": like,
    "ArnEquals": like,
    "ArnLike": like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}


def holds(conditions: Mapping[str, Mapping[str, object]], context: Context) -> bool:
    """Return whether every operator holds for every key that it names."""
    values_by_key = {key.lower(): values for key, values in context}
    return all(
        _condition_holds(operator, [_text(value) for value in listed(wanted)], values_by_key.get(key.lower()))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _condition_holds(operator: str, wanted: list[str], values: tuple[str, ...] | None) -> bool:
    if operator == "Null":
        return wanted == [_text(values is None)]
    quantity, _, name = operator.rpartition(":")
    plain = name.removesuffix("IfExists")
    negated = plain.replace("Not", "", 1) if plain.startswith(("StringNot", "ArnNot")) else ""
    compare = _OPERATORS.get(negated or plain)
    if compare is None or quantity not in ("", "ForAllValues", "ForAnyValue"):
        raise PolicyError(f"the condition operator {operator} is not evaluated here")
    if values is None:
        return bool(negated) if not quantity and plain == name else quantity != "ForAnyValue"
    if not quantity and len(values) != 1:
        raise PolicyError(f"{operator} is asked of several values {values}; it needs ForAllValues: or ForAnyValue:")
    fits = [any(compare(pattern, value) for pattern in wanted) != bool(negated) for value in values]
    return any(fits) if quantity == "ForAnyValue" else all(fits)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
