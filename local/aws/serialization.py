"""moto's answers, written three times as fast: a look at a long history took most of an execution's processor time.

For each member of an answer moto derives the names by which the value may be kept. They are the same each time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from moto.core import serialize
from moto.core.serialize import XFormedAttributePicker

from local.aws.seams import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moto.core.serialize import AttributePickerContext

_INSTANTS = 8192


def install() -> None:
    """Derive the names of a member once, and read an instant once."""
    derive = XFormedAttributePicker.get_possible_keys
    known: dict[tuple[Any, ...], tuple[str, ...]] = {}

    def possible_keys(self: Any, context: AttributePickerContext) -> Sequence[str]:
        member = _member(self, context)
        names = known.get(member)
        if names is None:
            names = known[member] = tuple(dict.fromkeys(derive(self, context)))
        if type(context.obj) is dict:
            # Of the forty kinds of details that an event may have, it has one or none. A dot is a path.
            return [name for name in names if name in context.obj or "." in name]
        return names

    replace(XFormedAttributePicker, "get_possible_keys", possible_keys)
    read = lru_cache(maxsize=_INSTANTS, typed=True)(serialize.parse_to_aware_datetime)
    replace(serialize, "parse_to_aware_datetime", read)


def _member(picker: Any, context: AttributePickerContext) -> tuple[Any, ...]:
    """Return all that the names of a member are derived from."""
    shape, service = context.shape, context.service_model
    parent = getattr(shape, "parent", None)
    return (
        *picker.alias_providers,
        type(context.obj),
        service and (service.service_name, service.api_version),
        context.key,
        shape and (shape.name, shape.type_name, shape.serialization.get("name")),
        parent and (parent.name, parent.type_name),
    )
