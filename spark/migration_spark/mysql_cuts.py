"""Cuts of MySQL's tables into ranges, by the optimizer's estimates or by a sample of the key."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any, Callable

from migration_spark.identifiers import quoted

if TYPE_CHECKING:
    Ask = Callable[[str], "list[dict[str, Any]]"]

# A query plan takes about a millisecond; gaps in the numbers take additional plans.
_FEWEST_PLANS, _PLANS_PER_SPLIT = 64, 4
_MIN_SPLIT_ROWS = 5_000
_SAMPLES_PER_SPLIT, _MOST_SAMPLES = 50, 10_000


def bisected(ask: Ask, relation: str, key: str, wanted: int, *, shifted: bool) -> list[str]:
    """Return whole numbers that cut a relation evenly by the optimizer's estimates, as literals."""
    (ends,) = ask(f"SELECT min({quoted(key, '`')}) AS low, max({quoted(key, '`')}) AS high FROM {relation}")
    if ends["low"] is None:
        return []
    low, high = int(str(ends["low"])), int(str(ends["high"])) + 1
    start = low - (high - low) // 3 - 1 if shifted else low
    return [str(cut) for cut in _cuts(lambda a, b: _estimate(ask, relation, key, a, b), start, high, wanted)]


def sampled(ask: Ask, relation: str, facts: dict[str, Any], wanted: int, *, shifted: bool) -> list[str]:
    """Return values that cut a sample evenly, as literals from the database, in its own order."""
    key, rows = str(facts["name"]), int(str(facts["size"] or 0))
    count = min(wanted, rows // _MIN_SPLIT_ROWS)
    if count <= 1:
        return []
    samples = max(count, min(count * _SAMPLES_PER_SPLIT, _MOST_SAMPLES))
    share, seed = samples / rows, 2 if shifted else 1
    sample = f"SELECT DISTINCT {quoted(key, '`')} AS cut FROM {relation} WHERE rand({seed}) < {share:.9f}"
    values = [str(row["cut"]) for row in ask(f"SELECT quote(cut) AS cut FROM ({sample}) AS sample ORDER BY sample.cut")]
    return list(dict.fromkeys(values[len(values) * n // count] for n in range(1, count) if values))


def _cuts(estimate: Callable[[int, int], int], low: int, high: int, wanted: int) -> list[int]:
    """Return cuts of [low, high) into about `wanted` ranges with about equal numbers of rows."""
    total = estimate(low, high)
    aim = max(total // wanted, _MIN_SPLIT_ROWS)
    ranges = [(-total, low, high)]
    for _ in range(max(_FEWEST_PLANS, _PLANS_PER_SPLIT * wanted)):
        rows, start, end = ranges[0]
        if -rows <= aim or end - start <= 1:
            break
        middle = (start + end) // 2
        heapq.heapreplace(ranges, (-estimate(start, middle), start, middle))
        heapq.heappush(ranges, (-estimate(middle, end), middle, end))
    cuts, held = [], 0
    for rows, start, _ in sorted(ranges, key=lambda cut_range: cut_range[1]):
        # Halving leaves nearly empty ranges, which join their neighbour.
        if held and held - rows > aim:
            cuts.append(start)
            held = 0
        held -= rows
    return cuts


def _estimate(ask: Ask, relation: str, key: str, low: int, high: int) -> int:
    (plan,) = ask(f"EXPLAIN SELECT 1 FROM {relation} WHERE {quoted(key, '`')} >= {low} AND {quoted(key, '`')} < {high}")
    return int(str(plan["rows"] or 0))
