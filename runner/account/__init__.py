"""A stack's state in AWS: environments, executions, clones, locks, functions, releases and prices."""
