"""Explore every case and print the result: `make interleavings`."""

from __future__ import annotations

import sys
import time

from tests.protocol.cases import THOROUGH
from tests.protocol.explore import Explorer

if __name__ == "__main__":
    total = stuck = 0
    for case in THOROUGH:
        began = time.monotonic()
        explored = Explorer().explore(case.world())
        total += explored.interleavings
        stuck += len(explored.stuck)
        print(
            f"{case!s:<45} {explored.worlds:>9,} worlds {explored.steps:>9,} steps "
            f"{explored.interleavings:>26,} interleavings "
            f"{len(explored.stuck)} stuck  {time.monotonic() - began:.1f} s",
            flush=True,
        )
    print(f"{total:,} interleavings, none unsafe, {stuck} worlds without a way out")
    sys.exit(1 if stuck else 0)
