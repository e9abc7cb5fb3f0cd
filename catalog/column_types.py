"""The list of types, from which the catalog, the jobs and docs/types.md take theirs. `make schema` renews the last two.

A type that is not listed is refused. The jobs are deployed without the catalog: spark/migration_spark/column_types.py
is their part of this list. https://www.postgresql.org/docs/current/datatype.html and
https://dev.mysql.com/doc/refman/8.0/en/data-types.html list the types of the databases.
"""

from __future__ import annotations

from catalog.type_entries import CatalogType, DatabaseType, DeclaredType

MAX_NUMERIC_DIGITS = 38  # DynamoDB's N and Spark's decimal both end there

_MYSQL_TEXT = "CONVERT({} USING utf8mb4)"
_MYSQL_MOMENT = "DATE_FORMAT({}, '%Y-%m-%d %H:%i:%s.%f')"
_FLOAT_RULE = "The shortest text that gives the same 32 or 64 bits back. NaN and infinity reject the row."
_MOMENT_RULE = "`2027-03-01T00:00:00.000000Z`: microseconds, in UTC. The same values as of `date` reject the row."
_SET_REMARK = "becomes a list; use `attributes: {{…: {}}}` if order and duplicates do not matter"

CATALOG_TYPES = (
    *(
        CatalogType(
            name=name,
            attribute="N",
            spark="bigint",
            key_text="whole",
            postgres="{}::bigint",
            mysql="CAST({} AS SIGNED)",
            rule="Unchanged.",
        )
        for name in ("smallint", "integer", "bigint")
    ),
    CatalogType(
        name="numeric(p,s)",
        attribute="N",
        spark="decimal(p,s)",
        key_text="number",
        rule=f"p is at most {MAX_NUMERIC_DIGITS}. Keeps every digit. More decimals than s reject the row.",
    ),
    CatalogType(
        name="numeric",
        attribute="S",
        declarable=("N",),
        spark="string",
        key_text="number",
        rule="The database's own text.",
        remark="it may have any number of digits and becomes text; "
        f"use `attributes: {{…: N}}` if {MAX_NUMERIC_DIGITS} are enough",
    ),
    # A FLOAT's own text has six digits. Without a length, MySQL cuts a text that it keeps aside on its way at 22
    # characters; a double has up to 24.
    CatalogType(
        name="real",
        attribute="N",
        spark="double",
        key_text="number",
        mysql="CAST({} + 0e0 AS CHAR(64))",
        rule=_FLOAT_RULE,
    ),
    CatalogType(
        name="double", attribute="N", spark="double", key_text="number", mysql="CAST({} AS CHAR(64))", rule=_FLOAT_RULE
    ),
    # 2 is a value of tinyint(1): the jobs reject its row and name the column.
    CatalogType(
        name="boolean",
        attribute="BOOL",
        spark="boolean",
        key_text="boolean",
        postgres="{}",
        mysql="CAST({} + 0 AS CHAR)",
        rule="A 2 in a `tinyint(1)` rejects the row.",
    ),
    CatalogType(
        name="text",
        attribute="S",
        declarable=("N", "M", "L"),
        spark="string",
        key_text="any",
        mysql=_MYSQL_TEXT,
        rule="In UTF-8. The padding of `char(n)` is not part of the value, in either engine.",
    ),
    CatalogType(name="uuid", attribute="S", spark="string", key_text="uuid", mysql=_MYSQL_TEXT, rule="As `text`."),
    CatalogType(
        name="date",
        attribute="S",
        declarable=("epoch_seconds",),
        spark="date",
        key_text="date",
        rule="`2027-03-01`. A zero date, infinity and a year before Christ reject the row; as `text`, the select can "
        "say what they become.",
    ),
    *(
        CatalogType(
            name=name,
            attribute="S",
            declarable=("epoch_seconds",),
            spark="timestamp",
            key_text="moment",
            mysql=_MYSQL_MOMENT,
            rule=_MOMENT_RULE,
        )
        for name in ("timestamp", "timestamptz")
    ),
    CatalogType(
        name="bytes",
        attribute="B",
        spark="binary",
        key_text="none",
        postgres="replace(encode({}, 'base64'), E'\\n', '')",
        mysql="REPLACE(TO_BASE64({}), '\\n', '')",
        rule="Unchanged.",
    ),
    CatalogType(
        name="json",
        attribute="S",
        declarable=("M", "L"),
        spark="string",
        key_text="any",
        mysql=_MYSQL_TEXT,
        rule="The database's own text, byte for byte.",
    ),
    CatalogType(
        name="text[]",
        attribute="L",
        declarable=("L", "SS", "NS"),
        spark="array<string>",
        key_text="none",
        postgres="({}::text[])::text",
        rule="A list of S. A null entry is NULL. An array of arrays rejects the row.",
        remark=_SET_REMARK.format("SS"),
    ),
    CatalogType(
        name="bigint[]",
        attribute="L",
        declarable=("L", "SS", "NS"),
        spark="array<bigint>",
        key_text="whole list",
        rule="A list of N. Null entries and arrays of arrays are as in `text[]`.",
        remark=_SET_REMARK.format("NS"),
    ),
)

DECLARED_TYPES = (
    DeclaredType(
        name="N", attribute="N", rule=f"A number of at most {MAX_NUMERIC_DIGITS} significant digits, by its value."
    ),
    DeclaredType(
        name="M",
        attribute="M",
        rule="A JSON object. Numbers keep their digits. What no document can hold rejects the row "
        "([limits](#dynamodbs-limits)).",
    ),
    DeclaredType(name="L", attribute="L", rule="A JSON array, as for `M`; or the list that the column is anyway."),
    DeclaredType(
        name="SS",
        attribute="SS",
        rule="A set of S. A null entry rejects the row. An entry that the column has twice is in the set once. An "
        "empty set is an absent attribute.",
    ),
    DeclaredType(name="NS", attribute="NS", rule="A set of N, as for `SS`."),
    DeclaredType(
        name="epoch_seconds", attribute="N", rule="Whole seconds, rounded down; a time to live must be declared so."
    ),
)

_WHOLE = ("smallint", "integer", "bigint")
_PADDED = "the padding is not part of the value"

POSTGRES_TYPES = (
    DatabaseType("smallint", _WHOLE),
    DatabaseType("integer", _WHOLE[1:]),
    DatabaseType("bigint", _WHOLE[2:]),
    DatabaseType("numeric", ("numeric",)),
    DatabaseType("real", ("real", "double")),
    DatabaseType("double precision", ("double",)),
    DatabaseType("boolean", ("boolean",)),
    DatabaseType("date", ("date", "text")),
    DatabaseType("timestamp without time zone", ("timestamp", "text"), remark="it has no time zone and is read as UTC"),
    DatabaseType("timestamp with time zone", ("timestamptz", "text")),
    DatabaseType("uuid", ("uuid", "text")),
    DatabaseType("bytea", ("bytes",)),
    *(DatabaseType(name, ("json", "text")) for name in ("json", "jsonb")),
    *(DatabaseType(name, ("text",)) for name in ("text", "character varying")),
    DatabaseType("character", ("text",), remark=_PADDED),
    *(DatabaseType(name, ("text",)) for name in ("citext", "name", "enum")),
    *(DatabaseType(name, ("text",)) for name in ("time without time zone", "time with time zone")),
    DatabaseType("interval", ("text",), comment="(ISO 8601)"),
    *(DatabaseType(name, ("text",)) for name in ("bit", "bit varying", "inet", "cidr", "macaddr", "macaddr8", "xml")),
    *(DatabaseType(f"{name}[]", ("bigint[]", "text[]")) for name in _WHOLE),
    *(
        DatabaseType(f"{name}[]", ("text[]",))
        for name in ("text", "character varying", "character", "citext", "name", "uuid", "numeric", "enum")
    ),
)
MYSQL_TYPES = (
    DatabaseType(
        "tinyint(1)", ("boolean", *_WHOLE), remark="values other than 0 and 1 are rejected; use smallint for a count"
    ),
    DatabaseType("bit(1)", ("boolean",)),
    DatabaseType("tinyint", _WHOLE, cut="ranges"),
    DatabaseType("tinyint unsigned", _WHOLE),
    DatabaseType("smallint", _WHOLE, cut="ranges"),
    DatabaseType("year", _WHOLE),
    DatabaseType("smallint unsigned", _WHOLE[1:]),
    DatabaseType("mediumint", _WHOLE[1:], cut="ranges"),
    DatabaseType("mediumint unsigned", _WHOLE[1:]),
    DatabaseType("int", _WHOLE[1:], cut="ranges"),
    DatabaseType("int unsigned", _WHOLE[2:]),
    DatabaseType("bigint", _WHOLE[2:], cut="ranges"),
    DatabaseType("bigint unsigned", ("numeric(20,0)",)),
    DatabaseType("decimal", ("numeric",), cut="sample"),
    DatabaseType("decimal unsigned", ("numeric",)),
    *(DatabaseType(name, ("real",)) for name in ("float", "float unsigned")),
    *(DatabaseType(name, ("double",)) for name in ("double", "double unsigned")),
    # A zero date is no date: as text, the select can say what it becomes.
    DatabaseType("date", ("date", "text"), cut="sample"),
    DatabaseType("datetime", ("timestamp", "text"), cut="sample"),
    DatabaseType("timestamp", ("timestamptz", "text"), cut="sample"),
    *(DatabaseType(name, ("text",)) for name in ("time", "enum", "set")),
    DatabaseType("char", ("text", "uuid"), cut="sample", remark=_PADDED),
    DatabaseType("varchar", ("text", "json"), cut="sample"),
    *(DatabaseType(name, ("text", "json")) for name in ("tinytext", "text", "mediumtext")),
    DatabaseType("longtext", ("text", "json"), remark="use json if it holds documents"),
    DatabaseType("json", ("json", "text")),
    *(DatabaseType(name, ("bytes",)) for name in ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")),
    DatabaseType("uuid", ("uuid", "text"), cut="sample", comment="(MariaDB)"),
)
ENGINE_TYPES = {"aurora-postgresql": POSTGRES_TYPES, "aurora-mysql": MYSQL_TYPES}
