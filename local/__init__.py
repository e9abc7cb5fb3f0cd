"""The embedded AWS: the program, state machine, Lambdas and Spark jobs unchanged on one machine."""
