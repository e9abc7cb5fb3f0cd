"""The run registry: who runs which domain, and who may destroy the clones."""
