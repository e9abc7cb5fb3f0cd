"""What is compared of an attribute: a value of one SQL type on both sides. Equal values mean equal attributes.

The source's value is the column's own, or the one text that DynamoDB has for it where text is cheaper. The target's is
made of the export's text, where that is a text of the kind; where it is not, the attribute is odd, or has a text that
no source has, and is equal to nothing that a source can say. Texts that are nearly always there are recognised by a
cheap test; what else means the same is worked out for the few that fail it. Nothing here is shared with how items are
written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType, IntegralType, StringType

from migration_spark import documents
from migration_spark.rules import DOCUMENTS, number_text

if TYPE_CHECKING:
    from typing import Callable

    from pyspark.sql import Column as Expression
    from pyspark.sql.types import DataType
    from typing_extensions import TypeGuard

# `\z` and not `$`, which also matches before a line's end.
_NUMBER = r"^[+-]?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d{1,4})?\z"
_PLAIN = r"^-?\d++(?:\.\d++)?\z"
_SHORTEST = r"^(?!-0\z)-?(?:0|[1-9]\d*+)(?:\.\d*+(?<=[1-9]))?\z"
_PADDED = r"^(?!-0\.0*\z)-?(?:0|[1-9]\d*+)\.\d*0\z"
_MOMENT = "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'"
_BETWEEN = "\x00"  # no text of JSON has it as it is
_MOST_DIGITS_OF_A_LONG = 18
_FARTHEST_POINT = 400  # beyond any number of DynamoDB's, and short enough to be written out


def source_value(value: Expression, kind: str, data_type: DataType) -> Expression:
    """Return what is compared of a source column; null where the attribute is absent."""
    if kind in DOCUMENTS:
        return F.udf(documents.plain)(value)
    if kind in ("SS", "NS"):
        entries = F.array_distinct(value.cast("array<string>"))
        return F.when(F.size(value) > 0, F.sort_array(F.transform(entries, number) if kind == "NS" else entries))
    if kind in ("L", "number_list"):
        tag, told = ("N:", number) if kind == "number_list" else ("S:", lambda text: text)
        texts = value.cast("array<string>")
        return F.transform(texts, lambda v: F.coalesce(F.concat(F.lit(tag), told(v)), F.lit("NULL:true")))
    if kind == "epoch_seconds":
        return F.unix_seconds(value.cast("timestamp"))
    if kind == "timestamp":
        # Both sides as text, and dates too: to read one takes three times as long as to write one.
        return F.date_format(value, _MOMENT)
    if kind == "N":
        return _source_number(value, data_type)
    return value.cast("string") if kind == "date" else value


def target_value(text: Expression, kind: str, data_type: DataType) -> Expression:
    """Return the same of an export's text, null where it is no text of the kind."""
    if kind in DOCUMENTS:
        return F.udf(documents.typed)(text)
    if kind == "SS":
        return _strings(text)
    if kind == "NS":
        return F.sort_array(F.transform(F.from_json(text, "array<string>"), number))
    if kind in ("L", "number_list"):
        return F.transform(F.from_json(text, "array<map<string,string>>"), _entry)
    if kind == "N":
        return _target_number(text, data_type)
    if kind == "epoch_seconds":
        return _whole(text)
    if kind == "BOOL":
        return F.when(text == "true", F.lit(True)).when(text == "false", F.lit(False))
    return F.try_to_binary(text, F.lit("base64")) if kind == "B" else text


def shown(value: Expression, kind: str) -> Expression:
    """Return a compared value as a person reads it; values that differ have texts that differ."""
    if kind in ("SS", "NS", "L", "number_list"):
        return F.to_json(value)
    if kind == "N":
        return number(value.cast("string"))
    return F.hex(value) if kind == "B" else value.cast("string")


def number(text: Expression) -> Expression:
    """Return a number's text as digits with a point and no needless zero, whatever its notation; null if it is none."""
    return (
        F.when(text.rlike(_SHORTEST), text)
        .when(text.rlike(_PADDED), _trimmed(text))
        .when(text.rlike(_PLAIN), _without_zeros(text))
        .when(text.rlike(_NUMBER), _named(text, _written_out))
    )


def _source_number(value: Expression, data_type: DataType) -> Expression:
    if isinstance(data_type, IntegralType):
        return value.cast("bigint")
    if _is_short(data_type):
        return value
    if isinstance(data_type, StringType):
        return number(value)
    text = number_text(value, data_type)
    # Java writes no other needless zeros than these.
    return (
        F.when(text.startswith("0E") | (text == "-0.0"), F.lit("0"))
        .when(text.contains("E") | text.contains("e"), number(text))
        .when(text.endswith("0") & text.contains("."), _trimmed(text))
        .otherwise(text)
    )


def _target_number(text: Expression, data_type: DataType) -> Expression:
    if isinstance(data_type, IntegralType):
        return _whole(text)
    if not _is_short(data_type):
        return number(text)
    # Only what the type holds to the last digit: a cast would round the rest.
    whole, scale = max(1, data_type.precision - data_type.scale), data_type.scale
    fits = rf"^-?\d{{1,{whole}}}+(?:\.\d{{1,{scale}}}+)?\z" if scale else rf"^-?\d{{1,{whole}}}+\z"

    def cast(plain: Expression) -> Expression:
        return F.when(plain.rlike(fits), plain.cast(data_type))

    return F.when(text.rlike(fits), text.cast(data_type)).otherwise(_named(number(text), cast))


def _is_short(data_type: DataType) -> TypeGuard[DecimalType]:
    """Return whether a decimal is held as one whole number; a longer one is compared faster as text."""
    return isinstance(data_type, DecimalType) and data_type.precision <= _MOST_DIGITS_OF_A_LONG


def _trimmed(text: Expression) -> Expression:
    """Return a number that has a point without the zeros at its end, and without a point that is left there."""
    return F.call_function("rtrim", F.lit("."), F.call_function("rtrim", F.lit("0"), text))


def _whole(text: Expression) -> Expression:
    def cast(plain: Expression) -> Expression:
        return F.when(plain.cast("bigint").cast("string") == plain, plain.cast("bigint"))

    return F.coalesce(cast(text), _named(number(text), cast))


def _without_zeros(plain: Expression) -> Expression:
    whole = F.regexp_replace(plain, r"^(-?)0+(?=\d)", "$1")
    return F.regexp_replace(F.regexp_replace(whole, r"(?:\.0*+|(\.\d*?[1-9])0++)\z", "$1"), r"^-0\z", "0")


def _written_out(text: Expression) -> Expression:
    """Return a number of any notation as digits with a point."""
    sign, whole = F.regexp_extract(text, "^-", 0), F.regexp_extract(text, r"^[+-]?(\d*)", 1)
    power = F.coalesce(F.regexp_extract(text, "[eE](.*)", 1).cast("int"), F.lit(0))

    def placed(point: Expression, digits: Expression) -> Expression:
        before = F.call_function("repeat", F.lit("0"), -point)
        behind = F.call_function("repeat", F.lit("0"), point - F.length(digits))
        inside = F.concat(digits.substr(F.lit(1), point), F.lit("."), digits.substr(point + 1, F.length(digits)))
        return (
            F.when(F.abs(point) > _FARTHEST_POINT, F.lit(None).cast("string"))
            .when(point <= 0, F.concat(F.lit("0."), before, digits))
            .when(point >= F.length(digits), F.concat(digits, behind))
            .otherwise(inside)
        )

    every = F.concat(whole, F.regexp_extract(text, r"\.(\d*)", 1))
    told = _named(F.length(whole) + power, lambda point: _named(every, lambda digits: placed(point, digits)))
    return _without_zeros(F.concat(sign, told))


def _named(value: Expression, body: Callable[[Expression], Expression]) -> Expression:
    """Return `body` of a value that is made once, however often the body looks at it.

    A lambda is also kept out of the generated code, where what few rows need would make every row's code too long for
    the JVM to compile.
    """
    return F.transform(F.array(value), body)[0]


def _strings(text: Expression) -> Expression:
    """Return a set's entries in order; null if one is no string."""

    def read(given: Expression) -> Expression:
        entries = F.from_json(given, "array<string>")
        return F.when(F.to_json(entries) == given, F.sort_array(entries))

    # Spark wrote this text: a quote or backslash in a string has a backslash before it. Without any, the first quote
    # within ends a string, and so does each first one after what stands between two strings.
    inner = F.call_function("replace", text.substr(F.lit(3), F.length(text) - 4), F.lit('","'), F.lit(_BETWEEN))
    simple = text.startswith('["') & text.endswith('"]') & ~text.contains("\\") & ~inner.contains('"')
    return F.when(simple, F.sort_array(F.split(inner, _BETWEEN))).otherwise(_named(text, read))


def _entry(entry: Expression) -> Expression:
    """Return a list's entry as `<tag>:<text>`; one that is no single string, number or null stands as it was found."""
    tag, text = F.map_keys(entry)[0], F.map_values(entry)[0]
    plain = (F.size(entry) == 1) & tag.isin("S", "N", "NULL")
    told = F.concat(tag, F.lit(":"), F.when(tag == "N", number(text)).otherwise(text))
    return F.coalesce(F.when(plain, told), F.concat(F.lit("?:"), F.to_json(entry)))
