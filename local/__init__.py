"""The embedded AWS: the same program, state machine, Lambdas and Spark jobs on one machine."""
