"""Entry point of the Bootstrap job; it lies beside the release JAR."""

from __future__ import annotations

from migration_spark import bootstrap
from migration_spark.job import main

if __name__ == "__main__":
    main("bootstrap", bootstrap.run)
