"""Entry point of the Delta job; it lies beside the release JAR."""

from __future__ import annotations

from migration_spark import delta
from migration_spark.job import main

if __name__ == "__main__":
    main("delta", delta.run)
