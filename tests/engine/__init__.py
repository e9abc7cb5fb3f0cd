"""Pulumi's own command line and engine against the embedded AWS: `make pulumi-proof`."""
