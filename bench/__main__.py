"""`python -m bench NAME`: measure, print, and write build/bench/*.json."""

from __future__ import annotations

import argparse

from bench import bootstrap, compare, constants, delta, growth, serialising, skew, writers

_GROWTH = 8  # the largest of these sizes, in times the rows of the other benchmarks
_SIZES = (250_000, 500_000, 1_000_000, 2_000_000, 4_000_000)
# Benchmarks that take rows and rounds alone.
_MEASURED = {
    "constants": constants.main,
    "bootstrap": bootstrap.main,
    "serialising": serialising.main,
    "skew": skew.main,
    "writers": writers.main,
}


def main() -> None:
    """Run one benchmark, or all of them."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument(
        "which",
        choices=(
            "bootstrap",
            "serialising",
            "compare",
            "constants",
            "delta",
            "growth",
            "skew",
            "writers",
            "step",
            "all",
        ),
        help="step: one size of growth",
    )
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    if options.which == "step":
        growth.step(options.rows)
    for name, measure in _MEASURED.items():
        if options.which in (name, "all"):
            measure(options.rows, options.rounds)
    if options.which in ("growth", "all"):
        growth.main([size for size in _SIZES if size <= options.rows * _GROWTH] or [options.rows])
    if options.which in ("delta", "all"):
        for percent in (0.1, 1.0, 10.0):
            delta.main(options.rows, options.rounds, percent)
    if options.which in ("compare", "all"):
        for percent in (0.0, 0.01, 1.0):
            compare.main(options.rows, options.rounds, percent)
        compare.main(max(1000, options.rows // 50), options.rounds, 1.0, wide=True)


if __name__ == "__main__":
    main()
