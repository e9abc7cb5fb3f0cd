"""`python -m bench bootstrap|compare`: measure, print, and write build/bench/*.json."""

from __future__ import annotations

import argparse

from bench import bootstrap, compare


def main() -> None:
    """Run one benchmark, or all of them."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("which", choices=("bootstrap", "compare", "all"))
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    if given.which in ("bootstrap", "all"):
        bootstrap.main(given.rows, given.rounds)
    if given.which in ("compare", "all"):
        for percent in (0.0, 0.01, 1.0):
            compare.main(given.rows, given.rounds, percent)
        compare.main(max(1000, given.rows // 50), given.rounds, 1.0, wide=True)


if __name__ == "__main__":
    main()
