"""The state machines of the migration, rendered from Jinja templates to Amazon States Language."""
