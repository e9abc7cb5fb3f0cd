"""Build of the deployed code: the release JAR, the Lambda packages and their names."""
