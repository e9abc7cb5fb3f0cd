"""Conditions and updates of a write, within DynamoDB's limits on expressions.

An expression has 4 KB at most, 300 operators and functions, and 2 MB of names and values:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters
Two values of any type are compared with `=`, documents and sets too:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from table_writer.items import Attribute, Item, differing, only_in, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_BYTES = 4096
MOST_OPERATORS = 300
MOST_VALUE_BYTES = 2 * 1024 * 1024
_AND = " AND "
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Expression:
    """A condition, its update, and the names and values of their placeholders."""

    condition: str
    names: dict[str, str]
    values: dict[str, Attribute] = field(default_factory=dict)
    update: str = ""


def absent(key: tuple[str, ...]) -> Expression:
    """Return the condition that no item is stored."""
    return Expression("attribute_not_exists(#0)", {"#0": key[0]})


def unchanged(was: Item, key: tuple[str, ...], first: Iterable[str] = (), lacking: Iterable[str] = ()) -> Expression:
    """Return the condition that an item is still stored, with as many of its attributes as the limits allow.

    `lacking` names attributes that must be missing, `first` those that are compared before all others.
    """
    placeholders = _Placeholders()
    chosen = _chosen(_terms(placeholders, was, key, [*first], [*lacking]), 0)
    return _expression(chosen, ())


def changed(was: Item, new: Item, key: tuple[str, ...], version: Iterable[str] = ()) -> Expression | None:
    """Return the update that turns an item into the new one if it is still the old one.

    It sets and removes only the differing attributes: an attribute that neither item has stays.

    Returns:
        None if nothing differs, or if the limits allow no condition on every attribute that the update writes.
    """
    placeholders = _Placeholders()
    others = differing(was, new)
    removed, added = only_in(was, new), only_in(new, was)
    written = [_assigned(placeholders, name, new[name]) for name in [*others, *added]]
    parts = {"SET": [term.text for term in written], "REMOVE": [placeholders.name(name) for name in removed]}
    update = " ".join(f"{verb} {','.join(texts)}" for verb, texts in parts.items() if texts)
    terms = _terms(placeholders, was, key, [*others, *removed, *version], added)
    chosen = _chosen(terms, sum(term.size for term in written))
    # A term of the update is shorter than the attribute's term in the condition, so the update fits if that fits.
    unconditioned = {*others, *removed, *added} - {term.attribute for term in chosen}
    if not update or unconditioned:
        return None
    # The condition names each removed attribute, so its placeholder is there already.
    return _expression(chosen, written, update)


@dataclass(frozen=True)
class _Term:
    """A part of an expression about one attribute."""

    attribute: str
    text: str
    name: str  # the placeholder of the attribute
    value: str = ""  # the placeholder of the value that it is compared with or set to
    content: Attribute = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Return no less than the bytes of the attribute's name and value."""
        wire = json.dumps(to_json({self.attribute: self.content}) if self.value else self.attribute, ensure_ascii=False)
        return len(wire.encode()) + len(self.name) + len(self.value)


class _Placeholders:
    """Short placeholders: one for each name and one for each value."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values = 0

    def name(self, attribute: str) -> str:
        return self._names.setdefault(attribute, "#" + _short(len(self._names)))

    def value(self) -> str:
        self._values += 1
        return ":" + _short(self._values - 1)


def _terms(
    placeholders: _Placeholders, was: Item, key: tuple[str, ...], first: list[str], lacking: list[str]
) -> Iterator[_Term]:
    """Yield the conditions on an item, the most important first."""
    name = placeholders.name(key[0])
    yield _Term(key[0], f"attribute_exists({name})", name)
    for attribute in lacking:
        name = placeholders.name(attribute)
        yield _Term(attribute, f"attribute_not_exists({name})", name)
    for attribute in dict.fromkeys([*first, *was]):
        if attribute in was and attribute not in key:
            yield _assigned(placeholders, attribute, was[attribute])


def _assigned(placeholders: _Placeholders, attribute: str, content: Attribute) -> _Term:
    """Return `attribute = value`, which compares in a condition and sets in an update."""
    name, value = placeholders.name(attribute), placeholders.value()
    return _Term(attribute, f"{name}={value}", name, value, content)


def _chosen(terms: Iterable[_Term], used_bytes: int) -> list[_Term]:
    """Return as many terms as fit into one condition."""
    chosen: list[_Term] = []
    length, size = -len(_AND), used_bytes
    for term in terms:
        fits = length + len(_AND) + len(term.text) <= MOST_BYTES and size + term.size <= MOST_VALUE_BYTES
        # A term is one operator or function, and so is each AND between two.
        if fits and 2 * len(chosen) + 1 <= MOST_OPERATORS:
            chosen.append(term)
            length, size = length + len(_AND) + len(term.text), size + term.size
    return chosen


def _expression(chosen: list[_Term], updates: Iterable[_Term], update: str = "") -> Expression:
    """Return the terms as one expression, without unused placeholders, which DynamoDB refuses."""
    terms = [*chosen, *updates]
    names = {term.name: term.attribute for term in terms}
    values = {term.value: term.content for term in terms if term.value}
    return Expression(_AND.join(term.text for term in chosen), names, values, update)


def _short(number: int) -> str:
    digits = _DIGITS[number % len(_DIGITS)]
    while number >= len(_DIGITS):
        number = number // len(_DIGITS)
        digits = _DIGITS[number % len(_DIGITS)] + digits
    return digits
