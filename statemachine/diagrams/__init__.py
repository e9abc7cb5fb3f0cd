"""Mermaid diagrams of the documentation, drawn from the code and from runs."""
