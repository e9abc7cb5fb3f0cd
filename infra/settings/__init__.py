"""The settings of a stack, read from its file and validated."""
