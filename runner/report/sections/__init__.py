"""The sections of the report's document, each a function of the evidence."""
