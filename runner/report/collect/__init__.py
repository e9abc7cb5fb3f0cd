"""The evidence of a run: its documents, its executions' histories and its tables' settings."""
