"""Items at every limit of DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.dynamodb import keys, numbers, sizes, structures, texts

if TYPE_CHECKING:
    from tests.dynamodb.items import Case


def cases() -> list[Case]:
    """Return every case.

    Raises:
        ValueError: Two cases have the same name.
    """
    made = [
        *numbers.numbers(),
        *structures.sets(),
        *structures.depths(),
        *texts.names(),
        *texts.texts(),
        *keys.keys(),
        *sizes.sizes(),
    ]
    names = [case.name for case in made]
    if len(set(names)) < len(names):
        raise ValueError(f"cases with the same name: {sorted({name for name in names if names.count(name) > 1})}")
    return made
