"""Texts that are joined to one key can be separated again, or the key is refused."""

from __future__ import annotations

import itertools

import pytest

from catalog.key_text import BASE64, HEX, URL, Text, escaped, is_separable, joined, text_of_type

LETTERS = ["".join(letters) for n in range(4) for letters in itertools.product("#%25", repeat=n)]
ESCAPES = [
    ([("%", "%25"), ("#", "%23")], True),
    ([("%", "%%"), ("#", "%2")], True),
    ([("2", "22"), ("#", "2#")], True),
    ([("%", "%25"), ("#", "%2")], False),
    ([("%", "%2"), ("#", "%25")], False),
    ([("#", "##")], False),
    ([("%", "%25"), ("5", "%35")], False),
    ([("#", "%25"), ("%", "%25")], False),
    ([("%", ""), ("#", "%23")], False),
]


@pytest.mark.parametrize(("steps", "is_escape"), ESCAPES)
def test_what_counts_as_an_escape_tells_all_short_texts_apart(steps: list[tuple[str, str]], is_escape: bool) -> None:  # noqa: FBT001 - a parameter
    def coded(text: str) -> str:
        for old, new in steps:
            text = text.replace(old, new)
        return text

    keys = [f"{coded(first)}#{second}" for first in LETTERS for second in LETTERS]
    text = escaped(Text(), steps)

    assert (text is not None and is_separable([text, "#", Text()])) == is_escape
    assert (len(set(keys)) == len(keys)) == is_escape


@pytest.mark.parametrize(
    "steps",
    [
        [("%%", "%%25")],
        [("%", "%25"), ("ab", "%61")],
        [("%", "%25"), ("#", "$23")],
        [("%", "%25"), ("#", "%")],
        [("%", "%25"), ("%", "%26")],
        [("%", "%25"), ("#", "%25")],
        [("%", "%2"), ("2", "%a")],
    ],
)
def test_replacements_that_are_no_code_prove_nothing(steps: list[tuple[str, str]]) -> None:
    assert escaped(Text(), steps) is None


def test_a_coded_text_holds_its_codes_and_the_coded_characters_behind_the_escape_alone() -> None:
    text = Text(frozenset("ab#"), absent=frozenset("x"), escaped=frozenset("y"))

    assert escaped(text, [("%", "%25"), ("#", "%23"), ("b", "%b")]) == Text(
        frozenset("ab#%253"), absent=frozenset("x#"), escaped=frozenset("y#b")
    )
    assert escaped(Text(), [("%", "%25")]) == Text()


def test_a_proposed_key_codes_all_texts_but_the_last() -> None:
    columns = [("t.a", "text"), ("t.b", "integer"), ("t.c", "text"), ("t.d", "bytes"), ("t.e", "bigint[]")]

    assert joined(columns) == (
        "concat(replace(replace(t.a, '%', '%25'), '#', '%23'), '#', t.b, '#', t.c, '#', hex(t.d), '#', "
        "CAST(t.e AS STRING))"
    )


SAMPLES = {
    "smallint": ["-0123456789"],
    "integer": ["-0123456789"],
    "bigint": ["-0123456789"],
    "numeric": ["0E-20", "-1.5", "NaN", "1E+3"],
    "numeric(9,2)": ["-1.50", "0E-20"],
    "real": ["1.0E10", "Infinity", "-Infinity", "NaN", "1e3"],
    "double": ["1.0E-10", "Infinity", "-Infinity", "NaN"],
    "date": ["2026-01-31", "+10000-01-01", "-0044-03-15"],
    "timestamp": ["2026-01-31 12:34:56.789", "+10000-01-01T00:00:00Z"],
    "timestamptz": ["2026-01-31 12:34:56.789+02:00", "-0044-03-15 00:00:00"],
    "boolean": ["true", "false"],
    "uuid": ["01234567-89ab-cdef-ABCD-EF0123456789"],
    "bigint[]": ["[1, null, -23456789, 0]"],
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_separator_is_no_character_that_a_columns_text_can_hold(kind: str) -> None:
    text = text_of_type(kind)

    assert text is not None
    assert [character for sample in SAMPLES[kind] for character in sample if not text.holds(character)] == []
    assert [character for character in "#|/_~" if text.holds(character)] == []


@pytest.mark.parametrize(
    ("text", "held", "never"),
    [
        (Text(HEX), "0123456789ABCDEF", "abcdefG#"),
        (Text(BASE64), "azAZ09+/=\r\n", "-_#"),
        (Text(URL), "azAZ09*-._+%", "#/ "),
        (Text(), "#|a\u0001", ""),
        (Text(absent=frozenset("#")), "a", "#"),
        (Text(frozenset("ab"), absent=frozenset("b")), "a", "bc"),
    ],
)
def test_a_coded_text_holds_the_characters_of_its_code_alone(text: Text, held: str, never: str) -> None:
    assert [character for character in held if not text.holds(character)] == []
    assert [character for character in never if text.holds(character)] == []


@pytest.mark.parametrize("kind", ["bytes", "text[]"])
def test_what_has_no_text_of_its_own_has_none(kind: str) -> None:
    assert text_of_type(kind) is None


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_text_may_hold_anything(kind: str) -> None:
    assert text_of_type(kind) == Text()


@pytest.mark.parametrize(
    ("parts", "separable"),
    [
        ([], True),
        (["a"], True),
        ([Text()], True),
        ([Text(), "#"], True),
        ([Text(), Text()], False),
        ([Text(), "", Text()], False),
        ([Text(), "", "#", Text(HEX)], True),
        ([Text(HEX), "#", "", "#", Text(HEX), "#", Text()], True),
        ([Text(HEX), "A", Text(HEX)], False),
        (["#", Text(HEX), Text(HEX)], False),
        ([Text(), "A", "#", Text(HEX)], True),
        ([Text(HEX), "A", Text()], False),
        ([Text(), "A", Text(HEX)], False),
        ([Text(HEX), "#A", Text()], True),
        ([Text(), "A#", Text(HEX)], True),
        ([Text(), "#A", Text(HEX)], False),
        ([Text(HEX), "A#", Text()], False),
        ([Text(), "#", Text(), "#", Text(HEX)], False),
        ([Text(escaped=frozenset("#")), "#", Text()], True),
        ([Text(), "#", Text(escaped=frozenset("#"))], False),
    ],
)
def test_parts_are_separable_where_none_holds_its_separator(*, parts: list[Text | str], separable: bool) -> None:
    assert is_separable(parts) is separable
