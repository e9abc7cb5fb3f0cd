"""What each hash covers, byte by byte: an independent hash of the same bytes gives the same numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.java.functions import Plan
from tests.unit.java.murmur import hash32, hash128

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.unit.java.functions import Functions

ROWS_SEED, MARKS_SEED, RUN_SEED = 0x726F7773, 0x6D696772, 12_345
LONG = "x" * 64
PLAN = Plan(
    {name: ("string", kind) for name, kind in (("x", "S"), ("skip", "S"), ("b", "N"), ("n", "N"), ("a", "S"), ("n2", "N"), ("gap", "S"))},
    key=("a", "b"), loose=("n", "n2"), excluded=("skip", "gap"), ttl="b", seed=RUN_SEED,
)  # fmt: skip
EXACT, KEY, LOOSE, SKIP = (0, 2, 4), (4, 2), (3, 5), (1, 6)
ROWS: list[list[Any]] = [
    ["text", "s", "1.50", "10", "key", "0.25", "g"],
    [LONG, None, "7", None, "key", "x", "gap"],
    [LONG[:-1], LONG + "y", "-7", "1e3", LONG, "1", None],
    [None, "", "0", "0", "é", None, "ggg"],
]
ABSENT, PRESENT, ODD = b"\0", b"\1", b"\2"


def number(text: str) -> str | None:
    return {"1.50": "1.5", "1e3": "1000", "x": None}.get(text, text)


def canonical(row: list[str | None]) -> list[bytes | None]:
    """Return each attribute's canonical text, None without a value of its kind."""
    texts = [
        v if v is None or kind == "S" else number(v) for v, (_, kind) in zip(row, PLAN.columns.values(), strict=True)
    ]
    return [None if text is None else text.encode() for text in texts]


def states(row: list[str | None]) -> list[bytes]:
    pairs = zip(row, canonical(row), strict=True)
    return [ABSENT if value is None else PRESENT if text is not None else ODD for value, text in pairs]


def whole(text: bytes) -> bytes:
    return len(text).to_bytes(4, "big") + text


def covered(row: list[str | None], attributes: Iterable[int], *, shortened: bool = False) -> bytes:
    texts, of = canonical(row), states(row)
    parts = []
    for n in attributes:
        text = texts[n] or b""
        body = text if not shortened or len(text) < len(LONG) else bytes_of(hash128(text, MARKS_SEED))
        parts.append(of[n] + (len(text).to_bytes(4, "big") + body if of[n] == PRESENT else b""))
    return b"".join(parts)


def bytes_of(numbers: list[int]) -> bytes:
    return b"".join(part.to_bytes(8, "big", signed=True) for part in numbers)


def key_of(row: list[str | None]) -> list[int]:
    return hash128(covered(row, KEY), ROWS_SEED)


def expires(row: list[str | None]) -> int | None:
    return int(row[2]) if row[2] and "." not in row[2] else None


def packed(row: list[str | None], unknown: int) -> list[int]:
    texts, of = canonical(row), states(row)
    marks = []
    for n in (*EXACT, None, *LOOSE, *SKIP):
        if n is None:
            marks.append(unknown)
        elif of[n] != PRESENT:
            marks.append(of[n][0])
        else:
            text = texts[n] or b""
            marks.append(
                hash32(text, MARKS_SEED) if len(text) < len(LONG) else hash128(text, MARKS_SEED)[0] & 2**32 - 1
            )
    marks.append(0)
    words = [marks[n] << 32 | marks[n + 1] for n in range(0, 2 * ((len(row) + 2) // 2), 2)]
    return [word - 2**64 if word >= 2**63 else word for word in words]


def doubles(row: list[str | None]) -> list[Any]:
    return ["NaN" if (text := canonical(row)[n]) is None else float(text) for n in LOOSE]


@pytest.mark.parametrize("row", ROWS)
def test_a_rows_hash_covers_each_value_with_its_state_and_its_length(functions: Functions, row: list[Any]) -> None:
    parts = []
    for value, text, state in zip(row, canonical(row), states(row), strict=True):
        parts.append(state + (whole(text) if text is not None else whole(value.encode()) if value is not None else b""))

    assert functions.of_rows("row_hash", PLAN, row) == [hash128(b"".join(parts), ROWS_SEED)]


@pytest.mark.parametrize("row", ROWS)
def test_a_term_covers_all_attributes_under_the_runs_seed_and_a_key_its_own(
    functions: Functions, row: list[Any]
) -> None:
    term = hash128((0).to_bytes(4, "big") + covered(row, range(len(row))), RUN_SEED)

    assert functions.of_rows("source_key", PLAN, row) == [[key_of(row)[0], expires(row)]]
    assert functions.of_rows("source_term", PLAN, row) == [[key_of(row)[0], expires(row), *term]]


@pytest.mark.parametrize("row", ROWS)
def test_a_fingerprint_covers_the_exact_attributes_together_and_each_one_alone(
    functions: Functions, row: list[Any]
) -> None:
    exact = hash128((0).to_bytes(4, "big") + covered(row, EXACT, shortened=True), MARKS_SEED)[1]

    assert functions.of_rows("source_marks", PLAN, row) == [[*key_of(row), exact, packed(row, 0), doubles(row)]]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_fingerprint_has_32_bits_for_each_attribute_and_for_what_is_unknown(functions: Functions, count: int) -> None:
    plan = Plan({f"a{n}": ("string", "S") for n in range(count)}, key=("a0",))

    ((*_, bits, loose),) = functions.of_rows("source_marks", plan, [str(n) for n in range(count)])

    marks = [*(hash32(str(n).encode(), MARKS_SEED) for n in range(count)), 0, 0]
    assert [word % 2**64 for word in bits] == [marks[n] << 32 | marks[n + 1] for n in range(0, count + 1, 2)]
    assert loose == []


def line(row: list[str | None], **more: Any) -> str:
    attributes = {
        name: {kind: value}
        for value, (name, (_, kind)) in zip(row, PLAN.columns.items(), strict=True)
        if value is not None
    }
    return json.dumps({"Item": {**attributes, **more}})


@pytest.mark.parametrize("row", ROWS)
def test_a_line_of_an_export_counts_what_no_source_has(functions: Functions, row: list[Any]) -> None:
    others = {"p": {"S": "1"}, "q": {"M": {}}}
    exact = hash128((2).to_bytes(4, "big") + covered(row, EXACT, shortened=True), MARKS_SEED)[1]
    term = hash128((2).to_bytes(4, "big") + covered(row, range(len(row))), RUN_SEED)

    written = line(row, **others)

    assert functions.of_lines("export_marks", PLAN, written) == [[*key_of(row), exact, packed(row, 2), doubles(row)]]
    assert functions.of_lines("export_bits", PLAN, written) == [[*key_of(row), exact]]
    assert functions.of_lines("export_term", PLAN, written) == [[key_of(row)[0], expires(row), *term]]
    assert functions.of_lines("export_key", PLAN, written) == [[key_of(row)[0], expires(row)]]


def test_a_line_without_its_whole_key_has_no_bits(functions: Functions) -> None:
    good = ROWS[0]
    lines = [
        line([*good[:4], None, *good[5:]]),
        line([*good[:2], None, *good[3:]]),
        line([*good[:2], "x", *good[3:]]),
        "no item",
    ]

    assert functions.of_lines("export_bits", PLAN, *lines) == [None] * 4
