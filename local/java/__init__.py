"""Java for the embedded Spark: the JARs that it needs here, and its classes shared between processes."""
