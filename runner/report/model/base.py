"""The base of every section of the report, and the values that several sections share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasGenerator, BaseModel, ConfigDict, WithJsonSchema
from pydantic.alias_generators import to_camel

Verdict = Literal["MATCH", "MISMATCH", "NONE"]
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
# Only the schema has these constraints: whatever the evidence holds, a report of it is made.
# ISO 8601 in UTC, as runner.formatting.iso writes it.
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time", "pattern": f"^{_DATE}T[0-9:.]+Z$"})]
Date = Annotated[str, WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{_DATE}$"})]
AccountId = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9]{12}$"})]
ShortText = Annotated[str, WithJsonSchema({"type": "string", "maxLength": 1024})]
Count = Annotated[int, WithJsonSchema({"type": "integer", "minimum": 0})]
# A union keeps a whole number whole: a float alone would turn the 0 of an empty sum into 0.0.
Number = Annotated[int | float, WithJsonSchema({"type": "number"})]
Amount = Annotated[int | float, WithJsonSchema({"type": "number", "minimum": 0})]


class Section(BaseModel):
    """A part of the report: frozen, with attributes in Python's case and JSON names in camel case."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        defer_build=True,  # until a report is made: every command imports this
        use_attribute_docstrings=True,
        alias_generator=AliasGenerator(serialization_alias=to_camel),
    )


class Value(Section):
    """A value as a person reads it."""

    type: str | None
    """
    The DynamoDB type of the value (S, N, BOOL, B, M, L, SS, NS, NULL); null where there is no value, or the whole item
    is meant.
    """
    text: ShortText
    """
    The value in canonical form, with numbers written out; at most 1,024 characters. `(absent)` if the item lacks the
    attribute; `present` or `absent` for a whole item.
    """
    characters: Count
    """The length of the whole value."""
    cut: bool
    """Whether `text` is only the beginning of the value."""
