"""Engine versions that clusters run here where nothing else is said."""

VERSIONS = {"aurora-postgresql": "16.4", "aurora-mysql": "8.0.mysql_aurora.3.08.0"}
