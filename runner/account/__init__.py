"""What AWS holds of a stack: environments, executions, clones, locks, functions, releases and prices."""
