"""Numbers at the limits."""

from __future__ import annotations

import json

from tests.dynamodb.items import Case, Column, attribute_case

_NUMBERS = {
    "38 digits": "1" * 38,
    "39 digits": "1" * 39,
    "39 digits of which the last is 0": "1" * 38 + "0",
    "38 digits behind zeros": "0." + "0" * 20 + "1" * 38,
    "the largest": f"9.{'9' * 37}E125",
    "the largest, written out": "9" * 38 + "0" * 88,
    "the most negative": f"-9.{'9' * 37}E125",
    "larger than the largest": "1E126",
    "much larger": "1e200000",
    "an exponent of eleven digits": "1e99999999999",
    "the smallest": "1E-130",
    "the smallest of two digits": "1.1E-130",
    "smaller than the smallest": "9.9E-131",
    "much smaller": "1E-131",
    "zero": "0",
    "minus zero": "-0",
    "zero with decimals": "0.000",
    "zero with an exponent": "0e125",
    "zero with too large an exponent": "0e126",
    "zero with too small an exponent": "0e-131",
    "zero with too many decimals": "0." + "0" * 131,
    "not a number": "NaN",
    "infinity": "Infinity",
    "minus infinity": "-Infinity",
    "leading zeros": "0042",
    "a plus": "+5",
    "nothing behind the point": "1.",
    "nothing before the point": ".5",
    "a point alone": ".",
    "two points": "1.2.3",
    "a small exponent": "1e0",
    "an exponent with zeros": "1e0000007",
    "an exponent without digits": "1e",
    "an exponent with a plus": "1.5E+3",
    "a space before it": " 1",
    "a space behind it": "1 ",
    "no text": "",
    "a word": "abc",
    "hexadecimal digits": "0x10",
    "a separator": "1_000",
}
_DOUBLES = {
    "9.999999999999998E+125": 9.999999999999998e125,
    "1.0E126": 1e126,
    "1.0E-130": 1e-130,
    "9.999999999999999E-131": 9.999999999999999e-131,
    "-0.0": -0.0,
    "0.1": 0.1,
    "NaN": float("nan"),
    "Infinity": float("inf"),
}


def numbers() -> list[Case]:
    """Return the cases of numbers, alone, in a set and in a document."""
    made = []
    for what, text in _NUMBERS.items():
        made.append(attribute_case(f"N: {what}", {"N": text}, Column("string", text, "N")))
        made.append(attribute_case(f"NS: {what}", {"NS": [text]}, Column("array<string>", [text], "NS")))
        made.append(attribute_case(f"N in a list: {what}", {"L": [{"N": text}]}, _in_a_list(text)))
    for text, value in _DOUBLES.items():
        made.append(attribute_case(f"double: {text}", {"N": text}, Column("double", value)))
    return made


def _in_a_list(text: str) -> Column | None:
    """Return the column of a document with one number, or None if JSON cannot write it that way."""
    try:
        json.loads(f"[{text}]", parse_constant=json.loads)
    except ValueError:
        return None
    return Column("string", f"[{text}]", "L") if text.strip() == text != "" else None
