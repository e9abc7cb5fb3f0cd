"""What each role may do, and on what: documents made of names, no resources."""

from __future__ import annotations

from infra.policies.documents import Statement, allow, document, merged, objects, trust
from infra.policies.functions import clone_service, run_registry, run_watch
from infra.policies.machine import catch_up_machine, machine
from infra.policies.spark import secret_reader, spark_job

__all__ = [
    "Statement",
    "allow",
    "catch_up_machine",
    "clone_service",
    "document",
    "machine",
    "merged",
    "objects",
    "run_registry",
    "run_watch",
    "secret_reader",
    "spark_job",
    "trust",
]
