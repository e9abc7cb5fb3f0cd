"""`stop`: the command, and the steps that stop a run."""
