"""Write the schema of the settings to Pulumi.yaml: `python -m infra.settings`."""

from __future__ import annotations

from infra.settings.schema import PROJECT_FILE, project_text

PROJECT_FILE.write_text(project_text(PROJECT_FILE.read_text("utf-8")), "utf-8")
