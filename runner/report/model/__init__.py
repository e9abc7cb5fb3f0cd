"""The report as frozen models: docs/report.schema.json is made from them."""
