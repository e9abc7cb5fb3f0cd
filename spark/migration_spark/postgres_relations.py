"""PostgreSQL's system catalogs of a source: its underlying relations, and whether a reader sees all of it.

https://www.postgresql.org/docs/current/ddl-rowsecurity.html, …/rules-privileges.html, …/catalogs.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from migration_spark import volatile_sql
from migration_spark.identifiers import literal, parts, quoted
from migration_spark.session_settings import DEFAULT_SCHEMA
from migration_spark.visibility import Doubt, Source

if TYPE_CHECKING:
    from migration_spark.errors import DatabaseError
    from migration_spark.spec import Extract

    Ask = Callable[[str], "list[dict[str, Any]]"]

_INSUFFICIENT_PRIVILEGE = "42501"
_KINDS = {"r": "table", "p": "partitioned table", "v": "view", "m": "materialized view"}
_OTHER_KINDS = {"S": "a sequence", "c": "a composite type", "i": "an index", "I": "an index", "t": "a TOAST table"}
# Stable functions of the server that depend only on their arguments and on settings that every session sets.
_SAME_FOR_ALL = (
    r"^((any)?text(any)?cat|concat(_ws)?|format|length|money|numeric|overlaps|extract|timezone|generate_series|convert\w*"
    r"|make_timestamptz|quote_\w+|array_to_\w+|row_to_json|jsonb?_(agg|build|object_agg|populate|to_record|path)\w*"
    r"|to_(char|date|json|jsonb|number|timestamp)|enum_\w+|(date|time|timestamp|timestamptz|timetz|interval)(_\w+)?)$"
)


def source(extract: Extract) -> str:
    """Return the source as SQL names it; without a schema it is in `public`, whatever the search path."""
    schema, relation = parts(extract.source)
    return f"{quoted(schema or DEFAULT_SCHEMA, chr(34))}.{quoted(relation, chr(34))}"


def oid(extract: Extract) -> str:
    """Return a subquery: the source's oid, or null; unlike a cast to regclass it needs no privilege."""
    schema, relation = parts(extract.source)
    return (
        "(SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
        f"WHERE n.nspname = {literal(schema or DEFAULT_SCHEMA)} AND c.relname = {literal(relation)})"
    )


def stored(extract: Extract) -> str:
    """Return a common table expression `stored (oid)`: the source, its partitions and all tables that inherit it."""
    return (
        f"WITH RECURSIVE stored AS (SELECT {oid(extract)} AS oid UNION "
        "SELECT inhrelid FROM pg_inherits JOIN stored ON inhparent = stored.oid)"
    )


def below(extract: Extract) -> str:
    """Return a common table expression `below (oid)`: like `stored`, plus all relations that its views read."""
    return (
        f"WITH RECURSIVE below AS (SELECT {oid(extract)} AS oid UNION SELECT next.oid FROM below CROSS JOIN LATERAL ("
        "SELECT inhrelid AS oid FROM pg_inherits WHERE inhparent = below.oid UNION ALL "
        r"SELECT (regexp_matches(ev_action::text, ':relid (\d+)', 'g'))[1]::oid FROM pg_rewrite "
        "JOIN pg_class ON pg_class.oid = ev_class AND relkind = 'v' "
        "WHERE ev_class = below.oid AND ev_type = '1') AS next)"
    )


def look(ask: Ask, extract: Extract, user: str) -> tuple[Source | None, list[Doubt]]:
    """Return a source and all doubts that it is wholly visible; None if the source does not exist."""
    relations = ask(
        f"{below(extract)} SELECT nspname || '.' || relname AS name, relkind::text AS kind, "
        "relpersistence::text AS persistence, relispopulated AS populated, "
        f"nspname IN ('pg_catalog', 'information_schema', 'pg_toast') AS system, c.oid = {oid(extract)} AS asked, "
        "has_schema_privilege(relnamespace, 'USAGE') AS usage, row_security_active(c.oid) AS filtered, "
        "relforcerowsecurity AS forced, pg_get_userbyid(relowner)::text AS owner, "
        "EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_columnmask') "
        "AND relowner <> (SELECT r.oid FROM pg_roles AS r WHERE rolname = current_user) AS masked, "
        "EXISTS (SELECT FROM pg_roles AS r WHERE rolname = 'rds_superuser' AND pg_has_role(r.oid, 'USAGE')) AS admin, "
        "'on' IN (current_setting('zero_damaged_pages'), current_setting('ignore_checksum_failure')) AS damaged "
        "FROM below JOIN pg_class AS c ON c.oid = below.oid JOIN pg_namespace AS n ON n.oid = relnamespace "
        "ORDER BY name"
    )
    asked = next((relation for relation in relations if relation["asked"]), None)
    if asked is None:
        return None, []
    doubts = [doubt for relation in relations for doubt in _of_relation(relation)]
    doubts += _of_reader(ask, extract, asked, user)
    doubts += [_masked(relation["name"], user) for relation in relations if _is_masked(relation, asked)]
    if asked["damaged"]:
        fix = "switch zero_damaged_pages and ignore_checksum_failure off"
        doubts.append(Doubt(f"{asked['name']} would be read without the rows of damaged pages: {fix}"))
    doubts += [_changing(row["name"], row["what"]) for row in ask(_changing_functions(extract))]
    words = volatile_sql.in_postgres(extract.where or "")
    doubts += [_changing(f"the where of {extract.table}-{extract.name}", ", ".join(words))] if words else []
    return Source(_KINDS.get(asked["kind"], "other"), _estimate(ask, extract)), doubts


def is_refusal(error: DatabaseError) -> bool:
    """Return whether the reader lacks a privilege, or a policy would hide rows; both have the same SQLSTATE."""
    return error.state == _INSUFFICIENT_PRIVILEGE


def _of_relation(relation: dict[str, Any]) -> list[Doubt]:
    """Return the doubts that a clone has an underlying relation, or that a reader sees it whole."""
    name, kind = relation["name"], relation["kind"]
    if kind == "f":
        return [Doubt(f"{name} is a foreign table, whose rows lie elsewhere: read it where they lie", is_cloned=False)]
    if kind not in _KINDS:
        return [Doubt(f"{name} is {_OTHER_KINDS.get(kind, 'no table')}: name a table or a view in the catalog")]
    if relation["system"]:
        return [Doubt(f"{name} shows every reader other rows: name a table or a view of your own in the catalog")]
    if relation["persistence"] == "t":
        return [Doubt(f"{name} is a temporary table: copy it to a table", is_cloned=False)]
    if relation["persistence"] == "u" and kind != "p":
        fix = f"ALTER TABLE {name} SET LOGGED"
        return [Doubt(f"{name} is unlogged, and a clone may come up without its rows: {fix}", is_cloned=False)]
    if not relation["populated"]:
        return [Doubt(f"{name} was never filled: REFRESH MATERIALIZED VIEW {name}")]
    return []


def _of_reader(ask: Ask, extract: Extract, asked: dict[str, Any], user: str) -> list[Doubt]:
    """Return the privileges that the reader lacks, and the row security that applies to it."""
    name = asked["name"]
    if not asked["usage"]:
        schema = parts(name)[0]
        return [Doubt(f"{user} may not use the schema {schema}: GRANT USAGE ON SCHEMA {schema} TO {user}")]
    wanted = ", ".join(literal(column.database_name) for column in extract.columns)
    lacking = ask(
        "SELECT attname::text AS name FROM pg_attribute "
        f"WHERE attrelid = {oid(extract)} AND attnum > 0 AND NOT attisdropped AND attname IN ({wanted}) "
        "AND NOT has_column_privilege(attrelid, attnum, 'SELECT') ORDER BY attnum"
    )
    doubts = []
    if lacking:
        names = ", ".join(str(row["name"]) for row in lacking)
        doubts.append(Doubt(f"{user} may not read {names} of {name}: GRANT SELECT ON {name} TO {user}"))
    if asked["filtered"]:
        fix = f"ALTER ROLE {user} BYPASSRLS"
        fix += "" if asked["forced"] else f", or GRANT {asked['owner']} TO {user}"
        doubts.append(Doubt(f"{name} has row-level security, which hides rows from {user}: {fix}"))
    return doubts


def _is_masked(relation: dict[str, Any], asked: dict[str, Any]) -> bool:
    """Return whether a relation's values may be masked for the reader, in a clone as in its source.

    Masks never apply to the table's owner and to members of rds_superuser; through a view, the view's owner counts.
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.DynamicMasking.html
    """
    is_exempt = relation["admin"] and asked["kind"] != "v"
    return bool(relation["masked"] and relation["kind"] in {"r", "p"} and not is_exempt)


def _masked(name: str, user: str) -> Doubt:
    fix = f"GRANT rds_superuser TO {user} and read tables, not views, or DROP EXTENSION pg_columnmask"
    return Doubt(f"{name} may show {user} masked values, since pg_columnmask is installed: {fix}")


def _changing_functions(extract: Extract) -> str:
    """Return the query for the `name` of each view and `what` in it depends on the reader or the time."""
    return (
        f"{below(extract)}, rules AS (SELECT nspname || '.' || relname AS name, ev_action::text AS tree FROM below "
        "JOIN pg_class AS c ON c.oid = below.oid AND relkind = 'v' JOIN pg_namespace AS n ON n.oid = relnamespace "
        "JOIN pg_rewrite ON ev_class = c.oid AND ev_type = '1' "
        "WHERE nspname NOT IN ('pg_catalog', 'information_schema')), "
        "called AS (SELECT DISTINCT name, "
        r"(regexp_matches(tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)', 'g'))[1]::oid AS oid FROM rules), "
        "changing AS (SELECT name, proname || '()' AS what FROM called JOIN pg_proc ON pg_proc.oid = called.oid "
        "WHERE provolatile = 'v' OR (provolatile = 's' AND NOT "
        f"(pronamespace = 'pg_catalog'::regnamespace AND proname ~ '{_SAME_FOR_ALL}' )) "
        "UNION SELECT name, 'the user, the date or the time' FROM rules WHERE tree LIKE '%{SQLVALUEFUNCTION %' "
        "UNION SELECT name, 'TABLESAMPLE' FROM rules WHERE tree LIKE '%:tablesample {%') "
        "SELECT name, string_agg(what, ', ' ORDER BY what) AS what FROM changing GROUP BY name ORDER BY name"
    )


def _changing(name: str, what: str) -> Doubt:
    return Doubt(
        f"{name} depends on {what}, which may hide other rows from each reader or each day: "
        "name the table under it, or a view without, in the catalog"
    )


def _estimate(ask: Ask, extract: Extract) -> int | None:
    """Return the rows of the source and its partitions by their statistics; None without statistics."""
    (row,) = ask(
        f"{stored(extract)} SELECT sum(reltuples) FILTER (WHERE reltuples > 0)::bigint AS rows "
        "FROM stored JOIN pg_class ON pg_class.oid = stored.oid WHERE relkind IN ('r', 'm')"
    )
    return None if row["rows"] is None else int(row["rows"])
