"""IAM policies of every role, as documents built from names; this package declares no resources."""

from __future__ import annotations

from infra.policies.documents import Statement, allow, document, objects, trust
from infra.policies.functions import clone_service, run_registry, run_watch
from infra.policies.machine import catch_up_machine, machine
from infra.policies.shortening import merged
from infra.policies.spark import secret_reader, spark_job
from infra.policies.writer import table_writer

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
    "table_writer",
    "trust",
]
