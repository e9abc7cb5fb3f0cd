"""What is deployed besides AWS's own resources: the release JAR, the Lambda packages and the names of both."""
