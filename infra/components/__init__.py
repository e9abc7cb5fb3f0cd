"""The components of a stack, each of which declares the resources of one part."""
