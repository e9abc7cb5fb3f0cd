"""Entry point of the Compare job; it lies beside the release JAR."""

from __future__ import annotations

from migration_spark import compare
from migration_spark.job import main

if __name__ == "__main__":
    main("compare", compare.run)
