"""Pulumi's own command line and engine, run against the embedded AWS: `make pulumi-proof`."""
