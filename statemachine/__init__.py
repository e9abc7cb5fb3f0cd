"""How the migration runs: Jinja templates become Amazon States Language."""
