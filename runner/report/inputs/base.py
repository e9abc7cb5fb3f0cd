"""The base of every input, and values that are read leniently."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

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

    # defer_build: until a report is made, since every command imports this.
    model_config = ConfigDict(frozen=True, defer_build=True, alias_generator=AliasGenerator(validation_alias=to_camel))

    @classmethod
    def parse(cls, document: object) -> Self:
        """Return a document of JSON as a model.

        Raises:
            ValueError: Fields lack or have other types. It names them without their values, since a report leaves the
                account.
        """
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            wrong = [f"{'.'.join(map(str, field['loc']))}: {field['msg']}" for field in error.errors()]
            raise ValueError("; ".join(wrong)) from error
