"""The base of every section of the report, and the values that several sections share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

Verdict = Literal["MATCH", "MISMATCH", "NONE"]
_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$"
# ISO 8601 in UTC, as runner.formatting.iso writes it.
Moment = Annotated[str, Field(pattern=_PATTERN, json_schema_extra={"format": "date-time"})]
Date = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date"})]
Count = Annotated[int, Field(ge=0)]
# A union keeps a whole number whole: a float alone would turn the 0 of an empty sum into 0.0.
Number = Annotated[int | float, WithJsonSchema({"type": "number"})]
Amount = Annotated[int | float, Field(ge=0), WithJsonSchema({"type": "number", "minimum": 0})]


class Section(BaseModel):
    """A part of the report: frozen, with attributes in Python's case and JSON names in camel case."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
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
    # Only the schema has the length: with one, pydantic refuses the half of a surrogate pair.
    text: str = Field(json_schema_extra={"maxLength": 1024})
    """
    The value in canonical form, with numbers written out; at most 1,024 characters. `(absent)` if the item lacks the
    attribute; `present` or `absent` for a whole item.
    """
    characters: Count
    """The length of the whole value."""
    cut: bool
    """Whether `text` is only the beginning of the value."""
