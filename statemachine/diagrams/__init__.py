"""The documentation's diagrams, drawn as Mermaid from what they show."""
