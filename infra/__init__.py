"""The infrastructure that migrations run on: buckets, Spark, functions, streams, state machines and their roles."""
