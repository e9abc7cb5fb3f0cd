"""Key values at the limits."""

from __future__ import annotations

import base64

from tests.dynamodb.items import KEY, Case, Column


def keys() -> list[Case]:
    """Return the cases of keys' values."""
    made = []
    for count in (0, 1, 1024, 1025, 2048, 2049):
        text, content = "k" * count, b"k" * count
        made += [
            Case(f"partition key: S of {count} bytes", {"id": {"S": text}}, {"id": Column("string", text)}),
            Case(
                f"partition key: B of {count} bytes",
                {"id": {"B": base64.b64encode(content).decode()}},
                {"id": Column("binary", content)},
                "binary",
            ),
            Case(
                f"sort key: S of {count} bytes",
                {"id": {"S": "k"}, "sort": {"S": text}},
                {"id": Column("string", "k"), "sort": Column("string", text)},
                "sorted",
            ),
            Case(
                f"index key: S of {count} bytes",
                {"id": {"S": "k"}, "other": {"S": text}},
                {"id": Column("string", "k"), "other": Column("string", text)},
                "indexed",
            ),
        ]
    for what, text in (("1", "1"), ("39 digits", "1" * 39), ("NaN", "NaN"), ("1.0E2", "1.0E2")):
        made.append(
            Case(f"partition key: N {what}", {"id": {"N": text}}, {"id": Column("string", text, "N")}, "number")
        )
    return [
        *made,
        Case(
            "partition key: 682 characters of three bytes",
            {"id": {"S": "€" * 682}},
            {"id": Column("string", "€" * 682)},
        ),
        Case(
            "partition key: 683 characters of three bytes",
            {"id": {"S": "€" * 683}},
            {"id": Column("string", "€" * 683)},
        ),
        Case("partition key: absent", {"x": {"S": "a"}}, {"id": Column("string", None), "x": Column("string", "a")}),
        Case("partition key: of another type", {"id": {"N": "1"}}),
        Case("sort key: absent", {"id": {"S": "k"}}, None, "sorted"),
        Case("index key: absent", KEY, {"id": Column("string", "k"), "other": Column("string", None)}, "indexed"),
        Case("index key: of another type", {**KEY, "other": {"N": "1"}}, None, "indexed"),
    ]
