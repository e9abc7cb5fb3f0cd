"""Progress inside a Spark job: rows per table, and their JSON fields."""
