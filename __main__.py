"""The Pulumi program: everything that a stack needs for its migrations."""

from __future__ import annotations

import pulumi

from infra.stack import deploy

for name, value in deploy().items():
    pulumi.export(name, value)
