"""MySQL's information schema of a source: its underlying relations, and whether a reader sees all of it.

https://dev.mysql.com/doc/refman/8.0/en/information-schema-views-table.html, …/stored-objects-security.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable

from migration_spark import volatile_sql
from migration_spark.errors import DatabaseError
from migration_spark.identifiers import literal, parts, quoted
from migration_spark.visibility import Doubt, Source

if TYPE_CHECKING:
    from migration_spark.spec import Extract

    Ask = Callable[[str], "list[dict[str, Any]]"]

# Aurora stores only InnoDB tables: a clone has tables of other engines empty or not at all.
_ENGINE = "innodb"
# Errors that refuse this user or a view's definer: https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
_REFUSED = (1044, 1142, 1143, 1356, 1370, 1449)
# The server's text of a view has `schema`.`table`, and `function`( for functions other than its own.
_NAME = r"`((?:[^`]|``)+)`"
_QUALIFIED = re.compile(rf"(?<![`.]){_NAME}\.{_NAME}(?!\s*\()")
_FUNCTION = re.compile(rf"{_NAME}\(")


def source(extract: Extract) -> str:
    """Return the source as SQL names it."""
    return ".".join(quoted(part, "`") for part in parts(extract.source) if part)


def names(extract: Extract) -> tuple[str, str]:
    """Return the source's schema and relation as expressions."""
    schema, relation = parts(extract.source)
    return (literal(schema) if schema else "database()"), literal(relation)


def look(ask: Ask, extract: Extract, user: str) -> tuple[Source | None, list[Doubt]]:
    """Return a source and all doubts that it is wholly visible; None if the source does not exist."""
    (asked,) = ask("SELECT {}, {}".format(*(f"{part} AS c{n}" for n, part in enumerate(names(extract)))))
    first = (str(asked["c0"]), str(asked["c1"]))
    doubts, relation = _of_reader(ask, extract, first, user), _relation(ask, *first)
    if relation is None:
        return None, doubts
    seen, waiting = {first}, [(first, relation)]
    while waiting:
        name, facts = waiting.pop()
        doubts += _of_relation(".".join(name), facts)
        if facts["type"] != "VIEW":
            continue
        below, more = _of_view(ask, name, user)
        doubts += more
        for dependency in below:
            if dependency not in seen:
                seen.add(dependency)
                facts_below = _relation(ask, *dependency)
                waiting += [(dependency, facts_below)] if facts_below else []
                doubts += [] if facts_below else [_hidden(".".join(dependency), ".".join(name), user)]
    words = volatile_sql.in_mysql(extract.where or "")
    doubts += [_changing(f"the where of {extract.table}-{extract.name}", words)] if words else []
    is_view = relation["type"] == "VIEW"
    estimate = None if is_view or relation["size"] is None else int(str(relation["size"]))
    return Source("view" if is_view else "table", estimate), doubts


def is_refusal(error: DatabaseError) -> bool:
    """Return whether the server refused the query to this user or to a view's definer."""
    return error.code in _REFUSED


def _relation(ask: Ask, schema: str, name: str) -> dict[str, Any] | None:
    rows = ask(
        "SELECT table_type AS type, engine AS engine, table_rows AS size FROM information_schema.tables "
        f"WHERE table_schema = {literal(schema)} AND table_name = {literal(name)}"
    )
    return rows[0] if rows else None


def _of_reader(ask: Ask, extract: Extract, name: tuple[str, str], user: str) -> list[Doubt]:
    """Return the doubts about the reader's privileges; the server does not even list columns that it may not read."""
    try:
        ask(f"SELECT * FROM {source(extract)} LIMIT 0")
    except DatabaseError as error:
        if not is_refusal(error):
            return []
        whole = ".".join(name)
        return [Doubt(f"{whole} is not wholly readable ({error.words}): GRANT SELECT ON {whole} TO {user}")]
    return []


def _of_relation(name: str, facts: dict[str, Any]) -> list[Doubt]:
    kind, engine = str(facts["type"]), str(facts["engine"] or "none")
    if kind == "VIEW":
        return []
    if kind != "BASE TABLE":
        return [Doubt(f"{name} is of the kind {kind}: name a table or a view of your own in the catalog")]
    if engine.lower() != _ENGINE:
        fix = f"ALTER TABLE {name} ENGINE = InnoDB"
        return [Doubt(f"{name} is in the engine {engine}, which a clone does not carry: {fix}", is_cloned=False)]
    return []


def _of_view(ask: Ask, name: tuple[str, str], user: str) -> tuple[list[tuple[str, str]], list[Doubt]]:
    """Return the relations that a view's query names, and the doubts that its query raises."""
    whole = ".".join(name)
    rows = ask(
        "SELECT view_definition AS query FROM information_schema.views "
        f"WHERE table_schema = {literal(name[0])} AND table_name = {literal(name[1])}"
    )
    query = str(rows[0]["query"] or "") if rows else ""
    if not query:
        fix = f"GRANT SHOW VIEW ON {whole} TO {user}"
        return [], [Doubt(f"{user} may not see the query of the view {whole}: {fix}")]
    schemas = {str(row["name"]) for row in ask("SELECT schema_name AS name FROM information_schema.schemata")} | {
        name[0]
    }
    text = re.sub(r"'(?:[^'\\]|\\.|'')*'", "''", query)
    below = [(_plain(schema), _plain(relation)) for schema, relation in _QUALIFIED.findall(text)]
    words = [*volatile_sql.in_mysql(query), *[f"{_plain(function)}()" for function in _FUNCTION.findall(text)]]
    named = list(dict.fromkeys(relation for relation in below if relation[0] in schemas))
    return named, [_changing(whole, words)] if words else []


def _plain(name: str) -> str:
    return name.replace("``", "`")


def _hidden(name: str, view: str, user: str) -> Doubt:
    return Doubt(f"{name}, which the view {view} reads, cannot be seen: GRANT SELECT ON {name} TO {user}")


def _changing(name: str, words: list[str]) -> Doubt:
    return Doubt(
        f"{name} depends on {', '.join(dict.fromkeys(words))}, which may hide other rows from each reader or each day: "
        "name the table under it, or a view without, in the catalog"
    )
