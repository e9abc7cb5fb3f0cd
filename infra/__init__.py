"""Where the migration runs: buckets, Spark, functions, streams, state machines and their roles."""
