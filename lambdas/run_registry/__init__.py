"""The run registry: it records who runs which domain and who may destroy the clones."""
