"""Names and texts at the limits."""

from __future__ import annotations

import json

from tests.dynamodb.items import Case, Column, attribute_case, document


def names() -> list[Case]:
    """Return the cases of attributes' names."""
    made = []
    for count in (1, 255, 256, 65_535, 65_536):
        name = "n" * count
        made += [
            attribute_case(f"a name of {count} bytes", {"S": "a"}, Column("string", "a"), name),
            document(f"a name of {count} bytes in a document", json.dumps({name: "a"})),
            document(f"a name of {count} bytes deep in a document", json.dumps({"l": [{name: "a"}]})),
        ]
    two_bytes = "é" * 32_768
    return [
        *made,
        document(
            "a name of 65,536 bytes and half as many characters", json.dumps({two_bytes: "a"}, ensure_ascii=False)
        ),
        document("a name of 65,534 bytes and half as many characters", json.dumps({two_bytes[1:]: "a"})),
        attribute_case("an empty name", {"S": "a"}, None, ""),
        document("an empty name in a document", '{"": 1}'),
        document("a name with dots and quotes", json.dumps({'a.b "c"': 1})),
    ]


def texts() -> list[Case]:
    """Return the cases of texts and bytes."""
    backslash = r'{"a": "\\u0000", "b": "\\\\ud83e"}'
    return [
        attribute_case("S: empty", {"S": ""}, Column("string", "")),
        attribute_case("S: NUL", {"S": "a\x00b"}, Column("string", "a\x00b")),
        attribute_case("S: beyond the first plane", {"S": "🥂"}, Column("string", "🥂")),
        attribute_case("B: empty", {"B": ""}, Column("binary", b"")),
        attribute_case("B: no base64", {"B": "?"}),
        document("M: NUL", r'{"a": "\u0000"}'),
        document("M: NUL in a name", r'{"\u0000": 1}'),
        document("M: an escaped backslash before u0000", backslash),
        document("M: a pair of surrogates", r'{"a": "\ud83e\udd42"}'),
        document("M: white space", ' { "a" :\t[ 1 ,\n2 ] } '),
        attribute_case("S: half a pair of surrogates", {"S": "\ud83e"}),
        document("M: the first half of a pair of surrogates", r'{"a": "\ud83e"}'),
        document("M: the second half of a pair of surrogates", r'{"a": "\udd42"}'),
        document("M: a pair of surrogates the wrong way round", r'{"a": "\udd42\ud83e"}'),
        document("M: half a pair of surrogates in a name", r'{"\ud83e": 1}'),
    ]
