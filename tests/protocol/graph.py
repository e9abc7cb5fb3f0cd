"""The visited worlds and the steps between them, by numbers, so that millions of worlds fit into memory.

A world is known by its 64-bit hash alone. Two of five million worlds share one with a probability below one in a
million; then a part of the worlds behind the second would stay unvisited.
"""

from __future__ import annotations

import sys
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.protocol.world import World

_NO_WORLD = 2**32 - 1


class Graph:
    """Worlds in the order of their discovery; their steps are added in the same order."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._parents = array("I")  # the world from which each world was first reached, and the step to it
        self._arrivals: list[str] = []
        self._firsts = array("Q")  # where a world's steps begin
        self._following = array("I")

    def add(self, world: World, parent: int = _NO_WORLD, step: str = "") -> tuple[int, bool]:
        """Return a world's number and whether it is new."""
        number = len(self._arrivals)
        known = self._numbers.setdefault(hash(world), number)
        if known == number:
            self._parents.append(parent)
            self._arrivals.append(sys.intern(step))
        return known, known == number

    def leave(self) -> None:
        """Begin the steps of the next world."""
        self._firsts.append(len(self._following))

    def follow(self, number: int) -> None:
        """Add a step that leads to a world."""
        self._following.append(number)

    @property
    def worlds(self) -> int:
        """Return the number of worlds."""
        return len(self._arrivals)

    @property
    def steps(self) -> int:
        """Return the number of steps."""
        return len(self._following)

    def way(self, number: int) -> list[str]:
        """Return the steps that first led to a world."""
        steps = []
        while self._parents[number] != _NO_WORLD:
            steps.append(self._arrivals[number])
            number = self._parents[number]
        return steps[::-1]

    def after(self, number: int) -> array[int]:
        """Return the worlds to which a world's steps lead."""
        end = self._firsts[number + 1] if number + 1 < len(self._firsts) else len(self._following)
        return self._following[self._firsts[number] : end]

    def paths_and_stuck(self, settled: bytearray) -> tuple[int, list[int]]:
        """Return the number of paths from the first world to an end, and the worlds from which no path leads there.

        Raises:
            AssertionError: A world repeats, so that paths cannot be counted.
        """
        ways = [0] * self.worlds  # 0: not yet counted
        is_open = bytearray(self.worlds)
        alive = bytearray(settled)
        stack = [(0, iter(self.after(0)))]
        while stack:
            number, following = stack[-1]
            uncounted = next((reached for reached in following if not ways[reached]), None)
            is_open[number] = uncounted is not None
            if uncounted is not None:
                assert not is_open[uncounted], "a world repeats"
                stack.append((uncounted, iter(self.after(uncounted))))
                continue
            stack.pop()
            reached = self.after(number)
            ways[number] = sum(ways[world] for world in reached) if reached else 1
            alive[number] |= any(alive[world] for world in reached)
        return ways[0], [number for number in range(self.worlds) if not alive[number]]
