"""Checks of a plan; each yields findings, or nothing if all is well."""
