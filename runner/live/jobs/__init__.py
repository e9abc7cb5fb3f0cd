"""The progress inside a Spark job: rows per table, and their fields in JSON."""
