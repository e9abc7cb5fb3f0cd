"""Numbers: those that DynamoDB holds, their texts on each side, and their charged bytes."""

from __future__ import annotations

import random
import re
import struct
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.unit.java.functions import Plan

if TYPE_CHECKING:
    from tests.unit.java.functions import Functions

TEXT = Plan({"x": ("string", "N")})
NINES = "9" * 38
HELD = [
    "0", "-0", "+0", "1", "-1", "+1", "007", "1.", ".5", "1.0", "1e0", "1E5", "1e+5", "1e-5", "1e00005", "9.9e125",
    "1e125", "-1e125", "1e-130", "-1e-130", "0.01e-128", NINES, f"-{NINES}", f"{NINES}0", f"0.{NINES}", f"000{NINES}",
    "1" + "0" * 125, f"{NINES}e88", "0e125", "0e-130", "0.0", "123456789.0123456789", "98765432109876543210.5",
]  # fmt: skip
REFUSED = [
    "", "-", "+", ".", "-.", "e1", "1e", "1e+", "1e-", "1ex", "1x", "x", "1.2.3", "--1", "+-1", " 1", "1 ", "1,5", "1/",
    "1:", "/1", ":1", "1e/", "1e:", "1e1/", "1f5", "NaN", "Infinity", "1e126", "-1e126", "1e-131", f"{NINES}1",
    f"1.{NINES}", "1" + "0" * 126, f"{NINES}e89", "0e126", "0e-131", "1e12345", "1e99999", "1e-99999", "0x1", "1_0",
]  # fmt: skip


def test_a_number_is_held_with_38_digits_and_a_magnitude_that_dynamodb_has(functions: Functions) -> None:
    reasons = functions.of_rows("reason", TEXT, *[[text] for text in HELD + REFUSED])

    assert [text for text, reason in zip(HELD, reasons, strict=False) if reason is not None] == []
    refused = dict(zip(REFUSED, reasons[len(HELD) :], strict=True))
    assert refused == dict.fromkeys(REFUSED, "x is not a number that DynamoDB can hold")


def canonical(text: str) -> str:
    """Return a number as digits and a point without needless zeros."""
    plain = format(Decimal(text), "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("", "-0", "0") else plain


def test_a_number_is_told_by_its_digits_whatever_its_notation(functions: Functions) -> None:
    of_rows = functions.of_rows("source_texts", TEXT, *[[text] for text in HELD])
    of_lines = functions.of_lines("export_texts", TEXT, *[f'{{"Item":{{"x":{{"N":"{text}"}}}}}}' for text in HELD])

    assert of_rows == of_lines == [[canonical(text)] for text in HELD]


def test_a_text_that_is_no_number_is_told_as_none(functions: Functions) -> None:
    bad = [text for text in REFUSED if "e12345" not in text and not _is_plain(text)]

    assert functions.of_rows("source_texts", TEXT, *[[text] for text in bad]) == [[None]] * len(bad)
    far = ["1e400", "1e-402", "-1e400", "1e9999", "1e-9999"]
    assert functions.of_rows("source_texts", TEXT, *[[text] for text in far]) == [[None]] * len(far)
    assert functions.of_rows("source_texts", TEXT, ["1e399"], ["1e-401"]) == [
        ["1" + "0" * 399],
        ["0." + "0" * 400 + "1"],
    ]


def _is_plain(text: str) -> bool:
    """Return whether a text is digits, a point and an exponent that Python also parses."""
    try:
        return "_" not in text and text.strip() == text and Decimal(text).is_finite()
    except ArithmeticError:
        return False


CHARGED = {
    "0": 1, "-0": 1, "1": 2, "-1": 3, "10": 2, "12": 2, "100": 2, "101": 3, "123": 3, "1234": 3, "1.5": 3, "0.5": 2,
    "0.05": 2, "-0.5": 3, "12.345": 4, "1234.5": 4, "1e20": 2, "1e-20": 2, "0.123": 3, NINES: 20, f"-{NINES}": 21,
    "1.0": 2, "00012": 2, "120": 2, "123e5": 3, "123e-5": 3, "123.456e1": 4, "99.99": 3,
}  # fmt: skip
MOST = 400 * 1024


def test_a_number_is_charged_a_byte_and_one_for_each_two_digits_on_each_side_of_the_point(functions: Functions) -> None:
    plan = Plan({"x": ("string", "N"), "pad": ("string", "S")})
    room = {text: MOST - len("x") - len("pad") - bytes_ for text, bytes_ in CHARGED.items()}

    for over, reason in ((0, None), (1, "item larger than 409600 bytes")):
        reasons = functions.of_rows("reason", plan, *[[text, {"p": left + over}] for text, left in room.items()])
        assert dict(zip(room, reasons, strict=True)) == dict.fromkeys(room, reason)


DOUBLES = [
    0.0, -0.0, 0.1, 0.3, 1e-3, 9.999e-4, 1e15, 999999999999999.9, 1e16, 1.1e16, 2e-3, 1e23, 2e23, 1.0e22, 9.9e125,
    1e-130, 123456.789, 2.2e-5, 5e-5, 1.7976931348623157e100, 4.35, -4.35, 9007199254740993.0, 2.0**70, 2.0**-70,
]  # fmt: skip
FLOATS = [0.1, 0.3, 1.0, 16777216.0, 3.4e38, 1.17e-38, 9.999e-4, 1e-3, 1e7, 9999999.0, 1.1e-10, 33554432.0, 8.5899346e9]


def test_a_double_is_written_with_the_fewest_digits_that_give_it_back(functions: Functions) -> None:
    draw = random.Random(22)  # noqa: S311 - a sample
    drawn = [draw.uniform(-1, 1) * 10.0 ** draw.randint(-120, 120) for _ in range(400)]
    values = DOUBLES + drawn + [float(f"{value:.3g}") for value in drawn]

    written = functions.attribute_values("N", "double", *values)

    assert [Decimal(entry["N"]) for entry in written] == [Decimal(repr(value)) for value in values]
    assert all(re.fullmatch(r"-?\d+(\.\d+)?(E[+-]?\d+)?", entry["N"]) for entry in written)
    compared = functions.of_rows("source_texts", Plan({"x": ("double", "N")}), *[[value] for value in values])
    assert [Decimal(entry[0]) for entry in compared] == [Decimal(repr(value)) for value in values]


def test_a_float_is_written_with_the_fewest_digits_that_give_it_back(functions: Functions) -> None:
    draw = random.Random(23)  # noqa: S311 - a sample
    drawn = [draw.uniform(-1, 1) * 10.0 ** draw.randint(-30, 30) for _ in range(300)]
    values = [struct.unpack("f", struct.pack("f", value))[0] for value in FLOATS + drawn]

    written = functions.attribute_values("N", "float", *values)

    shortest = [
        next(
            Decimal(f"{v:.{n}g}") for n in range(1, 10) if struct.pack("f", float(f"{v:.{n}g}")) == struct.pack("f", v)
        )
        for v in values
    ]
    assert [Decimal(entry["N"]) for entry in written] == shortest
    compared = functions.of_rows("source_texts", Plan({"x": ("float", "N")}), *[[value] for value in values])
    assert [Decimal(entry[0]) for entry in compared] == shortest


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ("0", True), ("9.9e125", True), ("-9.9e125", True), ("1e126", False), ("-1e126", False), ("1e-130", True),
        ("-1e-130", True), ("9.9e-131", False), ("-9.9e-131", False), ("NaN", False), ("Infinity", False),
        ("-Infinity", False),
    ],
)  # fmt: skip
def test_a_double_is_held_in_dynamodbs_magnitudes(functions: Functions, value: str, *, held: bool) -> None:
    (reason,) = functions.of_rows("reason", Plan({"x": ("double", "N")}), [value])

    assert (reason is None) is held


def test_a_float_that_is_no_number_is_not_held(functions: Functions) -> None:
    reasons = functions.of_rows("reason", Plan({"x": ("float", "N")}), ["NaN"], ["Infinity"], ["1e38"], ["0"])

    assert [reason is None for reason in reasons] == [False, False, True, True]


DECIMALS = [
    ("decimal(38,19)", ["1", "-1", "0", "0.5", "-0.5", "1234567890123456789.1234567890123456789", "0.0000000000000000001",
                        "-0.0000000000000000001", "9.1", "92233720368547758.07", "-9999999999999999999.9999999999999999999"]),
    ("decimal(18,2)", ["1", "1.50", "-1.05", "0.01", "9999999999999999.99", "-0.10", "100"]),
    ("decimal(10,0)", ["0", "10", "-1200", "9999999999"]),
    ("decimal(20,0)", ["-9223372036854775808", "9223372036854775807", "9223372036854775808", "-9223372036854775809"]),
    ("decimal(20,2)", ["-92233720368547758.08", "92233720368547758.07", "92233720368547758.08"]),
    ("decimal(38,19)", ["-0.9223372036854775808", "0.9223372036854775808"]),
    ("decimal(38,0)", [NINES, f"-{NINES}", "10000000000000000000", "1" + "0" * 37]),
    ("decimal(38,38)", [f"0.{NINES}", f"-0.{NINES}", "0." + "0" * 37 + "1", "0.1", "0.12345678901234567890"]),
    ("decimal(38,20)", ["123456789012345678.12345678901234567891", "0.00000000000000000001", "1", "-7.5"]),
    ("decimal(30,25)", ["12345.1234567890123456789012345", "0.0000000000000000000000001", "-1.1"]),
    ("decimal(20,18)", ["10.000000000000000001", "0.100000000000000000", "-99.999999999999999999"]),
    ("decimal(20,19)", ["1.0000000000000000001", "0.1", "9.2233720368547758079"]),
]  # fmt: skip


@pytest.mark.parametrize(("sql_type", "texts"), DECIMALS)
def test_a_decimal_is_written_and_told_to_its_last_digit(functions: Functions, sql_type: str, texts: list[str]) -> None:
    written = functions.attribute_values("N", sql_type, *texts)
    compared = functions.of_rows("source_texts", Plan({"x": (sql_type, "N")}), *[[text] for text in texts])

    assert [Decimal(entry["N"]) for entry in written] == [Decimal(text) for text in texts]
    assert all(re.fullmatch(r"-?\d+(\.\d+)?", entry["N"]) for entry in written)
    assert [entry["N"][:1] for entry in written] == [format(Decimal(text), "f")[:1] for text in texts]
    assert compared == [[canonical(text)] for text in texts]


LONGS = [0, 1, -1, 9, 10, 99, 100, -100, 12345678901, 999999999999999999, 10**18, -(10**18), 2**63 - 1, -(2**63)]


def test_a_whole_number_is_written_and_told_as_it_is(functions: Functions) -> None:
    assert functions.attribute_values("N", "bigint", *LONGS) == [{"N": str(value)} for value in LONGS]
    compared = functions.of_rows("source_texts", Plan({"x": ("bigint", "N")}), *[[value] for value in LONGS])
    assert compared == [[str(value)] for value in LONGS]
