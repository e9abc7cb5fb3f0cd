"""The base of every input, and values that are read leniently."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasGenerator, BaseModel, BeforeValidator, ConfigDict, ValidationError, WrapValidator
from pydantic.alias_generators import to_camel

Mode = Literal["rehearsal", "official"]
Kind = Literal["bootstrap", "verification", "catch-up", "repair"]


def _or_none(value: Any, handler: Any) -> Any:  # noqa: ANN401 - pydantic's signature
    try:
        return handler(value)
    except ValidationError:
        return None


# A value of another type counts as unknown: whoever starts an execution may write anything into its input.
OrUnknown = WrapValidator(_or_none)
Text = Annotated[str, BeforeValidator(str)]


class Input(BaseModel):
    """A document that jobs, functions or AWS wrote; a reader passes over the fields that it does not use."""

    model_config = ConfigDict(frozen=True, alias_generator=AliasGenerator(validation_alias=to_camel))
