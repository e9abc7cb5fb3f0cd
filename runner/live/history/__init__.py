"""The history of an execution, read as progress: phases, clones, tables and what they used."""
