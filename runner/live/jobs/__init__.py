"""The progress inside a Spark job, from the documents that the job writes."""
