"""Explore every case and print what was found: `make interleavings`."""

from __future__ import annotations

import sys
import time

from tests.protocol.cases import THOROUGH
from tests.protocol.explore import Explorer

if __name__ == "__main__":
    total = stuck = 0
    for case in THOROUGH:
        began = time.monotonic()
        found = Explorer().explore(case.world())
        total += found.interleavings
        stuck += len(found.stuck)
        print(
            f"{case!s:<45} {found.worlds:>9,} worlds {found.steps:>9,} steps {found.interleavings:>26,} interleavings "
            f"{len(found.stuck)} stuck  {time.monotonic() - began:.1f} s",
            flush=True,
        )
    print(f"{total:,} interleavings, none unsafe, {stuck} worlds without a way out")
    sys.exit(1 if stuck else 0)
