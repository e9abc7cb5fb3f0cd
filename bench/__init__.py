"""Benchmarks of the two Spark jobs against what a user would take instead, side by side in one run."""
