"""The components of a stack; each declares the resources of one part."""
