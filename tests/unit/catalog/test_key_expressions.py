"""A table's key is unique for its source rows, unless the catalog says that it need not be."""

from __future__ import annotations

import pytest

from tests.unit.catalog.rates import COUNTED, EXTRACTS, PLAN, key_messages, messages

ESCAPED = "replace(replace(rate.room, '%', '%25'), '#', '%23')"
INJECTIVE = [
    "rate.plan_code",
    "rate.code",
    "rate.night",
    "rate.seen",
    "rate.facts",
    "'PROFILE'",
    "CAST(rate.id AS STRING)",
    "CAST(CAST(rate.property_id AS BIGINT) AS STRING)",
    "string(rate.id)",
    "CAST(rate.price AS DECIMAL(12,3))",
    "CAST(rate.ratio AS STRING)",
    "CAST(rate.flag AS STRING)",
    "CAST(rate.numbers AS STRING)",
    "to_json(rate.labels)",
    "hex(rate.blob)",
    "concat(rate.property_id, '#', rate.plan_code)",
    "concat(rate.plan_code, '#', rate.property_id)",
    "rate.property_id || '#' || rate.plan_code",
    "concat('RATE#', rate.property_id, '#', rate.night, '#', rate.plan_code, '#', rate.id)",
    "concat(rate.code, '#', rate.property_id)",
    "concat(rate.price, '.', rate.id)",
    "concat(rate.night, ' ', rate.plan_code)",
    f"concat({ESCAPED}, '#', rate.plan_code)",
    f"concat(rate.plan_code, '#', {ESCAPED})",
    f"concat(rate.property_id, '#', {ESCAPED}, '#', rate.plan_code)",
    "concat(replace(replace(rate.room, '!', '!!'), '#', '!h'), '#', rate.plan_code)",
    r"concat(replace(replace(rate.room, '\\', '\\\\'), '#', '\\#'), '#', rate.plan_code)",
    "concat(replace(replace(replace(rate.room, '%', '%25'), '#', '%23'), '|', '%7C'), '|', rate.plan_code)",
    "concat(hex(rate.room), '#', rate.plan_code)",
    "concat(base64(rate.room), '#', rate.plan_code)",
    "concat(url_encode(rate.room), '#', rate.plan_code)",
    "concat(concat(rate.property_id, '#'), concat(rate.plan_code, ''))",
    "concat(rate.property_id, ' # ', rate.plan_code)",
    "concat(CAST(concat(rate.id) AS STRING), '#', rate.plan_code)",
    "concat('RATE')",
    "CAST(rate.price AS DECIMAL(12,2))",
]
APART = "its parts are ambiguous: a part can contain the separator, or there is no separator"
ESCAPE = (
    "replace() does not escape: first encode the escape character, then the separator, as in "
    "replace(replace(x, '%', '%25'), '#', '%23')"
)
SUBQUERY = "its value comes from a subquery, a set operation or a table function"
COLLIDING = {
    f"lower('{'x' * 51}')": f"LOWER('{'x' * 51}') can map two values to one",
    f"lower('{'x' * 52}')": f"LOWER('{'x' * 52}'… can map two values to one",
    "lower(hex(rate.room))": "LOWER(HEX(rate.room)) can map two values to one",
    "hash_of(lower(rate.room))": "HASH_OF(LOWER(rate.room)) can map two values to one",
    "url_encode()": "URL_ENCODE() can map two values to one",
    "(SELECT max(rate.room) FROM rate)": SUBQUERY,
    "((SELECT max(rate.room) FROM rate))": SUBQUERY,
    "(SELECT max(rate.room) FROM rate UNION ALL SELECT 'x')": SUBQUERY,
    "concat(CAST(concat(rate.id, '#') AS STRING), '#', rate.plan_code)": APART,
    "concat(CAST(concat(rate.id, '#', rate.id) AS STRING), '#', rate.plan_code)": APART,
    "rate.id % 7": "rate.id % 7 can map two values to one",
    "replace(rate.room, rate.plan_code, '')": "REPLACE(rate.room, rate.plan_code, '') can map two values to one",
    "replace(rate.room, 'a', rate.plan_code)": "REPLACE(rate.room, 'a', rate.plan_code) can map two values to one",
    "hex(rate.labels)": "HEX(rate.labels) can map two values to one",
    "hex(rate.price)": "HEX(rate.price) can map two values to one",
    "base64(rate.labels)": "BASE64(rate.labels) can map two values to one",
    "url_encode(rate.price)": "URL_ENCODE(rate.price) can map two values to one",
    "to_json(rate.price)": "TO_JSON(rate.price) can map two values to one",
    "crc32(rate.room)": "CRC32(rate.room) can map two values to one",
    "concat_ws('#', rate.property_id, rate.room, rate.plan_code)": (
        "concat_ws() skips nulls and does not escape the separator; write concat(rate.property_id, '#', "
        f"{ESCAPED}, '#', rate.plan_code)"
    ),
    "concat_ws('#', rate.id)": "concat_ws() skips nulls and does not escape the separator; write concat(rate.id)",
    "concat_ws('#', upper(rate.room), rate.id)": "concat_ws() skips nulls and does not escape the separator",
    "concat(rate.room, '#', rate.plan_code)": APART,
    "rate.room || '#' || rate.plan_code": APART,
    "concat(rate.property_id, rate.plan_code)": APART,
    "concat(rate.property_id, '', rate.id)": APART,
    "concat(rate.property_id, '-', rate.id)": APART,
    "concat(rate.id, '-', rate.property_id, '-', rate.night)": APART,
    "concat(rate.night, '-', rate.room)": APART,
    "concat(rate.seen, ':', rate.room)": APART,
    "concat(rate.flag, 'true', rate.room)": APART,
    "concat(replace(rate.room, '#', ''), '#', rate.plan_code)": ESCAPE,
    "concat(replace(rate.room, '#', '%23'), '#', rate.plan_code)": ESCAPE,
    "concat(replace(replace(rate.room, '#', '%23'), '%', '%25'), '#', rate.plan_code)": ESCAPE,
    "concat(replace(replace(rate.room, '%', '%2'), '#', '%23'), '#', rate.plan_code)": ESCAPE,
    "concat(replace(rate.room, '#', '##'), '#', rate.plan_code)": APART,
    "concat(replace(replace(rate.room, '%', '%25'), '|', '%7C'), '#', rate.plan_code)": APART,
    r"concat(rate.plan_code, '#', replace(replace(rate.room, '\\', '\\\\'), '#', '\\#'))": APART,
    "replace(rate.room, ' ', '')": ESCAPE,
    "translate(rate.room, '#', '_')": "TRANSLATE(rate.room, '#', '_') can map two values to one",
    "lower(rate.room)": "LOWER(rate.room) can map two values to one",
    "upper(rate.room)": "UPPER(rate.room) can map two values to one",
    "trim(rate.room)": "TRIM(rate.room) can map two values to one",
    "substr(rate.room, 1, 3)": "SUBSTRING(rate.room, 1, 3) can map two values to one",
    "left(rate.room, 3)": "LEFT(rate.room, 3) can map two values to one",
    "lpad(rate.id, 9, '0')": "LPAD(rate.id, 9, '0') can map two values to one",
    "md5(rate.room)": "MD5(rate.room) can map two values to one",
    "sha2(rate.room, 256)": "SHA2(rate.room, 256) can map two values to one",
    "coalesce(rate.room, '')": "COALESCE(rate.room, '') can map two values to one",
    "ifnull(rate.room, '')": "COALESCE(rate.room, '') can map two values to one",
    "nvl(rate.room, '')": "COALESCE(rate.room, '') can map two values to one",
    "CASE WHEN rate.flag THEN rate.room END": "CASE WHEN rate.flag THEN rate.room END can map two values to one",
    "date_format(rate.seen, 'yyyy-MM-dd')": "DATE_FORMAT(rate.seen, 'yyyy-MM-dd') can map two values to one",
    "date_trunc('day', rate.seen)": "DATE_TRUNC('DAY', rate.seen) can map two values to one",
    "CAST(rate.seen AS DATE)": "the cast of timestamptz to date can map two values to one",
    "CAST(rate.blob AS STRING)": "the cast of bytes to text can map two values to one",
    "CAST(rate.labels AS STRING)": "the cast of text[] to text can map two values to one",
    "to_json(struct(rate.room, rate.id))": "STRUCT(rate.room AS room, rate.id AS id) can map two values to one",
    "concat(rate.blob, '#', rate.id)": "rate.blob has no unique text; use hex() for bytes and to_json() for a list",
    "get_json_object(rate.facts, '$.room')": "GET_JSON_OBJECT(rate.facts, '$.room') can map two values to one",
    "max(rate.room) OVER (PARTITION BY rate.id)": (
        "MAX(rate.room) OVER (PARTITION BY rate.id) can map two values to one"
    ),
}
NUMBERS = [
    "rate.id",
    "rate.price",
    "rate.ratio",
    "CAST(rate.property_id AS BIGINT)",
    "CAST(rate.property_id AS DOUBLE)",
]
COLLIDING_NUMBERS = {
    "round(rate.price)": "ROUND(rate.price) can map two values to one",
    "rate.id % 10": "rate.id % 10 can map two values to one",
    "abs(rate.id)": "ABS(rate.id) can map two values to one",
    "CAST(rate.id AS INT)": "the cast of bigint to integer can map two values to one",
    "CAST(rate.id AS DOUBLE)": "the cast of bigint to double can map two values to one",
    "CAST(rate.price AS DECIMAL(9,1))": "the cast of numeric(9,2) to numeric(9,1) can map two values to one",
    "CAST(rate.room AS BIGINT)": "the cast of text to bigint can map two values to one",
    "unix_timestamp(rate.seen)": "UNIX_TIMESTAMP(rate.seen) can map two values to one",
}


def refusal(reason: str) -> str:
    return f"different source rows may mean one key: {reason}; or accept this with accept_collisions: true"


@pytest.mark.parametrize("expression", INJECTIVE)
def test_an_expression_that_tells_rows_apart_is_fine(expression: str) -> None:
    kind = "N" if "DECIMAL" in expression else "S"

    assert key_messages(expression, type=kind) == []


@pytest.mark.parametrize(("expression", "reason"), COLLIDING.items())
def test_an_expression_that_can_collide_is_refused_unless_it_is_meant(expression: str, reason: str) -> None:
    assert key_messages(expression) == [refusal(reason)]
    accepted = {"partition": {"name": "k", "type": "S", "accept_collisions": True}}
    assert key_messages(expression, key=accepted) == []


@pytest.mark.parametrize("expression", NUMBERS)
def test_a_number_that_keeps_its_value_is_fine(expression: str) -> None:
    assert key_messages(expression, type="N") == []


@pytest.mark.parametrize(("expression", "reason"), COLLIDING_NUMBERS.items())
def test_a_number_that_can_collide_is_refused(expression: str, reason: str) -> None:
    assert key_messages(expression, type="N") == [refusal(reason)]


@pytest.mark.parametrize(
    "expression",
    [
        "rate.room",
        "rate.any_number",
        "'1'",
        "CAST(rate.id AS STRING)",
        "concat(rate.id)",
        "rate.id || '#'",
        ESCAPED,
        "to_json(rate.labels)",
        "hex(rate.id)",
        "base64(rate.room)",
        "url_encode(rate.room)",
    ],
)
def test_a_text_declared_a_number_is_refused(expression: str) -> None:
    assert key_messages(expression, type="N", attributes={"k": "N"}) == [
        refusal("as N, the texts 1 and 1.0 are the same number; give the column the type numeric(p,s)")
    ]


def test_seconds_of_a_moment_are_refused_and_those_of_a_date_are_fine() -> None:
    seconds = {"k": "epoch_seconds"}

    assert key_messages("rate.seen", type="N", attributes=seconds) == [
        refusal("epoch_seconds drops the fraction of a second")
    ]
    assert key_messages("rate.night", type="N", attributes=seconds) == []


def test_both_attributes_of_a_key_are_looked_at() -> None:
    select = f"SELECT {COUNTED}, lower(rate.room) AS room, trim(rate.plan_code) AS code FROM rate"
    key = {"partition": {"name": "room", "type": "S"}, "sort": {"name": "code", "type": "S"}}

    assert messages(select, key=key) == [
        refusal("LOWER(rate.room) can map two values to one"),
        refusal("TRIM(rate.plan_code) can map two values to one"),
    ]


def test_an_index_may_have_any_key() -> None:
    select = f"SELECT {COUNTED}, rate.id AS id, lower(rate.room) AS room FROM rate"
    index = {"name": "byRoom", "partition": {"name": "room", "type": "S"}}

    assert messages(select, indexes=[index]) == []
    index["partition"]["accept_collisions"] = True  # type: ignore[index]  # a dictionary
    assert messages(select, indexes=[index]) == ["is only for a table's key: items may share an index's key"]


@pytest.mark.parametrize(
    "select",
    [
        f"WITH n AS (SELECT *, lower(room) AS small FROM rate) SELECT {COUNTED}, rate.{{}} AS k FROM n AS rate",
        f"SELECT {COUNTED}, rate.{{}} AS k FROM (SELECT _cluster, lower(room) AS small, plan_code FROM rate) AS rate",
        f"SELECT {COUNTED}, {{}} AS k FROM (SELECT * FROM (SELECT *, lower(room) AS small FROM rate)) AS rate",
    ],
)
def test_a_key_is_followed_through_subqueries(select: str) -> None:
    key = {"partition": {"name": "k", "type": "S"}}

    assert messages(select.format("plan_code"), key=key) == []
    assert messages(select.format("small"), key=key) == [refusal("LOWER(room) can map two values to one")]


def test_a_key_that_cannot_be_followed_is_refused() -> None:
    select = f"SELECT {COUNTED}, k AS k FROM rate LATERAL VIEW OUTER posexplode(labels) AS n, k WHERE n = 0"

    assert messages(select, key={"partition": {"name": "k", "type": "S"}}, max_filtered=1) == [refusal(SUBQUERY)]


def test_a_key_that_two_relations_have_cannot_be_followed() -> None:
    select = f"SELECT {COUNTED}, {PLAN}, plan_code AS k FROM rate LEFT JOIN plan ON plan.plan_code = rate.plan_code"

    assert messages(select, key={"partition": {"name": "k", "type": "S"}}) == [
        refusal("plan_code cannot be followed to a column of an extract")
    ]


def test_a_uuid_of_mysql_may_hold_a_separator() -> None:
    key = "concat(rate.code, '#', rate.plan_code)"

    assert key_messages(key) == []
    assert key_messages(key, engine="aurora-mysql") == [refusal(APART)]


@pytest.mark.parametrize(
    ("expression", "declared"),
    [("rate.any_number", {"v": "N"}), ("rate.any_number", {}), ("rate.room", {"v": "N"}),
     ("CAST(rate.id AS STRING)", {"v": "N"}), ("concat(rate.room, '')", {"v": "N"})],
)  # fmt: skip
def test_the_latest_by_the_text_of_a_number_is_refused(expression: str, declared: dict[str, str]) -> None:
    select = f"SELECT {COUNTED}, rate.id AS id, {expression} AS v FROM rate"

    assert messages(select, attributes=declared, on_duplicate_key={"latest": "v"}) == [
        "v is ordered as text, where 9 comes after 10: give its column the type numeric(p,s)"
    ]


@pytest.mark.parametrize(
    ("expression", "declared"), [("rate.price", {}), ("rate.price", {"v": "N"}), ("rate.seen", {}), ("rate.room", {})]
)
def test_the_latest_by_what_has_an_order_is_fine(expression: str, declared: dict[str, str]) -> None:
    select = f"SELECT {COUNTED}, rate.id AS id, {expression} AS v FROM rate"

    assert messages(select, attributes=declared, on_duplicate_key={"latest": "v"}) == []


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("CAST(rate.night AS DATE)", "S"),
        ("CAST(rate.night AS TIMESTAMP)", "S"),
        ("CAST(rate.seen AS TIMESTAMP)", "S"),
        ("timestamp(rate.night)", "S"),
        ("CAST(rate.id AS VARCHAR(3))", "S"),
        ("CAST(rate.plan_code AS STRING)", "S"),
        ("CAST(rate.plan_code AS BINARY)", "B"),
        ("CAST(rate.blob AS BINARY)", "B"),
        ("CAST(rate.property_id AS INT)", "N"),
        ("CAST(rate.property_id AS BIGINT)", "N"),
        ("CAST(rate.id AS BIGINT)", "N"),
        ("CAST(rate.property_id AS DOUBLE)", "N"),
        ("CAST(rate.ratio AS DOUBLE)", "N"),
    ],
)
def test_a_cast_that_keeps_values_apart_is_fine(expression: str, kind: str) -> None:
    assert key_messages(expression, type=kind) == []


@pytest.mark.parametrize(
    ("expression", "kind", "reason"),
    [
        (
            "CAST(rate.property_id AS SMALLINT)",
            "N",
            "the cast of integer to smallint can map two values to one",
        ),
        ("CAST(rate.id AS INT)", "N", "the cast of bigint to integer can map two values to one"),
        ("CAST(rate.ratio AS BIGINT)", "N", "the cast of double to bigint can map two values to one"),
        ("CAST(rate.plan_code AS DATE)", "S", "the cast of text to date can map two values to one"),
        ("CAST(rate.plan_code AS TIMESTAMP)", "S", "the cast of text to timestamp can map two values to one"),
        ("CAST(rate.plan_code AS DOUBLE)", "N", "the cast of text to double can map two values to one"),
    ],
)
def test_a_cast_that_can_make_one_value_of_two_is_refused(expression: str, kind: str, reason: str) -> None:
    assert key_messages(expression, type=kind) == [refusal(reason)]


@pytest.mark.parametrize(
    "expression",
    [
        "CAST(rate.small AS SMALLINT)",
        "CAST(rate.small AS INT)",
        "CAST(rate.small AS BIGINT)",
        "CAST(rate.small AS DOUBLE)",
        "CAST(rate.rough AS DOUBLE)",
    ],
)
def test_a_cast_to_a_wider_number_is_fine(expression: str) -> None:
    columns = {"small": "smallint", "rough": "real"}

    assert key_messages(expression, type="N", extracts={"rate": {**EXTRACTS["rate"], "columns": columns}}) == []


@pytest.mark.parametrize(("expression", "wide"), [("CAST(rate.rough AS BIGINT)", "bigint")])
def test_a_cast_of_a_fraction_to_a_whole_number_is_refused(expression: str, wide: str) -> None:
    columns = {"rough": "real"}

    assert key_messages(expression, type="N", extracts={"rate": {**EXTRACTS["rate"], "columns": columns}}) == [
        refusal(f"the cast of real to {wide} can map two values to one")
    ]
