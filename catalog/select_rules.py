"""Rules about a select's result: its names, its rows and the table's key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from catalog.driving_rows import carries
from catalog.field_types import CLUSTER_COLUMN, UNMATCHED, closest
from catalog.injectivity import CollisionError, Prover
from catalog.key_text import joined
from catalog.lineage import Expression, SourceColumn
from catalog.located_yaml import Finding, Steps
from catalog.row_loss import RowLoss
from catalog.selects import at_node
from catalog.source_types import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from catalog.lineage import Value
    from catalog.models import Table
    from catalog.selects import Select

_MAKES_TEXT = (exp.Concat, exp.ConcatWs, exp.DPipe, exp.Replace, exp.Lower, exp.Upper, exp.Trim, exp.Substring)


def row_findings(table: Table, select: Select, steps: Steps) -> Iterator[Finding]:
    """Yield problems with the names that a select returns, and the parts that drop or multiply rows."""
    if select.scope is not None and not select.known:
        yield Finding((*steps, "select"), "returns columns that cannot be resolved: name them instead of writing *")
    yield from _names(table, select, steps)
    yield from _rows(table, select, (*steps, "select"))


def key_findings(
    table: Table,
    select: Select,
    engines: Mapping[str, str],
    steps: Steps,
    *,
    passed_over: AbstractSet[Steps] = frozenset(),
) -> Iterator[Finding]:
    """Yield keys that different source rows may share, except at the steps `passed_over`, which are wrong already."""
    for finding in _keys(table, select, engines, steps):
        if finding.steps not in passed_over:
            yield finding
    yield from _latest(table, select, steps)


def _names(table: Table, select: Select, steps: Steps) -> Iterator[Finding]:
    relations = select.scope.selected_sources if select.scope is not None else {}
    known = [CLUSTER_COLUMN, *(f"{UNMATCHED}{name}" for name in {**table.extracts, **relations})]
    for name in select.columns:
        if name.startswith("_") and name not in known:
            message = f"returns {name}, which begins with _ and would not become an attribute: rename it"
            yield Finding((*steps, "select"), message, closest(name, known))


def _rows(table: Table, select: Select, steps: Steps) -> Iterator[Finding]:
    driving = table.driving.extract
    if select.scope is None or driving not in table.extracts:
        return
    if not carries(select.scope, driving):
        yield Finding(steps, f"returns no row of the driving extract {driving}: read it in the outermost FROM")
        return
    rules = RowLoss(driving, frozenset(table.extracts), table.max_filtered > 0, bool(table.driving.group_by))
    for loss in rules.losses(select.scope):
        yield at_node(loss.node, steps, loss.message)


def _keys(table: Table, select: Select, engines: Mapping[str, str], steps: Steps) -> Iterator[Finding]:
    known = {name: engines[extract.group] for name, extract in table.extracts.items() if extract.group in engines}
    prover = Prover(select.lineage, known)
    key = table.key
    roles = [("partition", key.partition), *([("sort", key.sort)] if key.sort is not None else [])]
    for role, attribute in roles:
        value = select.value(attribute.name)
        if attribute.accept_collisions or value is None:
            continue
        try:
            prover.prove(value, table.attributes.get(attribute.name))
        except CollisionError as error:
            message = f"different source rows may mean one key: {error}{_instead(value, select)}"
            yield Finding((*steps, "key", role), f"{message}; or accept this with accept_collisions: true")
    for number, index in enumerate(table.indexes):
        for attribute in index.attributes:
            if attribute.accept_collisions:
                role = "partition" if attribute is index.partition else "sort"
                message = "is only for a table's key: items may share an index's key"
                yield Finding((*steps, "indexes", number, role, "accept_collisions"), message, on_key=True)


def _instead(value: Value, select: Select) -> str:
    """Return a key expression to write instead of concat_ws over columns."""
    if not isinstance(value, Expression) or not isinstance(value.sql, exp.ConcatWs):
        return ""
    columns = []
    for part in value.sql.expressions[1:]:
        column = select.lineage.follow(Expression(part, value.scope))
        if not isinstance(part, exp.Column) or not isinstance(column, SourceColumn):
            return ""
        columns.append((part.sql("spark"), column.type))
    return f"; write {joined(columns)}" if columns else ""


def _latest(table: Table, select: Select, steps: Steps) -> Iterator[Finding]:
    """Yield an order by text that should be an order by number: as text, 9 comes after 10."""
    if isinstance(table.on_duplicate_key, str):
        return
    name = table.on_duplicate_key.latest
    value = select.value(name)
    followed = select.lineage.follow(value) if value is not None else None
    declared = table.attributes.get(name) == "N"
    is_number = isinstance(followed, SourceColumn) and followed.type == "numeric"
    if is_number or (declared and _is_text(followed)):
        message = f"{name} is ordered as text, where 9 comes after 10: give its column the type numeric(p,s)"
        yield Finding((*steps, "on_duplicate_key", "latest"), message)


def _is_text(value: Value | None) -> bool:
    if isinstance(value, SourceColumn):
        return value.type in TEXTS
    sql = value.sql if value is not None else None
    return isinstance(sql, _MAKES_TEXT) or (isinstance(sql, exp.Cast) and sql.to.is_type(*exp.DataType.TEXT_TYPES))
